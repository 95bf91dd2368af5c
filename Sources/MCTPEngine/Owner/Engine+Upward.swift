// This device under a bus owner: its pool comes from above and is shared out to the buses that it
// owns (DSP0236 1.3.3 §9, and §12, commands 0x01 and 0x08 as responder).

internal import MCTPWire

extension Engine {
  // MARK: The pool that we need

  /// True when a network's EIDs come from an owner above.
  func isFedFromAbove(_ networkIndex: Int) -> Bool {
    guard owner.isActive else { return false }
    for ranges in owner.configuration.ranges where ranges.network == networks[networkIndex] {
      return false
    }
    for index in 0..<ports.count
    where ports[index].networkIndex == networkIndex
      && ports[index].configuration.role == .owner && ports[index].configuration.discovery != nil
    { return true }
    return false
  }

  /// EIDs for everything below: own EIDs of owned ports where each has its own, the devices that
  /// are expected or were seen, and what the bridges among them ask for; 0 to 246.
  func poolNeed(_ networkIndex: Int) -> UInt8 {
    guard isFedFromAbove(networkIndex) else { return 0 }
    var need = Int(owner.configuration.poolReserve)
    for index in 0..<ports.count where needsOwnEID(index, networkIndex) { need += 1 }
    for endpoint in owner.endpoints
    where endpoint.isDirect && endpoint.isShown && networkIndexOfPort(endpoint.port) == networkIndex
    {
      let pool = max(Int(endpoint.pool.asked), poolSizeExpected(endpoint))
      // A bridge that is walled in needs a run elsewhere before it can leave its own.
      need += (endpoint.work.isWalledIn ? 2 : 1) * (1 + pool)
    }
    return UInt8(min(need, 246))
  }

  private func networkIndexOfPort(_ port: PortID) -> Int { ports[Int(port.rawValue)].networkIndex }

  private func poolSizeExpected(_ endpoint: KnownEndpoint) -> Int {
    for device in discoveryPolicy(of: endpoint.port)?.listed ?? []
    where device.address == endpoint.address { return Int(device.poolSizeExpected) }
    return 0
  }

  /// Option C: each owned port has an EID of its own, out of what there is to give.
  private func needsOwnEID(_ index: Int, _ networkIndex: Int) -> Bool {
    configuration.eidPolicy == .perPort && ports[index].networkIndex == networkIndex
      && ports[index].configuration.role == .owner && ports[index].fixedEID == nil
      && ports[index].configuration.discovery != nil
  }

  /// Gives the owned ports that need one an own EID, where there is one.
  mutating func takeOwnEIDs(_ networkIndex: Int, now: Instant) {
    for index in 0..<ports.count
    where needsOwnEID(index, networkIndex) && ports[index].ownEID == .null {
      guard let eid = owner.spaces[networkIndex].preferredEID else { continue }
      do throws(EIDClash) {
        try owner.spaces[networkIndex].takeOwn(eid)
      } catch { continue }
      let port = PortID(rawValue: UInt8(index))
      ports[index].ownEID = eid
      events.append(.ownEIDChanged(port: port, from: .null, to: eid, owner: .none))
    }
    refreshOwnEIDs(ofNetworkAt: networkIndex)
    routesChange(networks[networkIndex], now: now)
  }

  // MARK: Set Endpoint ID from above

  /// What the answer to Set Endpoint ID says of our pool.
  mutating func poolStatus(
    _ networkIndex: Int
  ) -> (allocation: SetEndpointID.Allocation, size: UInt8) {
    guard owner.isActive else { return (.noPool, 0) }
    let need = poolNeed(networkIndex)
    owner.upstream[networkIndex].announced = need
    if owner.upstream[networkIndex].pool != nil { return (.poolAllocated, need) }
    return need > 0 ? (.poolRequired, need) : (.noPool, 0)
  }

