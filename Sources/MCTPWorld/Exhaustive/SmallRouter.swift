// One router of a small board: its engine, what is kept of it over a kill, and what the checks saw
// of it. Shared by all states in which it is the same; whoever changes it makes a copy first.

internal import MCTPEngine
internal import MCTPWire

final class SmallRouter {
  var engine: Engine
  var isAlive = true
  /// What its daemon would have on disk.
  var leases: [EIDLease] = []
  /// For each EID: the channel of the device that last accepted it or the pool that holds it,
  /// counted from 1; 0 for none.
  var accepted = [UInt8](repeating: 0, count: 256)
  /// By port: packets that came in and that left.
  var received: [UInt64]
  var sent: [UInt64]
  private var cached: (now: UInt64, digest: UInt64)?

  init(_ configuration: EngineConfiguration) {
    engine = Engine(configuration)
    received = [UInt64](repeating: 0, count: configuration.ports.count)
    sent = received
  }

  private init(copying other: SmallRouter) {
    engine = other.engine.copy()
    isAlive = other.isAlive
    leases = other.leases
    accepted = other.accepted
    received = other.received
    sent = other.sent
  }

  func copy() -> SmallRouter { SmallRouter(copying: self) }

  /// It is about to change.
  func touch() { cached = nil }

  func digest(now: UInt64) -> UInt64 {
    if let cached, cached.now == now { return cached.digest }
    var digest = StateDigest(now: now)
    digest.add(isAlive)
    if isAlive { engine.addState(to: &digest) }
    digest.add(leases.count)
    for lease in leases { lease.addState(to: &digest) }
    for (eid, channel) in accepted.enumerated() where channel != 0 {
      digest.add(UInt64(eid) << 8 | UInt64(channel))
    }
    cached = (now, digest.value)
    return digest.value
  }

  /// An answer arrived on a channel: what its sender says that it has.
  ///
  /// - Returns: true when it took another EID than it had.
  func note(_ packet: [UInt8], from channel: Int) -> Bool {
    guard packet.count > 10, packet[4] == 0, packet[5] & 0x80 == 0, packet[7] == 0 else {
      return false
    }
    let place = UInt8(channel + 1)
    var isRenamed = false
    if packet[6] == 0x01, packet[8] & 0x30 == 0 {
      isRenamed = accepted.contains(place) && accepted[Int(packet[9])] != place
      for eid in 0..<256 where accepted[eid] == place { accepted[eid] = 0 }
      accepted[Int(packet[9])] = place
    } else if packet[6] == 0x08, packet[8] & 0x03 == 0, packet[9] > 0 {
      let first = Int(packet[10])
      for eid in first..<min(first + Int(packet[9]), 255) { accepted[eid] = place }
    }
    return isRenamed
  }
}
