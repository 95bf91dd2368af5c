/// A failed request, as it travels in a reply.
public struct AdminError: Error, Codable, Hashable, Sendable {
  /// As on the wire; `code` is nil when a newer daemon sent one that this client does not know.
  public var codeText: String
  /// What is wrong, in one line for people.
  public var message: String
  /// What to do about it; nil when nothing helps.
  public var hint: String?

  public init(_ code: AdminErrorCode, _ message: String, hint: String? = nil) {
    self.codeText = code.rawValue
    self.message = message
    self.hint = hint
  }

  public var code: AdminErrorCode? { AdminErrorCode(rawValue: codeText) }

  private enum CodingKeys: String, CodingKey {
    case codeText = "code"
    case message
    case hint
  }
}
