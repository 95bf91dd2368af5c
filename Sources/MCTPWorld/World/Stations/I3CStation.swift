internal import MCTPNeighbours
internal import MCTPSimulation
internal import MCTPWire

/// A target's place on an I3C wire: private writes in, private reads out (DSP0233).
protocol I3CStation: AnyObject {
  /// Takes a private write, PEC last.
  func receive(_ bytes: [UInt8], dynamicAddress: UInt8, now: Instant)
  func advance(to now: Instant)
  /// What the controller shall read next, PEC last; nil when there is nothing.
  func nextRead(dynamicAddress: UInt8, now: Instant) -> [UInt8]?
  func restart(now: Instant)
}

/// An endpoint made of the product's own codecs.
final class OwnI3CStation: I3CStation {
  private let medium: SimulatedI3CDevice

  init(_ endpoint: SimulatedEndpoint, target: VirtualI3CTarget) {
    medium = SimulatedI3CDevice(endpoint, target: target)
  }

  func receive(_ bytes: [UInt8], dynamicAddress: UInt8, now: Instant) {
    medium.receive(bytes.span, dynamicAddress: dynamicAddress, now: now)
  }

  func advance(to now: Instant) { medium.endpoint.advance(to: now) }

  func nextRead(dynamicAddress: UInt8, now: Instant) -> [UInt8]? {
    medium.nextRead(dynamicAddress: dynamicAddress, now: now)
  }

  func restart(now: Instant) { medium.endpoint.restart(now: now) }
}

/// A neighbour of another make, with frames by its own codec.
final class NeighbourI3CStation: I3CStation {
  private let place: NeighbourPlace

  init(_ place: NeighbourPlace) { self.place = place }

  func receive(_ bytes: [UInt8], dynamicAddress: UInt8, now: Instant) {
    guard
      let packet = NeighbourI3C.packet(bytes, dynamicAddress: dynamicAddress, isRead: false)
    else { return place.dropped(.frameIntegrity) }
    place.receive(packet, from: nil, now: now)
  }

  func advance(to now: Instant) { place.advance(to: now) }

  func nextRead(dynamicAddress: UInt8, now: Instant) -> [UInt8]? {
    if let outgoing = place.nextPacket(now: now) {
      return NeighbourI3C.frame(outgoing.packet, dynamicAddress: dynamicAddress, isRead: true)
    }
    guard var garbage = place.neighbour.nextGarbageFrame(now: now.nanoseconds) else { return nil }
    if NeighbourI3C.packet(garbage, dynamicAddress: dynamicAddress, isRead: true) != nil {
      garbage[garbage.count - 1] ^= 0xFF
    }
    return garbage
  }

  func restart(now: Instant) { place.restart(now: now) }
}
