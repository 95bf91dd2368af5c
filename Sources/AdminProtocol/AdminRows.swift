// The rows of the tables. EIDs are numbers, physical addresses are text as people write them
// (`0x1d`, `02ae00000000`), bytes are lower-case hex. Counters run since the daemon started.

/// One entry of the routing table (DSP0236 1.3.3 §12, command 0x0A).
public struct RouteRow: Codable, Hashable, Sendable {
  public var firstEID: UInt8
  /// Equal to `firstEID` for a single EID.
  public var lastEID: UInt8
  /// `endpoint`, `bridge`, `range`, `bridge-range`, or `self` for own EIDs.
  public var entryType: String
  public var port: String
  /// 0 to 31.
  public var portNumber: UInt8
  public var medium: String
  public var binding: String
  /// The next hop's; nil on point-to-point media.
  public var address: String?
  public var isStatic: Bool
  public var transmissionUnitBytes: Int
  public var network: UInt8
  public var uuid: String?

  public init(
    firstEID: UInt8, lastEID: UInt8, entryType: String, port: String, portNumber: UInt8,
    medium: String, binding: String, address: String?, isStatic: Bool,
    transmissionUnitBytes: Int, network: UInt8, uuid: String?
  ) {
    self.firstEID = firstEID
    self.lastEID = lastEID
    self.entryType = entryType
    self.port = port
    self.portNumber = portNumber
    self.medium = medium
    self.binding = binding
    self.address = address
    self.isStatic = isStatic
    self.transmissionUnitBytes = transmissionUnitBytes
    self.network = network
    self.uuid = uuid
  }
}

public struct RoutesResult: Codable, Hashable, Sendable {
  /// By network, then by first EID.
  public var routes: [RouteRow]

  public init(routes: [RouteRow]) { self.routes = routes }
}

/// Where on its way something was dropped.
public enum DropDirection: String, Codable, Hashable, Sendable {
  /// It had just come in.
  case ingress = "in"
  /// It waited to go out.
  case egress = "out"
}

/// Drops of one reason on one side of one port. Rows with a count of 0 are left out.
public struct DropRow: Codable, Hashable, Sendable {
  public var port: String
  public var direction: DropDirection
  /// The name of the drop reason, stable.
  public var reason: String
  public var count: UInt64

  public init(port: String, direction: DropDirection, reason: String, count: UInt64) {
    self.port = port
    self.direction = direction
    self.reason = reason
    self.count = count
  }
}

/// One of the last drops.
public struct RecentDrop: Codable, Hashable, Sendable {
  public var ageMs: UInt64
  public var port: String
  public var direction: DropDirection
  public var reason: String
  /// The sender's for `in`, the next hop's for `out`; nil where the medium has none.
  public var address: String?
  /// The start of the packet, or of the frame when no packet came out of it.
  public var header: HexBytes
  /// Bytes of the whole packet or frame.
  public var length: Int

  public init(
    ageMs: UInt64, port: String, direction: DropDirection, reason: String, address: String?,
    header: HexBytes, length: Int
  ) {
    self.ageMs = ageMs
    self.port = port
    self.direction = direction
    self.reason = reason
    self.address = address
    self.header = header
    self.length = length
  }
}

public struct DropsResult: Codable, Hashable, Sendable {
  public var counters: [DropRow]
  /// Newest first.
  public var recent: [RecentDrop]

  public init(counters: [DropRow], recent: [RecentDrop]) {
    self.counters = counters
    self.recent = recent
  }
}

public struct StatusResult: Codable, Hashable, Sendable {
  /// The router's name in the topology.
  public var name: String
  /// The program's version.
  public var programVersion: String
  public var uptimeMs: UInt64
  public var topologyPath: String
  public var processID: Int
  public var ownEIDs: [OwnEID]

  public struct OwnEID: Codable, Hashable, Sendable {
    public var eid: UInt8
    public var network: UInt8
    /// nil when the EID belongs to the whole device.
    public var port: String?

    public init(eid: UInt8, network: UInt8, port: String? = nil) {
      self.eid = eid
      self.network = network
      self.port = port
    }
  }

  public init(
    name: String, programVersion: String, uptimeMs: UInt64, topologyPath: String, processID: Int,
    ownEIDs: [OwnEID]
  ) {
    self.name = name
    self.programVersion = programVersion
    self.uptimeMs = uptimeMs
    self.topologyPath = topologyPath
    self.processID = processID
    self.ownEIDs = ownEIDs
  }
}
