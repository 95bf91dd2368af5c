/// Why a scenario was refused: every problem found, by line.
public struct ScenarioError: Error, Hashable, Sendable, CustomStringConvertible {
  /// At least one.
  public let problems: [ScenarioProblem]

  init(_ problems: [ScenarioProblem]) { self.problems = problems }

  /// One problem after the other, as compilers print them.
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// One thing that is wrong with a scenario, and what would be right.
public struct ScenarioProblem: Error, Hashable, Sendable, CustomStringConvertible {
  public let fileName: String
  /// From 1; 0 when the file itself is the problem.
  public let line: Int
  /// From 1, in characters.
  public let column: Int
  public let message: String
  public let hint: String?

  /// `file:line:column: error: message`, and the hint in lines of their own, indented.
  public var description: String {
    var text = line == 0 ? fileName : "\(fileName):\(line):\(column)"
    text += ": error: \(message)"
    if let hint {
      for line in hint.split(separator: "\n") { text += "\n  \(line)" }
    }
    return text
  }
}
