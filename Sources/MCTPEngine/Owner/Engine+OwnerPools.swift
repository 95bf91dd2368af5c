// EID pools of the bridges below (DSP0236 1.3.3 §9.1.10, §12 command 0x08 as requester).

internal import MCTPWire

extension Engine {
  /// What the answer to Set Endpoint ID says of the device's pool.
  mutating func takePoolStatus(
    _ index: Int, _ response: SetEndpointID.Response, now: Instant
  ) {
    let asked = response.poolSize
    let wantsPool: Bool
    switch response.allocation {
    case .poolRequired, .poolAllocated: wantsPool = asked > 0
    case .noPool, .reserved: wantsPool = false
    }
    owner.endpoints[index].pool.asked = wantsPool ? asked : 0
    guard wantsPool else {
      if owner.endpoints[index].pool.count > 0 { resizePool(index, to: 0, now: now) }
      afterPool(index, now: now)
      return
    }
    if owner.endpoints[index].kind == .simple { note(.simpleWithPool, at: index) }
    owner.endpoints[index].kind = .bridge
    if response.allocation == .poolAllocated {
      owner.endpoints[index].work.job = .poolInformation
      owner.endpoints[index].work.due = now
    } else {
      grantPool(index, asked, now: now)
    }
  }

  /// Takes as much as there is right after the bridge's EID, and tells the bridge.
  private mutating func grantPool(_ index: Int, _ asked: UInt8, now: Instant) {
    let eid = owner.endpoints[index].eid
    let space = networkIndex(of: owner.endpoints[index])
    let grant: EIDGrant
    if owner.endpoints[index].work.isReserved {
      grant = owner.spaces[space].confirm(eid, poolCount: asked)
      owner.endpoints[index].work.isReserved = false
    } else {
      if owner.endpoints[index].pool.count > 0,
        owner.endpoints[index].pool.first.rawValue != eid.rawValue &+ 1
      {
        // What it had lay elsewhere: a pool that is given follows the bridge's own EID.
        _ = owner.spaces[space].resizePool(of: eid, to: 0, now: now)
      }
      grant = owner.spaces[space].resizePool(of: eid, to: asked, now: now)
    }
    owner.endpoints[index].pool = EndpointPool(
      first: grant.poolGranted > 0 ? EID(eid.rawValue + 1) : .null, count: grant.poolGranted,
      asked: asked)
    removeBehind(owner.endpoints[index], keeping: owner.endpoints[index].pool)
    report(
      .poolGranted(
        owner.endpoints[index].number, bridge: eid, asked: asked, given: grant.poolGranted,
        limit: grant.poolLimit))
    guard grant.poolGranted > 0 else {
      afterPool(index, now: now)
      return
    }
    owner.endpoints[index].work.job = .allocate
    owner.endpoints[index].work.due = now
  }

  mutating func startAllocate(_ index: Int, now: Instant) {
    let pool = owner.endpoints[index].pool
    // The route first: the bridge may hand the EIDs out the moment it has them.
    setRoute(of: index, to: owner.endpoints[index].eid, now: now)
    ask(
      AllocateEndpointIDs.Request(
        operation: owner.endpoints[index].work.isPoolForced ? .force : .allocate,
        eidCount: pool.count, firstEID: pool.first),
      .allocate, of: index, now: now)
  }

  mutating func startPoolInformation(_ index: Int, now: Instant) {
    // Count and first EID are ignored; zero is what a receiver that checks them likes best.
    ask(
      AllocateEndpointIDs.Request(operation: .information, eidCount: 0, firstEID: .null),
      .poolInformation, of: index, now: now)
  }

  mutating func allocateAnswered(
    _ index: Int, _ response: AllocateEndpointIDs.Response, now: Instant
  ) {
    let pool = owner.endpoints[index].pool
    let isSame = response.poolSize == pool.count && response.firstEID == pool.first
    if response.status == .accepted, isSame {
      poolStands(index, now: now)
      return
    }
    note(.holdsOtherPool, at: index)
    if adoptPool(index, first: response.firstEID, count: response.poolSize, now: now) {
      poolStands(index, now: now)
    } else if response.status != .accepted, !owner.endpoints[index].work.isPoolForced {
      forcePool(index, now: now)
    } else {
      poolFailed(index, now: now)
    }
  }

  /// The set-up asked what the bridge holds, or a health check did.
  mutating func poolInformationAnswered(
    _ index: Int, _ response: AllocateEndpointIDs.Response, now: Instant
  ) {
    let pool = owner.endpoints[index].pool
    let isSame =
      pool.count > 0 && response.poolSize == pool.count && response.firstEID == pool.first
    if owner.endpoints[index].work.job != .poolInformation {
      if !isSame, pool.count > 0 { poolVanished(index, now: now) }
      return
    }
    if isSame, pool.asked <= pool.count {
      poolStands(index, now: now)
      return
    }
    let asked = pool.asked
    if asked <= response.poolSize,
      adoptPool(index, first: response.firstEID, count: response.poolSize, now: now)
    {
      poolStands(index, now: now)
      return
    }
    // It holds nothing, less than it needs, or what belongs to others: it gets one of ours.
    owner.endpoints[index].work.isPoolForced = true
    if moveForLargerPool(index, asked, now: now) { return }
    grantPool(index, asked, now: now)
  }

