// Setting up one endpoint: DSP0236 1.3.3 §9 and §12, in this order: identity,
// EID (the route before Set Endpoint ID), pool, questions; the announcement last.

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
  mutating func finishAssignment(_ index: Int, eid: EID, now: Instant) {
    let former = owner.endpoints[index].eid
    // Whoever has its EID is not absent: nobody may take it from there.
    if !owner.endpoints[index].isAnswering { owner.enter(.probing, .answered, at: index, now: now) }
    owner.endpoints[index].eid = eid
    owner.endpoints[index].work.isAssigned = true
    owner.endpoints[index].work.wishedEID = nil
    setRoute(of: index, to: eid, now: now)
    if former != .null, former != eid {
      // A static route gave it another while it was asked: that one is nobody's, once the route is
      // gone.
      let space = networkIndex(of: owner.endpoints[index])
      giveBack(former, space, now: now)
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
