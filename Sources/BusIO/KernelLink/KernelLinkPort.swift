// An MCTP link of the kernel as a port: the kernel's driver works the bus, a packet socket carries
// the packets.
//
// Owns the session with the link, a frame buffer each way and at most one packet on its way out.
// Implements the framing of DSP0237 1.1.0 for I2C links, whose driver adds and checks the PEC.
//
// Life: stopped, then waiting and up in turns from `start` to `stop`. It is up only while the
// kernel's own MCTP stack neither answers nor forwards on the link; news of links and addresses
// make it look again at once.

internal import CLinuxBus
internal import MCTPFraming
public import MCTPWire

public final class KernelLinkPort: Port {
  enum Outgoing {
    case none
    /// The frame of so many bytes waits until the socket takes it.
    case backedUp(Int)
    /// The link's queue was full; tried again at `at`.
    case retrying(Int, attempts: Int, at: Instant)
    /// Told at the next `flush` or `service`.
    case ended(TransmissionResult)
  }

  /// Then the other descriptors have their turn; what is left is reported again.
  private static let framesMax = 64
  /// Choice: the kernel tells nobody when a route is added, so a port with traffic looks by
  /// itself, before the first packet after so long; without traffic a route does no harm.
  private static let recheckIntervalMs: UInt32 = 5_000

  public let id: PortID
  public let configuration: Configuration
  public private(set) var condition = PortCondition.stopped

  let session: KernelLinkSession
  let frame: UnsafeMutableBufferPointer<UInt8>
  var outgoing = Outgoing.none
  /// What `transmit` found out and the sink was not told.
  var failure: String?

  private let received: UnsafeMutableBufferPointer<UInt8>
  private let packetByteCountMax: Int
  private var recheckAt = Instant.zero
  private var upSince = Instant.zero
  private var backoff = Backoff()

  /// - Parameter token: what the loop reports for this port's descriptors; call `service` for it.
  public convenience init(
    id: PortID, configuration: Configuration, loop: EventLoop, token: UInt64
  ) {
    self.init(
      id: id, configuration: configuration, access: LinuxKernelLink(loop: loop, token: token))
  }

  init(id: PortID, configuration: Configuration, access: any KernelLinkAccess) {
    self.id = id
    self.configuration = configuration
    session = KernelLinkSession(configuration, access: access)
    packetByteCountMax = KernelLinkFrame.packetByteCountMax(configuration)
    let frameByteCountMax =
      KernelLinkFrame.headerByteCount(configuration.addressing) + packetByteCountMax
    frame = .allocate(capacity: frameByteCountMax)
    frame.initialize(repeating: 0)
    received = .allocate(capacity: frameByteCountMax)
    received.initialize(repeating: 0)
  }

  deinit {
    received.deallocate()
    frame.deallocate()
  }

  public var nextDeadline: Instant? {
    if case .ended = outgoing { return .zero }
    if failure != nil { return .zero }
    switch condition {
    case .stopped: return nil
    case .waiting(_, let retryAt): return retryAt
    case .up:
      if case .retrying(_, _, let at) = outgoing { return at }
      return nil
    }
  }

  public var hasCredit: Bool {
    guard case .none = outgoing, failure == nil else { return false }
    return condition.isUp
  }

  /// The kernel's statistics of the link, and what did not fit into our socket.
  public var linkCounters: [LinkCounter] { session.linkCounters }

  public func check() throws(ConfigurationFault) { try session.check() }

  public func start(now: Instant, sink: any PortSink) {
    precondition(condition == .stopped, "started twice")
    open(now: now, sink: sink)
  }

  public func service(now: Instant, sink: any PortSink) {
    let hasNews = session.hasNews()
    if case .waiting(_, let retryAt) = condition {
      if hasNews || retryAt <= now { open(now: now, sink: sink) }
      return
    }
    guard condition.isUp else { return }
    // Before anything is read: what the kernel answers or forwards as well is not ours to take.
    if hasNews || recheckAt <= now, !isStillUsable(now: now, sink: sink) { return }
    receiveAll(now: now, sink: sink)
    guard condition.isUp else { return }
    resend(now: now)
    tell(now: now, sink: sink)
  }

  public func devicesChanged(now: Instant, sink: any PortSink) {
    switch condition {
    case .stopped: break
    case .waiting: open(now: now, sink: sink)
    case .up: _ = isStillUsable(now: now, sink: sink)
    }
  }

