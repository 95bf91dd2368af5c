internal import MCTPSimulation
internal import MCTPWire
internal import Topology

/// What a scenario says beside its board, while its lines are read: the script, the traffic, what
/// may be drawn, and how long things take.
struct ScriptDraft {
  private(set) var events: [Scenario.ScriptEvent] = []
  /// Topologies of routers that are started with another one, in the order of their events.
  private(set) var otherTopologies: [(router: Int, topology: Topology)] = []
  private(set) var traffic = Traffic()
  private(set) var faultsFrom = Instant.zero.advanced(byMs: 3000)
  private(set) var quietFrom = Instant.zero.advanced(byMs: 13_000)
  private(set) var drawnCount = 1...5
  private(set) var kinds = FaultKind.allCases
  private(set) var recoveryMs: UInt32 = 30_000
  private(set) var cleanMs: UInt32 = 2000
  /// Statements that may be there once, and events with their places.
  private var seen: [String] = []
  private var places: [(line: Int, column: Int)] = []

  /// Choice: the roll calls begin after `RollCall.graceMs`.
  private static let recoveryMsMin: UInt32 = 10_000

  mutating func take(
    _ statement: ScenarioWord, _ words: inout ScenarioWords, _ board: Board,
    read: (String) throws -> String
  ) throws(ScenarioProblem) {
    guard statement.text != "at" else { return try takeEvent(&words, board, read) }
    guard !seen.contains(statement.text) else {
      throw words.problem("`\(statement.text)` is there twice", at: statement)
    }
    seen.append(statement.text)
    switch statement.text {
    case "traffic": try takeTraffic(&words, board)
    case "faults": try takeFaults(&words)
    case "recover":
      try words.expect("within")
      let time = words.next
      recoveryMs = try words.milliseconds("recovery")
      guard recoveryMs >= ScriptDraft.recoveryMsMin else {
        throw words.problem(
          "\(backQuoted(time?.text ?? "")) is too short: what was answered late has its "
            + "consequences for 8 s", at: time, hint: "10s or more")
      }
    default:
      try words.expect("for")
      cleanMs = try words.milliseconds("the clean time")
    }
  }

  /// What only the whole file shows.
  func problems(fileName: String) -> [ScenarioProblem] {
    zip(events, places).enumerated().compactMap { index, pair in
      let (line, place) = pair
      func problem(_ message: String, _ hint: String) -> ScenarioProblem {
        ScenarioProblem(
          fileName: fileName, line: place.line, column: place.column, message: message, hint: hint)
      }
      guard line.at < quietFrom else {
        return problem(
          "this is not before \(seconds(quietFrom)), when everything that goes wrong is over",
          "say `faults from ... to ...` with a later end")
      }
      let subjects = line.events.compactMap(\.subject)
      let same = events[..<index].firstIndex { other in
        other.at == line.at && other.events.contains { $0.subject.map(subjects.contains) ?? false }
      }
      return same.map { first in
        problem(
          "line \(places[first].line) says something else of the same part at the same time",
          "give one of them another time: what is so at once happens once")
      }
    }
  }

  /// Another topology of a router, by its number among those.
  mutating func add(_ topology: Topology, router: Int) -> Int {
    otherTopologies.append((router, topology))
    return otherTopologies.count { $0.router == router } - 1
  }

  /// What one line says.
  mutating func add(
    _ happens: [WorldEvent], at: Instant, stays: Bool, _ line: ScenarioLine, column: Int
  ) {
    events.append(
      Scenario.ScriptEvent(
        number: events.count + 1, at: at, events: happens, stays: stays, text: line.text))
    places.append((line.number, column))
  }

  // MARK: statements

  /// `traffic N/s [sizes 16,64,1000] [between A and B]` or `traffic load X ...`
  private mutating func takeTraffic(
    _ words: inout ScenarioWords, _ board: Board
  ) throws(ScenarioProblem) {
    let load = words.takes("load") ? try words.load() : nil
    if load == nil { traffic.requestsPerSecond = try words.rate("rate") }
    while words.next != nil {
      switch try words.choice("word for traffic", [("sizes", true), ("between", false)]) {
      case true: traffic.bodyByteCounts = try words.sizes()
      case false:
        let first = try words.device(board)
        try words.expect("and")
        let word = words.next
        traffic.pair = Traffic.Pair(first, try words.device(board))
        guard traffic.pair?.second != first else {
          throw words.problem("two devices are a pair", at: word)
        }
      }
    }
    if let load {
      traffic.requestsPerSecond = board.requestsPerSecond(of: traffic, loadPercent: load)
    }
  }

  /// `faults from TIME to TIME [draw N[-M]] [of KIND...]`
  private mutating func takeFaults(_ words: inout ScenarioWords) throws(ScenarioProblem) {
    try words.expect("from")
    faultsFrom = try words.instant("begin of the faults")
    try words.expect("to")
    let end = words.next
    quietFrom = try words.instant("end of the faults")
    guard quietFrom > faultsFrom else {
      throw words.problem("the faults end before they begin", at: end)
    }
    guard quietFrom.nanoseconds(since: faultsFrom) >= 1_000_000 else {
      throw words.problem("the faults last less than 1ms", at: end)
    }
    if words.takes("draw") {
      let word = try words.word("number of faults")
      let ends = word.text.split(separator: "-", omittingEmptySubsequences: false)
        .map { ScenarioWords.integer(String($0)) ?? 1000 }
      guard ends.count <= 2, let first = ends.first, let last = ends.last, first <= last,
        last <= 100
      else {
        throw words.problem(
          "\(backQuoted(word.text)) is no number of faults", at: word,
          hint: "as in 3 or 2-6; 100 at most, 0 for none")
      }
      drawnCount = Int(first)...Int(last)
    }
    guard words.takes("of") else { return }
    var chosen = [try words.choice("kind of fault", FaultKind.words)]
    while words.next != nil { chosen.append(try words.choice("kind of fault", FaultKind.words)) }
    kinds = FaultKind.allCases.filter { chosen.contains($0) }
  }
}

extension FaultKind {
  fileprivate static let words = allCases.map { ($0.rawValue, $0) }
}
