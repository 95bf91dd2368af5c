// Habits written down, and laid over each other.

internal import MCTPNeighbours
internal import MCTPSimulation
internal import MCTPWire

extension NeighbourHabits {
  /// `pool-answer zero table none`, in the order of the table; `plain` when there is nothing.
  var words: String {
    let words = HabitWord.all.compactMap { word in word.form.text(self).map { (word.word, $0) } }
    return words.isEmpty
      ? "plain" : words.map { $1.isEmpty ? $0 : "\($0) \($1)" }.joined(separator: " ")
  }

  /// Both at once: where both differ from the plainest one, `other`.
  func merged(with other: NeighbourHabits) -> NeighbourHabits {
    guard other != .plain else { return self }
    guard self != .plain else { return other }
    var all = self
    for word in HabitWord.all { word.form.lay(other, over: &all) }
    return all
  }

  /// What a device of ours does, done by a neighbour.
  init(_ temperament: Temperament) {
    self.init()
    answers =
      switch temperament.answers {
      case .always: .always
      case .never: .never
      case .twice: .twice
      case .notEach(let count): .notEach(count)
      }
    answerDelayMs = temperament.answerDelayMs
    forgetsEIDEveryMs = temperament.forgetsEIDEveryMs ?? 0
    reportedEIDOffset = temperament.reportedEIDOffset
    floodPerSecond = temperament.floodPerSecond
    floodDestination = temperament.floodDestination.rawValue
    garbagePerSecond = temperament.garbagePerSecond
    garbageFramesPerSecond = temperament.garbageFramesPerSecond
  }
}

extension HabitWord.Form {
  /// What follows the word, empty for nothing; nil when the habit is as the plainest one's.
  fileprivate func text(_ habits: NeighbourHabits) -> String? {
    switch self {
    case .flag(let field, let value): habits[keyPath: field] == value ? "" : nil
    case .count(let field, _): above(habits[keyPath: field]) { "\($0)" }
    case .value(let field, _): habits[keyPath: field].map(hexadecimal)
    case .each(let field): above(habits[keyPath: field]) { "each \($0)" }
    case .lasting(let field): above(habits[keyPath: field]) { "for \($0)ms" }
    case .every(let field): above(habits[keyPath: field]) { "every \($0)ms" }
    case .rate(let field): above(habits[keyPath: field]) { "\($0)/s" }
    case .pool(let field):
      habits[keyPath: field] == .held ? nil : habits[keyPath: field].words
    default: ownText(habits)
    }
  }

  private func ownText(_ habits: NeighbourHabits) -> String? {
    switch self {
    case .answers: answerText(habits)
    case .errors:
      above(habits.errorEach) { "each \($0) code \(hexadecimal(habits.errorCode))" }
    case .reports: above(habits.reportedEIDOffset) { "+\($0)" }
    case .floods:
      above(habits.floodPerSecond) {
        "\($0)/s to \(habits.floodDestination) of \(habits.floodByteCount)"
      }
    case .spoofs:
      above(habits.spoofPerSecond) {
        "\(habits.spoofedSource) \($0)/s to \(habits.spoofDestination)"
      }
    case .broken:
      above(habits.brokenMessagesPerSecond) { "\($0)/s to \(habits.floodDestination)" }
    case .claims: habits.claimedPool.map { "\($0.count) at \($0.first)" }
    case .table: habits.tableForm == .singles ? nil : habits.tableForm.words
    default: nil
    }
  }

  private func answerText(_ habits: NeighbourHabits) -> String? {
    let late = habits.answerDelayMs > 0 ? "late \(habits.answerDelayMs)ms" : nil
    let how: String? =
      switch habits.answers {
      case .always: nil
      case .never: "never"
      case .twice: "twice"
      case .notEach(let count): "not-each \(count)"
      }
    guard let how else { return late }
    return late.map { "\(how) answers \($0)" } ?? how
  }

  private func above<Number: BinaryInteger>(_ value: Number, _ text: (Number) -> String) -> String?
  {
    value > 0 ? text(value) : nil
  }

  /// Takes what `other` differs in from the plainest one.
  fileprivate func lay(_ other: NeighbourHabits, over habits: inout NeighbourHabits) {
    guard text(other) != nil else { return }
    switch self {
    case .flag(let field, _): habits[keyPath: field] = other[keyPath: field]
    case .count(let field, _): habits[keyPath: field] = other[keyPath: field]
    case .value(let field, _): habits[keyPath: field] = other[keyPath: field]
    case .each(let field), .lasting(let field), .every(let field), .rate(let field):
      habits[keyPath: field] = other[keyPath: field]
    case .pool(let field): habits[keyPath: field] = other[keyPath: field]
    case .answers:
      if other.answers != .always { habits.answers = other.answers }
      if other.answerDelayMs > 0 { habits.answerDelayMs = other.answerDelayMs }
    case .errors:
      habits.errorEach = other.errorEach
      habits.errorCode = other.errorCode
    case .reports: habits.reportedEIDOffset = other.reportedEIDOffset
    case .floods:
      habits.floodPerSecond = other.floodPerSecond
      habits.floodDestination = other.floodDestination
      habits.floodByteCount = other.floodByteCount
    case .spoofs:
      habits.spoofPerSecond = other.spoofPerSecond
      habits.spoofedSource = other.spoofedSource
      habits.spoofDestination = other.spoofDestination
    case .broken:
      habits.brokenMessagesPerSecond = other.brokenMessagesPerSecond
      habits.floodDestination = other.floodDestination
    case .claims: habits.claimedPool = other.claimedPool
    case .table: habits.tableForm = other.tableForm
    }
  }
}
