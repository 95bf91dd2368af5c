// What the owner writes down: routes, leases, EIDs taken and given back, claims that clash.

internal import MCTPWire

extension Engine {
  func networkIndex(of endpoint: KnownEndpoint) -> Int {
    ports[Int(endpoint.port.rawValue)].networkIndex
  }

  mutating func report(_ event: OwnerEvent) { events.append(.owner(event)) }

  mutating func note(_ quirk: EndpointQuirks, at index: Int) {
    guard !owner.endpoints[index].quirks.contains(quirk) else { return }
    owner.endpoints[index].quirks.insert(quirk)
    let endpoint = owner.endpoints[index]
    let eid = endpoint.eid != .null ? endpoint.eid : endpoint.work.presentEID
    report(.quirkFound(endpoint.number, eid: eid, quirk: quirk))
  }

  // MARK: Routes

  /// Makes the routing table lead to a record, and to its pool, with as few entries as can be.
  mutating func setRoute(of index: Int, to eid: EID, now: Instant) {
    let endpoint = owner.endpoints[index]
    guard endpoint.isDirect, eid.isAssignable else { return }
    let isBridge = endpoint.kind == .bridge
    var main = RoutingTableEntry(
      firstEID: eid, type: isBridge ? .bridge : .endpoint, port: endpoint.port,
      address: endpoint.address, isStatic: false, uuid: endpoint.uuid, origin: .assigned)
    var wanted: [RoutingTableEntry] = []
    if endpoint.pool.count > 0, endpoint.pool.first.rawValue == eid.rawValue &+ 1 {
      main.eidCount = endpoint.pool.count + 1
      main.type = .bridgeRange
    } else if endpoint.pool.count > 0 {
      var range = main
      range.firstEID = endpoint.pool.first
      range.eidCount = endpoint.pool.count
      range.type = .range
      range.uuid = nil
      wanted.append(range)
    }
    wanted.append(main)
    let table = networkIndex(of: endpoint)
    var present: [RoutingTableEntry] = []
    for position in 0..<tables[table].count {
      let entry = tables[table].entry(at: position)
      if isRoute(entry, of: endpoint) { present.append(entry) }
    }
    if present.count == wanted.count, wanted.allSatisfy({ present.contains($0) }) { return }
    tables[table].remove { entry in
      entry.origin == .assigned && entry.port == endpoint.port && entry.address == endpoint.address
    }
    for entry in wanted {
      guard !enterRoute(entry, table) else { continue }
      report(.routeRefused(endpoint.number, eid: entry.firstEID))
      guard entry.type == .bridgeRange else { continue }
      // What is in the way is in the way of the pool: the bridge itself stays reachable.
      var own = entry
      own.eidCount = 1
      own.type = .bridge
      _ = enterRoute(own, table)
    }
    routesChange(endpoint.network, now: now)
  }

  /// False when the table does not take the entry. A static route to the same device is as good.
  private mutating func enterRoute(_ entry: RoutingTableEntry, _ table: Int) -> Bool {
    do throws(RoutingTableError) {
      try tables[table].insert(entry)
      return true
    } catch {
      if case .overlaps(let other) = error { return other.hasSameOwner(as: entry) }
      return false
    }
  }

  private func isRoute(_ entry: RoutingTableEntry, of endpoint: KnownEndpoint) -> Bool {
    entry.origin == .assigned && entry.port == endpoint.port && entry.address == endpoint.address
  }

  mutating func removeRoutes(of index: Int) {
    let endpoint = owner.endpoints[index]
    guard endpoint.isDirect else { return }
    tables[networkIndex(of: endpoint)].remove { entry in
      entry.origin == .assigned && entry.port == endpoint.port && entry.address == endpoint.address
    }
  }

  // MARK: EIDs

