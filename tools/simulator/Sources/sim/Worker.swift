import MCTPWorld

/// Every `step`-th run, and lines about them for the process that asked, on standard output:
///
///     run NUMBER                  begins; a worker that dies has this one to blame
///     hash NUMBER HASH            when asked for
///     failed NUMBER INVARIANT
///     drawn NUMBER TEXT           when asked for
///     tally NEXT SUMS...          of the runs since the last one; the next is NEXT
struct Worker {
  let runs: RunList
  let firstNumber: UInt64
  let step: UInt64
  let skipped: Set<UInt64>
  let sendsHashes: Bool
  let isVerbose: Bool

  private static let runsPerTally = 16

  func run() {
    var tally = RunTally()
    var number = firstNumber
    while number < runs.count {
      if !skipped.contains(number) {
        Output.say("run \(number)")
        let plan = runs.plan(number)
        if isVerbose { for line in plan.lines { Output.say("drawn \(number) \(line)") } }
        let outcome = Run.execute(plan.plan)
        tally.add(outcome, of: plan, number: number)
        if sendsHashes { Output.say("hash \(number) \(outcome.hash)") }
        if let violation = outcome.violation {
          Output.say("failed \(number) \(violation.invariant)")
        }
      }
      number += step
      if tally.runs >= Worker.runsPerTally || number >= runs.count {
        Output.say("tally \(number) " + tally.numbers.map { "\($0)" }.joined(separator: " "))
        tally = RunTally()
      }
    }
  }
}
