// What the shell and people do with the engine.

import Fuzzing
import MCTPEngine
import MCTPWire

extension EngineRun {
  mutating func advance(toDeadline: Bool) {
    if toDeadline, let deadline = engine.nextDeadline {
      now = max(now, deadline)
    } else {
      let shape = choices.byte()
      now = now.advanced(byMs: UInt32(shape & 0x3F) << (2 * UInt32(shape >> 6)))
    }
    engine.advance(to: now)
    if let deadline = engine.nextDeadline {
      precondition(deadline > now, "a deadline that has passed")
    }
  }

  mutating func setUp(_ port: Int, _ isUp: Bool) {
    collect()
    books.setUp(isUp, on: port)
    engine.portChanged(id(port), isUp: isUp, now: now)
  }

  mutating func command(_ operation: Int) {
    let port = port()
    let network = configuration.ports[port].network
    switch operation {
    case 13:
      if choices.byte() & 1 == 0 {
        engine.deviceAppeared(on: id(port), at: address(on: port), now: now)
      } else {
        engine.deviceDisappeared(on: id(port), at: address(on: port), now: now)
      }
    case 14: try? engine.discover(on: id(port), now: now)
    case 15:
      try? engine.assign(EID(eid()), on: id(port), at: address(on: port), now: now)
    case 16:
      try? engine.allocate(choices.byte() & 0x0F, to: EID(eid()), network: network, now: now)
    case 17: try? engine.forget(EID(eid()), network: network, now: now)
    default: try? engine.recover(EID(eid()), network: network, now: now)
    }
  }

  mutating func changeRoutes() {
    let port = port()
    let shape = choices.byte()
    if shape & 3 == 0 {
      let first = EID(eid())
      engine.apply(removingFrom: id(port)) { $0.isStatic && $0.firstEID <= first }
      return
    }
    let address = address(on: port)
    let entry = RoutingTableEntry(
      firstEID: EID(eid()), eidCount: shape & 4 == 0 ? 1 : choices.byte(),
      type: shape & 4 == 0 ? .endpoint : .range, port: id(port), address: address,
      transmissionUnitBytes: shape & 8 == 0 ? nil : 70)
    trace.say("   adds \(entry)")
    try? engine.apply(adding: entry)
  }

  /// Looks at everything; that must change nothing.
  mutating func look() {
    let eid = EID(eid())
    for network in [1, 2, 3] as [UInt8] {
      _ = engine.endpoint(eid, network: network)
      _ = engine.eidState(of: eid, network: network)
      _ = engine.routingUpdateState(of: eid, network: network)
      _ = engine.poolNeed(network: network)
      _ = engine.ownPool(network: network)
      _ = engine.entry(for: eid, network: network)
    }
    for index in configuration.ports.indices {
      _ = engine.nextDiscovery(on: id(index))
      _ = engine.requesterCounters(of: id(index))
      _ = engine.sourceEID(on: id(index))
    }
    var leases = 0
    engine.forEachLease { _ in leases += 1 }
    precondition(leases <= 2 * 247, "more leases than EIDs")
    for index in 0..<engine.recentDropCount {
      precondition(engine.recentDrop(at: index) != nil, "a drop that was kept is gone")
    }
  }
}
