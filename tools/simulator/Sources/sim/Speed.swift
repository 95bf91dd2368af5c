import MCTPWire
import MCTPWorld

/// How much faster than real time a board runs: no faults, all of its traffic, everything checked.
enum Speed {
  private static let rounds = 5

  /// True when every invariant held: a run that a violation ended is no measurement.
  static func measure(_ files: [ScenarioFile], seed: UInt64, isJSON: Bool) throws -> Bool {
    var rows: [[String: Any]] = []
    var isGood = true
    for file in files {
      let call = RunCall(file: file, seed: seed, kind: .scripted)
      let plan = call.plan.plan
      var factors: [Double] = []
      var packets = 0.0
      var violation: Violation?
      for _ in 0..<rounds where violation == nil {
        let start = ContinuousClock.now
        let outcome = Run.execute(plan)
        let wall = max(Output.seconds(ContinuousClock.now - start), 1e-9)
        factors.append(Double(outcome.lasted.nanoseconds) * 1e-9 / wall)
        packets = max(packets, Double(outcome.totals.packetsIn) / wall)
        violation = outcome.violation
      }
      if let violation {
        isGood = false
        rows.append([
          "scenario": file.argument, "violation": violation.line, "repeat": call.command(),
        ])
        if !isJSON {
          try Output.say(
            "\(file.argument): violated: \(violation.line)\nrepeat:   \(call.command())")
        }
        continue
      }
      factors.sort()
      let median = factors[rounds / 2]
      let board = file.scenario.board
      rows.append([
        "scenario": file.argument, "timesRealTime": median, "slowest": factors[0],
        "fastest": factors[rounds - 1], "packetsPerSecond": packets,
      ])
      guard !isJSON else { continue }
      try Output.say(
        "\(file.argument): \(Output.tenths(median)) times real time, median of \(rounds) "
          + "(\(Output.tenths(factors[0])) to \(Output.tenths(factors[rounds - 1]))); "
          + "\(board.wires.count) buses, \(board.devices.count) endpoints, "
          + "\(plan.traffic.requestsPerSecond) requests/s, \(Int(packets)) packets/s of wall time")
    }
    if isJSON { try Output.json(rows) }
    return isGood
  }
}
