import MCTPWire

/// A request between `start` and its end.
struct PendingRequest: Sendable {
  enum State: Hashable, Sendable {
    /// It has not left, or it waits to be asked anew after ERROR_NOT_READY.
    case waiting
    /// It left; the answer is awaited until then.
    case awaiting(until: Instant)
    /// It is to leave once more.
    case retryDue
  }

  let ticket: ControlTicket
  let destination: ControlDestination
  let source: EID
  /// Instance ID 0 until it leaves.
  var body: ControlBody
  let command: ControlCommand
  let options: ControlRequestOptions
  let responseTimeoutMs: UInt32
  let retryCount: UInt8
  /// Its place in the requester's list of responders.
  let peer: Int

  var state = State.waiting
  var notBefore: Instant
  var isCancelled = false
  var instanceID = InstanceID(rawValue: 0)
  var tag = MessageTag(0, tagOwner: true)
  /// With the present instance ID.
  var transmissions: UInt8 = 0
  var undelivered: UInt8 = 0
  /// With every instance ID.
  var transmissionsOfAll: UInt8 = 0
  var firstSent = Instant.zero
  var lastSent = Instant.zero
  var notReadyCount: UInt8 = 0

  init(
    ticket: ControlTicket, destination: ControlDestination, source: EID, body: ControlBody,
    command: ControlCommand, options: ControlRequestOptions, responseTimeoutMs: UInt32,
    retryCount: UInt8, peer: Int
  ) {
    self.ticket = ticket
    self.destination = destination
    self.source = source
    self.body = body
    self.command = command
    self.options = options
    self.responseTimeoutMs = responseTimeoutMs
    self.retryCount = retryCount
    self.peer = peer
    notBefore = options.notBefore
  }

  var portIndex: Int { Int(destination.port.rawValue) }
  var isBroadcast: Bool { destination.eid == .broadcast }
  /// It left and may be answered.
  var isOutstanding: Bool { state != .waiting }
}
