import Glibc
import MCTPWorld

/// All runs of a list once, by worker processes. Life: `run` once, then the results.
struct RunPass {
  struct Failure: Hashable {
    let number: UInt64
    let invariant: String
  }

  private struct Job {
    var process: WorkerProcess
    let part: UInt64
    /// The place of the first run that is in no tally yet.
    var next: UInt64
    /// The run that has begun.
    var current: UInt64?
    var failed: [Failure] = []
    /// Runs that end their process.
    var skipped: [UInt64] = []
  }

  private let many: ManyRuns
  private let parts: UInt64
  /// The last run first: what a process did before a run must not matter.
  private let isBackwards: Bool
  private let start = ContinuousClock.now
  private var lastShown = ContinuousClock.now
  private var jobs: [Job] = []

  private(set) var tally = RunTally()
  /// In the order in which they came.
  private(set) var failures: [Failure] = []
  private(set) var hashes: [UInt64: UInt64] = [:]
  /// Not all runs were made: there were too many violations, or a worker could not go on.
  private(set) var isCutShort = false

  init(_ many: ManyRuns, isBackwards: Bool = false) {
    self.many = many
    self.isBackwards = isBackwards
    parts = min(UInt64(many.jobs), many.runs.count)
  }

  /// - Throws: when a worker cannot go on and no run is to blame; what was found is there then.
  mutating func run() throws {
    defer { if Output.isErrorTerminal { Output.note("\r\u{1b}[K") } }
    do {
      for part in 0..<parts { try startJob(part, next: part, skipped: []) }
      while !jobs.isEmpty {
        try takeLines()
        if failures.count >= many.failuresMax {
          isCutShort = jobs.contains { $0.next < many.runs.count }
          stop()
        }
        showProgress()
      }
    } catch {
      isCutShort = true
      stop()
      throw error
    }
  }

  private mutating func startJob(_ part: UInt64, next: UInt64, skipped: [UInt64]) throws {
    let numbers = ([next, parts] + skipped).map { "\($0)" }.joined(separator: ",")
    let process = try WorkerProcess.start(
      many.options + ["--worker", numbers] + (isBackwards ? ["--backwards"] : []))
    jobs.append(Job(process: process, part: part, next: next, skipped: skipped))
  }

  /// Waits half a second at most.
  private mutating func takeLines() throws {
    var waits = jobs.map { pollfd(fd: $0.process.descriptor, events: Int16(POLLIN), revents: 0) }
    _ = poll(&waits, nfds_t(waits.count), 500)
    // From the last: jobs that end leave the list.
    for index in waits.indices.reversed() where waits[index].revents != 0 {
      if let lines = jobs[index].process.read() {
        for line in lines { try take(line, index) }
      } else {
        try end(index)
      }
    }
  }

  private mutating func take(_ line: Substring, _ index: Int) throws {
    let words = line.split(separator: " ", maxSplits: 2)
    guard words.count > 1, let number = UInt64(words[1]) else { return }
    switch words[0] {
    case "run": jobs[index].current = number
    case "hash": hashes[number] = words.count == 3 ? UInt64(words[2]) : nil
    case "failed":
      jobs[index].failed.append(Failure(number: number, invariant: String(words.last ?? "")))
    case "drawn":
      if !isBackwards, !many.isJSON, words.count == 3 {
        try Output.say("\(many.runs.call(number).command()): \(words[2])")
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
    let end = job.process.finish()
    if end == .status(0), job.next >= many.runs.count { return }
    guard let invariant = end.invariant, let current = job.current else {
      throw RunnerFailure("a process ended before its runs were made: \(end.text)")
    }
    failures.append(Failure(number: current, invariant: invariant))
    try startJob(job.part, next: job.next, skipped: job.skipped + [current])
  }

  private mutating func stop() {
    for job in jobs {
      job.process.stop()
      _ = job.process.finish()
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
    // A worker tells of sixteen runs at once.
    let text =
      "\(tally.runs) of \(many.runs.count) runs, \(failures.count) violations, "
      + "\(Int(elapsed)) s, \(Output.tenths(Double(tally.runs) / elapsed)) runs/s"
    Output.note(isTerminal ? "\r\u{1b}[K\(text)" : "\(text)\n")
  }
}