  /// An owner above gave us our EID: it is the one whose routing updates count.
  mutating func rememberOwner(_ context: ControlContext, eid: EID, now: Instant) {
    guard owner.isActive else { return }
    let network = context.networkIndex
    takeAssigned(eid, network, now: now)
    owner.upstream[network].ownerPort = context.port
    owner.upstream[network].ownerAddress = context.address
    learnOwnerEID(context, now: now)
  }

  /// What comes straight to us, with a null destination EID, comes from a neighbour: the owner
  /// above shows so which EID it has by now, when it was given another one itself.
  mutating func noteOwnerEID(_ context: ControlContext, now: Instant) {
    let upstream = owner.upstream[context.networkIndex]
    guard context.header.destination == .null, upstream.ownerPort == context.port,
      upstream.ownerAddress == context.address, upstream.ownerEID != context.header.source,
      context.header.source.isAssignable,
      !owner.spaces[context.networkIndex].isOurs(context.header.source)
    else { return }
    learnOwnerEID(context, now: now)
  }

  private mutating func learnOwnerEID(_ context: ControlContext, now: Instant) {
    let network = context.networkIndex
    owner.upstream[network].ownerEID = context.header.source
    guard context.header.source.isAssignable else { return }
    let route = RoutingTableEntry(
      firstEID: context.header.source, type: .bridge, port: context.port,
      address: context.address, isStatic: false, origin: .update)
    if learn(route, networkIndex: network) == .changed {
      routesChange(networks[network], now: now)
    }
  }

  // MARK: Allocate Endpoint IDs from above

  /// DSP0236 1.3.3 §12, command 0x08.
  ///
  /// Choice: the same owner may repeat what it gave, and may give another pool while none of the
  /// old one is in use; otherwise it has to force it.
  mutating func allocateEndpointIDs(
    _ request: AllocateEndpointIDs.Request, _ context: ControlContext, now: Instant
  ) throws(ControlRefusal) -> AllocateEndpointIDs.Response {
    let network = context.networkIndex
    guard owner.isActive, ports[Int(context.port.rawValue)].configuration.role == .endpoint,
      isFedFromAbove(network)
    else { throw ControlRefusal(.errorUnsupportedCommand) }
    let present = owner.upstream[network].pool
    let held = AllocateEndpointIDs.Response(
      status: .rejected, poolSize: present?.count ?? 0, firstEID: present?.first ?? .null)
    var range: EIDRange?
    switch request.operation {
    case .information:
      return .init(status: .accepted, poolSize: held.poolSize, firstEID: held.firstEID)
    case .reserved: throw ControlRefusal(.errorInvalidData)
    case .allocate, .force:
      guard request.eidCount > 0 else { break }
      let announced = max(owner.upstream[network].announced, poolNeed(network))
      guard request.eidCount <= announced,
        let wanted = EIDRange(first: request.firstEID, count: request.eidCount),
        !holdsAssigned(wanted, network)
      else { throw ControlRefusal(.errorInvalidData) }
      range = wanted
    }
    if request.operation == .allocate, let present, range != present {
      let isSameBus = owner.upstream[network].poolPort == context.port
      if !isSameBus || isInUse(present, network) { return held }
    }
    if request.operation == .allocate, present != nil,
      owner.upstream[network].poolPort != context.port
    {
      return held
    }
    if range != present { takePool(range, on: context.port, network, now: now) }
    owner.upstream[network].poolPort = range == nil ? nil : context.port
    return .init(
      status: .accepted, poolSize: range?.count ?? 0, firstEID: range?.first ?? .null)
  }

  private func isInUse(_ pool: EIDRange, _ networkIndex: Int) -> Bool {
    for value in pool.first.rawValue...pool.last.rawValue
    where owner.spaces[networkIndex].state(of: EID(value)).isHeld { return true }
    return false
  }

