import MCTPWorld

/// Every `step`-th run, and lines about them for the process that asked, on standard output:
///
///     run NUMBER                  begins; a worker that dies has this one to blame
///     hash NUMBER HASH            when asked for
///     failed NUMBER INVARIANT
///     drawn NUMBER TEXT           when asked for
///     tally PLACE SUMS...         of the runs since the last one; the next is at PLACE
struct Worker {
  let runs: RunList
  /// In the order in which runs are made.
  let firstPlace: UInt64
  let step: UInt64
  /// Numbers of runs that are left out.
  let skipped: Set<UInt64>
  let isBackwards: Bool
  let sendsHashes: Bool
  let isVerbose: Bool
  let processorSeconds: UInt64

  private static let runsPerTally = 16

  func run() throws {
    var tally = RunTally()
    var place = firstPlace
    while place < runs.count {
      let number = runs.number(at: place, isBackwards: isBackwards)
      var hasFailed = false
      if !skipped.contains(number) {
        ProcessorTime.allow(seconds: processorSeconds)
        try Output.say("run \(number)")
        let plan = runs.call(number).plan
        if isVerbose { for line in plan.lines { try Output.say("drawn \(number) \(line)") } }
        let outcome = Run.execute(plan.plan)
        tally.add(outcome, of: plan, number: number)
        if sendsHashes { try Output.say("hash \(number) \(outcome.hash)") }
        if let violation = outcome.violation {
          hasFailed = true
          try Output.say("failed \(number) \(violation.invariant)")
        }
      }
      place += min(step, runs.count - place)
      if hasFailed || tally.runs >= Worker.runsPerTally || place >= runs.count {
        try Output.say("tally \(place) " + tally.numbers.map { "\($0)" }.joined(separator: " "))
        tally = RunTally()
      }
    }
  }
}
