// The live stream. A request `events` is answered by many lines with its `id`, each a result, until
// the client hangs up. The first line is always a `listening`; then the events after `since` that
// are still kept; then each event as it happens. A client that reads too slowly, or asks for more
// than is kept, is told by an `events-lost` in the place of the events that it missed.

/// Asks for a live stream of events.
public struct EventsRequest: AdminParameters, Codable {
  public typealias Answer = EventRow

  /// The last event that the client knows, 0 for all that are kept; nil begins with the next one.
  public var since: UInt64?

  public init(since: UInt64? = nil) { self.since = since }

  public var body: AdminRequest.Body { .events(self) }

  private enum CodingKeys: String, CodingKey { case since }

  /// - Throws: `AdminError` with `invalid-parameter`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(since: try container.wholeIfPresent(.since, in: 0...Int.max).map { UInt64($0) })
  }
}

/// What happened.
public enum EventKindName: String, NameList {
  // Of the stream itself; these have no number of their own.

  /// The stream has begun; `sequence` is the last event so far.
  case listening
  /// Events are missing here; `sequence` is the last of them and `missedCount` how many.
  case eventsLost = "events-lost"
  /// The client knows events of an earlier run of the daemon; numbers began again at 1.
  case numberingRestarted = "numbering-restarted"

  // Of endpoints.
  case endpointUp = "endpoint-up"
  case endpointSuspect = "endpoint-suspect"
  case endpointDown = "endpoint-down"
  case endpointQuarantined = "endpoint-quarantined"
  case subtreeLost = "subtree-lost"
  case subtreeReturned = "subtree-returned"
  case eidChanged = "eid-changed"
  case quirkFound = "quirk-found"
  case duplicateEID = "duplicate-eid"
  case duplicateUUID = "duplicate-uuid"
  case duplicateResolved = "duplicate-resolved"
  case eidsExhausted = "eids-exhausted"
  case routeRefused = "route-refused"

  // Of pools, routes and leases.
  case poolGranted = "pool-granted"
  case poolLost = "pool-lost"
  case ownPoolChanged = "own-pool-changed"
  case routingUpdateAcknowledged = "routing-update-acknowledged"
  case routingUpdateFailed = "routing-update-failed"
  case routingUpdateApplied = "routing-update-applied"
  case routingTableRead = "routing-table-read"
  case leaseChanged = "lease-changed"
  case leaseDropped = "lease-dropped"
  case leaseRefused = "lease-refused"

  // Of this device.
  case portUp = "port-up"
  case portDown = "port-down"
  case ownEIDChanged = "own-eid-changed"
  /// The state file could not be read and was moved aside.
  case stateSetAside = "state-set-aside"
  /// The state file could not be written.
  case stateNotWritten = "state-not-written"

  /// True for what the stream says of itself: these are no events and have no number.
  public var isOfStream: Bool {
    switch self {
    case .listening, .eventsLost, .numberingRestarted: true
    default: false
    }
  }
}

/// One event.
public struct EventRow: Codable, Hashable, Sendable {
  /// From 1, one more for each event since the daemon started.
  public var sequence: UInt64
  /// When it happened, counted back from when the line was sent.
  public var ageMs: UInt64
  public var kind: OpenName<EventKindName>
  /// What happened, for people; one line without a full stop.
  public var text: String
  public var fields: Fields

  /// The same for programs: what `kind` has of these.
  public struct Fields: Codable, Hashable, Sendable {
    public var network: UInt8?
    public var eid: UInt8?
    /// The EID that it had before.
    public var formerEID: UInt8?
    public var port: String?
    public var address: String?
    /// The other claimant's, for duplicates.
    public var otherPort: String?
    public var otherAddress: String?
    /// The bridge in front, or the bridge that this is about.
    public var bridge: UInt8?
    /// The first hop that failed.
    public var blamed: UInt8?
    public var uuid: String?
    public var reason: OpenName<EndpointReasonName>?
    public var quirks: [OpenName<EndpointQuirkName>]?
    /// Members of a subtree, in ascending order.
    public var eids: [UInt8]?
    public var pool: PoolRow?
    /// Of a routing table or an update.
    public var entryCount: Int?
    /// DSP0236 1.3.3 §12.
    public var completionCode: UInt8?
    public var missedCount: UInt64?

    public init() {}
  }

  public init(
    sequence: UInt64, ageMs: UInt64, kind: EventKindName, text: String, fields: Fields = Fields()
  ) {
    self.sequence = sequence
    self.ageMs = ageMs
    self.kind = OpenName(kind)
    self.text = text
    self.fields = fields
  }
}