  /// The pool of a network is another one now. What lies in the new one stays; everything else is
  /// assigned anew.
  private mutating func takePool(
    _ pool: EIDRange?, on port: PortID, _ networkIndex: Int, now: Instant
  ) {
    let network = networks[networkIndex]
    let former = owner.upstream[networkIndex].pool
    owner.upstream[networkIndex].pool = pool
    owner.upstream[networkIndex].poolPort = port
    owner.spaces[networkIndex].replaceRanges(pool.map { [$0] } ?? [])
    if let pool { unlearn(pool, networkIndex: networkIndex) }
    let isLarger =
      former.map { before in
        pool.map { $0.contains(before.first) && $0.contains(before.last) } ?? false
      } ?? true
    if !isLarger {
      tables[networkIndex].remove { entry in
        entry.origin == .update && entry.port == port
          && entry.firstEID != owner.upstream[networkIndex].ownerEID
      }
    }
    for index in 0..<ports.count where needsOwnEID(index, networkIndex) {
      let eid = ports[index].ownEID
      guard eid != .null, pool.map({ !$0.contains(eid) }) ?? true else { continue }
      owner.spaces[networkIndex].releaseOwn(eid, now: now)
      ports[index].ownEID = .null
      events.append(
        .ownEIDChanged(
          port: PortID(rawValue: UInt8(index)), from: eid, to: .null, owner: .none))
    }
    reassign(outside: pool, networkIndex, now: now)
    takeOwnEIDs(networkIndex, now: now)
    enlargePools(networkIndex, now: now)
    report(
      .ownPoolChanged(
        network: network, first: pool?.first ?? .null, count: pool?.count ?? 0,
        asked: owner.upstream[networkIndex].announced))
    if owner.upstream[networkIndex].announced >= poolNeed(networkIndex) {
      owner.upstream[networkIndex].notifyDue = nil
    }
  }

  /// Devices below whose EIDs are not ours any more get others; those without get theirs now.
  private mutating func reassign(
    outside pool: EIDRange?, _ networkIndex: Int, now: Instant
  ) {
    for index in owner.endpoints.indices
    where owner.endpoints[index].isDirect && !owner.endpoints[index].work.isRemoved
      && networkIndex == self.networkIndex(of: owner.endpoints[index])
    {
      let endpoint = owner.endpoints[index]
      let isOutside = endpoint.eid != .null && pool.map { !$0.contains(endpoint.eid) } ?? true
      let isPoolOutside =
        endpoint.pool.count > 0
        && pool.map { !$0.contains(EID(endpoint.pool.first.rawValue + endpoint.pool.count - 1)) }
          ?? true
      if (isOutside && endpoint.fixedEID == nil) || isPoolOutside {
        dropLeases { $0.network == endpoint.network && $0.eid == endpoint.eid }
        dropEID(index, now: now)
        owner.endpoints[index].work.wishedEID = nil
        owner.endpoints[index].work.checkDue = nil
        if endpoint.isAnswering { owner.enter(.probing, .waitsForPool, at: index, now: now) }
      } else if endpoint.reason != .noFreeEID {
        continue
      }
      guard ports[Int(endpoint.port.rawValue)].isUp else { continue }
      owner.endpoints[index].work.job = .probe
      owner.endpoints[index].work.due = now
    }
  }

  /// Bridges below that got less than they asked for get the rest now, if it is there.
  private mutating func enlargePools(_ networkIndex: Int, now: Instant) {
    for index in owner.endpoints.indices
    where owner.endpoints[index].isDirect && owner.endpoints[index].state == .up
      && owner.endpoints[index].pool.count < owner.endpoints[index].pool.asked
      && owner.endpoints[index].work.job == nil
      && networkIndex == self.networkIndex(of: owner.endpoints[index])
    {
      let asked = owner.endpoints[index].pool.asked
      if !moveForLargerPool(index, asked, now: now) { allocateAgain(index, asked, now: now) }
      owner.endpoints[index].work.isWalledIn =
        owner.endpoints[index].work.job != .setEID && owner.endpoints[index].pool.count < asked
    }
  }
}
