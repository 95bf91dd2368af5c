import Glibc
import MCTPWorld

/// All runs of a list once, by worker processes. Life: `run` once, then the results.
struct RunPass {
  struct Failure {
    let number: UInt64
    let invariant: String
  }

  private struct Job {
    var process: WorkerProcess
    let part: UInt64
    /// The first run that is in no tally yet.
    var next: UInt64
    /// The run that has begun.
    var current: UInt64?
    var failed: [Failure] = []
    /// Runs that end their process.
    var skipped: [UInt64] = []
  }

  private let many: ManyRuns
  private let parts: UInt64
  /// Another process than in the other pass has each run.
  private let isTurned: Bool
  private let start = ContinuousClock.now
  private var lastShown = ContinuousClock.now
  private var jobs: [Job] = []
  private var begun: UInt64 = 0

  private(set) var tally = RunTally()
  /// In the order in which they came.
  var failures: [Failure] = []
  private(set) var hashes: [UInt64: UInt64] = [:]
  /// There were so many violations that not all runs were made.
  private(set) var isCutShort = false

  init(_ many: ManyRuns, turned: Bool = false) {
    self.many = many
    isTurned = turned
    // A second pass in other parts: what a process did before a run must not matter.
    parts = max(1, min(UInt64(many.jobs), many.runs.count)) + (turned ? 1 : 0)
  }

  mutating func run() throws {
    for part in 0..<min(parts, many.runs.count) { try startJob(part, next: part, skipped: []) }
    while !jobs.isEmpty {
      var waits = jobs.map { pollfd(fd: $0.process.descriptor, events: Int16(POLLIN), revents: 0) }
      _ = poll(&waits, nfds_t(waits.count), 500)
      // From the last: jobs that end leave the list.
      for index in waits.indices.reversed() where waits[index].revents != 0 {
        if let lines = jobs[index].process.read() {
          for line in lines { take(line, index) }
        } else {
          try end(index)
        }
      }
      if failures.count + jobs.reduce(0, { $0 + $1.failed.count }) >= many.failuresMax {
        stop()
        break
      }
      showProgress()
    }
    if Output.isErrorTerminal { Output.write("\r\u{1b}[K", to: STDERR_FILENO) }
  }

  private mutating func startJob(_ part: UInt64, next: UInt64, skipped: [UInt64]) throws {
    let numbers = ([next, parts] + skipped).map { "\($0)" }.joined(separator: ",")
    let process = try WorkerProcess.start(many.options + ["--worker", numbers])
    jobs.append(Job(process: process, part: part, next: next, skipped: skipped))
  }

  private mutating func take(_ line: Substring, _ index: Int) {
    let words = line.split(separator: " ", maxSplits: 2)
    guard words.count > 1, let number = UInt64(words[1]) else { return }
    switch words[0] {
    case "run":
      jobs[index].current = number
      begun += 1
    case "hash": hashes[number] = words.count == 3 ? UInt64(words[2]) : nil
    case "failed":
      jobs[index].failed.append(Failure(number: number, invariant: String(words.last ?? "")))
    case "drawn":
      if !isTurned, !many.isJSON, words.count == 3 {
        Output.say("\(many.runs.command(number)): \(words[2])")
      }
    case "tally":
      let numbers = words.count == 3 ? words[2].split(separator: " ").compactMap { UInt64($0) } : []
      if let sums = RunTally(numbers: numbers) { tally.add(sums) }
      failures += jobs[index].failed
      jobs[index].failed = []
      jobs[index].next = number
      jobs[index].current = nil
    default: break
    }
  }

  /// A worker is gone: done, or ended by the run that it had begun.
  private mutating func end(_ index: Int) throws {
    let job = jobs.remove(at: index)
    let isGood = job.process.finish()
    guard job.next < many.runs.count else { return }
    guard !isGood, let current = job.current else {
      throw WorkerProcess.Failure(description: "a worker ended before its runs: see above")
    }
    failures.append(Failure(number: current, invariant: "process-ended"))
    try startJob(job.part, next: job.next, skipped: job.skipped + [current])
  }

  private mutating func stop() {
    isCutShort = true
    for job in jobs {
      job.process.stop()
      _ = job.process.finish()
      failures += job.failed
    }
    jobs = []
  }

  private mutating func showProgress() {
    let now = ContinuousClock.now
    let isTerminal = Output.isErrorTerminal
    guard now - start >= .seconds(2), now - lastShown >= .seconds(isTerminal ? 0.5 : 15) else {
      return
    }
    lastShown = now
    let elapsed = Output.seconds(now - start)
    let rate = Double(begun) / elapsed
    let failed = failures.count + jobs.reduce(0) { $0 + $1.failed.count }
    let text =
      "\(begun) of \(many.runs.count) runs, \(failed) violations, \(Int(elapsed)) s, "
      + "\(Output.tenths(rate)) runs/s"
    Output.write(isTerminal ? "\r\u{1b}[K\(text)" : "\(text)\n", to: STDERR_FILENO)
  }
}
