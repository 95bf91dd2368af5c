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
        tools/sim tree --seed 17 --without f2,dev:drive-0 --trace - --capture run.pcapng
        tools/sim --seeds 100000 --jobs 2

      Exit status: 0 when every invariant held, 1 when one was violated, 64 for arguments and \
      scenarios that are wrong.
      """)

  @Argument(help: "Names or paths of scenarios.")
  var scenarios: [String] = []

  @Option(help: "How many seeds to run.")
  var seeds: UInt64?

  @Option(help: "The first of the seeds.")
  var first: UInt64 = 1

  @Option(help: "One seed, in each of the scenarios.")
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "What to leave out of one run: drawn faults, events, devices, traffic.",
      valueName: "f1,e2,dev:NAME,traffic:N"))
  var without: String?

  @Flag(help: "Only what the script says: nothing is drawn.")
  var noFaults = false

  @Option(help: ArgumentHelp("Write the trace of one run; - is the terminal.", valueName: "file"))
  var trace: String?

  @Option(help: ArgumentHelp("Write the packets of one run as pcapng.", valueName: "file"))
  var capture: String?

  @Option(help: "Processes at once; as many as there are processors.")
  var jobs: Int?

  @Flag(inversion: .prefixedNo, help: "Look for the smallest run that still fails.")
  var reduce = true

  @Option(help: "End after so many violations.")
  var failures: Int = 20

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

  @Option(help: .hidden)
  var folder: String = "topologies/scenarios"

  /// The part of a worker: first number, step, numbers to leave out.
  @Option(help: .hidden)
  var worker: String?

  func validate() throws {
    if seed != nil, seeds != nil {
      throw ValidationError("--seed is one run and --seeds are many: give one of them.")
    }
    if seeds == 0 || jobs.map({ $0 < 1 || $0 > 256 }) ?? false || failures < 1 {
      throw ValidationError("--seeds, --jobs and --failures are 1 or more, --jobs 256 at most.")
    }
    if without != nil || trace != nil || capture != nil {
      guard seed != nil, scenarios.count == 1 else {
        throw ValidationError(
          "--without, --trace and --capture are for one run: name one scenario and --seed.")
      }
    }
    if twice, seed != nil || speed || noFaults {
      throw ValidationError("--twice goes with --seeds.")
    }
    if noFaults, seed == nil, !speed {
      throw ValidationError("--no-faults is for one run: give --seed, any number.")
    }
  }

  func run() throws {
    let names = scenarios.isEmpty && speed ? ["big"] : scenarios
    let files: [ScenarioFile]
    do {
      files = try ScenarioFile.find(names, folder: folder)
    } catch {
      Output.error("\(error)")
      throw ExitCode(64)
    }
    if list { return listScenarios(files) }
    if speed { return Speed.measure(files, seed: seed ?? first, isJSON: json) }
    if let worker { return try work(worker, files) }
    let isGood: Bool
    if let seed, files.count == 1, let file = files.first {
      isGood = try SingleRun(
        file: file, seed: seed, without: without, isDrawn: !noFaults, tracePath: trace,
        capturePath: capture, reduces: reduce, isJSON: json
      ).run()
    } else {
      isGood = try ManyRuns(
        options: workOptions, folder: folder,
        runs: RunList(files, first: seed ?? first, seeds: seeds, seed: seed),
        jobs: jobs ?? Output.processorCount, failuresMax: failures, reduces: reduce,
        isTwice: twice, isVerbose: verbose, isJSON: json
      ).run()
    }
    if !isGood { throw ExitCode(1) }
  }

  private func work(_ worker: String, _ files: [ScenarioFile]) throws {
    let numbers = worker.split(separator: ",").compactMap { UInt64($0) }
    guard numbers.count >= 2, numbers[1] > 0 else { throw ExitCode(64) }
    Worker(
      runs: RunList(files, first: seed ?? first, seeds: seeds, seed: seed),
      firstNumber: numbers[0], step: numbers[1], skipped: Set(numbers.dropFirst(2)),
      sendsHashes: twice, isVerbose: verbose
    ).run()
  }

  /// What a worker needs to know of what this process was asked.
  private var workOptions: [String] {
    var options = scenarios + ["--folder", folder]
    if let seed { options += ["--seed", "\(seed)"] }
    if let seeds { options += ["--first", "\(first)", "--seeds", "\(seeds)"] }
    if seed == nil, seeds == nil { options += ["--first", "\(first)"] }
    return options + (twice ? ["--twice"] : []) + (verbose ? ["--verbose"] : [])
  }

  private func listScenarios(_ files: [ScenarioFile]) {
    if json {
      Output.json(
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
      Output.say("\(name)  \(file.scenario.title)")
    }
  }
}
