/// Why a request failed: the closed list. Raw values are append-only and appear on the wire.
public enum AdminErrorCode: String, Hashable, Sendable, CaseIterable {
  // The line was not a request.

  /// Not a JSON object, nested too deeply, not UTF-8, or without `id` or `request`.
  case malformedRequest = "malformed-request"
  /// The line is longer than `AdminLimits.requestBytesMax`; the connection is cut.
  case requestTooLong = "request-too-long"
  /// `version` is not one that this daemon speaks.
  case unsupportedVersion = "unsupported-version"
  /// `request` names nothing that this daemon knows.
  case unknownRequest = "unknown-request"
  /// A parameter is missing, has the wrong kind or is out of range.
  case invalidParameter = "invalid-parameter"

  /// This user may not control the router; the connection is cut.
  case notPermitted = "not-permitted"

  // The request was understood and could not be carried out.

  /// No network of this number exists here.
  case unknownNetwork = "unknown-network"
  /// No port of this name exists here.
  case unknownPort = "unknown-port"
  /// `from` is not one of this device's own EIDs.
  case sourceNotOwn = "source-not-own"
  /// No routing table entry holds the destination EID.
  case unroutable = "unroutable"
  /// The egress port is down.
  case portDown = "port-down"
  /// The next hop did not take the packet within the binding's retries.
  case notDelivered = "not-delivered"
  /// The message was sent and no answer came in time.
  case timedOut = "timed-out"
  /// The message does not fit what this device or the path carries.
  case messageTooLong = "message-too-long"
  /// All message tags to this EID, or all places for admin requests, are in use.
  case busy = "busy"
  /// The daemon failed; its log says more.
  case internalError = "internal"

  // Of the bus owner.

  /// This daemon knows the request and cannot carry it out.
  case unsupported
  /// This device is not the bus owner of the port or network.
  case notBusOwner = "not-bus-owner"
  /// No endpoint that is known, or that answers, has this EID.
  case unknownEndpoint = "unknown-endpoint"
  /// Somebody has the EID, or it is kept for somebody.
  case eidTaken = "eid-taken"
  /// The endpoint takes no pool: it is no bridge.
  case notABridge = "not-a-bridge"
  /// The endpoint is behind a bridge, which alone gives EIDs to it.
  case behindBridge = "behind-bridge"
  /// As many endpoints are known as may.
  case tableFull = "table-full"
}
