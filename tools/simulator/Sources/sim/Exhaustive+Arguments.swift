import ArgumentParser
import MCTPWorld

/// The arguments that only `--exhaustive` has.
struct ExhaustiveOptions: ParsableArguments {
  @Flag(
    help: """
      Try everything that may happen on small boards, named instead of scenarios; all of them \
      when none is named.
      """)
  var exhaustive = false

  @Option(help: "Steps from the start; 12 by default.")
  var depth: Int?

  @Option(help: "Faults a path; 1 by default.")
  var faults: Int?

  @Option(help: "Packets between devices a path; 1 by default.")
  var pings: Int?

  @Flag(help: "Begin when everybody has been set up, not at power-on.")
  var settled = false

  @Option(help: "End after so many states.")
  var states: Int?

  @Option(help: "End after so many seconds, for each board.")
  var seconds: Double?

  @Option(help: "How many leaves to follow to their rest; 200 by default.")
  var calm: Int?

  @Option(help: ArgumentHelp("One path again, in words.", valueName: "0,2,1"))
  var choices: String?

  var isUsed: Bool {
    depth != nil || faults != nil || pings != nil || settled || states != nil || seconds != nil
      || calm != nil || choices != nil
  }

  func check(names: [String]) throws {
    guard exhaustive else {
      guard !isUsed else {
        throw ValidationError(
          "--depth, --faults, --pings, --settled, --states, --seconds, --calm and --choices go "
            + "with --exhaustive.")
      }
      return
    }
    for name in names where SmallBoard.named(name) == nil {
      let known = SmallBoard.all.map(\.name).joined(separator: ", ")
      throw ValidationError("\(name) is no small board: \(known).")
    }
    let isOutOfRange =
      !(0...200).contains(depth ?? 0) || !(0...9).contains(faults ?? 0)
      || !(0...9).contains(pings ?? 0) || !(1...1_000_000_000).contains(states ?? 1)
      || (seconds ?? 1) <= 0 || (calm ?? 0) < 0
    if isOutOfRange {
      throw ValidationError(
        "--depth is 0 to 200, --faults and --pings 0 to 9, --states and --seconds 1 or more.")
    }
    guard let choices else { return }
    if names.count != 1 { throw ValidationError("--choices is for one board: name it.") }
    if path(choices) == nil { throw ValidationError("--choices are numbers with commas between.") }
  }

  private func path(_ text: String) -> [Int]? {
    let words = text.split(separator: ",")
    let numbers = words.compactMap { Int($0) }
    return numbers.count == words.count ? numbers : nil
  }

  /// - Returns: the exit status.
  func run(names: [String], isJSON: Bool) throws -> Int32 {
    var limits = ExhaustiveLimits()
    limits.depth = depth ?? limits.depth
    limits.faults = faults ?? limits.faults
    limits.pings = pings ?? limits.pings
    limits.isSettled = settled
    limits.statesMax = states ?? limits.statesMax
    limits.calmRunsMax = calm ?? limits.calmRunsMax
    var hasHeld = true
    for board in SmallBoard.all where names.isEmpty || names.contains(board.name) {
      let work = Exhaustive(
        board: board, limits: limits, secondsMax: seconds ?? .infinity, isJSON: isJSON)
      if let choices {
        hasHeld = try work.replay(path(choices) ?? []) && hasHeld
      } else {
        hasHeld = try work.search() && hasHeld
      }
    }
    return hasHeld ? 0 : 1
  }
}
