public import MCTPWire

extension Topology {
  /// The entry types of Routing Information Update and Get Routing Table Entries, with their
  /// values there (DSP0236 1.3.3 §12.10).
  public enum RouteType: UInt8, CaseIterable, Hashable, Sendable {
    /// One endpoint that is no bridge.
    case endpoint = 0
    /// A range: the first EID is the bridge itself, the rest is behind it.
    case bridgeRange = 1
    /// One endpoint that is a bridge.
    case bridge = 2
    /// A range behind a bridge, without the bridge's own EID.
    case range = 3

    /// The word in the file.
    public var word: String {
      switch self {
      case .endpoint: "endpoint"
      case .bridgeRange: "bridge-range"
      case .bridge: "bridge"
      case .range: "range"
      }
    }
  }

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
    public let type: RouteType
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
