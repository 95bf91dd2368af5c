public import MCTPWire

extension Topology {
  /// A static routing table entry. In one network no EID is in two ranges, nor single in two
  /// entries; a single EID beats the range that it lies in.
  public struct Route: Hashable, Sendable {
    public let firstEID: EID
    /// 1 to 247; `firstEID` and all that follow are assignable.
    public let eidCount: Int
    public let port: PortID
    /// The port's.
    public let network: UInt8
    /// The next hop, in the form of the port's bus; `.none` on serial.
    public let physicalAddress: PhysicalAddress
    /// One of `TopologyKeys.routeTypes`.
    public let type: RoutingEntryType
    /// Never the nil UUID.
    public let uuid: EndpointUUID?
    /// Limit of the path in payload bytes; nil when only the port's counts, never above it.
    public let transmissionUnitBytes: Int?
  }

  /// A device behind a simulated port.
  public struct Device: Hashable, Sendable {
    /// Unique.
    public let name: String
    public let port: PortID
    /// In the form of the port's bus; `.none` on serial. Unique on the port, never the port's
    /// own.
    public let physicalAddress: PhysicalAddress
    /// Nil when it has none yet. Unique in the port's network, never one of the router's own.
    public let eid: EID?
    /// Never the nil UUID.
    public let uuid: EndpointUUID?
    /// I3C: announces packets with in-band interrupts; polled otherwise. True on other buses.
    public let hasInterrupts: Bool
    /// Announced beside control; ascending, each once.
    public let messageTypes: [MessageType]
    /// Payload bytes, header excluded.
    public let transmissionUnitBytes: Int
  }
}

extension Topology.Route {
  public var lastEID: EID { EID(UInt8(truncatingIfNeeded: Int(firstEID.rawValue) + eidCount - 1)) }

  public func contains(_ eid: EID) -> Bool { firstEID <= eid && eid <= lastEID }
}
