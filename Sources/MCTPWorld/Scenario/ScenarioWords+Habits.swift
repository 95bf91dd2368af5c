// Reads the words of `HabitWord`.

internal import MCTPNeighbours

extension ScenarioWords {
  /// `good`, or what a neighbour does besides: one habit or more, laid over `habits`.
  mutating func habits(
    over habits: NeighbourHabits = .plain
  ) throws(ScenarioProblem) -> NeighbourHabits {
    var habits = habits
    if takes("good") { return .plain }
    repeat {
      try habit(&habits, try choice("habit of a neighbour", HabitWord.choices))
    } while !isOver
    return habits
  }

  mutating func habit(
    _ habits: inout NeighbourHabits, _ form: HabitWord.Form
  ) throws(ScenarioProblem) {
    switch form {
    case .flag(let field, let value): habits[keyPath: field] = value
    case .count(let field, let range):
      habits[keyPath: field] = UInt8(try number("number", range))
    case .value(let field, let range):
      habits[keyPath: field] = UInt8(try number("number", range))
    case .each(let field):
      try expect("each")
      habits[keyPath: field] = UInt32(try number("count", 1...1_000_000))
    case .lasting(let field):
      try expect("for")
      habits[keyPath: field] = try milliseconds("how long that is")
    case .every(let field):
      try expect("every")
      habits[keyPath: field] = try milliseconds("how often that is")
    case .rate(let field): habits[keyPath: field] = try rate("rate")
    case .pool(let field): habits[keyPath: field] = try poolAnswer()
    case .answers: try answers(&habits)
    case .errors:
      try expect("each")
      habits.errorEach = UInt32(try number("count", 1...1_000_000))
      if takes("code") { habits.errorCode = UInt8(try number("completion code", 1...255)) }
    case .reports: habits.reportedEIDOffset = try offset()
    case .floods:
      habits.floodPerSecond = try rate("rate")
      if takes("to") { habits.floodDestination = UInt8(try number("EID", 0...255)) }
      if takes("of") { habits.floodByteCount = UInt16(try number("size", 1...1024)) }
    case .spoofs:
      habits.spoofedSource = UInt8(try number("EID", 0...255))
      habits.spoofPerSecond = try rate("rate")
      if takes("to") { habits.spoofDestination = UInt8(try number("EID", 0...255)) }
    case .broken:
      habits.brokenMessagesPerSecond = try rate("rate")
      if takes("to") { habits.floodDestination = UInt8(try number("EID", 0...255)) }
    case .claims:
      let pool = try pool()
      habits.claimedPool = NeighbourHabits.ClaimedPool(count: pool.count, first: pool.first)
    case .table: habits.tableForm = try tableForm()
    }
  }

  private mutating func answers(_ habits: inout NeighbourHabits) throws(ScenarioProblem) {
    switch try choice("way to answer", AnswerWord.all) {
    case .always: habits.answers = .always
    case .never: habits.answers = .never
    case .twice: habits.answers = .twice
    case .notEach: habits.answers = .notEach(UInt32(try number("count", 2...1_000_000)))
    case .late: habits.answerDelayMs = try milliseconds("delay")
    }
  }

  /// `COUNT at FIRST`
  private mutating func pool() throws(ScenarioProblem) -> (count: UInt8, first: UInt8) {
    let count = UInt8(try number("number of EIDs", 0...255))
    try expect("at")
    return (count, UInt8(try number("EID", 0...255)))
  }

  private mutating func poolAnswer() throws(ScenarioProblem) -> NeighbourHabits.PoolAnswer {
    if let next, ScenarioWords.integer(next.text) != nil {
      let pool = try pool()
      return .fixed(count: pool.count, first: pool.first)
    }
    let plain: [(String, NeighbourHabits.PoolAnswer)] = [
      ("held", .held), ("zero", .zero), ("wish", .wish),
    ]
    guard let word = next, plain.contains(where: { $0.0 == word.text }) else {
      throw problem(
        "\(backQuoted(next?.text ?? "")) is no pool that a bridge tells", at: next,
        hint: "one of held, zero, wish, or COUNT at FIRST")
    }
    return try choice("pool that a bridge tells", plain)
  }

  private mutating func tableForm() throws(ScenarioProblem) -> NeighbourHabits.TableForm {
    let form = try choice("form of a routing table", NeighbourHabits.TableForm.plainWords)
    guard let form else { return .refused(UInt8(try number("completion code", 1...255))) }
    return form
  }
}

extension HabitWord {
  /// For `ScenarioWords.choice`.
  static var choices: [(String, Form)] { all.map { ($0.word, $0.form) } }
}
