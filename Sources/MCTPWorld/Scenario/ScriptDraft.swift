internal import MCTPSimulation
internal import MCTPWire

/// What a scenario says beside its board, while its lines are read: the script, the traffic, what
/// may be drawn, and how long things take.
struct ScriptDraft {
  private(set) var events: [Scenario.ScriptEvent] = []
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
    _ statement: ScenarioWord, _ words: inout ScenarioWords, _ board: Board
  ) throws(ScenarioProblem) {
    guard statement.text != "at" else { return try takeEvent(&words, board) }
    guard !seen.contains(statement.text) else {
      throw words.problem("`\(statement.text)` is there twice", at: statement)
    }
    seen.append(statement.text)
    switch statement.text {
    case "traffic": try takeTraffic(&words)
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
      let (timed, place) = (pair.0.timed, pair.1)
      func problem(_ message: String, _ hint: String) -> ScenarioProblem {
        ScenarioProblem(
          fileName: fileName, line: place.line, column: place.column, message: message, hint: hint)
      }
      guard timed.at < quietFrom else {
        return problem(
          "this is not before \(seconds(quietFrom)), when everything that goes wrong is over",
          "say `faults from ... to ...` with a later end")
      }
      let same = events[..<index].firstIndex {
        timed.event.subject != nil && $0.timed.at == timed.at
          && $0.timed.event.subject == timed.event.subject
      }
      return same.map { first in
        problem(
          "line \(places[first].line) says something else of the same part at the same time",
          "give one of them another time: what is so at once happens once")
      }
    }
  }

  // MARK: statements

  /// `traffic 200/s [sizes 16,64,1000]`
  private mutating func takeTraffic(_ words: inout ScenarioWords) throws(ScenarioProblem) {
    traffic.requestsPerSecond = try words.rate("rate")
    guard words.next != nil else { return }
    try words.expect("sizes")
    let word = try words.word("sizes")
    traffic.bodyByteCounts = []
    for size in word.text.split(separator: ",", omittingEmptySubsequences: false) {
      // Choice: devices take messages of 16 KiB; 8 KiB leave room for several at once.
      guard let count = ScenarioWords.integer(String(size)), (16...8192).contains(count) else {
        throw words.problem(
          "\(backQuoted(String(size))) is no size of a message", at: word,
          hint: "bytes from 16 to 8192, with commas: 16,64,1000")
      }
      traffic.bodyByteCounts.append(Int(count))
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

  // MARK: events

  private mutating func takeEvent(
    _ words: inout ScenarioWords, _ board: Board
  ) throws(ScenarioProblem) {
    let place = words.next
    let at = try words.instant("time")
    let event: WorldEvent
    switch try words.choice("event", ScriptWord.all) {
    case .insert: event = .insert(device: try words.device(board))
    case .remove: event = .remove(device: try words.device(board))
    case .restart: event = .restart(device: try words.device(board))
    case .device:
      let device = try words.device(board)
      event = .temperament(device: device, try words.temperament())
    case .wire:
      let wire = try words.wire(board)
      event = .faults(wire: wire, try words.frameFaults())
    case .cut: event = .cut(wire: try words.wire(board))
    case .mend: event = .mend(wire: try words.wire(board))
    case .kill: event = .kill(router: try words.part("router", board.routers.map(\.name)))
    case .start:
      let router = try words.part("router", board.routers.map(\.name))
      let losesLeases = words.takes("without")
      if losesLeases { try words.expect("leases") }
      event = .start(router: router, keepsLeases: !losesLeases)
    case .down:
      let joint = try words.joint(board)
      event = .portDown(router: joint.router, port: joint.port)
    case .up:
      let joint = try words.joint(board)
      event = .portUp(router: joint.router, port: joint.port)
    }
    events.append(
      Scenario.ScriptEvent(
        number: events.count + 1, timed: TimedEvent(at: at, event), text: words.line.text))
    places.append((words.line.number, place?.column ?? 1))
  }
}

private enum ScriptWord {
  case insert
  case remove
  case restart
  case device
  case wire
  case cut
  case mend
  case kill
  case start
  case down
  case up

  static let all: [(String, ScriptWord)] = [
    ("insert", .insert), ("remove", .remove), ("restart", .restart), ("device", .device),
    ("wire", .wire), ("cut", .cut), ("mend", .mend), ("kill", .kill), ("start", .start),
    ("down", .down), ("up", .up),
  ]
}

extension FaultKind {
  fileprivate static let words = allCases.map { ($0.rawValue, $0) }
}
