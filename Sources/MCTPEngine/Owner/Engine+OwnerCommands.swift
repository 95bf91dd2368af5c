// What people and programs ask of the bus owner.

public import MCTPWire

/// Why a command was not carried out. Nothing was changed.
public enum OwnerCommandError: Error, Hashable, Sendable {
  /// The engine has no bus owner, or the port no discovery policy.
  case notBusOwner
  case unknownPort
  /// No endpoint has that EID.
  case unknownEndpoint(EID)
  /// 0x00 to 0x07 and 0xFF cannot be given to anybody.
  case eidNotAssignable(EID)
  /// Somebody has the EID, or it is kept for somebody.
  case eidTaken(EID, EIDState)
  case notABridge(EID)
  /// The endpoint is behind a bridge, which alone gives EIDs to it.
  case behindBridge(EID, bridge: EID)
  /// The bus of the port is down.
  case portDown
  /// As many endpoints are known as may.
  case tableFull
}

extension Engine {
  /// Asks every address of a port now, and every endpoint on it whether it is still there.
  public mutating func discover(on port: PortID, now: Instant) throws(OwnerCommandError) {
    try checkPort(port)
    for index in owner.endpoints.indices
    where owner.endpoints[index].port == port && owner.lostBridge(before: index) == nil {
      let endpoint = owner.endpoints[index]
      switch endpoint.state {
      case .up, .suspect: owner.endpoints[index].work.checkDue = now
      case .unknown, .down, .quarantined:
        owner.endpoints[index].work.job = .probe
        owner.endpoints[index].work.due = now
      case .probing: break
      }
      owner.requester.responderAppeared(
        endpoint.isDirect
          ? .device(port, endpoint.address) : .endpoint(port, endpoint.eid))
    }
    runOwner(now)
  }

  /// Gives the device at an address this EID, by force: also the one that a duplicate is resolved
  /// with.
  public mutating func assign(
    _ eid: EID, on port: PortID, at address: PhysicalAddress, now: Instant
  ) throws(OwnerCommandError) {
    try checkPort(port)
    guard eid.isAssignable else { throw .eidNotAssignable(eid) }
    guard ports[Int(port.rawValue)].isUp else { throw .portDown }
    let space = ports[Int(port.rawValue)].networkIndex
    let known = owner.index(on: port, at: address)
    let isIts = known.map { owner.endpoints[$0].eid == eid } ?? false
    let isAbsent = owner.index(of: eid, network: networks[space]).map {
      owner.endpoints[$0].isDirect && !owner.endpoints[$0].isAnswering
    }
    let state = owner.spaces[space].state(of: eid)
    if !isIts, isAbsent != true {
      switch state {
      case .free, .quarantined: break
      default: throw .eidTaken(eid, state)
      }
    }
    guard
      let index = known
        ?? owner.add(
          network: networks[space], port: port, address: address, origin: .command, now: now)
    else { throw .tableFull }
    owner.endpoints[index].work.overtake()
    owner.endpoints[index].work.wishedEID = eid
    owner.endpoints[index].work.presentEID = .null
    owner.endpoints[index].work.isForced = true
    owner.endpoints[index].work.job = .setEID
    owner.endpoints[index].work.due = now
    runOwner(now)
  }

  /// Gives a bridge a pool of another size; by force if it has one.
  public mutating func allocate(
    _ count: UInt8, to bridge: EID, network: UInt8 = 1, now: Instant
  ) throws(OwnerCommandError) {
    let index = try known(bridge, network)
    guard owner.endpoints[index].kind == .bridge else { throw .notABridge(bridge) }
    if let via = owner.endpoints[index].via { throw .behindBridge(bridge, bridge: via) }
    guard owner.endpoints[index].state == .up else { throw .unknownEndpoint(bridge) }
    allocateAgain(index, count, now: now)
    runOwner(now)
  }

  /// Takes an endpoint's EID back, with a bridge's whole pool; all of it rests. A device that is
  /// still there is found anew.
  public mutating func forget(_ eid: EID, network: UInt8 = 1, now: Instant)
    throws(OwnerCommandError)
  {
    let index = try known(eid, network)
    let endpoint = owner.endpoints[index]
    if endpoint.kind == .bridge, !behind(endpoint).isEmpty {
      loseSubtree(of: index, .asked, now: now)
    }
    if endpoint.isAnswering {
      report(.endpointDown(endpoint.number, eid: eid, blamed: eid, reason: .asked))
    }
    if endpoint.isDirect { dropLeases { $0.network == network && $0.eid == eid } }
    dropEID(index, now: now)
    switch endpoint.origin {
    case .listed, .scanned, .pointToPoint:
      replaceDevice(index, now: now)
      let isBusy = owner.endpoints[index].work.isBusy
      owner.endpoints[index].work = EndpointWork()
      owner.endpoints[index].work.isBusy = isBusy
      owner.endpoints[index].work.overtake()
      owner.endpoints[index].kind = .unknown
      owner.enter(.unknown, .asked, at: index, now: now)
      if ports[Int(endpoint.port.rawValue)].isUp {
        retry(index, .probe, now: now)
      } else {
        owner.endpoints[index].work.job = nil
      }
    default: remove(index)
    }
    routesChange(network, now: now)
    runOwner(now)
  }

  /// Asks a suspect or lost endpoint at once, before its time; where the bridge on the way to it is
  /// lost, that one.
  public mutating func recover(_ eid: EID, network: UInt8 = 1, now: Instant)
    throws(OwnerCommandError)
  {
    let named = try known(eid, network)
    let index = owner.lostBridge(before: named) ?? named
    let endpoint = owner.endpoints[index]
    owner.requester.responderAppeared(
      endpoint.isDirect
        ? .device(endpoint.port, endpoint.address) : .endpoint(endpoint.port, endpoint.eid))
    switch endpoint.state {
    case .up, .suspect: owner.endpoints[index].work.checkDue = now
    case .unknown, .down, .quarantined:
      guard ports[Int(endpoint.port.rawValue)].isUp else { throw .portDown }
      owner.endpoints[index].work.job = .probe
      owner.endpoints[index].work.due = now
    case .probing: break
    }
    runOwner(now)
  }

  private func checkPort(_ port: PortID) throws(OwnerCommandError) {
    guard Int(port.rawValue) < ports.count else { throw .unknownPort }
    guard owner.isActive, discoveryPolicy(of: port) != nil else { throw .notBusOwner }
  }

  private func known(_ eid: EID, _ network: UInt8) throws(OwnerCommandError) -> Int {
    guard owner.isActive else { throw .notBusOwner }
    guard eid.isAssignable, let index = owner.index(of: eid, network: network) else {
      throw .unknownEndpoint(eid)
    }
    return index
  }
}
