internal import AdminProtocol
internal import BusIO
internal import MCTPEngine
internal import MCTPWire
internal import Topology

// What would become of a packet, and why. The verdict is the engine's own; the steps say what it
// looked at, in its order, up to the one that decided.
extension Router {
  func explain(_ question: ExplainRequest) throws(AdminError) -> ExplainResult {
    let number = try network(question.network)
    let source = EID(question.source)
    let destination = EID(question.destination)
    let ingress = try ingressPort(question, source: source, network: number)
    let address = engine.entry(for: source, network: ingress.network)?.address ?? .none
    let payload = question.payloadBytes ?? EngineLimits.transmissionUnitBytesMin
    let verdict = engine.verdict(
      source: source, destination: destination, on: ingress.id, from: address,
      payloadByteCount: payload)

    var result = ExplainResult(verdict: .delivered, steps: [])
    switch verdict {
    case .local: break
    case .forward(let port, let nextHop):
      result.verdict = .forwarded
      result.egressPort = name(of: port)
      result.nextHop = nextHop.text
    case .drop(let reason):
      result.verdict = .dropped
      result.reason = reason.name
    }
    result.steps = steps(
      source: source, destination: destination, ingress: ingress, payload: payload,
      verdict: verdict)
    return result
  }

  private func ingressPort(
    _ question: ExplainRequest, source: EID, network: UInt8
  ) throws(AdminError) -> Topology.Port {
    if let name = question.port {
      return try port(named: name)
    }
    guard let entry = engine.entry(for: source, network: network) else {
      throw AdminError(
        .unroutable, "nothing says behind which port EID \(source) is",
        hint: "name the ingress port with --port")
    }
    return topology.ports[Int(entry.port.rawValue)]
  }

  private func steps(
    source: EID, destination: EID, ingress: Topology.Port, payload: Int, verdict: RoutingVerdict
  ) -> [ExplainResult.Step] {
    var steps = [
      ExplainResult.Step(
        check: "ingress", outcome: .noted,
        detail: "port \(ingress.name), network \(ingress.network), source check "
          + ingress.sourceCheck.rawValue)
    ]
    var failure: DropReason?
    if case .drop(let reason) = verdict { failure = reason }

    /// Adds a step; false when it is the one that decided.
    func passes(_ check: String, _ detail: String, failing: DropReason...) -> Bool {
      let decided = failure.map { failing.contains($0) } ?? false
      steps.append(.init(check: check, outcome: decided ? .failed : .passed, detail: detail))
      return !decided
    }

    guard
      passes(
        "EID classes", "source \(text(source)), destination \(text(destination))",
        failing: .sourceEIDIllegal, .destinationEIDIllegal),
      passes("source is not ours", "own EIDs: \(ownText(ingress.network))", failing: .sourceIsSelf)
    else { return steps }
    if verdict == .local {
      steps.append(
        .init(check: "destination", outcome: .passed, detail: "\(text(destination)): taken here"))
      return steps
    }
    let entry = engine.entry(for: destination, network: ingress.network)
    guard
      passes(
        "look-up", entry.map { text($0) } ?? "no entry holds EID \(destination)",
        failing: .destinationUnroutable),
      passes("source may cross", "null EIDs never do", failing: .nullSourceNotBridged),
      let entry
    else { return steps }
    let back = engine.entry(for: source, network: ingress.network)
    let behind = back.map { "EID \(source) is behind \(name(of: $0.port))" }
    guard
      passes(
        "source check (\(ingress.sourceCheck.rawValue))",
        behind ?? "no entry holds EID \(source)", failing: .sourceNotBehindPort),
      passes("next hop", "not the sender", failing: .nextHopIsSender)
    else { return steps }
    let egress = topology.ports[Int(entry.port.rawValue)]
    let limit = min(egress.transmissionUnitBytes, Int(entry.transmissionUnitBytes ?? .max))
    guard
      passes(
        "transmission unit", "\(payload) payload bytes, \(limit) fit",
        failing: .transmissionUnitExceeded),
      passes("egress port", "\(egress.name) is \(stateText(entry.port))", failing: .portDown)
    else { return steps }
    let depth = engine.queueDepth(of: entry.port)
    steps.append(
      .init(
        check: "egress queue", outcome: .noted, detail: "\(depth) of \(egress.queueDepthMax) used"))
    return steps
  }

  private func text(_ eid: EID) -> String {
    switch eid {
    case .null: "null"
    case .broadcast: "broadcast"
    case _ where eid.isReserved: "\(eid) (reserved)"
    default: "\(eid)"
    }
  }

  private func ownText(_ network: UInt8) -> String {
    let own = ownEIDs().filter { $0.network == network }.map { "\($0.eid)" }
    return own.isEmpty ? "none" : own.joined(separator: ", ")
  }

  private func text(_ entry: RoutingTableEntry) -> String {
    let run =
      entry.eidCount == 1 ? "EID \(entry.firstEID)" : "EIDs \(entry.firstEID)-\(entry.lastEID)"
    let address = entry.address.text.map { " at \($0)" } ?? ""
    return "\(run) \(entry.type.name) behind \(name(of: entry.port))\(address)"
  }

  private func stateText(_ port: PortID) -> String {
    switch self.port(port).condition {
    case .up: "up"
    case .stopped: "stopped"
    case .waiting(let reason, _): "waiting: \(reason)"
    }
  }
}
