/// One thing that is wrong with a topology, or doubtful in it, and what would be right.
public struct Diagnostic: Hashable, Sendable {
  public enum Severity: String, Hashable, Sendable {
    /// The topology is refused.
    case error
    /// The topology works, but perhaps not as it was meant.
    case warning
  }

  public let fileName: String
  /// Nil when the problem is the file itself: absent, a directory, too large.
  public let position: SourcePosition?
  public let severity: Severity
  /// What is wrong; no full stop, no line break.
  public let message: String
  /// What would be right.
  public let hint: String?
}

extension Diagnostic: CustomStringConvertible {
  /// `file:line:column: error: message`, and the hint in a second, indented line.
  public var description: String {
    var text = fileName
    if let position { text += ":\(position.line):\(position.column)" }
    text += ": \(severity.rawValue): \(message)"
    if let hint { text += "\n  \(hint)" }
    return text
  }
}
