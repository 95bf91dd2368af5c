/// A message in words.
public struct MessageDescription: Hashable, Sendable {
  /// One line: type, command, request or response, result.
  public var summary: String
  /// One field or one table row a line, in wire order.
  public var details: [String]

  public init(summary: String, details: [String] = []) {
    self.summary = summary
    self.details = details
  }

  /// Summary and details, the details indented by two blanks.
  public var text: String {
    ([summary] + details.map { "  " + $0 }).joined(separator: "\n")
  }
}
