// Owns the line, its framing, a read buffer and the bytes that the line has not taken yet.
// Implements DSP0253 over a terminal, real or pseudo.
//
// Life: stopped, then waiting and up in turns from `start` to `stop`. Whatever ends a line (a
// hang-up, an error, an unplugged device) makes it wait, and every try opens the path anew, so
// that a device that comes back, and a link that now points elsewhere, is found.

internal import CLinuxBus
internal import MCTPFraming
public import MCTPWire

/// A serial line as a port: one peer, whose address is `.none`.
public final class SerialPort: Port {
  /// A terminal's own buffer holds 4095 bytes (n_tty), so no read returns more at once.
  private static let inputByteCount = 4096
  /// A read below this has emptied the terminal's buffer: no second call to be told so. What it
  /// missed is reported again by the loop.
  private static let likelyMoreByteCount = 4095
  /// Then the other descriptors have their turn; what is left is reported again.
  private static let readsMax = 8

  public let id: PortID
  public let configuration: Configuration
  public private(set) var condition = PortCondition.stopped

  private let loop: EventLoop
  private let token: UInt64
  /// The descriptor that the caller opened; nil when this port opens the path.
  private let borrowed: Int32?
  private var line: SerialLine?
  /// -1 unless the port is up.
  private var descriptor: Int32 = -1
  private var isBackedUp = false

  private var deframer: SerialDeframer
  private var output: SerialOutput
  private let input: UnsafeMutableBufferPointer<UInt8>

  private var upSince = Instant.zero
  private var backoff = Backoff()

  /// A port that opens its line at `configuration.path`.
  ///
  /// - Parameter token: what the loop reports for this port's descriptor; call `service` for it.
  public convenience init(
    id: PortID, configuration: Configuration, loop: EventLoop, token: UInt64
  ) {
    self.init(id: id, configuration: configuration, borrowed: nil, loop: loop, token: token)
  }

  /// A port over a descriptor that is open already, such as a `PseudoTerminal`'s near side.
  ///
  /// - Parameter descriptor: raw and non-blocking. Stays the caller's, who keeps it open until
  ///   after `stop`. When it hangs up, the port waits until it does so no longer.
  public convenience init(
    id: PortID, configuration: Configuration, descriptor: Int32, loop: EventLoop, token: UInt64
  ) {
    self.init(
      id: id, configuration: configuration, borrowed: descriptor, loop: loop, token: token)
  }

  private init(
    id: PortID, configuration: Configuration, borrowed: Int32?, loop: EventLoop, token: UInt64
  ) {
    let packetByteCountMax = PacketHeader.byteCount + configuration.transmissionUnitBytes
    self.id = id
    self.configuration = configuration
    self.borrowed = borrowed
    self.loop = loop
    self.token = token
    // Ten bits a byte: one start and one stop bit.
    deframer = SerialDeframer(
      packetByteCountMax: packetByteCountMax,
      byteNanoseconds: 10_000_000_000 / UInt64(max(configuration.baudRate, 1)))
    output = SerialOutput(
      byteCountMax: max(configuration.outputBytesMax, SerialFrame.wakePreamble.count),
      packetByteCountMax: packetByteCountMax)
    input = .allocate(capacity: SerialPort.inputByteCount)
    input.initialize(repeating: 0)
  }

  deinit {
    if descriptor >= 0 { loop.unwatch(descriptor) }
    input.deallocate()
  }
}

extension SerialPort {
  public var nextDeadline: Instant? {
    switch condition {
    case .stopped: nil
    case .waiting(_, let retryAt): retryAt
    case .up: deframer.nextDeadline
    }
  }

  public var hasCredit: Bool { descriptor >= 0 && output.hasRoom }

  public func start(now: Instant, sink: any PortSink) {
    precondition(condition == .stopped, "started twice")
    open(now: now, sink: sink)
  }

  /// One read in the usual case; the loop's deadline makes one that finds nothing.
  public func service(now: Instant, sink: any PortSink) {
    if case .waiting(_, let retryAt) = condition {
      if retryAt <= now { open(now: now, sink: sink) }
      return
    }
    if descriptor >= 0 { readLine(now: now, sink: sink) }
    if descriptor >= 0, isBackedUp { writeLine(now: now, sink: sink) }
    // After the read: bytes that are there have arrived, however late they are read.
    if let deadline = deframer.nextDeadline, deadline <= now { expire(now: now, sink: sink) }
  }

  /// A line that ends says so itself; one that is waited for may be there now.
  public func devicesChanged(now: Instant, sink: any PortSink) {
    if case .waiting = condition { open(now: now, sink: sink) }
  }

  /// Accepts the packet for the next `flush`. One that no frame carries is answered `.refused`.
  public func transmit(_ packet: Span<UInt8>, to address: PhysicalAddress, now: Instant) {
    precondition(descriptor >= 0, "transmit on a port that is not up")
    output.append(packet)
  }

