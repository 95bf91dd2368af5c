public import MCTPWire

/// What goes first when several requests could leave.
public enum ControlPriority: UInt8, Hashable, Sendable {
  /// Scans, health checks.
  case low = 0
  case normal = 1
  /// Recovery, what a person waits for.
  case high = 2
}

/// How one request differs from others on its port.
public struct ControlRequestOptions: Sendable {
  public var priority: ControlPriority
  /// It does not leave earlier.
  public var notBefore: Instant
  /// Longer than the port's, for responders far away; less is taken as the port's.
  public var responseTimeoutMs: UInt32?
  /// nil for the port's. Choice: it may be below MN1, because a probe is repeated by its own
  /// schedule.
  public var retryCount: UInt8?
  /// Ends at the first transmission that its bus could not deliver: a scan need not ask an empty
  /// address three times.
  public var endsWhenUndelivered: Bool
  /// D = 1: nobody answers, and it ends when it has left.
  public var isDatagram: Bool

  public init(
    priority: ControlPriority = .normal, notBefore: Instant = .zero,
    responseTimeoutMs: UInt32? = nil, retryCount: UInt8? = nil, endsWhenUndelivered: Bool = false,
    isDatagram: Bool = false
  ) {
    self.priority = priority
    self.notBefore = notBefore
    self.responseTimeoutMs = responseTimeoutMs
    self.retryCount = retryCount
    self.endsWhenUndelivered = endsWhenUndelivered
    self.isDatagram = isDatagram
  }
}

/// Why a request was not taken. Nothing was changed.
public enum ControlStartError: Error, Hashable, Sendable {
  /// As many requests are open, or outcomes wait to be taken, as may.
  case full
  case unknownPort
  /// A destination that nobody has: a reserved EID; null or broadcast behind a bridge.
  case destinationIllegal
  /// The request does not fit one control message.
  case unencodable(WireError)
}