  /// The bridge below grew beyond what is free after its EID: it moves where there is room, if
  /// that gives it more. Choice: an EID that the topology fixed stays.
  mutating func moveForLargerPool(_ index: Int, _ asked: UInt8, now: Instant) -> Bool {
    let endpoint = owner.endpoints[index]
    guard endpoint.pool.count < asked, endpoint.fixedEID == nil, !endpoint.hasStaticEID,
      !endpoint.work.isReserved, endpoint.eid != .null
    else { return false }
    let space = networkIndex(of: endpoint)
    var trial = owner.spaces[space]
    let inPlace = trial.resizePool(of: endpoint.eid, to: asked, now: now)
    guard inPlace.poolGranted < min(asked, owner.configuration.poolSizeMax) else { return false }
    do throws(EIDsExhausted) {
      var trial = owner.spaces[space]
      let elsewhere = try trial.reserve(poolCount: asked)
      guard elsewhere.poolGranted > inPlace.poolGranted else { return false }
      dropEID(index, now: now)
      owner.enter(.probing, .answered, at: index, now: now)
      owner.endpoints[index].work.isAssigned = false
      owner.endpoints[index].work.isWalledIn = false
      owner.endpoints[index].work.checkDue = nil
      owner.endpoints[index].work.poolCheckDue = nil
      owner.endpoints[index].work.tableDue = nil
      owner.endpoints[index].work.wishedEID = elsewhere.eid
      owner.endpoints[index].work.job = .setEID
      owner.endpoints[index].work.due = now
      owner.endpoints[index].work.presentEID = .null
      return true
    } catch { return false }
  }

  private mutating func adoptPool(
    _ index: Int, first: EID, count: UInt8, now: Instant
  ) -> Bool {
    guard let range = EIDRange(first: first, count: count) else { return false }
    let eid = owner.endpoints[index].eid
    let space = networkIndex(of: owner.endpoints[index])
    do throws(EIDClash) {
      if owner.endpoints[index].work.isReserved {
        _ = owner.spaces[space].confirm(eid, poolCount: 0)
        owner.endpoints[index].work.isReserved = false
      }
      try owner.spaces[space].adoptPool(
        range, of: eid, allowsForeign: mayKeepForeign(index), now: now)
    } catch { return false }
    let asked = max(owner.endpoints[index].pool.asked, count)
    owner.endpoints[index].pool = EndpointPool(first: first, count: count, asked: asked)
    removeBehind(owner.endpoints[index], keeping: owner.endpoints[index].pool)
    return true
  }

  mutating func forcePool(_ index: Int, now: Instant) {
    owner.endpoints[index].work.isPoolForced = true
    grantPool(index, owner.endpoints[index].pool.asked, now: now)
  }

  /// The bridge has its pool: its routes stand, and after a while what is behind it is read.
  private mutating func poolStands(_ index: Int, now: Instant) {
    owner.endpoints[index].work.isPoolForced = false
    owner.endpoints[index].work.poolBefore = EndpointPool()
    setRoute(of: index, to: owner.endpoints[index].eid, now: now)
    owner.endpoints[index].work.tableDue = now.advanced(byMs: owner.configuration.settleMs)
    owner.endpoints[index].work.tableHandle = GetRoutingTableEntries.firstHandle
    if owner.endpoints[index].state == .up {
      // Not in a set-up: only the pool was given anew.
      owner.endpoints[index].work.job = nil
      keepLease(index)
      return
    }
    afterPool(index, now: now)
  }

  /// The bridge refuses the pool. What it had before it still has: those EIDs are in use. Without
  /// one it stays reachable, and nothing behind it is.
  mutating func poolFailed(_ index: Int, now: Instant) {
    note(.refusesPool, at: index)
    let before = owner.endpoints[index].work.poolBefore
    if before.count > 0, adoptPool(index, first: before.first, count: before.count, now: now) {
      owner.endpoints[index].pool = before
      poolStands(index, now: now)
      return
    }
    resizePool(index, to: 0, now: now)
    if owner.endpoints[index].state == .up {
      owner.endpoints[index].work.job = nil
    } else {
      afterPool(index, now: now)
    }
  }

  private mutating func resizePool(_ index: Int, to count: UInt8, now: Instant) {
    let eid = owner.endpoints[index].eid
    let space = networkIndex(of: owner.endpoints[index])
    if !owner.endpoints[index].work.isReserved {
      _ = owner.spaces[space].resizePool(of: eid, to: count, now: now)
    }
    owner.endpoints[index].pool.count = count
    if count == 0 { owner.endpoints[index].pool.first = .null }
    removeBehind(owner.endpoints[index], keeping: owner.endpoints[index].pool)
    setRoute(of: index, to: eid, now: now)
  }

  /// A bridge that is up holds another pool than the one it was given, or none: it restarted.
  private mutating func poolVanished(_ index: Int, now: Instant) {
    report(
      .poolLost(owner.endpoints[index].number, bridge: owner.endpoints[index].eid))
    loseSubtree(of: index, .eidChanged, now: now)
    owner.endpoints[index].work.isReturning = true
    owner.endpoints[index].work.job = .allocate
    owner.endpoints[index].work.due = now
    owner.endpoints[index].work.acknowledged = []
    routesChange(owner.endpoints[index].network, now: now)
  }

  /// A bridge that is up is to have a pool of another size: a command.
  mutating func allocateAgain(_ index: Int, _ count: UInt8, now: Instant) {
    owner.endpoints[index].work.overtake()
    owner.endpoints[index].work.isPoolForced = owner.endpoints[index].pool.count > 0
    owner.endpoints[index].work.poolBefore = owner.endpoints[index].pool
    grantPool(index, count, now: now)
  }
}
