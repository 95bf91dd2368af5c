// A router's port on a simulated serial line. `SerialPort` owns a descriptor, which there is none
// of here; framing is the same.

internal import BusIO
internal import MCTPFraming
internal import MCTPWire

final class WireSerialPort: Port {
  private static let wakePreamble = SerialFrame.wakePreamble.withUnsafeBufferPointer { Array($0) }

  private(set) var condition = PortCondition.stopped

  private let id: PortID
  private let wire: SerialWire
  private let side: Int
  private let packetByteCountMax: Int
  private unowned let life: RouterLife
  private var deframer: SerialDeframer
  private var arrivals: [[UInt8]] = []
  private var isSending = false
  /// To be told: nil for nothing.
  private var result: TransmissionResult?
  private var isPresent = true
  /// The line came up, and the far end has not been woken yet.
  private var owesWake = false

  init(
    id: PortID, wire: SerialWire, side: Int, transmissionUnitBytes: Int, life: RouterLife
  ) {
    self.id = id
    self.wire = wire
    self.side = side
    self.life = life
    packetByteCountMax = PacketHeader.byteCount + transmissionUnitBytes
    deframer = SerialDeframer(
      packetByteCountMax: packetByteCountMax,
      byteNanoseconds: 10_000_000_000 / UInt64(max(wire.baudRate, 1)))
    wire.put(.port(self), at: side)
  }

  var nextDeadline: Instant? {
    let isStale = isPresent != condition.isUp && condition != .stopped
    if result != nil || !arrivals.isEmpty || isStale { return .zero }
    return deframer.nextDeadline
  }

  /// A frame of a life before this one may still be on its way.
  var hasCredit: Bool {
    condition.isUp && !isSending && result == nil && !wire.isBusy(side)
  }

  func setPresent(_ isPresent: Bool) {
    self.isPresent = isPresent
    life.mark(id)
  }

  func start(now: Instant, sink: any PortSink) { tellCondition(now, sink) }

  func service(now: Instant, sink: any PortSink) {
    tellResult(sink)
    tellCondition(now, sink)
    while !arrivals.isEmpty {
      let bytes = arrivals.removeFirst()
      guard condition.isUp else { continue }
      var offset = 0
      while let event = deframer.next(bytes.span, offset: &offset, now: now) {
        sink.portFound(event, by: deframer, on: id)
      }
    }
    if let deadline = deframer.nextDeadline, deadline <= now {
      while let event = deframer.expire(now) {
        sink.portFound(event, by: deframer, on: id)
      }
    }
  }

  func transmit(_ packet: Span<UInt8>, to address: PhysicalAddress, now: Instant) {
    precondition(hasCredit, "transmit without credit")
    guard let encoded = encode(packet) else {
      result = .refused
      return
    }
    isSending = true
    wire.send(encoded, from: side, now: now)
  }

  private func encode(_ packet: Span<UInt8>) -> [UInt8]? {
    var line = [UInt8](
      repeating: 0, count: SerialFrame.byteCountMax(packetByteCount: packet.count))
    do throws(FrameError) {
      var span = line.mutableSpan
      let count = try SerialFrame.encode(
        packet, packetByteCountMax: packetByteCountMax, into: &span)
      line.removeSubrange(count...)
      return line
    } catch { return nil }
  }

  func flush(now: Instant, sink: any PortSink) { tellResult(sink) }

  func stop() {
    condition = .stopped
    wire.put(.nobody, at: side)
  }

  /// The wire says that the frame has passed.
  func finishedFrame(_ now: Instant) {
    if isSending { result = .sent }
    isSending = false
    wake(now)
    life.mark(id)
  }

  /// As `SerialPort` does when it opens a line: the receiver at the far end may be deaf since a bad
  /// frame, as that of Linux is.
  private func wake(_ now: Instant) {
    guard owesWake, condition.isUp, !wire.isBusy(side) else { return }
    owesWake = false
    wire.send(Self.wakePreamble, from: side, now: now)
  }

  func arrived(_ bytes: [UInt8]) {
    arrivals.append(bytes)
    life.mark(id)
  }

  private func tellResult(_ sink: any PortSink) {
    guard let ended = result else { return }
    result = nil
    sink.portFinishedTransmission(ended, on: id)
  }

  private func tellCondition(_ now: Instant, _ sink: any PortSink) {
    guard isPresent != condition.isUp else { return }
    condition =
      isPresent ? .up : .waiting(reason: "the line is not there", retryAt: .zero)
    if !isPresent, isSending {
      isSending = false
      sink.portFinishedTransmission(.portDown, on: id)
    }
    owesWake = isPresent
    wake(now)
    sink.portChangedCondition(condition, on: id)
  }
}
