import Glibc
import MCTPWorld

/// `--exhaustive`: everything that may happen on a small board, within a depth.
struct Exhaustive {
  let board: SmallBoard
  let limits: ExhaustiveLimits
  let secondsMax: Double
  let isJSON: Bool

  /// - Returns: true when every invariant held.
  func search() throws -> Bool {
    let clock = ContinuousClock()
    let start = clock.now
    var shown = 0.0
    var search = ExhaustiveSearch(board, limits)
    let report = search.run { report in
      let seconds = Output.seconds(clock.now - start)
      if Output.isErrorTerminal, seconds > 2, seconds - shown > 0.5 {
        shown = seconds
        Output.note("\r\(board.name): \(report.states) states, depth \(report.depth)\u{1B}[K")
      }
      return seconds < secondsMax
    }
    if shown > 0 { Output.note("\r\u{1B}[K") }
    let seconds = Output.seconds(clock.now - start)
    if isJSON {
      try Output.json(values(report, seconds))
    } else {
      for line in lines(report, seconds) { try Output.say(line) }
    }
    return report.findings.isEmpty
  }

  /// One path again, in words.
  func replay(_ choices: [Int]) throws -> Bool {
    let replay = ExhaustiveReplay(board, limits, choices: choices, showsCalm: true)
    if let place = replay.wrongChoice {
      throw RunnerFailure("choice \(place + 1) of --choices does not exist there")
    }
    for line in replay.lines { try Output.say("  \(line)") }
    guard let violation = replay.violation else {
      try Output.say("every invariant held, also at rest")
      return true
    }
    try Output.say("\(violation.invariant): \(violation.text)")
    return false
  }

  private func lines(_ report: ExhaustiveReport, _ seconds: Double) -> [String] {
    let rate = Int(Double(report.states) / max(seconds, 0.001))
    let start = limits.isSettled ? "from rest" : "from power-on"
    let scope =
      report.isComplete
      ? "everything within \(report.depth) steps"
      : "everything within \(report.depth) steps, and some of the next"
    var lines = [
      "\(board.name): \(board.title)",
      "  \(start), \(limits.faults) faults and \(limits.pings) pings a path: \(scope)",
      "  \(report.states) states, \(report.folded) folded, \(report.transitions) transitions, "
        + "\(report.leaves) leaves, \(report.calmRuns) of them followed to their rest",
      "  \(Output.tenths(seconds)) s, \(rate) states/s, "
        + "\(report.tableBytes / 1_048_576) MB of tables, \(peakMegabytes) MB in all",
    ]
    for finding in report.findings { lines += describe(finding) }
    lines.append(
      report.findings.isEmpty
        ? "  every invariant held" : "  \(report.findings.count) kinds of violations")
    return lines
  }

  private func describe(_ finding: ExhaustiveFinding) -> [String] {
    let replay = ExhaustiveReplay(board, limits, choices: finding.choices)
    let place = finding.isAtEnd ? "at rest after" : "after"
    return [
      "  \(finding.violation.invariant), \(finding.count) times, "
        + "\(place) \(finding.choices.count) steps: \(finding.violation.text)"
    ] + replay.lines.map { "    \($0)" } + ["    again: \(again(finding.choices))"]
  }

  private func again(_ choices: [Int]) -> String {
    // An end that does not come to rest may need no choice at all.
    let list = choices.isEmpty ? "''" : choices.map { "\($0)" }.joined(separator: ",")
    return "tools/sim --exhaustive \(board.name) --faults \(limits.faults) "
      + "--pings \(limits.pings)\(limits.isSettled ? " --settled" : "") --choices \(list)"
  }

  private func values(_ report: ExhaustiveReport, _ seconds: Double) -> [String: Any] {
    [
      "board": board.name, "settled": limits.isSettled, "faults": limits.faults,
      "pings": limits.pings, "depth": report.depth, "complete": report.isComplete,
      "states": report.states, "folded": report.folded, "transitions": report.transitions,
      "leaves": report.leaves, "calm-runs": report.calmRuns, "layers": report.layers,
      "seconds": seconds, "table-bytes": report.tableBytes, "peak-megabytes": peakMegabytes,
      "violations": report.findings.map { finding in
        [
          "invariant": finding.violation.invariant, "text": finding.violation.text,
          "count": finding.count, "at-rest": finding.isAtEnd, "choices": finding.choices,
          "repeat": again(finding.choices),
        ] as [String: Any]
      },
    ]
  }

  private var peakMegabytes: Int {
    var usage = rusage()
    guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
    return usage.ru_maxrss / 1024
  }
}
