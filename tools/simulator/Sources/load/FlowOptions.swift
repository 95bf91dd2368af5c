import MCTPSimulation
import MCTPWire

/// Which endpoint sends what to whom, before the EIDs are known.
struct FlowOptions {
  enum Kind: String, CaseIterable {
    case oneWay = "one-way"
    case echo
    case both

    var kinds: [LoadFlow.Kind] {
      switch self {
      case .oneWay: [.oneWay]
      case .echo: [.echo]
      case .both: [.oneWay, .echo]
      }
    }
  }

  var kind: Kind
  var pacing: LoadFlow.Pacing
  var sizes: [LoadFlow.Size]
  /// Source and destination; empty for every EID of each port to every EID of each other one.
  var pairs: [(EID, EID)]

  /// - Parameter ports: the EIDs of each.
  /// - Throws: `LoadError` when there is nothing to send.
  func flows(among ports: [[EID]]) throws -> [LoadFlow] {
    var chosen = pairs
    if chosen.isEmpty {
      for (from, sources) in ports.enumerated() {
        for (to, destinations) in ports.enumerated() where from != to {
          for source in sources {
            for destination in destinations { chosen.append((source, destination)) }
          }
        }
      }
    }
    let flows = chosen.flatMap { source, destination in
      kind.kinds.map {
        LoadFlow(from: source, to: destination, kind: $0, pacing: pacing, sizes: sizes)
      }
    }
    guard !flows.isEmpty else {
      throw LoadError(
        "nothing to send: give a second --port, or --flow SOURCE:DESTINATION", isArgument: true)
    }
    guard flows.count <= 4096 else {
      throw LoadError(
        "\(flows.count) flows; 4096 are allowed: give fewer EIDs, or --flow", isArgument: true)
    }
    return flows
  }
}
