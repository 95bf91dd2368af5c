// The bus owner's verbs: what the shell calls beside the packets.
//
// `advance(to:)` at `nextDeadline`; after it, after every command and after every `receive`:
// `takeReadyPorts` says which egress queues the owner put something into, `nextEvent` what it did.

public import MCTPWire

extension Engine {
  /// True when this engine was configured as a bus owner.
  public var isBusOwner: Bool { owner.isActive }

  /// When the owner next has something to do; nil for never. Kept, not computed: it may be asked
  /// every turn.
  public var nextDeadline: Instant? { owner.deadline }

  /// Does what is due: probes, set-up steps, time-outs, health checks, routing updates.
  public mutating func advance(to now: Instant) { runOwner(now) }

  /// The ports into whose queues the owner put packets since the last call: bit 0 is port 0.
  public mutating func takeReadyPorts() -> UInt32 {
    defer { owner.readyPorts = 0 }
    return owner.readyPorts
  }

  /// The bus reports a device (I3C: it has a dynamic address and the MCTP class).
  ///
  /// Does nothing on a port whose policy takes no reported devices.
  public mutating func deviceAppeared(
    on port: PortID, at address: PhysicalAddress, now: Instant
  ) {
    guard owner.isActive, let policy = discoveryPolicy(of: port), policy.takesReportedDevices
    else { return }
    probeNow(port, address, origin: .reported, now: now)
    runOwner(now)
  }

  /// The bus reports that a device left: it goes down at once, a bridge with all behind it.
  public mutating func deviceDisappeared(
    on port: PortID, at address: PhysicalAddress, now: Instant
  ) {
    guard owner.isActive, let index = owner.index(on: port, at: address) else { return }
    goDown(index, .disappeared, now: now)
    // It is asked again when the bus reports it, not before.
    owner.endpoints[index].work.job = nil
    runOwner(now)
  }

  // MARK: The life of the owner

  func discoveryPolicy(of port: PortID) -> DiscoveryPolicy? {
    let configuration = ports[Int(port.rawValue)].configuration
    return configuration.role == .owner ? configuration.discovery : nil
  }

  /// Records for everything that the configuration names, and the EIDs of each network.
  mutating func prepareOwner() {
    guard owner.isActive else { return }
    for networkIndex in 0..<networks.count {
      owner.spaces.append(EIDSpace(eidSpaceConfiguration(networkIndex)))
      owner.upstream.append(UpstreamState())
      owner.unheld.append(EIDSet())
    }
    for networkIndex in 0..<networks.count { takeOwnEIDs(networkIndex, now: .zero) }
    for index in 0..<ports.count {
      let port = PortID(rawValue: UInt8(index))
      guard let policy = discoveryPolicy(of: port) else { continue }
      let network = ports[index].configuration.network
      for device in policy.listed {
        guard
          let record = owner.add(
            network: network, port: port, address: device.address, origin: .listed, now: .zero)
        else { break }
        owner.endpoints[record].fixedEID = device.fixedEID
      }
      for address in policy.scanned where owner.index(on: port, at: address) == nil {
        _ = owner.add(network: network, port: port, address: address, origin: .scanned, now: .zero)
      }
      if policy.probesPointToPoint, owner.index(on: port, at: .none) == nil {
        _ = owner.add(
          network: network, port: port, address: .none, origin: .pointToPoint, now: .zero)
      }
    }
    for index in owner.endpoints.indices { owner.endpoints[index].work.job = nil }
  }

  private func eidSpaceConfiguration(_ networkIndex: Int) -> EIDSpaceConfiguration {
    let network = networks[networkIndex]
    var space = EIDSpaceConfiguration(
      ranges: [], poolCountMax: owner.configuration.poolSizeMax,
      bridgeRunCount: owner.configuration.bridgeRunCount)
    for ranges in owner.configuration.ranges where ranges.network == network {
      space.ranges += ranges.ranges
    }
    for port in configuration.ports where port.network == network {
      if let eid = configuration.fixedEID(of: port), !space.own.contains(eid) {
        space.own.append(eid)
      }
      guard port.role == .owner, let policy = port.discovery else { continue }
      for device in policy.listed {
        guard let eid = device.fixedEID else { continue }
        space.fixed.append(FixedEIDs(eid: eid, poolCount: device.poolSizeExpected))
      }
    }
    for fixed in owner.configuration.fixedEIDs where fixed.network == network {
      space.fixed.append(FixedEIDs(eid: fixed.eid))
    }
    return space
  }

  /// Carries out what is due and what has been answered, until nothing is left to do now.
  mutating func runOwner(_ now: Instant) {
    guard owner.isActive else { return }
    purgeRemoved()
    for index in owner.spaces.indices { owner.spaces[index].advance(to: now) }
    holdWhatIsLeft()
    owner.requester.advance(to: now)
    var turns = 0
    var hasStarted = false
    repeat {
      turns += 1
      finishCalls(now)
      notifyUpward(now)
      hasStarted = startDueJobs(now)
      sendRequests(now)
      // Each turn ends a request or starts one, and both are bounded; the bound is for defects.
    } while (hasStarted || !owner.requester.outcomes.isEmpty) && turns < 1000
    purgeRemoved()
    owner.deadline = ownerDeadline()
  }

  private mutating func purgeRemoved() {
    guard owner.hasRemoved else { return }
    owner.endpoints.removeAll { $0.work.isRemoved }
    owner.hasRemoved = false
  }

