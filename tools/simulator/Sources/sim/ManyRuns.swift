import MCTPWire
import MCTPWorld

/// Many runs in several processes: a run that ends its process is found like any other failure, and
/// costs only itself.
struct ManyRuns {
  /// Of every process that is started: where scenarios are, and the like.
  let common: [String]
  /// Of a worker.
  let options: [String]
  let runs: RunList
  let jobs: Int
  let failuresMax: Int
  let reduces: Bool
  let isTwice: Bool
  let isJSON: Bool

  /// How many failures are looked at closely.
  private static let reportsMax = 3

  /// True when every invariant held.
  func run() throws -> Bool {
    let start = ContinuousClock.now
    var first = RunPass(self)
    var second: RunPass?
    var broken: (any Error)?
    do {
      try first.run()
      // Runs that fail are compared too: a failure that cannot be repeated is worth nothing.
      if isTwice, !first.isCutShort {
        var pass = RunPass(self, isBackwards: true)
        defer { second = pass }
        try pass.run()
      }
    } catch {
      broken = error
    }
    let wall = Output.seconds(ContinuousClock.now - start)
    let compared = second.map { compare(first, $0) }
    let failures = (first.failures + (compared?.failures ?? [])).sorted { $0.number < $1.number }
    if isJSON {
      try report(first, failures, wall, compared?.count)
    } else {
      try tell(first, failures, wall)
      if let compared {
        try Output.say(
          "compared with a second run in another process: \(compared.count) of \(runs.count) runs")
      }
    }
    if let broken { throw broken }
    return failures.isEmpty && (compared.map { $0.count == runs.count } ?? true)
  }

  /// - Returns: what only the second pass has against the runs, and how many both made.
  private func compare(
    _ first: RunPass, _ second: RunPass
  ) -> (failures: [RunPass.Failure], count: UInt64) {
    let known = Set(first.failures)
    var failures = second.failures.filter { !known.contains($0) }
    var count: UInt64 = 0
    for number in Set(first.hashes.keys).union(second.hashes.keys) {
      let (one, other) = (first.hashes[number], second.hashes[number])
      if one != nil, other != nil { count += 1 }
      // What a second pass that ended early did not make is no other run.
      if one != other, !(second.isCutShort && other == nil) {
        failures.append(RunPass.Failure(number: number, invariant: "same-seed-other-run"))
      }
    }
    return (failures, count)
  }

  private func tell(_ pass: RunPass, _ failures: [RunPass.Failure], _ wall: Double) throws {
    // Each kind of failure once, then more of the same.
    var seen: [String] = []
    var closely: [RunPass.Failure] = []
    for failure in failures where !seen.contains(failure.invariant) {
      seen.append(failure.invariant)
      closely.append(failure)
    }
    for failure in closely.prefix(ManyRuns.reportsMax) { try lookClosely(failure) }
    if !failures.isEmpty {
      try Output.say("---- all violations")
      for failure in failures {
        try Output.say("\(runs.call(failure.number).command())  # \(failure.invariant)")
      }
      try Output.say("----")
    }
    if pass.isCutShort { try Output.say("ended early: not all runs were made") }
    let tally = pass.tally
    let totals = tally.totals
    let virtual = Double(tally.virtualNanoseconds) * 1e-9
    try Output.say(
      "\(tally.runs) runs of \(runs.files.count) scenarios in "
        + "\(Output.tenths(wall)) s, \(jobs) processes: \(failures.count) violations")
    try Output.say(
      "\(Output.tenths(virtual)) s of virtual time, \(Output.tenths(virtual / max(wall, 1e-9))) "
        + "times as fast as real time; \(totals.packetsIn) packets in, \(totals.packetsOut) out; "
        + "\(totals.requestsSent) requests, \(totals.requestsAnswered) answered, of these "
        + "\(totals.answersMixed) with other bytes")
    let drawn = tally.drawnFaults.map { "\($0.kind.rawValue) \($0.count)" }
    let hit = totals.frameFaults.filter { $0.count > 0 }.map { "\($0.name) \($0.count)" }
    try Output.say("frames hit: " + (hit.isEmpty ? "none" : hit.joined(separator: ", ")))
    if tally.recoveredRuns > 0 {
      // The first round begins 8 s after the faults, whatever happens: no run has less.
      try Output.say(
        "the round of requests in which every device answered began "
          + "\(totals.recoveryMs / tally.recoveredRuns) ms after the faults on average, "
          + "\(tally.recoveryMsMax) ms at most (never before 8000 ms)")
    }
    try Output.say("drawn faults: " + (drawn.isEmpty ? "none" : drawn.joined(separator: ", ")))
    try Output.say("hash of all runs: \(Output.hex(tally.hash))")
  }

  private func lookClosely(_ failure: RunPass.Failure) throws {
    let call = runs.call(failure.number)
    try Output.say("---- \(failure.invariant)")
    guard failure.invariant != "process-hung" else {
      return try Output.say(
        "it took more processor time than any run needs and was ended; to see where it stays:\n"
          + "\(call.command()) --trace hung.txt")
    }
    let end = try WorkerProcess.call(
      call.words() + common + (reduces ? [] : ["--no-reduce"]))
    if end == .status(0) {
      try Output.say("alone it did not fail: is something not in the plan?")
    }
  }

  private func report(
    _ pass: RunPass, _ failures: [RunPass.Failure], _ wall: Double, _ comparedCount: UInt64?
  ) throws {
    let tally = pass.tally
    let totals = tally.totals
    try Output.json(
      [
        "runs": tally.runs, "scenarios": runs.files.map(\.argument), "wallSeconds": wall,
        "virtualNanoseconds": tally.virtualNanoseconds, "packetsIn": tally.totals.packetsIn,
        "packetsOut": tally.totals.packetsOut, "requestsSent": tally.totals.requestsSent,
        "requestsAnswered": tally.totals.requestsAnswered, "hash": Output.hex(tally.hash),
        "isCutShort": pass.isCutShort, "comparedRuns": comparedCount ?? 0,
        "recoveryMsMax": tally.recoveryMsMax,
        "frameFaults": Dictionary(
          uniqueKeysWithValues: totals.frameFaults.map { ($0.name, $0.count) }),
        "drawnFaults": Dictionary(
          uniqueKeysWithValues: tally.drawnFaults.map { ($0.kind.rawValue, $0.count) }),
        "violations": failures.map {
          let call = runs.call($0.number)
          return [
            "scenario": call.file.argument, "seed": call.seed, "invariant": $0.invariant,
            "repeat": call.command(),
          ] as [String: Any]
        },
      ] as [String: Any])
  }
}
