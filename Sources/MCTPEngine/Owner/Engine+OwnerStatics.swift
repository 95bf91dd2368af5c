// Static routes in the books of the bus owner: an EID that one leads to is somebody's by will, is
// given to nobody else, and does not rest.

internal import MCTPWire

extension Engine {
  /// The EIDs of a static route are given to nobody else. The device on an owned bus that a route
  /// leads to is to have that EID.
  mutating func holdStatic(_ entry: RoutingTableEntry) {
    guard owner.isActive, entry.origin == .configured else { return }
    let networkIndex = ports[Int(entry.port.rawValue)].networkIndex
    for value in entry.firstEID.rawValue...entry.lastEID.rawValue {
      if !hold(EID(value), for: entry) { owner.unheld[networkIndex].insert(EID(value)) }
    }
  }

  /// EIDs of static routes that were somebody's when the route came, or became so since: what was
  /// given back is held now.
  mutating func holdWhatIsLeft() {
    for networkIndex in 0..<networks.count where !owner.unheld[networkIndex].isEmpty {
      for position in 0..<tables[networkIndex].count {
        let entry = tables[networkIndex].entry(at: position)
        guard entry.origin == .configured else { continue }
        for value in entry.firstEID.rawValue...entry.lastEID.rawValue
        where owner.unheld[networkIndex].contains(EID(value)) && hold(EID(value), for: entry) {
          owner.unheld[networkIndex].remove(EID(value))
        }
      }
    }
  }

  private mutating func hold(_ eid: EID, for entry: RoutingTableEntry) -> Bool {
    let space = ports[Int(entry.port.rawValue)].networkIndex
    guard owner.spaces[space].hold(eid) else { return false }
    if entry.eidCount == 1, let index = owner.index(on: entry.port, at: entry.address),
      owner.endpoints[index].eid == .null
    {
      owner.endpoints[index].eid = eid
      owner.endpoints[index].fixedEID = eid
      // The route came after whatever was wished before.
      owner.endpoints[index].work.wishedEID = nil
    }
    return true
  }

  /// Static routes went: their EIDs can be given out again, but for those that a device has.
  mutating func releaseStatic(_ eids: EIDSet, _ networkIndex: Int) {
    guard owner.isActive else { return }
    for eid in eids.members where !isRoutedByWill(eid, networkIndex) {
      owner.unheld[networkIndex].remove(eid)
    }
    for eid in eids.members where !hasHolder(eid, networkIndex) {
      // Nobody had it from us, or it was in a pool that is gone: there is no rest to wait for.
      owner.spaces[networkIndex].reclaim(eid, now: .zero)
    }
  }

  /// Routes went, by somebody's will: who has its EID from us is reachable all the same, also
  /// where a static route was as good as ours or in the way of it.
  mutating func restoreRoutes(_ networkIndex: Int) {
    guard owner.isActive else { return }
    // The caller knows no time; the last that was told is as good for what is due later.
    let now = owner.requester.clock
    for index in owner.endpoints.indices {
      let endpoint = owner.endpoints[index]
      guard endpoint.isAnswering, endpoint.work.isAssigned,
        self.networkIndex(of: endpoint) == networkIndex
      else { continue }
      setRoute(of: index, to: endpoint.eid, now: now)
    }
    owner.deadline = ownerDeadline()
  }

  /// An EID that no device has any more rests, with its pool; one that a static route leads to is
  /// kept for that route again.
  mutating func giveBack(_ eid: EID, _ networkIndex: Int, now: Instant) {
    owner.spaces[networkIndex].reclaim(eid, now: now)
    if isRoutedByWill(eid, networkIndex) { owner.unheld[networkIndex].insert(eid) }
  }

  /// True when a static route leads to an EID, or to a range that it is in.
  func isRoutedByWill(_ eid: EID, _ networkIndex: Int) -> Bool {
    for position in 0..<tables[networkIndex].count {
      let entry = tables[networkIndex].entry(at: position)
      if entry.origin == .configured, entry.firstEID <= eid, eid <= entry.lastEID { return true }
    }
    return false
  }
}