  func ownerDeadline() -> Instant? {
    var earliest = owner.requester.nextDeadline
    func offer(_ due: Instant?) {
      guard let due else { return }
      if let present = earliest, present <= due { return }
      earliest = due
    }
    var isBlocked: UInt32 = 0
    for index in 0..<ports.count {
      let port = PortID(rawValue: UInt8(index))
      guard ports[index].isUp, let policy = discoveryPolicy(of: port),
        owner.activeCallCount(on: port) < policy.parallelismMax
      else {
        // What waits there goes on when a request ends or the port comes up.
        isBlocked |= 1 << UInt32(index)
        continue
      }
    }
    for endpoint in owner.endpoints where isBlocked & (1 << UInt32(endpoint.port.rawValue)) == 0 {
      if endpoint.work.job == .setEID, !mayAssignNow(endpoint) { continue }
      offer(endpoint.work.nextDue)
    }
    for space in owner.spaces { offer(space.nextDeadline) }
    for network in owner.upstream.indices { offer(notifyDeadline(network)) }
    return earliest
  }

  // MARK: Choosing what to do next

  /// True when something was started: that may make something due on a port that came before.
  private mutating func startDueJobs(_ now: Instant) -> Bool {
    var hasStarted = false
    for index in 0..<ports.count {
      let port = PortID(rawValue: UInt8(index))
      guard ports[index].isUp, let policy = discoveryPolicy(of: port) else { continue }
      var steps = 0
      // A step that needs no request leaves the number of requests as it is: bounded too.
      while owner.activeCallCount(on: port) < policy.parallelismMax, steps < 1000 {
        steps += 1
        guard let (record, job) = mostUrgent(on: port, now: now) else { break }
        start(job, at: record, now: now)
        hasStarted = true
      }
      // That many are a defect: once is enough.
      if steps == 1000 { return false }
    }
    return hasStarted
  }

  private func mostUrgent(on port: PortID, now: Instant) -> (record: Int, job: OwnerJob)? {
    let asksFirst = asksIdentity(port)
    var best: (record: Int, job: OwnerJob, rank: UInt8, due: Instant)?
    for record in owner.endpoints.indices where owner.endpoints[record].port == port {
      let endpoint = owner.endpoints[record]
      guard let (job, due) = endpoint.work.nextJob(now: now) else { continue }
      if job == .setEID, !mayAssignNow(endpoint) { continue }
      // Who keeps its EID comes before those who get one: nobody else shall get it meanwhile.
      let isKept = job == .setEID && endpoint.work.presentEID.isAssignable
      // Where identity is not asked, the first question is Set Endpoint ID.
      let urgency =
        job == .probe && endpoint.isDirect && !asksFirst ? OwnerJob.setEID.rawValue : job.rawValue
      let rank = 2 * urgency + (isKept ? 0 : 1)
      if let best, rank > best.rank || (rank == best.rank && due >= best.due) { continue }
      best = (record, job, rank, due)
    }
    return best.map { ($0.record, $0.job) }
  }

  /// Choice: no EID is given out in a network while an expected device there has not been asked
  /// for the first time: one that still has its EID from before a restart shall keep it.
  private func mayAssignNow(_ endpoint: KnownEndpoint) -> Bool {
    guard sourceEID(on: endpoint.port) != .null else { return false }
    for other in owner.endpoints
    where other.network == endpoint.network && other.via == nil && other.work.job == .probe
      && other.work.failures == 0 && other.origin != .scanned
      && ports[Int(other.port.rawValue)].isUp
      && asksIdentity(other.port)
    { return false }
    return true
  }

  func asksIdentity(_ port: PortID) -> Bool {
    discoveryPolicy(of: port)?.questions.contains(.identity) ?? false
  }

  private mutating func start(_ job: OwnerJob, at index: Int, now: Instant) {
    owner.endpoints[index].work.runningJob = job
    switch job {
    case .probe: startProbe(index, now: now)
    case .setEID: startSetEID(index, now: now)
    case .allocate: startAllocate(index, now: now)
    case .poolInformation: startPoolInformation(index, now: now)
    case .routingUpdate: startRoutingUpdate(index, now: now)
    case .uuid: ask(GetEndpointUUID.Request(), job, of: index, now: now)
    case .messageTypes: ask(GetMessageTypeSupport.Request(), job, of: index, now: now)
    case .vendorSets:
      let selector = owner.endpoints[index].work.vendorSelector
      ask(GetVendorDefinedMessageSupport.Request(selector: selector), job, of: index, now: now)
    case .versions:
      ask(GetVersionSupport.Request(subject: .baseSpecification), job, of: index, now: now)
    case .routingTable:
      let handle = owner.endpoints[index].work.tableHandle
      ask(GetRoutingTableEntries.Request(handle: handle), job, of: index, now: now)
    case .check: ask(GetEndpointID.Request(), job, of: index, now: now)
    }
  }

  // MARK: Search

  private mutating func startProbe(_ index: Int, now: Instant) {
    let endpoint = owner.endpoints[index]
    if endpoint.isDirect, !asksIdentity(endpoint.port) {
      // Set Endpoint ID itself is the first question then.
      beginSetUp(index, identity: nil, now: now)
      return
    }
    ask(GetEndpointID.Request(), .probe, of: index, now: now)
  }

  /// Asks an address now, whoever was known there; makes its record if there is none.
  mutating func probeNow(
    _ port: PortID, _ address: PhysicalAddress, origin: EndpointOrigin, now: Instant
  ) {
    let index: Int
    if let known = owner.index(on: port, at: address) {
      index = known
    } else {
      let network = ports[Int(port.rawValue)].configuration.network
      guard
        let added = owner.add(
          network: network, port: port, address: address, origin: origin, now: now)
      else { return }
      index = added
    }
    switch owner.endpoints[index].state {
    case .unknown, .down, .quarantined:
      owner.endpoints[index].work.job = .probe
      owner.endpoints[index].work.due = now
      owner.endpoints[index].work.failures = 0
    case .up, .suspect: owner.endpoints[index].work.checkDue = now
    case .probing: break
    }
  }
}
