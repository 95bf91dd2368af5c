// The list of known failures, line by line. Owns the entry that is being read.

struct KnownFailureReader {
  private struct Draft {
    var line: Int
    var name: String
    var cause: String
    var scenario: String?
    var seed: UInt64 = 1
    var isDrawn = true
    var invariant: String?
    var text = ""
    var avoided: [String] = []
  }

  let fileName: String
  var problems: [ScenarioProblem] = []
  private var limit: Int?
  private var drafts: [Draft] = []

  init(fileName: String) { self.fileName = fileName }

  mutating func take(_ line: ScenarioLine) throws(ScenarioProblem) {
    var words = ScenarioWords(fileName: fileName, line: line)
    let first = try words.word("an entry")
    switch first.text {
    case "limit" where drafts.isEmpty && limit == nil:
      limit = Int(try words.number("limit", 0...10_000))
      return try words.finish()
    case "run": try takeRun(&words)
    case "fails":
      try change(words) { $0.invariant = "" }
      let invariant = try words.word("what is violated").text
      let rest = rest(&words)
      try change(words) {
        $0.invariant = invariant
        $0.text = rest
      }
    case "avoid":
      repeat {
        let word = try words.word("kind of fault").text
        try change(words) { $0.avoided.append(word) }
      } while words.next != nil
    default:
      let known = drafts.map(\.name)
      guard !known.contains(first.text) else {
        throw words.problem("\(first.text) is there already", at: first)
      }
      _ = words.next
      let cause = rest(&words)
      guard !cause.isEmpty else {
        throw words.problem(
          "\(backQuoted(first.text)) has no cause", at: nil,
          hint: "say in one sentence what goes wrong, and why")
      }
      drafts.append(Draft(line: line.number, name: first.text, cause: cause))
    }
  }

  private mutating func takeRun(_ words: inout ScenarioWords) throws(ScenarioProblem) {
    let scenario = try words.word("a scenario").text
    try change(words) { $0.scenario = scenario }
    while let word = words.next {
      if words.takes("--seed") {
        let seed = try words.number("seed", 0...UInt64.max)
        try change(words) { $0.seed = seed }
      } else if words.takes("--no-faults") {
        try change(words) { $0.isDrawn = false }
      } else {
        throw words.problem(
          "\(backQuoted(word.text)) is nothing that a run may have here", at: word,
          hint: "--seed N or --no-faults")
      }
    }
  }

  private mutating func change(
    _ words: ScenarioWords, _ body: (inout Draft) -> Void
  ) throws(ScenarioProblem) {
    guard !drafts.isEmpty else {
      throw words.problem(
        "this belongs to an entry, and there is none yet", at: words.line.words.first,
        hint: "an entry begins with its name and its cause")
    }
    body(&drafts[drafts.count - 1])
  }

  private func rest(_ words: inout ScenarioWords) -> String {
    var texts: [String] = []
    while let word = try? words.word("a word") { texts.append(word.text) }
    return texts.joined(separator: " ")
  }

  func finish() throws(ScenarioError) -> KnownFailures {
    var problems = problems
    func add(_ line: Int, _ message: String, _ hint: String) {
      problems.append(
        ScenarioProblem(
          fileName: fileName, line: line, column: 1, message: message, hint: hint))
    }
    var entries: [KnownFailure] = []
    for draft in drafts {
      guard let scenario = draft.scenario, let invariant = draft.invariant else {
        add(
          draft.line, "\(draft.name) has no `\(draft.scenario == nil ? "run" : "fails")` line",
          "an entry has a `run` line and a `fails` line")
        continue
      }
      entries.append(
        KnownFailure(
          name: draft.name, cause: draft.cause, scenario: scenario, seed: draft.seed,
          isDrawn: draft.isDrawn, invariant: invariant, text: draft.text, avoided: draft.avoided))
    }
    if let limit, entries.count > limit, problems.isEmpty {
      add(1, "\(entries.count) entries, and the limit is \(limit)", "the list may only shrink")
    } else if let limit, entries.count < limit, problems.isEmpty {
      add(
        1, "\(entries.count) entries, and the limit is \(limit)",
        "lower it to \(entries.count): the list may only shrink")
    } else if limit == nil, problems.isEmpty {
      add(1, "there is no limit", "begin with a line `limit N`, the number of entries")
    }
    guard problems.isEmpty else {
      throw ScenarioError(problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) })
    }
    return KnownFailures(entries: entries)
  }
}
