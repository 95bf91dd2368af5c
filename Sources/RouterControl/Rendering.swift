public import AdminProtocol

/// How text is set.
public struct TextStyle: Hashable, Sendable {
  /// Headings are bold: for terminals only.
  public var isBold: Bool

  public init(isBold: Bool) { self.isBold = isBold }
}

/// An answer that people can read. Its JSON form is the answer itself unless it says otherwise, so
/// both show the same rows.
public protocol Rendered: Codable, Hashable, Sendable {
  /// Whole lines, newline at the end.
  func text(_ style: TextStyle) -> String
  /// One JSON document, newline at the end.
  func json() throws(CommandFailure) -> String
}

extension Rendered {
  public func json() throws(CommandFailure) -> String { try jsonText(self) }
}

/// One JSON document, newline at the end.
public func jsonText(_ value: some Encodable) throws(CommandFailure) -> String {
  do {
    return String(decoding: try AdminJSON.line(value), as: UTF8.self)
  } catch {
    throw CommandFailure(error)
  }
}

/// Asks the daemon and renders what it answers.
///
/// - Throws: `CommandFailure` for a refusal or a lost connection.
public func report<Parameters: AdminParameters>(
  _ parameters: Parameters, from client: inout AdminClient, isJSON: Bool, style: TextStyle,
  timeoutMs: Int = 0
) throws(CommandFailure) -> String where Parameters.Answer: Rendered {
  let answer = try client.ask(parameters, timeoutMs: timeoutMs)
  return isJSON ? try answer.json() : answer.text(style)
}
