// The life of an endpoint after, and before, its set-up: probes, health checks, loss, return.
// Loss is blamed on the first hop that fails; a bridge takes what is behind it along, at once.

internal import MCTPWire

extension Engine {
  /// Unanswered attempts after which an endpoint is down. Each is a request with all its
  /// repetitions. Choice: the three tries that DSP0236 1.3.3 §9 recommends before an EID is
  /// reclaimed.
  private static var attemptCountMax: Int { 3 }

  // MARK: Probes

  mutating func probeAnswered(_ index: Int, _ response: GetEndpointID.Response, now: Instant) {
    guard owner.endpoints[index].isDirect else {
      owner.endpoints[index].kind =
        response.endpointType == .busOwnerOrBridge ? .bridge : .simple
      owner.endpoints[index].work.failures = 0
      owner.endpoints[index].work.hasAskedUUID = false
      owner.enter(.probing, .answered, at: index, now: now)
      askNext(index, after: .allocate, now: now)
      return
    }
    beginSetUp(index, identity: response, now: now)
  }

  mutating func probeFailed(_ index: Int, now: Instant) {
    owner.endpoints[index].work.failures += 1
    let endpoint = owner.endpoints[index]
    switch (endpoint.state, endpoint.reason) {
    case (.probing, .bridgeReturned):
      retry(index, .probe, now: now)
      owner.enter(.down, .noAnswer, at: index, now: now)
      returned(index, answers: false, now: now)
    case (.probing, _), (.unknown, .lease): goDown(index, .noAnswer, now: now)
    case (.down, .portDown):
      removeRoutes(of: index)
      owner.enter(.down, .noAnswer, at: index, now: now)
      retry(index, .probe, now: now)
    case (.unknown, .notAskedYet):
      owner.enter(.unknown, .noAnswer, at: index, now: now)
      retry(index, .probe, now: now)
    default: retry(index, .probe, now: now)
    }
  }

  /// The job once more, after the port's probe interval.
  mutating func retry(_ index: Int, _ job: OwnerJob, now: Instant) {
    let interval = discoveryPolicy(of: owner.endpoints[index].port)?.probeIntervalMs ?? 5000
    owner.endpoints[index].work.job = job
    owner.endpoints[index].work.due = now.advanced(byMs: owner.jittered(interval))
    if owner.endpoints[index].work.failures == 0 { owner.endpoints[index].work.failures = 1 }
  }

  // MARK: Health checks

  mutating func scheduleCheck(_ index: Int, now: Instant) {
    let policy = discoveryPolicy(of: owner.endpoints[index].port)
    guard let interval = policy?.healthCheckIntervalMs, interval > 0 else { return }
    owner.endpoints[index].work.checkDue = now.advanced(byMs: owner.jittered(interval))
  }

  mutating func checkAnswered(_ index: Int, _ response: GetEndpointID.Response, now: Instant) {
    let endpoint = owner.endpoints[index]
    guard endpoint.state == .up || endpoint.state == .suspect else { return }
    owner.endpoints[index].work.failures = 0
    if endpoint.isDirect, response.eid != endpoint.eid {
      owner.enter(.suspect, .eidChanged, at: index, now: now)
      report(.endpointSuspect(endpoint.number, eid: endpoint.eid, reason: .eidChanged))
      if endpoint.kind == .bridge {
        loseSubtree(of: index, .eidChanged, now: now)
        owner.endpoints[index].work.isReturning = true
      }
      beginSetUp(index, identity: response, now: now)
      return
    }
    scheduleCheck(index, now: now)
    if endpoint.kind == .bridge, endpoint.pool.count > 0 {
      if endpoint.isDirect { owner.endpoints[index].work.poolCheckDue = now }
      // A table that is not told, or does not end, is not asked for again and again.
      if endpoint.work.tableDue == nil,
        endpoint.quirks.isDisjoint(with: [.refusesRoutingTable, .routingTableEndless])
      {
        owner.endpoints[index].work.tableDue = now
      }
    }
    if endpoint.state == .suspect {
      owner.enter(.up, .answered, at: index, now: now)
      announce(index, now: now)
    }
  }

