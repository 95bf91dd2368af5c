// This device's own EIDs in the books of the EIDs that it gives out: what an owner above assigns is
// nobody else's, and what it took back rests before anybody gets it (DSP0236 1.3.3 §9).

internal import MCTPWire

extension Engine {
  /// Enters an EID that an owner above assigned to a port, after the port has it. The owner above
  /// is obeyed: whoever below has the EID gets another.
  mutating func takeAssigned(_ eid: EID, _ networkIndex: Int, now: Instant) {
    releaseFormerOwn(networkIndex, now: now)
    if enterOwn(eid, networkIndex) { return }
    takeFromBelow(eid, networkIndex, now: now)
    _ = enterOwn(eid, networkIndex)
  }

  private mutating func enterOwn(_ eid: EID, _ networkIndex: Int) -> Bool {
    do throws(EIDClash) {
      try owner.spaces[networkIndex].takeOwn(eid, claim: .returning)
      return true
    } catch { return false }
  }

  /// Gives back what was this device's own and is no port's any more. EIDs that the topology fixed
  /// for a port stay: Reset EID goes back to them.
  private mutating func releaseFormerOwn(_ networkIndex: Int, now: Instant) {
    for value in EID.assignable.lowerBound.rawValue...EID.assignable.upperBound.rawValue {
      let eid = EID(value)
      guard owner.spaces[networkIndex].state(of: eid) == .own,
        !tables[networkIndex].isOwn(eid), !isFixedOwn(eid, networkIndex)
      else { continue }
      owner.spaces[networkIndex].releaseOwn(eid, now: now)
    }
  }

  /// True when an EID of a port under an owner above lies in a range: it cannot be given out too.
  func holdsAssigned(_ range: EIDRange, _ networkIndex: Int) -> Bool {
    for index in 0..<ports.count
    where ports[index].networkIndex == networkIndex && range.contains(ports[index].ownEID)
      && ports[index].configuration.role == .endpoint
    { return true }
    return false
  }

  private func isFixedOwn(_ eid: EID, _ networkIndex: Int) -> Bool {
    for index in 0..<ports.count
    where ports[index].networkIndex == networkIndex && ports[index].fixedEID == eid { return true }
    return false
  }

  /// Takes an EID from the device below that has it, is being given it, or has it in its pool: the
  /// device loses its own EID with it and is set up anew.
  private mutating func takeFromBelow(_ eid: EID, _ networkIndex: Int, now: Instant) {
    let holder: EID
    switch owner.spaces[networkIndex].state(of: eid) {
    case .leased: holder = eid
    case .poolOf(let device), .reserved(let device): holder = device
    case .foreign, .free, .own, .fixed, .quarantined: return
    }
    let network = networks[networkIndex]
    for index in owner.endpoints.indices
    where owner.endpoints[index].network == network && owner.endpoints[index].isDirect {
      let work = owner.endpoints[index].work
      guard owner.endpoints[index].eid == holder || work.isReserved && work.pendingEID == holder
      else { continue }
      dropEID(index, now: now)
      owner.endpoints[index].work.wishedEID = nil
      retry(index, .probe, now: now)
    }
    dropLeases { $0.network == network && $0.eid == holder }
    // Held for a static route, and no device's: again when it is not this device's own any more.
    giveBack(holder, networkIndex, now: now)
  }
}
