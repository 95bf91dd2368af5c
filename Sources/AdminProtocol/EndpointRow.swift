/// An endpoint that this device knows of, at any depth.
public struct EndpointRow: Codable, Hashable, Sendable {
  /// nil while it has none.
  public var eid: UInt8?
  public var network: UInt8
  /// The port through which it is reached; nil for own EIDs that belong to no single port.
  public var port: String?
  /// The next hop's on that port: its own, or that of the first bridge on the way.
  public var address: String?
  /// The bridge right in front of it; nil when it is on the port's own bus.
  public var via: UInt8?
  public var kind: OpenName<EndpointKindName>
  public var uuid: String?
  /// Message types, 0 to 127; empty when they are not known.
  public var messageTypes: [UInt8]
  /// nil where nobody watches it: own EIDs, and endpoints that only the topology knows.
  public var state: OpenName<EndpointStateName>?
  public var reason: OpenName<EndpointReasonName>?
  /// Age of the state.
  public var sinceMs: UInt64?
  /// Age of its last answer; nil before the first.
  public var lastContactMs: UInt64?
  /// nil unless the bus owner found it.
  public var origin: OpenName<EndpointOriginName>?
  /// What a bridge has for those behind it; nil for all others.
  public var pool: PoolRow?
  /// nil unless it is a bridge to which this device sends the routes.
  public var routingUpdate: RoutingUpdate?
  public var quirks: [OpenName<EndpointQuirkName>]
  public var source: OpenName<EndpointSourceName>
  /// A simulated device's, or the router's own.
  public var name: String?

  public struct RoutingUpdate: Codable, Hashable, Sendable {
    public var state: OpenName<RoutingUpdateName>
    /// Entries that it acknowledged.
    public var entryCount: Int
    /// Until it is told; nil unless `pending`.
    public var dueInMs: UInt64?

    public init(_ state: RoutingUpdateName, entryCount: Int = 0, dueInMs: UInt64? = nil) {
      self.state = OpenName(state)
      self.entryCount = entryCount
      self.dueInMs = dueInMs
    }
  }

  public init(
    eid: UInt8?, network: UInt8, port: String?, address: String?, via: UInt8? = nil,
    kind: EndpointKindName = .unknown, uuid: String? = nil, messageTypes: [UInt8] = [],
    state: EndpointStateName? = nil, reason: EndpointReasonName? = nil, sinceMs: UInt64? = nil,
    lastContactMs: UInt64? = nil, origin: EndpointOriginName? = nil, pool: PoolRow? = nil,
    routingUpdate: RoutingUpdate? = nil, quirks: [EndpointQuirkName] = [],
    source: EndpointSourceName, name: String? = nil
  ) {
    self.eid = eid
    self.network = network
    self.port = port
    self.address = address
    self.via = via
    self.kind = OpenName(kind)
    self.uuid = uuid
    self.messageTypes = messageTypes
    self.state = state.map { OpenName($0) }
    self.reason = reason.map { OpenName($0) }
    self.sinceMs = sinceMs
    self.lastContactMs = lastContactMs
    self.origin = origin.map { OpenName($0) }
    self.pool = pool
    self.routingUpdate = routingUpdate
    self.quirks = quirks.map { OpenName($0) }
    self.source = OpenName(source)
    self.name = name
  }
}

/// A run of EIDs for what is behind a bridge.
public struct PoolRow: Codable, Hashable, Sendable {
  /// nil when `count` is 0.
  public var first: UInt8?
  /// What was given, 0 to 246.
  public var count: Int
  /// What was asked for, 0 to 255.
  public var asked: Int
  /// Why less was given than asked, in words, as far as it is known.
  public var limit: String?

  public init(first: UInt8?, count: Int, asked: Int, limit: String? = nil) {
    self.first = first
    self.count = count
    self.asked = asked
    self.limit = limit
  }
}

public struct EndpointsResult: Codable, Hashable, Sendable {
  /// By network, then by EID; those without one come last.
  public var endpoints: [EndpointRow]

  public init(endpoints: [EndpointRow]) { self.endpoints = endpoints }
}
