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

  // MARK: Static routes

  /// The EIDs of a static route are given to nobody else. The device on an owned bus that a route
  /// leads to is to have that EID.
  mutating func holdStatic(_ entry: RoutingTableEntry) {
    guard owner.isActive, entry.origin == .configured else { return }
    let networkIndex = ports[Int(entry.port.rawValue)].networkIndex
    for value in entry.firstEID.rawValue...entry.lastEID.rawValue {
      if !hold(EID(value), for: entry) { owner.unheld[networkIndex].insert(EID(value)) }
    }
  }

  /// EIDs of static routes that were somebody's when the route came: what was given back since is
  /// held now.
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
    for eid in eids.members { owner.unheld[networkIndex].remove(eid) }
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

  /// An EID that no device has any more rests, with its pool; one that a static route leads to is
  /// kept for that route.
  mutating func giveBack(_ eid: EID, _ networkIndex: Int, now: Instant) {
    guard isRoutedByWill(eid, networkIndex) else {
      owner.spaces[networkIndex].reclaim(eid, now: now)
      return
    }
    if owner.spaces[networkIndex].state(of: eid) == .leased {
      _ = owner.spaces[networkIndex].resizePool(of: eid, to: 0, now: now)
    }
  }

  /// True when a static route leads to this device by this EID.
  func isRoutedByWill(_ eid: EID, to endpoint: KnownEndpoint) -> Bool {
    let table = networkIndex(of: endpoint)
    for position in 0..<tables[table].count {
      let entry = tables[table].entry(at: position)
      if entry.origin == .configured, entry.eidCount == 1, entry.firstEID == eid,
        entry.port == endpoint.port, entry.address == endpoint.address
      {
        return true
      }
    }
    return false
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