  mutating func checkFailed(_ index: Int, _ failure: ControlFailure, now: Instant) {
    let endpoint = owner.endpoints[index]
    guard endpoint.state == .up || endpoint.state == .suspect else { return }
    // Who refuses a question is there.
    if failure.isRefusal {
      owner.endpoints[index].work.failures = 0
      scheduleCheck(index, now: now)
      return
    }
    if endpoint.state == .up {
      owner.enter(.suspect, .noAnswer, at: index, now: now)
      report(.endpointSuspect(endpoint.number, eid: endpoint.eid, reason: .noAnswer))
    }
    owner.endpoints[index].work.checkDue = now.advanced(
      byMs: owner.configuration.recoveryIntervalMs)
    // Before an endpoint behind a bridge is blamed, the bridge has to have answered since.
    if let via = endpoint.via, let bridge = owner.index(of: via, network: endpoint.network),
      owner.endpoints[bridge].lastContact ?? .zero < owner.endpoints[index].since
    {
      owner.enter(.suspect, .bridgeSuspected, at: index, now: now)
      let state = owner.endpoints[bridge].state
      if state == .up || state == .suspect {
        owner.endpoints[bridge].work.checkDue = min(
          owner.endpoints[bridge].work.checkDue ?? now, now)
        return
      }
      if state == .probing { return }
    }
    owner.endpoints[index].work.failures += 1
    if owner.endpoints[index].work.failures >= Engine.attemptCountMax {
      goDown(index, .noAnswer, now: now)
    }
  }

  // MARK: Loss

  /// The endpoint is gone, and with a bridge what is behind it. Its EID stays its own until it is
  /// forgotten or nothing else is free.
  mutating func goDown(_ index: Int, _ reason: EndpointReason, now: Instant) {
    let endpoint = owner.endpoints[index]
    guard endpoint.state != .down else { return }
    releaseReservation(index, mayBeInUse: true, now: now)
    if endpoint.isDirect { removeRoutes(of: index) }
    let hadEID = endpoint.eid != .null && endpoint.state != .quarantined
    silence(index)
    owner.enter(.down, reason, at: index, now: now)
    retry(index, .probe, now: now)
    let members = endpoint.kind == .bridge && hadEID ? behind(endpoint) : EIDSet()
    if endpoint.pool.count > 0 || !members.isEmpty {
      loseSubtree(of: index, reason, now: now)
      owner.endpoints[index].work.isReturning = true
    } else if hadEID {
      report(
        .endpointDown(endpoint.number, eid: endpoint.eid, blamed: endpoint.eid, reason: reason))
    }
    returned(index, answers: false, now: now)
  }

  /// Nothing more is asked of the record until somebody says so.
  private mutating func silence(_ index: Int) {
    owner.endpoints[index].work.overtake()
    owner.endpoints[index].work.job = nil
    owner.endpoints[index].work.checkDue = nil
    owner.endpoints[index].work.poolCheckDue = nil
    owner.endpoints[index].work.updateDue = nil
    owner.endpoints[index].work.tableDue = nil
    owner.endpoints[index].work.acknowledged = []
    owner.endpoints[index].work.isAssigned = false
    owner.endpoints[index].work.failures = 0
  }

  /// The EIDs behind a bridge that are up, suspect or being asked.
  func behind(_ bridge: KnownEndpoint) -> EIDSet {
    var members = EIDSet()
    for index in owner.endpoints.indices
    where owner.endpoints[index].network == bridge.network && owner.endpoints[index].via != nil
      && owner.endpoints[index].isAnswering && owner.isBehind(index, bridge.eid)
    { members.insert(owner.endpoints[index].eid) }
    return members
  }

  /// Takes down everything behind a bridge: one event with the list.
  mutating func loseSubtree(of index: Int, _ reason: EndpointReason, now: Instant) {
    let bridge = owner.endpoints[index]
    let members = behind(bridge)
    for member in owner.endpoints.indices
    where owner.endpoints[member].network == bridge.network && owner.endpoints[member].via != nil
      && owner.isBehind(member, bridge.eid)
    {
      // Who has not answered yet is not asked either: it could only come up where no route leads.
      silence(member)
      guard owner.endpoints[member].isAnswering else { continue }
      owner.enter(.down, .bridgeLost, at: member, now: now)
    }
    owner.endpoints[index].work.awaited = EIDSet()
    owner.endpoints[index].work.returned = EIDSet()
    report(
      .subtreeLost(
        network: bridge.network, port: bridge.port, bridge: bridge.eid, members: members,
        reason: reason))
  }

  // MARK: Return

  /// Tells that an endpoint is up: alone, or with the subtree that it belongs to.
  mutating func announce(_ index: Int, now: Instant) {
    if owner.endpoints[index].work.isReturning {
      beginReturn(index, now: now)
      if owner.endpoints[index].work.isReturning { return }
    }
    if returned(index, answers: true, now: now) { return }
    let endpoint = owner.endpoints[index]
    report(
      .endpointUp(
        endpoint.number, eid: endpoint.eid, network: endpoint.network, port: endpoint.port,
        address: endpoint.address, via: endpoint.via))
  }

