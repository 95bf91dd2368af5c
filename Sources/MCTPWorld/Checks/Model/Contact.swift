internal import MCTPWire

/// What one place on a router's bus has answered the router.
struct Contact {
  /// The last answer that was whole, and a success.
  var answeredAt: Instant?
  /// The last time that one was missing, late, a refusal or not whole.
  var failedAt: Instant?
  /// What it last said its EID is; 0 for none.
  var eid: UInt8 = 0
  /// It refused the EID that it was given.
  var hasRefused = false
  /// Of every device that answered here.
  var uuids: [EndpointUUID] = []
  /// How often the device asked to be looked at.
  var noticeCount = 0
  /// Since when the router has reported it as it cannot be.
  var wrongSince: Instant?

  /// It answered, and has missed nothing since.
  var isAnswering: Bool {
    guard let answeredAt else { return false }
    return failedAt.map { $0 < answeredAt } ?? true
  }
}
