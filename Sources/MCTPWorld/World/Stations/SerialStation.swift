internal import MCTPNeighbours
internal import MCTPSimulation
internal import MCTPWire

/// A device at the end of a serial line: bytes in, frames out (DSP0253).
protocol SerialStation: AnyObject {
  func receive(_ bytes: [UInt8], now: Instant)
  func advance(to now: Instant)
  var nextDeadline: Instant? { get }
  /// The next whole frame for the line; nil when there is none.
  func nextBytes(now: Instant) -> [UInt8]?
  func restart(now: Instant)
}

/// An endpoint made of the product's own codecs.
final class OwnSerialStation: SerialStation {
  private var medium: SimulatedSerialDevice

  init(_ endpoint: SimulatedEndpoint, packetByteCountMax: Int, baudRate: Int) {
    medium = SimulatedSerialDevice(
      endpoint, packetByteCountMax: packetByteCountMax, baudRate: UInt32(baudRate))
  }

  func receive(_ bytes: [UInt8], now: Instant) { medium.receive(bytes.span, now: now) }
  func advance(to now: Instant) { medium.advance(to: now) }
  var nextDeadline: Instant? { medium.nextDeadline }
  func nextBytes(now: Instant) -> [UInt8]? { medium.nextBytes(now: now) }
  func restart(now: Instant) { medium.restart(now: now) }
}

/// A neighbour of another make, with a framing of its own; its receiver may be one that goes deaf.
final class NeighbourSerialStation: SerialStation {
  private let place: NeighbourPlace
  private let packetByteCountMax: Int
  private var receiver: NeighbourSerialReceiver

  init(_ place: NeighbourPlace, packetByteCountMax: Int) {
    self.place = place
    self.packetByteCountMax = packetByteCountMax
    receiver = Self.receiver(place, packetByteCountMax)
  }

  private static func receiver(
    _ place: NeighbourPlace, _ packetByteCountMax: Int
  ) -> NeighbourSerialReceiver {
    NeighbourSerialReceiver(
      isDeafAfterBadFrame: place.neighbour.habits.isDeafAfterBadFrame,
      packetByteCountMax: packetByteCountMax)
  }

  func receive(_ bytes: [UInt8], now: Instant) {
    for byte in bytes {
      if let packet = receiver.receive(byte) { place.receive(packet, from: nil, now: now) }
    }
  }

  func advance(to now: Instant) { place.advance(to: now) }
  var nextDeadline: Instant? { place.device.nextDeadline }

  func nextBytes(now: Instant) -> [UInt8]? {
    if let outgoing = place.nextPacket(now: now) { return NeighbourSerial.frame(outgoing.packet) }
    guard let bytes = place.neighbour.nextGarbageFrame(now: now.nanoseconds) else { return nil }
    // Two flags with no frame between them: another revision, and no flag among the bytes.
    var garbage = bytes.map { $0 == 0x7E ? 0xFE : $0 }
    if let first = garbage.first, first == 0x01 { garbage[0] = 0x81 }
    return [0x7E] + garbage + [0x7E]
  }

  func restart(now: Instant) {
    place.restart(now: now)
    receiver = Self.receiver(place, packetByteCountMax)
  }
}
