internal import AdminProtocol
internal import BusIO
internal import Glibc
internal import MCTPEngine
internal import MCTPWire
internal import Topology

// What the admin socket asks, and the answers.
extension Router {
  /// The reply line, or nil when it comes later.
  func answer(_ request: AdminRequest, for connection: AdminConnectionID) -> [UInt8]? {
    let id = request.id
    do throws(AdminError) {
      switch request.body {
      case .status: return AdminReplyLine.success(id: id, status())
      case .ports: return AdminReplyLine.success(id: id, portsResult())
      case .routes: return AdminReplyLine.success(id: id, routesResult())
      case .endpoints:
        return AdminReplyLine.success(id: id, EndpointsResult(endpoints: endpointRows()))
      case .drops: return AdminReplyLine.success(id: id, dropsResult())
      case .explain(let question): return AdminReplyLine.success(id: id, try explain(question))
      case .ping(let ping): return begin(try outbound(ping), requestID: id, for: connection)
      case .probe(let probe): return try beginProbe(probe, requestID: id, for: connection)
      case .send(let send): return begin(try outbound(send), requestID: id, for: connection)
      case .tree(let question): return AdminReplyLine.success(id: id, try tree(question))
      case .events(let events):
        try admin?.follow(self.events, since: events.since, requestID: id, for: connection)
        return nil
      case .eids, .discovery, .discover, .assign, .allocate, .forget, .recover:
        return try answerOwner(request)
      }
    } catch {
      return AdminReplyLine.failure(id: id, error)
    }
  }

  private func outbound(_ ping: PingRequest) throws(AdminError) -> OutboundRequest {
    OutboundRequest(
      destination: EID(ping.eid), network: try network(ping.network),
      from: ping.from.map { EID($0) }, body: getEndpointIDBody(), timeoutMs: ping.timeoutMs,
      form: .ping)
  }

  private func outbound(_ send: SendRequest) throws(AdminError) -> OutboundRequest {
    OutboundRequest(
      destination: EID(send.eid), network: try network(send.network),
      from: send.from.map { EID($0) }, body: send.message.bytes, timeoutMs: send.timeoutMs,
      form: .message)
  }

  /// A Get Endpoint ID request with the next of the instance IDs that the bus owner leaves alone.
  private func getEndpointIDBody() -> [UInt8] {
    nextInstanceID = InstanceID(rawValue: nextInstanceID.rawValue &+ 1 | 28)
    do throws(WireError) {
      let body = try GetEndpointID.Request().body(instanceID: nextInstanceID)
      return (0..<body.count).map { body.span[$0] }
    } catch {
      preconditionFailure("three bytes fit every control body")
    }
  }

  /// The network a request means: the one it names, else the only one or network 1.
  func network(_ number: UInt8?) throws(AdminError) -> UInt8 {
    let known = topology.networks.map(\.number)
    if let number {
      guard known.contains(number) else {
        throw AdminError(
          .unknownNetwork, "no port is in network \(number)",
          hint: "known: " + known.map { String($0) }.joined(separator: ", "))
      }
      return number
    }
    if known.contains(1) || known.count != 1 { return 1 }
    return known[0]
  }

  // MARK: Tables

  private func status() -> StatusResult {
    StatusResult(
      name: topology.router.name, programVersion: options.programVersion,
      uptimeMs: now.nanoseconds(since: startTime) / 1_000_000, topologyPath: topology.fileName,
      processID: Int(getpid()),
      ownEIDs: ownEIDs().map { own in
        StatusResult.OwnEID(
          eid: own.eid.rawValue, network: own.network,
          port: topology.router.eidPolicy == .single ? nil : name(of: own.port))
      })
  }

  /// Own EIDs in force, each once a network under one EID for all ports, else once a port.
  func ownEIDs() -> [(eid: EID, network: UInt8, port: PortID)] {
    var found: [(eid: EID, network: UInt8, port: PortID)] = []
    for port in topology.ports {
      let eid = engine.ownEID(on: port.id)
      guard eid != .null else { continue }
      if topology.router.eidPolicy == .single,
        found.contains(where: { $0.eid == eid && $0.network == port.network })
      {
        continue
      }
      found.append((eid, port.network, port.id))
    }
    return found
  }

  private func routesResult() -> RoutesResult {
    var rows = ownEIDs().map { own in
      let port = topology.ports[Int(own.port.rawValue)]
      return RouteRow(
        firstEID: own.eid.rawValue, lastEID: own.eid.rawValue, entryType: "self",
        port: topology.router.eidPolicy == .single ? "all" : port.name,
        portNumber: own.port.rawValue, medium: port.mediumType.name,
        binding: port.bindingType.name, address: port.physicalAddress.text,
        isStatic: port.eid == own.eid, transmissionUnitBytes: port.transmissionUnitBytes,
        network: own.network, uuid: topology.router.uuid?.description)
    }
    engine.forEachEntry { network, entry in
      let port = topology.ports[Int(entry.port.rawValue)]
      rows.append(
        RouteRow(
          firstEID: entry.firstEID.rawValue, lastEID: entry.lastEID.rawValue,
          entryType: entry.type.name, port: port.name, portNumber: entry.port.rawValue,
          medium: port.mediumType.name, binding: port.bindingType.name,
          address: entry.address.text, isStatic: entry.isStatic,
          transmissionUnitBytes: min(
            port.transmissionUnitBytes, Int(entry.transmissionUnitBytes ?? .max)),
          network: network, uuid: entry.uuid?.description))
    }
    rows.sort { ($0.network, $0.firstEID, $0.lastEID) < ($1.network, $1.firstEID, $1.lastEID) }
    return RoutesResult(routes: rows)
  }
}

extension PhysicalAddress {
  /// For rows: nil where the medium has no addresses.
  var text: String? { self == .none ? nil : description }
}