  /// What was kept for a Set Endpoint ID that came to nothing goes back.
  mutating func releaseReservation(_ index: Int, mayBeInUse: Bool, now: Instant) {
    guard owner.endpoints[index].work.isReserved else { return }
    let endpoint = owner.endpoints[index]
    let space = networkIndex(of: endpoint)
    owner.endpoints[index].work.isReserved = false
    // A static route that was added meanwhile may have taken it over.
    if owner.spaces[space].state(of: endpoint.work.pendingEID)
      == .reserved(device: endpoint.work.pendingEID)
    {
      owner.spaces[space].abandon(
        endpoint.work.pendingEID, mayBeInUse: mayBeInUse, now: now)
    }
    if owner.endpoints[index].eid == endpoint.work.pendingEID {
      owner.endpoints[index].eid = .null
      owner.endpoints[index].pool = EndpointPool()
    }
    // If only the answer was lost, the device has it: it is offered the same again.
    if mayBeInUse { owner.endpoints[index].work.wishedEID = endpoint.work.pendingEID }
  }

  /// The record no longer has its EID, nor its pool; both rest. Its lease stays, so that it gets
  /// them back if it returns in time. Who has no EID is not up: it has to be set up again.
  mutating func dropEID(_ index: Int, now: Instant) {
    let endpoint = owner.endpoints[index]
    // What is reserved was sent, and a bridge that is still to get its pool has accepted it.
    releaseReservation(index, mayBeInUse: true, now: now)
    owner.endpoints[index].work.wishedEID = endpoint.work.wishedEID
    if endpoint.state == .up || endpoint.state == .suspect {
      owner.enter(.probing, .answered, at: index, now: now)
    }
    removeRoutes(of: index)
    if endpoint.isDirect, endpoint.eid != .null {
      giveBack(endpoint.eid, networkIndex(of: endpoint), now: now)
    }
    removeBehind(endpoint, keeping: EndpointPool())
    owner.endpoints[index].eid = .null
    owner.endpoints[index].pool = EndpointPool()
    // What is under way was asked of whom it no longer is, and a pool follows an EID.
    owner.endpoints[index].work.overtake()
    if endpoint.work.job == .allocate || endpoint.work.job == .poolInformation {
      owner.endpoints[index].work.job = .probe
    }
  }

  /// Forgets what was behind a bridge and is not in its pool any more, and says who of them was
  /// reachable.
  mutating func removeBehind(_ bridge: KnownEndpoint, keeping pool: EndpointPool) {
    guard bridge.isDirect, bridge.eid != .null else { return }
    var gone: [Int] = []
    var lost = EIDSet()
    for index in owner.endpoints.indices
    where owner.endpoints[index].network == bridge.network && owner.endpoints[index].via != nil
      && !pool.contains(owner.endpoints[index].eid) && owner.isBehind(index, bridge.eid)
    {
      gone.append(index)
      if owner.endpoints[index].isAnswering { lost.insert(owner.endpoints[index].eid) }
    }
    for index in gone { remove(index) }
    guard !lost.isEmpty else { return }
    report(
      .subtreeLost(
        network: bridge.network, port: bridge.port, bridge: bridge.eid, members: lost,
        reason: .bridgeLost))
  }

  /// Takes a record out of the table. Its place is kept until nobody holds an index any more.
  mutating func remove(_ index: Int) {
    owner.endpoints[index].work = EndpointWork()
    owner.endpoints[index].work.job = nil
    owner.endpoints[index].work.isRemoved = true
    owner.endpoints[index].state = .down
    owner.endpoints[index].eid = .null
    owner.endpoints[index].uuid = nil
    owner.hasRemoved = true
  }

  /// A device that is away has the EID that this one is to have: it loses it.
  mutating func takeFromAbsent(_ eid: EID, _ index: Int, now: Instant) {
    let (number, network) = (owner.endpoints[index].number, owner.endpoints[index].network)
    for other in owner.endpoints.indices
    where owner.endpoints[other].network == network && owner.endpoints[other].number != number
      && owner.endpoints[other].eid == eid && owner.endpoints[other].isDirect
      && !owner.endpoints[other].isAnswering
    {
      dropEID(other, now: now)
      return
    }
  }

  /// Another device in the place of one that was known: its EID goes back, its lease stays.
  mutating func replaceDevice(_ index: Int, now: Instant) {
    owner.endpoints[index].uuid = nil
    owner.endpoints[index].messageTypes = []
    owner.endpoints[index].vendorSets = []
    owner.endpoints[index].versions = []
    owner.endpoints[index].quirks = []
    owner.endpoints[index].work.wishedEID = nil
    if !owner.endpoints[index].work.isAssigned, owner.endpoints[index].eid != .null {
      dropEID(index, now: now)
    }
  }
}
