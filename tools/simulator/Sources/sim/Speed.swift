import MCTPWire
import MCTPWorld

/// How much faster than real time a board runs: no faults, all of its traffic, everything checked.
enum Speed {
  private static let rounds = 5

  static func measure(_ files: [ScenarioFile], seed: UInt64, isJSON: Bool) {
    var rows: [[String: Any]] = []
    for file in files {
      let plan = file.scenario.scriptedPlan(seed: seed).plan
      var factors: [Double] = []
      var packets = 0.0
      for _ in 0..<rounds {
        let start = ContinuousClock.now
        let outcome = Run.execute(plan)
        let wall = max(Output.seconds(ContinuousClock.now - start), 1e-9)
        factors.append(Double(outcome.lasted.nanoseconds) * 1e-9 / wall)
        packets = max(packets, Double(outcome.totals.packetsIn) / wall)
      }
      factors.sort()
      let median = factors[rounds / 2]
      let board = file.scenario.board
      rows.append([
        "scenario": file.argument, "timesRealTime": median, "slowest": factors[0],
        "fastest": factors[rounds - 1], "packetsPerSecond": packets,
      ])
      if !isJSON {
        Output.say(
          "\(file.argument): \(Output.tenths(median)) times real time, median of \(rounds) "
            + "(\(Output.tenths(factors[0])) to \(Output.tenths(factors[rounds - 1]))); "
            + "\(board.wires.count) buses, \(board.devices.count) endpoints, "
            + "\(plan.traffic.requestsPerSecond) requests/s, \(Int(packets)) packets/s of wall time"
        )
      }
    }
    if isJSON { Output.json(rows) }
  }
}
