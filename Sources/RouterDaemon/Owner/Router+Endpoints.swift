internal import AdminProtocol
internal import BusIO
internal import MCTPEngine
internal import MCTPWire
internal import Topology

// Every endpoint that this device knows of, once: its own EIDs, what the bus owner knows, simulated
// devices that nobody looks for, and what else the routing table names.
extension Router {
  /// By network, then by EID; those without one come last.
  ///
  /// - Parameter network: nil for every one.
  func endpointRows(network: UInt8? = nil) -> [EndpointRow] {
    var rows = ownRows()
    engine.forEachEndpoint { rows.append(row($0)) }
    rows += simulatedRows(known: rows)
    rows += routedRows(known: rows)
    if let network { rows.removeAll { $0.network != network } }
    rows.sort { left, right in
      (left.network, left.eid ?? .max, left.port ?? "", left.address ?? "")
        < (right.network, right.eid ?? .max, right.port ?? "", right.address ?? "")
    }
    return rows
  }

  private func ownRows() -> [EndpointRow] {
    ownEIDs().map { own in
      EndpointRow(
        eid: own.eid.rawValue, network: own.network,
        port: topology.router.eidPolicy == .single ? nil : name(of: own.port), address: nil,
        kind: .bridge, uuid: topology.router.uuid?.description,
        messageTypes: [MessageType.control.rawValue] + topology.router.messageTypes.map(\.rawValue),
        source: .own, name: topology.router.name)
    }
  }

  private func row(_ endpoint: KnownEndpoint) -> EndpointRow {
    // Records of the topology are as old as the engine's clock, not as this program.
    let since = max(endpoint.since, startTime)
    return EndpointRow(
      eid: endpoint.eid.row, network: endpoint.network, port: name(of: endpoint.port),
      address: endpoint.address.text, via: endpoint.via?.rawValue, kind: endpoint.kind.name,
      uuid: endpoint.uuid?.description, messageTypes: endpoint.messageTypes.map(\.rawValue),
      state: endpoint.state.name, reason: endpoint.reason.name, sinceMs: msSince(since),
      lastContactMs: endpoint.lastContact.map(msSince), origin: endpoint.origin.name,
      pool: poolRow(endpoint), routingUpdate: routingUpdate(endpoint),
      quirks: endpoint.quirks.names, source: .discovered,
      name: endpoint.isDirect ? deviceName(on: endpoint.port, at: endpoint.address) : nil)
  }

  /// A simulated device's, for the place where it is.
  func deviceName(on port: PortID, at address: PhysicalAddress) -> String? {
    topology.devices.first { $0.port == port && $0.physicalAddress == address }?.name
  }

  private func poolRow(_ endpoint: KnownEndpoint) -> PoolRow? {
    let pool = endpoint.pool
    guard endpoint.kind == .bridge, pool.count > 0 || pool.asked > 0 else { return nil }
    return PoolRow(
      first: pool.count > 0 ? pool.first.rawValue : nil, count: Int(pool.count),
      asked: Int(pool.asked), limit: poolLimit(endpoint)?.words)
  }

  /// What keeps a pool from being as large as was asked, as things are now; nil for nothing.
  private func poolLimit(_ endpoint: KnownEndpoint) -> EIDPoolLimit? {
    let pool = endpoint.pool
    guard pool.count < pool.asked, endpoint.isDirect else { return nil }
    guard pool.count < topology.router.poolSizeMax else {
      return .configured(topology.router.poolSizeMax)
    }
    let last = pool.count > 0 ? pool.first.rawValue &+ (pool.count &- 1) : endpoint.eid.rawValue
    let next = EID(last &+ 1)
    guard let state = engine.eidState(of: next, network: endpoint.network) else { return nil }
    switch state {
    case .foreign: return .rangeEnds(last: EID(last))
    case .free: return nil
    case .own, .fixed, .reserved, .leased, .poolOf, .quarantined: return .occupied(next, state)
    }
  }

  private func routingUpdate(_ endpoint: KnownEndpoint) -> EndpointRow.RoutingUpdate? {
    switch engine.routingUpdateState(of: endpoint.eid, network: endpoint.network) {
    case .current(let entries): .init(.current, entryCount: entries)
    case .pending(let since, let due): .init(.pending, entryCount: since, dueInMs: msUntil(due))
    case .unsupported: .init(.unsupported)
    case nil: nil
    }
  }

  /// Simulated devices with an EID that are not among `rows`.
  private func simulatedRows(known rows: [EndpointRow]) -> [EndpointRow] {
    let named = Set(rows.filter { $0.source.known == .discovered }.compactMap(\.name))
    return topology.devices.compactMap { device in
      let eid = stations.eid(on: device.port, at: device.physicalAddress)
      guard eid != .null, !named.contains(device.name) else { return nil }
      let port = topology.ports[Int(device.port.rawValue)]
      return EndpointRow(
        eid: eid.rawValue, network: port.network, port: port.name,
        address: device.physicalAddress.text, kind: .simple, uuid: device.uuid?.description,
        messageTypes: [MessageType.control.rawValue] + device.allMessageTypes.map(\.rawValue),
        source: .simulated, name: device.name)
    }
  }

  /// Endpoints that only the routing table names: the topology's, and those that an owner above
  /// told of.
  private func routedRows(known rows: [EndpointRow]) -> [EndpointRow] {
    var known = Set(
      rows.compactMap { row in row.eid.map { UInt16(row.network) << 8 | UInt16($0) } })
    var found: [EndpointRow] = []
    engine.forEachEntry { network, entry in
      guard entry.type == .endpoint || entry.type == .bridge || entry.type == .bridgeRange,
        known.insert(UInt16(network) << 8 | UInt16(entry.firstEID.rawValue)).inserted
      else { return }
      found.append(
        EndpointRow(
          eid: entry.firstEID.rawValue, network: network, port: name(of: entry.port),
          address: entry.address.text, kind: entry.type == .endpoint ? .simple : .bridge,
          uuid: entry.uuid?.description, source: entry.isStatic ? .static : .discovered))
    }
    return found
  }

  // MARK: Times in rows

  func msSince(_ time: Instant) -> UInt64 { now.nanoseconds(since: time) / 1_000_000 }

  func msUntil(_ time: Instant) -> UInt64 { time.nanoseconds(since: now) / 1_000_000 }
}
