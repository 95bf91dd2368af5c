internal import AdminProtocol
internal import MCTPEngine
internal import MCTPWire
internal import Topology

// The network as a tree, and what is asked next in the search for devices.
extension Router {
  func tree(_ request: TreeRequest) throws(AdminError) -> TreeResult {
    let wanted = try request.network.map { (number) throws(AdminError) in try network(number) }
    return TreeResult(
      name: topology.router.name, uuid: topology.router.uuid?.description,
      ports: topology.ports.filter { wanted == nil || $0.network == wanted }.map { port in
        let (state, reason, _) = state(of: port.id)
        return TreeResult.Port(
          name: port.name, number: port.id.rawValue, bus: port.bus.rawValue,
          role: port.role.rawValue, network: port.network, state: state, stateReason: reason,
          address: port.physicalAddress.text, eid: engine.ownEID(on: port.id).row)
      },
      endpoints: endpointRows(network: wanted))
  }

  func discovery(_ request: DiscoveryRequest) throws(AdminError) -> DiscoveryResult {
    guard let name = request.port else {
      return DiscoveryResult(ports: topology.ports.map { discovery(on: $0) })
    }
    return DiscoveryResult(ports: [discovery(on: try port(named: name))])
  }

  private func discovery(on port: Topology.Port) -> DiscoveryResult.Port {
    var row = DiscoveryResult.Port(name: port.name, network: port.network)
    guard port.discovery != nil else {
      row.pause = OpenName(.notBusOwner)
      return row
    }
    row.counters = requestCounters(of: port.id)
    guard engine.isUp(port.id) else {
      row.pause = OpenName(.portDown)
      return row
    }
    guard let next = engine.nextDiscovery(on: port.id) else {
      row.pause = OpenName(.nothingDue)
      return row
    }
    row.questions = [
      DiscoveryResult.Question(
        address: next.address.text, dueInMs: msUntil(next.due), state: next.state.name,
        reason: next.reason.name, origin: next.origin.name, failureCount: next.failureCount)
    ]
    return row
  }

  /// What became of the requests that the owner made on a port.
  private func requestCounters(of port: PortID) -> [PortRow.LinkCounter] {
    guard let counters = engine.requesterCounters(of: port) else { return [] }
    let mismatched = (ControlMismatch.malformed.rawValue...ControlMismatch.destination.rawValue)
      .compactMap { ControlMismatch(rawValue: $0) }.reduce(0) { $0 + counters.mismatched($1) }
    let all: [(String, UInt64)] = [
      ("requests", counters.started), ("answered", counters.answered),
      ("refused", counters.refused), ("timed-out", counters.timedOut),
      ("undelivered", counters.undelivered), ("ended-by-port", counters.endedByPort),
      ("cancelled", counters.cancelled), ("repetitions", counters.retransmissions),
      ("not-ready", counters.notReady), ("late-answers", counters.late),
      ("duplicate-answers", counters.duplicates),
      ("mismatched-answers", mismatched),
    ]
    return all.map { PortRow.LinkCounter(name: $0.0, count: $0.1) }
  }

  /// - Throws: `unknown-port`, with the names that are known.
  func port(named name: String) throws(AdminError) -> Topology.Port {
    guard let port = topology.port(named: name) else {
      throw AdminError(
        .unknownPort, "no port is called `\(name)`",
        hint: "known: " + topology.ports.map(\.name).joined(separator: ", "))
    }
    return port
  }
}