  /// One write, unless the line is backed up: then `service` goes on when it takes bytes again.
  ///
  /// What the sink transmits from within this call is put on the line by the next `flush`.
  public func flush(now: Instant, sink: any PortSink) {
    guard descriptor >= 0 else { return }
    if !isBackedUp, output.pending.count > 0 {
      writeLine(now: now, sink: sink)
    } else {
      finishTaken(sink)
    }
  }

  public func stop() {
    closeLine()
    condition = .stopped
    while output.popAbandoned() != nil {}
    while deframer.expire(Instant(nanoseconds: .max)) != nil {}
  }
}

extension SerialPort {
  private func open(now: Instant, sink: any PortSink) {
    do {
      try openLine()
    } catch {
      wait("\(error)", now: now, sink: sink)
      return
    }
    upSince = now
    isBackedUp = false
    if configuration.wakePeerReceiver { output.appendUnframed(SerialFrame.wakePreamble) }
    condition = .up
    sink.portChangedCondition(.up, on: id)
    flush(now: now, sink: sink)
  }

  private func openLine() throws(SystemError) {
    let opened: Int32
    if let borrowed {
      opened = borrowed
      let readiness = try checked(linux_poll_now(borrowed, 0), "poll", configuration.path)
      if Readiness(rawValue: UInt32(readiness)).contains(.hangUp) {
        throw SystemError(
          code: EIO, operation: "poll", path: configuration.path,
          hint: "nobody has the far side open")
      }
    } else {
      let fresh = try SerialLine(path: configuration.path, baudRate: configuration.baudRate)
      opened = fresh.descriptor
      line = consume fresh
    }
    do {
      try loop.watch(opened, interest: .readable, token: token)
    } catch {
      line = nil
      throw error
    }
    descriptor = opened
  }

  private func closeLine() {
    guard descriptor >= 0 else { return }
    loop.unwatch(descriptor)
    descriptor = -1
    line = nil
  }

  /// Ends the line: every accepted packet is answered, a partial frame is reported.
  private func fail(_ reason: String, now: Instant, sink: any PortSink) {
    closeLine()
    // A line that comes and goes at once is tried less and less often.
    if now.nanoseconds(since: upSince) >= UInt64(Backoff.maxMs) * 1_000_000 { backoff.reset() }
    expire(now: Instant(nanoseconds: .max), sink: sink)
    while let result = output.popAbandoned() {
      sink.portFinishedTransmission(result, on: id)
    }
    wait(reason, now: now, sink: sink)
  }

  /// Tells the sink only of a new reason, not of every further try.
  private func wait(_ reason: String, now: Instant, sink: any PortSink) {
    var isNews = true
    if case .waiting(reason, _) = condition { isNews = false }
    condition = .waiting(reason: reason, retryAt: now.advanced(byMs: backoff.next()))
    if isNews { sink.portChangedCondition(condition, on: id) }
  }
}

extension SerialPort {
  private func readLine(now: Instant, sink: any PortSink) {
    for _ in 0..<SerialPort.readsMax {
      let count = linux_read(descriptor, input.baseAddress, input.count)
      guard count > 0 else {
        if count != -Int64(EAGAIN) { fail(failure("read", count), now: now, sink: sink) }
        return
      }
      deframe(UnsafeBufferPointer(input).span.extracting(first: Int(count)), now, sink)
      guard count >= SerialPort.likelyMoreByteCount else { return }
    }
  }

  private func deframe(_ bytes: Span<UInt8>, _ now: Instant, _ sink: any PortSink) {
    var offset = 0
    while let event = deframer.next(bytes, offset: &offset, now: now) {
      sink.portFound(event, by: deframer, on: id)
    }
  }

  private func expire(now: Instant, sink: any PortSink) {
    while let event = deframer.expire(now) {
      sink.portFound(event, by: deframer, on: id)
    }
  }

  private func writeLine(now: Instant, sink: any PortSink) {
    let pending = output.pending
    let count = linux_write(descriptor, pending.baseAddress, pending.count)
    guard count >= 0 || count == -Int64(EAGAIN) else {
      fail(failure("write", count), now: now, sink: sink)
      return
    }
    output.take(max(0, Int(count)))
    let isShort = count < Int64(pending.count)
    if isShort != isBackedUp {
      isBackedUp = isShort
      loop.change(descriptor, interest: isShort ? [.readable, .writable] : .readable)
    }
    finishTaken(sink)
  }

  private func finishTaken(_ sink: any PortSink) {
    while let result = output.popFinished() { sink.portFinishedTransmission(result, on: id) }
  }

  /// - Parameter count: what read or write returned: 0 or -errno.
  private func failure(_ operation: String, _ count: Int64) -> String {
    let isHangUp = count == 0 || count == -Int64(EIO)
    if isHangUp { return "\(configuration.path): the line hung up" }
    let error = SystemError(
      code: Int32(-count), operation: operation, path: configuration.path)
    return "\(error)"
  }
}
