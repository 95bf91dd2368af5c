import MCTPWire
import MCTPWorld

/// Many runs in several processes: a run that ends its process is found like any other failure, and
/// costs only itself.
struct ManyRuns {
  /// Of a worker.
  let options: [String]
  let folder: String
  let runs: RunList
  let jobs: Int
  let failuresMax: Int
  let reduces: Bool
  let isTwice: Bool
  let isVerbose: Bool
  let isJSON: Bool

  /// How many failures are looked at closely.
  private static let reportsMax = 3

  /// True when every invariant held.
  func run() throws -> Bool {
    let start = ContinuousClock.now
    var first = RunPass(self)
    var comparedCount = 0
    try first.run()
    // Runs that fail are compared too: a failure that cannot be repeated is worth nothing.
    if isTwice, !first.isCutShort {
      var second = RunPass(self, turned: true)
      try second.run()
      for (number, hash) in first.hashes.sorted(by: { $0.key < $1.key }) {
        guard let other = second.hashes[number] else { continue }
        comparedCount += 1
        guard other != hash else { continue }
        first.failures.append(RunPass.Failure(number: number, invariant: "same-seed-other-run"))
      }
    }
    let wall = Output.seconds(ContinuousClock.now - start)
    first.failures.sort { $0.number < $1.number }
    if isJSON {
      report(first, wall, comparedCount)
    } else {
      try tell(first, wall)
      if isTwice {
        Output.say("compared with a second run in another process: \(comparedCount) hashes")
      }
    }
    return first.failures.isEmpty
  }

  private func tell(_ pass: RunPass, _ wall: Double) throws {
    // Each kind of failure once, then more of the same.
    var seen: [String] = []
    var closely: [RunPass.Failure] = []
    for failure in pass.failures where !seen.contains(failure.invariant) {
      seen.append(failure.invariant)
      closely.append(failure)
    }
    for failure in closely.prefix(ManyRuns.reportsMax) {
      Output.say("---- \(failure.invariant)")
      let status = try WorkerProcess.call(
        [
          runs.file(failure.number).argument, "--folder", folder, "--seed",
          "\(runs.seed(failure.number))",
        ]
          + (reduces ? [] : ["--no-reduce"]))
      if status == nil { Output.say("the process ended by a signal") }
      if status == 0 { Output.say("alone it did not fail: is something not in the plan?") }
    }
    if !pass.failures.isEmpty {
      Output.say("---- all violations")
      for failure in pass.failures {
        Output.say("\(runs.command(failure.number))  # \(failure.invariant)")
      }
      if pass.isCutShort { Output.say("ended early after \(pass.failures.count) violations") }
      Output.say("----")
    }
    let tally = pass.tally
    let totals = tally.totals
    let virtual = Double(tally.virtualNanoseconds) * 1e-9
    Output.say(
      "\(tally.runs) runs of \(runs.files.count) scenarios in "
        + "\(Output.tenths(wall)) s, \(jobs) processes: \(pass.failures.count) violations")
    Output.say(
      "\(Output.tenths(virtual)) s of virtual time, \(Output.tenths(virtual / max(wall, 1e-9))) "
        + "times as fast as real time; \(totals.packetsIn) packets in, \(totals.packetsOut) out; "
        + "\(totals.requestsSent) requests, \(totals.requestsAnswered) answered")
    let drawn = tally.drawnFaults.map { "\($0.kind.rawValue) \($0.count)" }
    let hit = totals.frameFaults.filter { $0.count > 0 }.map { "\($0.name) \($0.count)" }
    Output.say("frames hit: " + (hit.isEmpty ? "none" : hit.joined(separator: ", ")))
    Output.say(
      "whole again after \(totals.recoveryMs / UInt64(max(tally.runs, 1))) ms of virtual time on "
        + "average, \(tally.recoveryMsMax) ms at most")
    Output.say("drawn faults: " + (drawn.isEmpty ? "none" : drawn.joined(separator: ", ")))
    Output.say("hash of all runs: \(Output.hex(tally.hash))")
  }

  private func report(_ pass: RunPass, _ wall: Double, _ comparedCount: Int) {
    let tally = pass.tally
    let totals = tally.totals
    Output.json(
      [
        "runs": tally.runs, "scenarios": runs.files.map(\.argument), "wallSeconds": wall,
        "virtualNanoseconds": tally.virtualNanoseconds, "packetsIn": tally.totals.packetsIn,
        "packetsOut": tally.totals.packetsOut, "requestsSent": tally.totals.requestsSent,
        "requestsAnswered": tally.totals.requestsAnswered, "hash": Output.hex(tally.hash),
        "isCutShort": pass.isCutShort, "comparedHashes": comparedCount,
        "recoveryMsMax": tally.recoveryMsMax,
        "frameFaults": Dictionary(
          uniqueKeysWithValues: totals.frameFaults.map { ($0.name, $0.count) }),
        "drawnFaults": Dictionary(
          uniqueKeysWithValues: tally.drawnFaults.map { ($0.kind.rawValue, $0.count) }),
        "violations": pass.failures.map {
          [
            "scenario": runs.file($0.number).argument, "seed": runs.seed($0.number),
            "invariant": $0.invariant, "repeat": runs.command($0.number),
          ] as [String: Any]
        },
      ] as [String: Any])
  }
}
