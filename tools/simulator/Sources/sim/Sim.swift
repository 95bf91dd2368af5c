// The arguments of `tools/sim` and which kind of work they ask for. The work is in the other files.

import ArgumentParser
import MCTPWorld

@main
struct Sim: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tools/sim",
    abstract: "Runs simulated boards in virtual time, with faults that a seed draws.",
    discussion: """
      A scenario is a file of topologies/scenarios, by name, or a path to one. Without any, all of \
      them are run, the seeds spread over them in turn. The same scenario and seed give the same \
      run, packet for packet.

        tools/sim                          100 seeds over all scenarios
        tools/sim tree --seed 17           one run, with what was drawn for it
        tools/sim tree --seed 17 --without f2,dev:drive-0
        tools/sim tree --seed 17 --trace - --capture run.pcapng
        tools/sim --seeds 100000 --jobs 2
        tools/sim --exhaustive pair --depth 14

      What a run can fail with:
        books                a count of a port, or its queue, is not what was seen
        queue-bound          more packets wait at a port than may
        port-state           engine and world do not agree whether a port is up
        forwarding           what leaves a port is not what came in, in its order
        crossing             a packet went where its network, size or EID forbids
        null-eid             a packet from or to EID 0 left its bus
        routing              a packet crossed to where its EID is not, or above its path's size
        source               a source EID passed a source check that knows it elsewhere
        drop                 a drop without its cause, or something taken that is another's
        answer               a request to a router went unanswered, or what is untrue was told
        manners              a router asks too often, whom it should not, or with an instance ID
                             that is in use; or a neighbour complains of it
        messages             a message to a router that came whole was not taken
        claim                somebody was given or told of what is another's
        presence             a report of who is up is not what the wires say
        reports              who is known, as whom, or what it refuses is not reported as it is
        leases               a device that has an EID is given another for nothing
        share                requests are lost between wires that nothing was done to
        rest                 an EID was given on before it had rested
        ownership            an EID has two owners, or routes are not as it is up
        deadline             what was due was not done
        stale-deadline       the engine's next deadline is past and stays
        livelock             a router, or all of them, never comes to rest
        misdelivery          a device got a request for another one
        damaged-message      a message came back with other bytes
        recovery             faults off, and a device has no EID or is silent
        process-ended        the run ended its process
        process-hung         the run took two minutes of processor time
        same-seed-other-run  the second run of --twice was another one

      Exit status: 0 every invariant held, 1 one was violated, 64 arguments or scenarios are wrong, \
      70 the runner itself cannot go on (output cannot be written, no further process).
      """)

  @Argument(help: "Names or paths of scenarios.")
  var scenarios: [String] = []

  @Option(help: "How many seeds to run.")
  var seeds: UInt64?

  @Option(help: "The first of the seeds; 1 by default.")
  var first: UInt64?

  @Option(help: "One seed, in each of the scenarios.")
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "What to leave out of one run: drawn faults, events, devices, traffic.",
      valueName: "f1,e2,dev:NAME,traffic:N"))
  var without: String?

  @Flag(help: "Only what the script says: nothing is drawn.")
  var noFaults = false

  @Flag(help: "Draw what causes known failures too.")
  var drawKnown = false

  @Option(
    help: ArgumentHelp(
      "Kinds of faults that are left out of what seeds draw, overloads above a factor too.",
      valueName: "loss,pool-answer,overload:1.5"))
  var avoid: String?

  @Option(help: "Nothing goes wrong for so many hours of virtual time, neither drawn nor scripted.")
  var hours: Double?

  @Option(
    help: """
      With --hours: the traffic is so many times what the busiest wire carries, 0.1 to 4; the \
      scenario's own when this is missing.
      """)
  var load: Double?

  @Option(help: ArgumentHelp("Write the trace of one run; - is the terminal.", valueName: "file"))
  var trace: String?

  @Option(
    help: ArgumentHelp(
      """
      Write the packets of one run as pcapng: each as it comes in at a port, and what routers \
      themselves send.
      """, valueName: "file"))
  var capture: String?

  @Option(help: "Processes at once; as many as there are processors.")
  var jobs: Int?

  @Flag(inversion: .prefixedNo, help: "Look for the smallest run that still fails.")
  var reduce = true

  @Option(help: "End after so many violations; 20 by default.")
  var failures: Int?

  @Flag(help: "Run each seed twice, in different processes, and compare the hashes.")
  var twice = false

  @Flag(help: "Show what was drawn for every run, not for failing ones only.")
  var verbose = false

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "List the scenarios.")
  var list = false

  @Flag(help: "Measure virtual time against wall time, without faults; of `big` unless named.")
  var speed = false

  @Flag(
    help: ArgumentHelp(
      """
      Run the known failures, or those that are named: each must go on failing as the list says. \
      What causes them is drawn for no other run.
      """))
  var known = false

  @OptionGroup(title: "Everything that may happen on a small board")
  var exhaustive: ExhaustiveOptions

  @Option(help: .hidden)
  var folder: String = "topologies/scenarios"

  /// When a run counts as hung.
  @Option(help: .hidden)
  var processorSeconds: UInt64?

  /// The part of a worker: first place, step, numbers to leave out.
  @Option(help: .hidden)
  var worker: String?

  /// Of a worker: the last run first.
  @Flag(help: .hidden)
  var backwards = false

  /// One run in this process.
  @Flag(help: .hidden)
  var here = false

  /// One run in this process, for its violation only.
  @Flag(help: .hidden)
  var probe = false

  func run() throws {
    do {
      if known {
        let runs = KnownRuns(folder: folder, options: commonOptions, isJSON: json)
        if !(try runs.run(scenarios)) { throw ExitCode(1) }
        return
      }
      if exhaustive.exhaustive {
        let status = try exhaustive.run(names: scenarios, isJSON: json)
        if status != 0 { throw ExitCode(status) }
        return
      }
      let names = scenarios.isEmpty && speed ? ["big"] : scenarios
      let status = try work(try files(names))
      if status != 0 { throw ExitCode(status) }
    } catch let code as ExitCode {
      throw code
    } catch {
      Output.error("\(error)")
      throw ExitCode(70)
    }
  }

  private func files(_ names: [String]) throws -> [ScenarioFile] {
    do { return try ScenarioFile.find(names, folder: folder) } catch {
      Output.error("\(error)")
      throw ExitCode(64)
    }
  }

  /// - Returns: the exit status.
  private func work(_ files: [ScenarioFile]) throws -> Int32 {
    if list {
      try listScenarios(files)
      return 0
    }
    if speed { return try Speed.measure(files, seed: seed ?? 1, isJSON: json) ? 0 : 1 }
    let runs = RunList(
      files, first: first ?? 1, seeds: seeds, seed: seed, kind: try runKind())
    if let worker {
      try work(worker, runs)
      return 0
    }
    if seed != nil, files.count == 1 {
      let run = SingleRun(
        call: runs.call(0), without: without, tracePath: trace, capturePath: capture,
        reduces: reduce, isJSON: json, options: commonOptions, processorSeconds: processorSecondsMax
      )
      if probe {
        try run.probe()
        return 0
      }
      return here ? (try run.run() ? 0 : 1) : try run.watch()
    }
    let many = ManyRuns(
      common: commonOptions, options: workOptions, runs: runs,
      jobs: jobs ?? Output.processorCount, failuresMax: failures ?? 20, reduces: reduce,
      isTwice: twice, isJSON: json)
    return try many.run() ? 0 : 1
  }

  /// - Throws: `ExitCode` 64 for words of `--avoid` that are no kinds.
  private func runKind() throws -> RunKind {
    if let hours {
      return .long(ms: UInt64(hours * 3_600_000), loadPercent: load.map { UInt32($0 * 100 + 0.5) })
    }
    guard !noFaults else { return .scripted }
    let known = drawKnown ? [] : try KnownRuns.list(folder: folder).avoided.sorted()
    let words = (avoid ?? "").split(separator: ",").map(String.init)
    do { return .drawn(avoiding: try Avoidance(words: known + words), drawsKnown: drawKnown) } catch
    {
      Output.error("what is avoided: \(error)")
      throw ExitCode(64)
    }
  }

  private func work(_ worker: String, _ runs: RunList) throws {
    let numbers = worker.split(separator: ",").compactMap { UInt64($0) }
    guard numbers.count >= 2, numbers[1] > 0 else { throw ExitCode(64) }
    try Worker(
      runs: runs, firstPlace: numbers[0], step: numbers[1], skipped: Set(numbers.dropFirst(2)),
      isBackwards: backwards, sendsHashes: twice, isVerbose: verbose,
      processorSeconds: processorSecondsMax
    ).run()
  }

  /// What every process that is started needs to know.
  private var commonOptions: [String] {
    ["--folder", folder, "--processor-seconds", "\(processorSecondsMax)"]
  }

  /// What a worker needs to know of what this process was asked.
  private var workOptions: [String] {
    var options = scenarios + commonOptions
    if let seed { options += ["--seed", "\(seed)"] }
    if let seeds { options += ["--seeds", "\(seeds)"] }
    if let first { options += ["--first", "\(first)"] }
    return options + (twice ? ["--twice"] : []) + (verbose ? ["--verbose"] : [])
      + kindOptions
  }

  private var kindOptions: [String] {
    var options = noFaults ? ["--no-faults"] : []
    if drawKnown { options.append("--draw-known") }
    if let avoid { options += ["--avoid", avoid] }
    if let hours { options += ["--hours", "\(hours)"] }
    if let load { options += ["--load", "\(load)"] }
    return options
  }

  /// A run of hours takes its time.
  private var processorSecondsMax: UInt64 {
    processorSeconds ?? ProcessorTime.defaultSeconds * (1 + UInt64((hours ?? 0) * 4))
  }

  private func listScenarios(_ files: [ScenarioFile]) throws {
    if json {
      try Output.json(
        files.map {
          [
            "name": $0.argument, "title": $0.scenario.title, "file": $0.path,
            "routers": $0.scenario.board.routers.count, "wires": $0.scenario.board.wires.count,
            "devices": $0.scenario.board.devices.count,
          ]
        })
      return
    }
    let width = files.map(\.argument.count).max() ?? 0
    for file in files {
      let name = file.argument + String(repeating: " ", count: width - file.argument.count)
      try Output.say("\(name)  \(file.scenario.title)")
    }
  }
}