  /// Accepts the packet for the link's address of its medium; `.none` links have one peer.
  ///
  /// `.sent` means that the kernel has queued the frame: whether a device took it shows only in
  /// `linkCounters` (`tx-errors`, `tx-dropped`). `.refused` is for an address of another medium or
  /// our own, and for a packet that no frame of this link carries; `.busBusy` for a queue of the
  /// kernel that stays full.
  public func transmit(_ packet: Span<UInt8>, to address: PhysicalAddress, now: Instant) {
    precondition(hasCredit, "transmit without credit")
    var span = frame.mutableSpan
    let count = KernelLinkFrame.encode(
      packet, to: address, configuration.addressing, linkAddress: session.linkAddress,
      into: &span)
    guard let count else {
      outgoing = .ended(.refused)
      return
    }
    send(count, attempts: 1, now: now)
  }

  /// Each packet is its own system call, made by `transmit`: this tells the results.
  public func flush(now: Instant, sink: any PortSink) { tell(now: now, sink: sink) }

  public func stop() {
    session.stop()
    outgoing = .none
    failure = nil
    condition = .stopped
  }
}

extension KernelLinkPort {
  private func open(now: Instant, sink: any PortSink) {
    do throws(DeviceFailure) {
      try session.open()
    } catch {
      session.close()
      wait(error.description, now: now, sink: sink)
      return
    }
    upSince = now
    recheckAt = now.advanced(byMs: KernelLinkPort.recheckIntervalMs)
    condition = .up
    sink.portChangedCondition(.up, on: id)
  }

  private func isStillUsable(now: Instant, sink: any PortSink) -> Bool {
    recheckAt = now.advanced(byMs: KernelLinkPort.recheckIntervalMs)
    do throws(DeviceFailure) {
      try session.recheck()
      return true
    } catch {
      // What came in before the link went is a neighbour's good packet; what a kernel with an
      // address or a route took as well ends here, counted.
      if case .gone = error { collect(sink) }
      fail(error.description, now: now, sink: sink)
      return false
    }
  }

  /// Ends the use of the link; the accepted packet is answered.
  private func fail(_ reason: String, now: Instant, sink: any PortSink) {
    failure = nil
    session.close()
    // A link that comes and goes at once is tried less and less often.
    if now.nanoseconds(since: upSince) >= UInt64(Backoff.maxMs) * 1_000_000 { backoff.reset() }
    wait(reason, now: now, sink: sink)
  }

  /// Tells the sink only of a new reason, not of every further try.
  private func wait(_ reason: String, now: Instant, sink: any PortSink) {
    var isNews = true
    if case .waiting(reason, _) = condition { isNews = false }
    // First: the sink may look at the credit from within the next call.
    condition = .waiting(reason: reason, retryAt: now.advanced(byMs: backoff.next()))
    finishAccepted(sink)
    if isNews { sink.portChangedCondition(condition, on: id) }
  }

  private func finishAccepted(_ sink: any PortSink) {
    let result: TransmissionResult
    switch outgoing {
    case .none: return
    case .ended(let ended): result = ended
    case .backedUp, .retrying: result = .portDown
    }
    outgoing = .none
    sink.portFinishedTransmission(result, on: id)
  }

  private func tell(now: Instant, sink: any PortSink) {
    // The sink may transmit the next packet from within, whose result is told in the same loop.
    while case .ended = outgoing, failure == nil { finishAccepted(sink) }
    if let failure { fail(failure, now: now, sink: sink) }
  }

  private func receiveAll(now: Instant, sink: any PortSink) {
    let result = collect(sink)
    guard result < 0, result != -Int(EAGAIN) else { return }
    fail(session.failure(Int32(-result), "read"), now: now, sink: sink)
  }

  /// Hands over a batch of frames.
  ///
  /// - Returns: why it ended: a negative errno value, 0 where there may be more.
  @discardableResult
  private func collect(_ sink: any PortSink) -> Int {
    var span = received.mutableSpan
    for _ in 0..<KernelLinkPort.framesMax {
      let count = session.access.receive(into: &span)
      guard count >= 0 else { return count }
      deliver(span.span.extracting(first: min(count, received.count)), byteCount: count, sink)
    }
    return 0
  }

  /// - Parameter byteCount: the frame's own length; more than there is of it where it was cut.
  private func deliver(_ bytes: Span<UInt8>, byteCount: Int, _ sink: any PortSink) {
    do throws(FrameError) {
      guard byteCount == bytes.count else { throw .tooLong }
      let source = try KernelLinkFrame.source(
        of: bytes, configuration.addressing, packetByteCountMax: packetByteCountMax)
      let header = KernelLinkFrame.headerByteCount(configuration.addressing)
      sink.portReceived(bytes.extracting(header..<bytes.count), from: source, on: id)
    } catch {
      sink.portDamagedFrame(error.dropReason, bytes: bytes, on: id)
    }
  }
}
