internal import MCTPSimulation
internal import MCTPWire

/// A scenario and a seed, and what the seed drew. What is left out of it does not change how the
/// rest was drawn.
public struct DrawnPlan: Sendable {
  public let scenario: Scenario
  public let seed: UInt64
  /// Everything that was drawn, also what `omissions` leave out.
  public let faults: [DrawnFault]
  /// As drawn; `omissions` may lower its rate.
  public let traffic: Traffic
  /// Devices that were drawn as ones of another make, also those that `omissions` leave as they
  /// are; ascending.
  public let makes: [Int]
  /// Ascending, each once.
  public private(set) var omissions: [Omission] = []

  init(
    _ scenario: Scenario, seed: UInt64, faults: [DrawnFault], traffic: Traffic, makes: [Int] = []
  ) {
    self.scenario = scenario
    self.seed = seed
    self.faults = faults
    self.traffic = traffic
    self.makes = makes
  }

  public func without(_ more: [Omission]) -> DrawnPlan {
    var plan = self
    plan.omissions = Set(omissions + more).sorted()
    return plan
  }

  /// Reads `f1,e2,dev:NAME,traffic`: what `Omission.text` writes.
  ///
  /// - Throws: a sentence for people.
  public func without(text: String) throws(OmissionError) -> DrawnPlan {
    var more: [Omission] = []
    for word in text.split(separator: ",") {
      guard let omission = Omission(String(word), in: self) else {
        throw OmissionError(
          description: "\(backQuoted(String(word))) is nothing that the run has: "
            + Omission.known(in: self))
      }
      more.append(omission)
    }
    return without(more)
  }

  /// The drawn faults that are left; habits go with the make of their device.
  public var faultsLeft: [DrawnFault] {
    let board = board
    return faults.filter { fault in
      guard !omissions.contains(.fault(fault.number)) else { return false }
      return fault.neighbour.map { board.devices[$0].neighbour != nil } ?? true
    }
  }

  /// Devices that were drawn as ones of another make, and still are.
  public var makesLeft: [Int] { makes.filter { !omissions.contains(.make($0)) } }

  /// The scenario's, with the makes that are left.
  public var board: Board { scenario.board.made(byOthers: makesLeft) }

  /// The lines of the script that are left.
  public var scriptLeft: [Scenario.ScriptEvent] {
    scenario.script.filter { !omissions.contains(.event($0.number)) }
  }

  /// Devices that are left.
  public var devicesLeft: [Int] {
    scenario.board.devices.indices.filter { !omissions.contains(.device($0)) }
  }

  public var trafficLeft: Traffic {
    var left = traffic
    for case .trafficAbove(let rate) in omissions {
      left.requestsPerSecond = min(left.requestsPerSecond, rate)
    }
    return left
  }

  /// What a world runs.
  public var plan: Plan {
    let traffic = trafficLeft
    var timeline = Timeline(
      board,
      absent: omissions.compactMap { if case .device(let d) = $0 { d } else { nil } },
      requestsPerSecond: traffic.requestsPerSecond)
    let (script, faults) = (scriptLeft, faultsLeft)
    let events = timeline.events(script: script, faults: faults, quietFrom: scenario.quietFrom)
    let staying =
      script.filter(\.stays).flatMap(\.events) + faults.filter(\.stays).flatMap(\.effect.states)
    return Plan(
      board: timeline.board, seed: seed, events: events, traffic: traffic,
      quietFrom: scenario.quietFrom, staying: staying,
      excused: timeline.board.excused(
        while: staying, after: faults.flatMap(\.effect.states)), recoveryMs: scenario.recoveryMs,
      cleanMs: scenario.cleanMs)
  }

  /// What goes wrong in the run, a line each: what was drawn and what the script says.
  public var lines: [String] {
    let (left, drawn) = (trafficLeft.requestsPerSecond, traffic.requestsPerSecond)
    var lines = ["traffic \(left)/s" + (left == drawn ? "" : " of \(drawn)/s that were drawn")]
    let others = makesLeft.map { scenario.board.devices[$0].name }
    if !others.isEmpty { lines.append("of another make: " + others.joined(separator: ", ")) }
    lines += scriptLeft.map { padded($0.id, 5) + $0.text }
    lines += faultsLeft.map { $0.text(on: scenario.board) }
    if faultsLeft.isEmpty { lines.append("no drawn faults") }
    return lines
  }
}