  /// A lost bridge is back: everything behind it is asked before it is announced with it.
  private mutating func beginReturn(_ index: Int, now: Instant) {
    let bridge = owner.endpoints[index]
    var awaited = EIDSet()
    for member in owner.endpoints.indices
    where owner.endpoints[member].network == bridge.network && owner.endpoints[member].via != nil
      && !owner.endpoints[member].isAnswering && owner.isBehind(member, bridge.eid)
    {
      owner.endpoints[member].address = bridge.address
      owner.endpoints[member].work.job = .probe
      // A bridge that got its pool anew needs its time first.
      owner.endpoints[member].work.due = bridge.work.tableDue ?? now
      guard owner.endpoints[member].reason == .bridgeLost else { continue }
      awaited.insert(owner.endpoints[member].eid)
      owner.enter(.probing, .bridgeReturned, at: member, now: now)
    }
    owner.endpoints[index].work.awaited = awaited
    owner.endpoints[index].work.returned = EIDSet()
    if awaited.isEmpty { owner.endpoints[index].work.isReturning = false }
  }

  /// One of those that a returning bridge waits for has answered, or has not. False when nobody
  /// waits for it.
  @discardableResult
  private mutating func returned(_ index: Int, answers: Bool, now: Instant) -> Bool {
    let (eid, network) = (owner.endpoints[index].eid, owner.endpoints[index].network)
    for root in owner.endpoints.indices
    where owner.endpoints[root].network == network && owner.endpoints[root].work.isReturning
      && owner.endpoints[root].work.awaited.contains(eid)
    {
      owner.endpoints[root].work.awaited.remove(eid)
      if answers { owner.endpoints[root].work.returned.insert(eid) }
      if owner.endpoints[root].work.awaited.isEmpty {
        owner.endpoints[root].work.isReturning = false
        let bridge = owner.endpoints[root]
        report(
          .subtreeReturned(
            network: network, port: bridge.port, bridge: bridge.eid,
            members: bridge.work.returned))
      }
      return true
    }
    return false
  }

  // MARK: Ports

  /// A port went down: everything on it at once, as one event. Routes stay: a packet to a device
  /// there is dropped because the port is down, which says more than "unroutable".
  mutating func ownerPortChanged(_ port: PortID, isUp: Bool, now: Instant) {
    guard owner.isActive else { return }
    if isUp {
      for index in owner.endpoints.indices
      where owner.endpoints[index].port == port && owner.endpoints[index].isDirect {
        owner.endpoints[index].work.job = .probe
        owner.endpoints[index].work.due = now
        owner.endpoints[index].work.failures = 0
      }
    } else {
      owner.requester.portDown(port, now: now)
      finishCalls(now)
      var members = EIDSet()
      for index in owner.endpoints.indices where owner.endpoints[index].port == port {
        let endpoint = owner.endpoints[index]
        if endpoint.isAnswering, endpoint.eid != .null { members.insert(endpoint.eid) }
        if endpoint.kind == .bridge, endpoint.isDirect, endpoint.pool.count > 0 {
          owner.endpoints[index].work.isReturning = true
        }
      }
      for index in owner.endpoints.indices where owner.endpoints[index].port == port {
        let endpoint = owner.endpoints[index]
        releaseReservation(index, mayBeInUse: true, now: now)
        // The route to an EID that was being given goes with it: it may soon be another's.
        if endpoint.eid == .null { removeRoutes(of: index) }
        silence(index)
        guard endpoint.isAnswering else { continue }
        owner.enter(.down, endpoint.isDirect ? .portDown : .bridgeLost, at: index, now: now)
      }
      if !members.isEmpty {
        let network = ports[Int(port.rawValue)].configuration.network
        report(
          .subtreeLost(
            network: network, port: port, bridge: nil, members: members, reason: .portDown))
      }
    }
    runOwner(now)
  }

  mutating func quarantine(_ index: Int, _ reason: EndpointReason, now: Instant) {
    let endpoint = owner.endpoints[index]
    if endpoint.state != .quarantined || endpoint.reason != reason {
      let eid = endpoint.eid != .null ? endpoint.eid : endpoint.work.presentEID
      report(.endpointQuarantined(endpoint.number, eid: eid, reason: reason))
    }
    owner.endpoints[index].work.checkDue = nil
    owner.endpoints[index].work.isAssigned = false
    owner.enter(.quarantined, reason, at: index, now: now)
    retry(index, .probe, now: now)
  }
}
