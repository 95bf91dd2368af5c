public import AdminProtocol

/// Why a command could not do what it was asked.
public struct CommandFailure: Error, Hashable, Sendable {
  public var status: ExitStatus
  /// What is wrong and where, in one line.
  public var message: String
  /// What to do about it.
  public var hint: String?
  /// What the daemon answered; nil when the daemon was not reached.
  public var error: AdminError?

  public init(_ status: ExitStatus, _ message: String, hint: String? = nil) {
    self.status = status
    self.message = message
    self.hint = hint
  }

  /// The daemon's refusal.
  public init(_ error: AdminError) {
    self.init(.requestFailed, error.message, hint: error.hint)
    self.error = error
  }

  /// The lines for stderr, newline included.
  public var text: String {
    "router-ctl: \(printable(message))\n" + (hint.map { "  \(printable($0))\n" } ?? "")
  }
}
