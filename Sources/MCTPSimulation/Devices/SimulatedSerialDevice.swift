// An endpoint at the end of a serial line: bytes in, bytes out (DSP0253).
//
// Owns: its deframer. Life: `receive` what the line brings, `advance(to:)` at `nextDeadline`,
// `nextBytes` after either until nil as far as the line takes bytes.

internal import MCTPFraming
public import MCTPWire

public struct SimulatedSerialDevice: ~Copyable {
  public let endpoint: SimulatedEndpoint
  private var deframer: SerialDeframer
  private let packetByteCountMax: Int
  private let byteNanoseconds: UInt64

  /// - Parameters:
  ///   - packetByteCountMax: MCTP header included; 68 to 255.
  ///   - baudRate: bits a second, ten bits a byte; for the receiver's time-out only.
  public init(
    _ endpoint: SimulatedEndpoint, packetByteCountMax: Int = 68, baudRate: UInt32 = 115_200
  ) {
    self.endpoint = endpoint
    self.packetByteCountMax = packetByteCountMax
    byteNanoseconds = 10_000_000_000 / UInt64(max(baudRate, 1))
    deframer = SerialDeframer(
      packetByteCountMax: packetByteCountMax, byteNanoseconds: byteNanoseconds)
  }

  /// Takes bytes as the line brings them, in any pieces. Damaged frames are counted at the
  /// endpoint.
  public mutating func receive(_ bytes: Span<UInt8>, now: Instant) {
    var offset = 0
    while let event = deframer.next(bytes, offset: &offset, now: now) { take(event, now) }
  }

  public mutating func advance(to now: Instant) {
    if let deadline = deframer.nextDeadline, deadline <= now {
      while let event = deframer.expire(now) { take(event, now) }
    }
    endpoint.advance(to: now)
  }

  public var nextDeadline: Instant? {
    guard let line = deframer.nextDeadline else { return endpoint.nextDeadline }
    return endpoint.nextDeadline.map { min($0, line) } ?? line
  }

  /// The next whole frame for the line; nil when there is none.
  public mutating func nextBytes(now: Instant) -> [UInt8]? {
    while let packet = endpoint.nextPacket(now: now) {
      var line = [UInt8](
        repeating: 0, count: SerialFrame.byteCountMax(packetByteCount: packet.bytes.count))
      var span = line.mutableSpan
      if let count = try? SerialFrame.encode(
        packet.bytes.span, packetByteCountMax: packetByteCountMax, into: &span)
      {
        return Array(line.prefix(count))
      }
      endpoint.count(.transmissionRefused)
    }
    return endpoint.nextGarbageFrame(now: now).map(Self.garbageLine)
  }

  /// Power off and on; see `SimulatedEndpoint.restart`.
  public mutating func restart(now: Instant) {
    endpoint.restart(now: now)
    deframer = SerialDeframer(
      packetByteCountMax: packetByteCountMax, byteNanoseconds: byteNanoseconds)
  }

  /// Bytes between two flags that are no frame: of another revision, or cut short. Choice: no
  /// flag among them, so that a receiver counts them as one damaged frame whatever it saw before.
  private static func garbageLine(_ random: [UInt8]) -> [UInt8] {
    var bytes = random.map { $0 == SerialFrame.flag ? $0 ^ 0x80 : $0 }
    if bytes.count > 2, bytes[0] & 1 == 0 {
      bytes[0] = SerialFrame.revision
      // More than there are.
      bytes[1] = UInt8(truncatingIfNeeded: min(max(bytes.count - 1, 4), 0x7D))
    } else if bytes[0] == SerialFrame.revision {
      bytes[0] ^= 0x80
    }
    return [SerialFrame.flag] + bytes + [SerialFrame.flag]
  }

  private mutating func take(_ event: SerialDeframer.Event, _ now: Instant) {
    switch event {
    case .packet: endpoint.receive(deframer.packet, from: .none, now: now)
    case .damaged(let error): endpoint.count(error.dropReason)
    }
  }
}
