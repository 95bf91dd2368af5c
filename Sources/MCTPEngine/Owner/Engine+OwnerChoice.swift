// Which EID a device gets, from the first question to Set Endpoint ID (DSP0236 1.3.3 §9, §12
// command 0x01): what somebody wants it to have, what it has, what it had, what is free.

internal import MCTPWire

extension Engine {
  /// The EID that the device is to have, and who says so.
  private func wishedEID(_ index: Int) -> (eid: EID, claim: EIDClaim)? {
    let endpoint = owner.endpoints[index]
    if let eid = endpoint.work.wishedEID { return (eid, .returning) }
    if let eid = endpoint.fixedEID { return (eid, .named) }
    if let uuid = endpoint.uuid, endpoint.work.hasAskedUUID {
      for fixed in owner.configuration.fixedEIDs
      where fixed.network == endpoint.network && fixed.uuid == uuid { return (fixed.eid, .named) }
    }
    if let lease = owner.lease(for: endpoint) { return (lease.eid, .returning) }
    return nil
  }

  /// Chooses the EID, in this order: what somebody wants it to have, what it has, what was its own
  /// before, what is free. Only what it has needs no Set Endpoint ID.
  mutating func startSetEID(_ index: Int, now: Instant) {
    if isUUIDTaken(index, now: now) { return }
    let work = owner.endpoints[index].work
    if work.isReserved, owner.endpoints[index].eid != work.pendingEID {
      // The search began anew before the answer, or a static route gave it another meanwhile: the
      // device may have that EID, and is offered it again unless somebody wants another.
      releaseReservation(index, mayBeInUse: true, now: now)
      if let wish = work.wishedEID { owner.endpoints[index].work.wishedEID = wish }
    }
    let present = owner.endpoints[index].work.presentEID
    reportClaim(of: present, by: index, now: now)
    if let wish = wishedEID(index) {
      takeFromAbsent(wish.eid, index, now: now)
      if obtain(wish.eid, at: index, claim: wish.claim, now: now) {
        settle(index, wish.eid, now: now)
        return
      }
    }
    if present.isAssignable, obtain(present, at: index, claim: .newcomer, now: now) {
      settle(index, present, now: now)
      return
    }
    if owner.endpoints[index].eid != .null {
      settle(index, owner.endpoints[index].eid, now: now)
      return
    }
    let space = networkIndex(of: owner.endpoints[index])
    do throws(EIDsExhausted) {
      let grant = try owner.spaces[space].reserve(poolCount: poolToKeep(index))
      owner.endpoints[index].work.isReserved = true
      sendSetEID(index, grant.eid, now: now)
    } catch {
      exhausted(index, now: now)
    }
  }

  /// What is kept free after the EID of a device that may be a bridge.
  private func poolToKeep(_ index: Int) -> UInt8 {
    owner.endpoints[index].kind == .simple ? 0 : owner.configuration.poolSizeMax
  }

  /// Gets one EID for the record in place of the one that it has; false, and nothing is changed,
  /// when it cannot be had.
  private mutating func obtain(
    _ eid: EID, at index: Int, claim: EIDClaim, now: Instant
  ) -> Bool {
    let endpoint = owner.endpoints[index]
    if endpoint.eid == eid { return true }
    let space = networkIndex(of: endpoint)
    do throws(EIDClash) {
      _ = try owner.spaces[space].reserve(
        exactly: eid, poolCount: poolToKeep(index), claim: claim)
    } catch {
      return endpoint.work.presentEID == eid && adopt(eid, at: index, claim: claim, now: now)
    }
    if endpoint.eid != .null { dropEID(index, now: now) }
    owner.endpoints[index].work.isReserved = true
    owner.endpoints[index].work.pendingEID = eid
    return true
  }

  /// The EID is the record's; the device is told unless it has it already. A bridge always is: it
  /// says only in its answer what has become of its pool.
  private mutating func settle(_ index: Int, _ eid: EID, now: Instant) {
    let endpoint = owner.endpoints[index]
    if eid == endpoint.work.presentEID, endpoint.kind == .simple {
      finishAssignment(index, eid: eid, now: now)
      afterPool(index, now: now)
    } else {
      sendSetEID(index, eid, now: now)
    }
  }

  private mutating func sendSetEID(_ index: Int, _ eid: EID, now: Instant) {
    owner.endpoints[index].work.pendingEID = eid
    // The route first: the device may talk the moment it has its EID.
    setRoute(of: index, to: eid, now: now)
    let operation: SetEndpointID.Operation = owner.endpoints[index].work.isForced ? .force : .set
    ask(SetEndpointID.Request(operation: operation, eid: eid), .setEID, of: index, now: now)
  }

  /// Nothing is free: the EID of the device that has been away longest goes, if there is one.
  private mutating func exhausted(_ index: Int, now: Instant) {
    let endpoint = owner.endpoints[index]
    if endpoint.reason != .noFreeEID {
      owner.enter(.quarantined, .noFreeEID, at: index, now: now)
      report(
        .eidsExhausted(network: endpoint.network, port: endpoint.port, address: endpoint.address))
    }
    var oldest: Int?
    for other in owner.endpoints.indices
    where owner.endpoints[other].network == endpoint.network
      && owner.endpoints[other].state == .down && owner.endpoints[other].isDirect
      && owner.endpoints[other].eid != .null && owner.endpoints[other].fixedEID == nil
    {
      if let found = oldest, owner.endpoints[found].since <= owner.endpoints[other].since {
        continue
      }
      oldest = other
    }
    if let oldest { dropEID(oldest, now: now) }
    retry(index, .probe, now: now)
  }

  /// Enters an EID that the device has already as the record's own, in place of its former one.
  mutating func adopt(_ eid: EID, at index: Int, claim: EIDClaim, now: Instant) -> Bool {
    let space = networkIndex(of: owner.endpoints[index])
    do throws(EIDClash) {
      try owner.spaces[space].adopt(eid, claim: claim, allowsForeign: mayKeepForeign(index))
    } catch { return false }
    if owner.endpoints[index].eid != .null { dropEID(index, now: now) }
    owner.endpoints[index].eid = eid
    return true
  }

  /// True when the record may have an EID, or a pool, outside of what is ours to give.
  ///
  /// Choice: a static EID there is honoured; a dynamic one was another owner's to give, and is
  /// replaced. Where our EIDs come from an owner above neither is: that owner has no route to it
  /// and may give it to somebody else. A static EID is an initial value only (DSP0236 1.3.3 §12,
  /// command 0x01), so the device can be given one of ours.
  func mayKeepForeign(_ index: Int) -> Bool {
    let endpoint = owner.endpoints[index]
    return endpoint.hasStaticEID && !isFedFromAbove(networkIndex(of: endpoint))
  }
}
