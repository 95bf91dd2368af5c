import Glibc
import MCTPWire
import MCTPWorld

/// One run, with everything that is known of it; when it fails, the smallest that still does.
struct SingleRun {
  let file: ScenarioFile
  let seed: UInt64
  let without: String?
  let isDrawn: Bool
  let tracePath: String?
  let capturePath: String?
  let reduces: Bool
  let isJSON: Bool

  /// True when every invariant held.
  func run() throws -> Bool {
    var plan = isDrawn ? file.scenario.plan(seed: seed) : file.scenario.scriptedPlan(seed: seed)
    var trace: FileSink?
    var capture: FileSink?
    do {
      if let without { plan = try plan.without(text: without) }
      trace = try tracePath.map { try FileSink(path: $0) }
      capture = try capturePath.map { try FileSink(path: $0) }
    } catch {
      Output.error("\(error)")
      exit(64)
    }
    // The trace may go to the terminal too: what is said of the run goes beside it then.
    let words = isJSON || tracePath == "-" || capturePath == "-" ? STDERR_FILENO : STDOUT_FILENO
    func say(_ text: String) { if !isJSON { Output.write(text + "\n", to: words) } }
    say("\(file.argument), seed \(seed)")
    for line in plan.lines { say("  " + line) }

    var output = RunOutput()
    if let trace { output.text = { trace.write(($0 + "\n").utf8) } }
    if let capture { output.capture = { capture.write($0) } }
    let start = ContinuousClock.now
    let outcome = Run.execute(plan.plan, output: output)
    let wall = Output.seconds(ContinuousClock.now - start)
    trace?.close()
    capture?.close()
    say(summary(outcome, wall))
    guard let violation = outcome.violation else {
      if isJSON { Output.json(object(plan, outcome)) }
      return true
    }
    say("violated: \(text(violation))\nrepeat:   \(command(plan))")
    guard reduces else {
      if isJSON { Output.json(object(plan, outcome)) }
      return false
    }
    let reduced = Reducer.reduce(plan, failingWith: violation) { Run.execute($0.plan).violation }
    if isJSON {
      var all = object(plan, outcome)
      all["reduced"] = [
        "repeat": command(reduced.plan), "violation": object(reduced.violation),
        "runs": reduced.runs, "isSmallest": reduced.isSmallest,
      ]
      Output.json(all)
      return false
    }
    say("reduced in \(reduced.runs) runs\(reduced.isSmallest ? "" : ", which were not enough") to")
    for line in reduced.plan.lines { say("  " + line) }
    let names = reduced.plan.devicesLeft.map { file.scenario.board.devices[$0].name }
    say("  devices left: " + (names.isEmpty ? "none" : names.joined(separator: ", ")))
    say("violated: \(text(reduced.violation))\nrepeat:   \(command(reduced.plan))")
    return false
  }

  private func command(_ plan: DrawnPlan) -> String {
    var command = "tools/sim \(file.argument) --seed \(seed)"
    if !isDrawn { command += " --no-faults" }
    guard !plan.omissions.isEmpty else { return command }
    let words = plan.omissions.map { $0.text(file.scenario.board) }
    return command + " --without " + words.joined(separator: ",")
  }

  private func text(_ violation: Violation) -> String {
    "\(violation.invariant) at \(virtualSeconds(violation.at.nanoseconds)) s: \(violation.text)"
  }

  private func virtualSeconds(_ nanoseconds: UInt64) -> String {
    let rest = String(nanoseconds % 1_000_000_000)
    return "\(nanoseconds / 1_000_000_000)." + String(repeating: "0", count: 9 - rest.count) + rest
  }

  private func summary(_ outcome: RunOutcome, _ wall: Double) -> String {
    let totals = outcome.totals
    let virtual = Double(outcome.lasted.nanoseconds) * 1e-9
    return "ran \(Output.tenths(virtual)) s of virtual time in \(Output.tenths(wall * 1000)) ms: "
      + "\(totals.packetsIn) packets in, \(totals.packetsOut) out; \(totals.requestsSent) requests, "
      + "\(totals.requestsAnswered) answered; hash \(Output.hex(outcome.hash))"
  }

  private func object(_ violation: Violation) -> [String: Any] {
    [
      "invariant": violation.invariant, "atNanoseconds": violation.at.nanoseconds,
      "text": violation.text,
    ]
  }

  private func object(_ plan: DrawnPlan, _ outcome: RunOutcome) -> [String: Any] {
    var object: [String: Any] = [
      "scenario": file.argument, "seed": seed, "drawn": plan.lines, "repeat": command(plan),
      "hash": Output.hex(outcome.hash), "virtualNanoseconds": outcome.lasted.nanoseconds,
      "packetsIn": outcome.totals.packetsIn, "packetsOut": outcome.totals.packetsOut,
      "requestsSent": outcome.totals.requestsSent,
      "requestsAnswered": outcome.totals.requestsAnswered,
      "requestsUnanswered": outcome.totals.requestsUnanswered,
    ]
    if let violation = outcome.violation { object["violation"] = self.object(violation) }
    return object
  }
}
