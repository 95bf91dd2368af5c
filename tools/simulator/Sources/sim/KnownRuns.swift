import Foundation
import MCTPWorld

/// The known failures: each must go on failing as the list says, until its entry is taken off.
struct KnownRuns {
  let folder: String
  let options: [String]
  let isJSON: Bool

  static func list(folder: String) throws -> KnownFailures {
    let path = "\(folder)/known/failures"
    guard let bytes = FileManager.default.contents(atPath: path) else { return .none }
    return try KnownFailures.read(String(decoding: bytes, as: UTF8.self), fileName: path)
  }

  /// True when each fails as it should.
  func run(_ names: [String]) throws -> Bool {
    let all = try Self.list(folder: folder).entries
    for name in names where !all.contains(where: { $0.name == name }) {
      throw ScenarioFile.Missing(
        description: "\(name): no known failure has that name; there are "
          + all.map(\.name).joined(separator: ", "))
    }
    let entries = all.filter { names.isEmpty || names.contains($0.name) }
    let width = entries.map(\.name.count).max() ?? 0
    var rows: [[String: Any]] = []
    var badCount = 0
    for entry in entries {
      let path = "\(folder)/\(entry.scenario).sim"
      let file = try ScenarioFile.find([path], folder: folder)[0]
      let call = RunCall(
        file: file, seed: entry.seed,
        kind: entry.isDrawn ? .drawn(avoiding: .nothing, drawsKnown: true) : .scripted)
      let violation = try Probe(call: call, options: options).run(call.plan)
      let isAsKnown = violation.map(entry.explains) ?? false
      if !isAsKnown { badCount += 1 }
      let seen = violation.map(\.line) ?? "held"
      rows.append([
        "name": entry.name, "cause": entry.cause, "repeat": call.command(), "seen": seen,
        "isAsKnown": isAsKnown,
      ])
      guard !isJSON else { continue }
      let name = entry.name + String(repeating: " ", count: width - entry.name.count)
      try Output.say("\(name)  \(seen)")
      if isAsKnown { continue }
      let advice =
        violation == nil
        ? "it no longer fails: take it off \(folder)/known/failures and lower the limit"
        : "it fails in another way than \(entry.invariant) with `\(entry.text)`"
      try Output.say("\(name)  NOT AS KNOWN: \(advice)\nrepeat:   \(call.command())")
    }
    if isJSON {
      try Output.json(rows)
    } else {
      try Output.say("\(entries.count) known failures, \(badCount) not as known")
    }
    return badCount == 0
  }
}
