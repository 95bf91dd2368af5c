// Setting up one endpoint: DSP0236 1.3.3 §9 and §12, in the order of the reference, section 5.6:
// identity, EID (the route before Set Endpoint ID), pool, questions; the announcement last.

internal import MCTPWire

extension Engine {
  // MARK: Identity

  /// Somebody answers at the record's address, or, where identity is not asked, may be there.
  mutating func beginSetUp(
    _ index: Int, identity: GetEndpointID.Response?, now: Instant
  ) {
    var work = owner.endpoints[index].work
    work.isAssigned = false
    work.isForced = false
    work.isPoolForced = false
    work.presentEID = identity?.eid ?? .null
    work.failures = identity == nil ? work.failures : 0
    work.checkDue = nil
    work.poolCheckDue = nil
    work.updateDue = nil
    work.acknowledged = []
    work.tableDue = nil
    work.due = now
    // Before an EID is chosen the UUID matters only where something goes by it.
    work.hasAskedUUID = false
    let network = owner.endpoints[index].network
    let policy = discoveryPolicy(of: owner.endpoints[index].port)
    work.job =
      identity != nil && policy?.questions.contains(.uuid) ?? false && goesByUUID(network)
      ? .uuid : .setEID
    owner.endpoints[index].work = work
    if let identity {
      owner.endpoints[index].kind =
        identity.endpointType == .busOwnerOrBridge ? .bridge : .simple
      owner.endpoints[index].hasStaticEID =
        identity.eidType == .staticPresent || identity.eidType == .staticDiffers
        || identity.eidType == .staticSupported
      owner.enter(.probing, .answered, at: index, now: now)
    }
  }

  private func goesByUUID(_ network: UInt8) -> Bool {
    for fixed in owner.configuration.fixedEIDs where fixed.network == network { return true }
    for lease in owner.leases where lease.network == network && lease.uuid != nil { return true }
    return false
  }

