// A neighbour of another make at its place on a wire, whatever the medium: packets in and out are
// told to the observers, and what happened inside is told to the world.

internal import MCTPNeighbours
internal import MCTPWire

struct NeighbourPlace {
  let device: WorldDevice
  let neighbour: Neighbour
  /// The devices of the board that are inside it, in the order of `neighbour.children`.
  let children: [WorldDevice]

  func receive(_ packet: [UInt8], from source: UInt8?, now: Instant) {
    device.news.received(packet.span, from: source.map { .i2c($0) } ?? .none)
    neighbour.receive(packet, from: source, now: now.nanoseconds)
    tell()
  }

  func nextPacket(now: Instant) -> Neighbour.Outgoing? {
    guard let outgoing = neighbour.nextPacket(now: now.nanoseconds) else { return nil }
    device.news.sent(outgoing.packet.span, to: outgoing.to.map { .i2c($0) } ?? .none)
    return outgoing
  }

  func advance(to now: Instant) {
    neighbour.advance(to: now.nanoseconds)
    tell()
  }

  func restart(now: Instant) {
    neighbour.restart(now: now.nanoseconds)
    tell()
  }

  func dropped(_ reason: DropReason) { device.news.dropped(reason, packets: 1) }

  /// What happened inside since the last time.
  func tell() {
    tell(neighbour, device)
    for (index, child) in children.enumerated() where index < neighbour.children.count {
      tell(neighbour.children[index], child)
    }
  }

  private func tell(_ neighbour: Neighbour, _ device: WorldDevice) {
    while let echo = neighbour.nextEcho() {
      device.news.echoing(echo.body, from: EID(echo.source))
    }
    while let complaint = neighbour.nextComplaint() { device.news.complained(complaint) }
    // The checker judges what the router answers, on the wire; nobody else wants it.
    while neighbour.nextAnswer() != nil {}
    while let outcome = neighbour.nextOutcome() { device.take(outcome) }
  }
}
