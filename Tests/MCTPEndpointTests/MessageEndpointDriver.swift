import MCTPEndpoint
import MCTPWire

extension MessageEndpoint {
  mutating func take(
    _ packet: [UInt8], from origin: PacketOrigin = port(0), localEID: EID? = nil,
    at now: Instant = .zero
  ) -> Delivery {
    receive(packet.span, from: origin, localEID: localEID, now: now)
  }

  /// Everything that can leave, as bytes.
  mutating func drain(at now: Instant = .zero, where canSend: (Peer) -> Bool = { _ in true })
    -> [[UInt8]]
  {
    var packets: [[UInt8]] = []
    var buffer = [UInt8](repeating: 0, count: 1100)
    while true {
      var span = buffer.mutableSpan
      guard let packet = nextPacket(into: &span, now: now, where: canSend) else { return packets }
      packets.append(Array(buffer[..<packet.byteCount]))
    }
  }

  mutating func events(at now: Instant) -> [EndpointEvent] {
    var events: [EndpointEvent] = []
    while let event = nextEvent(now: now) { events.append(event) }
    return events
  }

  mutating func ask(
    _ body: [UInt8], _ peer: Peer, unit: Int = 64, timeoutMs: UInt32 = 1000,
    at now: Instant = .zero
  ) throws -> RequestTicket {
    try request(
      body.span, to: peer, transmissionUnitBytes: unit, timeoutMs: timeoutMs, now: now)
  }
}