  // MARK: Choosing the EID

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
    if work.isReserved, owner.endpoints[index].eid == .null {
      // The search began anew before the answer: the device may have that EID, and is offered it
      // again unless somebody wants another.
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

  // MARK: The answer to Set Endpoint ID

  mutating func setEIDAnswered(
    _ index: Int, _ response: SetEndpointID.Response, now: Instant
  ) {
    let pending = owner.endpoints[index].work.pendingEID
    owner.endpoints[index].work.failures = 0
    if owner.endpoints[index].state == .unknown || owner.endpoints[index].state == .down {
      owner.enter(.probing, .answered, at: index, now: now)
    }
    let got = response.eid
    if response.assignment != .accepted || got != pending {
      releaseReservation(index, mayBeInUse: false, now: now)
      removeRoutes(of: index)
      let quirk: EndpointQuirks =
        response.assignment == .accepted ? .answersOtherEID : .refusesSet
      note(quirk, at: index)
      if owner.endpoints[index].eid != .null, owner.endpoints[index].eid != got {
        dropEID(index, now: now)
      }
      // It is where it is: an EID that clashes with nobody is used as it is, as if it were static.
      owner.endpoints[index].hasStaticEID = true
      if got.isAssignable,
        owner.endpoints[index].eid == got
          || adopt(got, at: index, claim: .newcomer, now: now)
      {
        finishAssignment(index, eid: got, now: now)
      } else {
        reportClaim(of: got, by: index, now: now)
        quarantine(index, got.isAssignable ? .eidClash : .eidRefused, now: now)
        return
      }
    } else {
      finishAssignment(index, eid: pending, now: now)
    }
    takePoolStatus(index, response, now: now)
  }

  /// The device refused the command, or never answered it.
  mutating func setEIDFailed(_ index: Int, _ result: ControlFailure, now: Instant) {
    let (present, state) = (owner.endpoints[index].work.presentEID, owner.endpoints[index].state)
    if !result.isRefusal, state == .up || state == .suspect {
      // Its EID was to stay the same: as good as a missed health check, and those decide.
      fellSilent(index, now: now)
      return
    }
    // Whatever was sent may have arrived: only the answer may be lost.
    releaseReservation(index, mayBeInUse: !result.isRefusal, now: now)
    removeRoutes(of: index)
    guard result.isRefusal else {
      probeFailed(index, now: now)
      return
    }
    note(.refusesSet, at: index)
    owner.endpoints[index].hasStaticEID = true
    if present.isAssignable,
      owner.endpoints[index].eid == present
        || adopt(present, at: index, claim: .newcomer, now: now)
    {
      finishAssignment(index, eid: present, now: now)
      afterPool(index, now: now)
    } else {
      if owner.endpoints[index].eid != .null { dropEID(index, now: now) }
      quarantine(index, present.isAssignable ? .eidClash : .eidRefused, now: now)
    }
  }

  /// The record has its EID from here on, on the bus and in the books.
  private mutating func finishAssignment(_ index: Int, eid: EID, now: Instant) {
    let former = owner.endpoints[index].eid
    owner.endpoints[index].eid = eid
    owner.endpoints[index].work.isAssigned = true
    owner.endpoints[index].work.wishedEID = nil
    setRoute(of: index, to: eid, now: now)
    if former != .null, former != eid {
      // A static route gave it another while it was asked: that one is nobody's, once the route is
      // gone.
      let space = networkIndex(of: owner.endpoints[index])
      if !isRoutedByWill(former, space) { owner.spaces[space].reclaim(former, now: now) }
      report(.eidChanged(owner.endpoints[index].number, from: former, to: eid))
    }
    if eid != owner.endpoints[index].work.presentEID { resolveConflicts(at: index) }
  }

  // MARK: Questions

  /// The EID and the pool stand: what is left is to be asked, one question after the other.
  mutating func afterPool(_ index: Int, now: Instant) {
    if owner.endpoints[index].work.isReserved {
      let space = networkIndex(of: owner.endpoints[index])
      _ = owner.spaces[space].confirm(owner.endpoints[index].eid, poolCount: 0)
      owner.endpoints[index].work.isReserved = false
    }
    askNext(index, after: .allocate, now: now)
  }

  mutating func askNext(_ index: Int, after job: OwnerJob, now: Instant) {
    let questions = discoveryPolicy(of: owner.endpoints[index].port)?.questions ?? []
    let types = owner.endpoints[index].messageTypes
    var next = job.rawValue + 1
    owner.endpoints[index].work.due = now
    while let candidate = OwnerJob(rawValue: next), candidate.rawValue <= OwnerJob.versions.rawValue
    {
      next += 1
      switch candidate {
      case .uuid where questions.contains(.uuid) && !owner.endpoints[index].work.hasAskedUUID,
        .messageTypes where questions.contains(.messageTypes),
        .vendorSets
      where questions.contains(.vendorSets)
        && (types.contains(.vendorPCI) || types.contains(.vendorIANA)),
        .versions where questions.contains(.versions):
        owner.endpoints[index].work.job = candidate
        owner.endpoints[index].work.vendorSelector = 0
        if candidate == .vendorSets { owner.endpoints[index].vendorSets = [] }
        return
      default: continue
      }
    }
    finishSetUp(index, now: now)
  }

  mutating func uuidAnswered(_ index: Int, _ uuid: EndpointUUID?, now: Instant) {
    owner.endpoints[index].work.hasAskedUUID = true
    if uuid == .nil { note(.nilUUID, at: index) }
    let known = uuid == .nil ? nil : uuid
    if let former = owner.endpoints[index].uuid, let known, former != known {
      // Another device in the same place: nothing that was known of the former holds.
      replaceDevice(index, now: now)
    }
    if let known { owner.endpoints[index].uuid = known }
    if owner.endpoints[index].work.isAssigned || !owner.endpoints[index].isDirect {
      if owner.endpoints[index].isDirect, isUUIDTaken(index, now: now) { return }
      setRoute(of: index, to: owner.endpoints[index].eid, now: now)
      askNext(index, after: .uuid, now: now)
    } else {
      owner.endpoints[index].work.job = .setEID
      owner.endpoints[index].work.due = now
    }
  }

  mutating func vendorSetAnswered(
    _ index: Int, _ response: GetVendorDefinedMessageSupport.Response, now: Instant
  ) {
    let selector = owner.endpoints[index].work.vendorSelector
    owner.endpoints[index].vendorSets.append(
      VendorMessageSet(vendor: response.vendorID, version: response.commandSet))
    let next = response.nextSelector
    guard next != GetVendorDefinedMessageSupport.noMoreSets else {
      askNext(index, after: .vendorSets, now: now)
      return
    }
    // Anything but the next selector could go round for ever.
    guard selector < .max, next == selector + 1 else {
      note(.vendorSelectorJumps, at: index)
      askNext(index, after: .vendorSets, now: now)
      return
    }
    owner.endpoints[index].work.vendorSelector = next
    owner.endpoints[index].work.due = now
  }

  mutating func versionsAnswered(
    _ index: Int, _ response: GetVersionSupport.Response, now: Instant
  ) {
    var versions: [VersionNumber] = []
    for position in 0..<response.versions.count {
      let version = response.versions[position]
      if version.looksByteSwapped { note(.versionBytesSwapped, at: index) }
      versions.append(version.looksByteSwapped ? version.byteSwapped : version)
    }
    owner.endpoints[index].versions = versions
    askNext(index, after: .versions, now: now)
  }

  // MARK: The end

  private mutating func finishSetUp(_ index: Int, now: Instant) {
    // Its EID was taken back while it was asked about itself: the search begins anew.
    guard owner.endpoints[index].eid != .null else { return retry(index, .probe, now: now) }
    owner.endpoints[index].work.job = nil
    owner.endpoints[index].work.failures = 0
    owner.endpoints[index].lastContact = now
    owner.enter(.up, .answered, at: index, now: now)
    scheduleCheck(index, now: now)
    if owner.endpoints[index].isDirect { keepLease(index) }
    if owner.endpoints[index].kind == .bridge, owner.endpoints[index].isDirect {
      routesChange(owner.endpoints[index].network, now: now)
    }
    announce(index, now: now)
  }
}
