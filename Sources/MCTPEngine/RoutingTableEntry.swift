public import MCTPWire

/// How a routing table entry came to be. Raw values are append-only.
public enum RouteOrigin: UInt8, Hashable, Sendable {
  /// From the topology, or given by hand.
  case configured = 0
  /// This device, as the bus owner, gave the EIDs out.
  case assigned = 1
  /// A Routing Information Update of the bus owner behind the entry's port.
  case update = 2
}

/// One line of the routing table: a run of EIDs and where they live
/// (DSP0236 1.3.3 §9, and §12, command 0x0A).
public struct RoutingTableEntry: Hashable, Sendable {
  public var firstEID: EID
  /// 1 to 247; `firstEID` included.
  public var eidCount: UInt8
  public var type: RoutingEntryType
  public var port: PortID
  /// The next hop's address on the port's bus; `.none` on point-to-point media.
  public var address: PhysicalAddress
  /// Static entries come from the topology; dynamic ones from the protocol.
  public var isStatic: Bool
  /// The UUID of the device at `firstEID`, where it is known.
  public var uuid: EndpointUUID?
  /// What the path behind the port carries, where it is less than the port itself.
  public var transmissionUnitBytes: UInt16?
  public var origin: RouteOrigin

  public init(
    firstEID: EID, eidCount: UInt8 = 1, type: RoutingEntryType, port: PortID,
    address: PhysicalAddress = .none, isStatic: Bool = true, uuid: EndpointUUID? = nil,
    transmissionUnitBytes: UInt16? = nil, origin: RouteOrigin = .configured
  ) {
    self.firstEID = firstEID
    self.eidCount = eidCount
    self.type = type
    self.port = port
    self.address = address
    self.isStatic = isStatic
    self.uuid = uuid
    self.transmissionUnitBytes = transmissionUnitBytes
    self.origin = origin
  }

  /// The last EID of the run.
  public var lastEID: EID { EID(firstEID.rawValue &+ (eidCount &- 1)) }

  public func contains(_ eid: EID) -> Bool { firstEID <= eid && eid <= lastEID }

  func overlaps(_ other: RoutingTableEntry) -> Bool {
    firstEID <= other.lastEID && other.firstEID <= lastEID
  }

  func overlaps(_ range: EIDRange) -> Bool {
    firstEID <= range.last && range.first <= lastEID
  }

  /// Two entries have one owner when they lead to one device on one port.
  func hasSameOwner(as other: RoutingTableEntry) -> Bool {
    port == other.port && address == other.address
  }
}

/// Why the routing table refused an entry. Nothing was changed.
public enum RoutingTableError: Error, Hashable, Sendable {
  /// An EID of the run is null, reserved or broadcast, or the run is empty.
  case eidNotAssignable
  /// The run holds one of this device's own EIDs.
  case containsOwnEID(EID)
  /// Another owner has EIDs of the run.
  case overlaps(existing: RoutingTableEntry)
  /// The entry names a port that does not exist, or one of another network.
  case unknownPort
  /// The table holds as many entries as it may.
  case full
}
