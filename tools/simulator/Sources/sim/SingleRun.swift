import Glibc
import MCTPWire
import MCTPWorld

/// One run, with everything that is known of it; when it fails, the smallest that still does.
///
/// The run itself is in a child process with the same output: when it ends that process, who waits
/// for it has the report.
struct SingleRun {
  let call: RunCall
  let without: String?
  let tracePath: String?
  let capturePath: String?
  let reduces: Bool
  let isJSON: Bool
  /// For the processes that reduce.
  let options: [String]
  let processorSeconds: UInt64

  /// Signals that no run brings about.
  private static let outside = [SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGKILL, SIGXFSZ]

  // The trace may go to the terminal too: what is said of the run goes beside it then.
  private var words: Int32 {
    isJSON || tracePath == "-" || capturePath == "-" ? STDERR_FILENO : STDOUT_FILENO
  }

  private func say(_ text: String) throws {
    if !isJSON { try Output.write(text + "\n", to: words) }
  }

  /// In a child.
  ///
  /// - Returns: the exit status.
  func watch() throws -> Int32 {
    let end = try WorkerProcess.call(["--here"] + CommandLine.arguments.dropFirst())
    switch end {
    case .status(let status): return status
    // From outside, and whoever reads a pipe may go when there is enough.
    case .signal(let number) where SingleRun.outside.contains(number): return 128 + number
    case .signal:
      let plan = try plan()
      let violation = Violation(end.invariant ?? "process-ended", at: .zero, end.text)
      try tell(plan, violation, object(plan))
      return 1
    }
  }

  /// For another process, which reduces.
  func probe() throws {
    ProcessorTime.allow(seconds: processorSeconds)
    try Probe.answer(try plan())
  }

  /// True when every invariant held.
  func run() throws -> Bool {
    let plan = try plan()
    let sinks: (trace: FileSink?, capture: FileSink?)
    do {
      sinks = (try tracePath.map(FileSink.init), try capturePath.map(FileSink.init))
    } catch {
      Output.error("\(error)")
      exit(64)
    }
    try say("\(call.file.argument), seed \(call.seed)")
    for line in plan.lines { try say("  " + line) }

    var output = RunOutput()
    if let trace = sinks.trace { output.text = { trace.write(Array(($0 + "\n").utf8)) } }
    if let capture = sinks.capture { output.capture = { capture.write($0) } }
    ProcessorTime.allow(seconds: processorSeconds)
    let start = ContinuousClock.now
    let outcome = Run.execute(plan.plan, output: output)
    let wall = Output.seconds(ContinuousClock.now - start)
    try say(summary(outcome, wall))
    let all = object(plan, outcome)
    if let violation = outcome.violation {
      try tell(plan, violation, all)
    } else if isJSON {
      try Output.json(all)
    }
    try sinks.trace?.close()
    try sinks.capture?.close()
    return outcome.violation == nil
  }

  private func plan() throws -> DrawnPlan {
    guard let without else { return call.plan }
    do { return try call.plan.without(text: without) } catch {
      Output.error("--without: \(error)")
      exit(64)
    }
  }

  // MARK: Failures

  private func tell(
    _ plan: DrawnPlan, _ violation: Violation, _ known: [String: Any]
  ) throws {
    var all = known
    all["violation"] = object(violation)
    try say("violated: \(violation.line)\nrepeat:   \(command(plan))")
    // Each try of a run that does not end would take as long as it did.
    if reduces, violation.invariant != "process-hung" {
      let reduced = try Probe(call: call, options: options)
        .reduce(plan, failingWith: violation)
      all["reduced"] = object(reduced)
      try tell(reduced)
    }
    if isJSON { try Output.json(all) }
  }

  private func tell(_ reduced: Reducer.Result) throws {
    let board = call.file.scenario.board
    try say(
      "reduced in \(reduced.runs) runs\(reduced.isSmallest ? "" : ", which were not enough") to")
    for line in reduced.plan.lines { try say("  " + line) }
    let names = reduced.plan.devicesLeft.map { board.devices[$0].name }
    try say("  devices left: " + (names.isEmpty ? "none" : names.joined(separator: ", ")))
    try say("violated: \(reduced.violation.line)\nrepeat:   \(command(reduced.plan))")
  }

  private func command(_ plan: DrawnPlan) -> String { call.command(without: plan.omissions) }

  private func summary(_ outcome: RunOutcome, _ wall: Double) -> String {
    let totals = outcome.totals
    let virtual = Double(outcome.lasted.nanoseconds) * 1e-9
    return "ran \(Output.tenths(virtual)) s of virtual time in \(Output.tenths(wall * 1000)) ms: "
      + "\(totals.packetsIn) packets in, \(totals.packetsOut) out; \(totals.requestsSent) requests, "
      + "\(totals.requestsAnswered) answered, of these \(totals.answersMixed) with other bytes; "
      + "hash \(Output.hex(outcome.hash))"
  }

  // MARK: JSON

  private func object(_ violation: Violation) -> [String: Any] {
    [
      "invariant": violation.invariant, "atNanoseconds": violation.at.nanoseconds,
      "text": violation.text,
    ]
  }

  private func object(_ reduced: Reducer.Result) -> [String: Any] {
    [
      "repeat": command(reduced.plan), "violation": object(reduced.violation),
      "runs": reduced.runs, "isSmallest": reduced.isSmallest,
    ]
  }

  private func object(_ plan: DrawnPlan) -> [String: Any] {
    [
      "scenario": call.file.argument, "seed": call.seed, "drawn": plan.lines,
      "repeat": command(plan),
    ]
  }

  private func object(_ plan: DrawnPlan, _ outcome: RunOutcome) -> [String: Any] {
    let totals = outcome.totals
    var object = object(plan)
    object["hash"] = Output.hex(outcome.hash)
    object["virtualNanoseconds"] = outcome.lasted.nanoseconds
    object["packetsIn"] = totals.packetsIn
    object["packetsOut"] = totals.packetsOut
    object["requestsSent"] = totals.requestsSent
    object["requestsAnswered"] = totals.requestsAnswered
    object["requestsUnanswered"] = totals.requestsUnanswered
    return object
  }
}

extension Violation {
  /// For people.
  var line: String {
    // Nobody saw when: the process was gone.
    guard !invariant.hasPrefix("process-") else { return "\(invariant): \(text)" }
    let rest = String(at.nanoseconds % 1_000_000_000)
    let seconds =
      "\(at.nanoseconds / 1_000_000_000)." + String(repeating: "0", count: 9 - rest.count) + rest
    return "\(invariant) at \(seconds) s: \(text)"
  }
}
