// The topology of one device: what the file said, checked as a whole. Built only by
// `Topology.load` and `Topology.parse`, never changed; a new file gives a new value.

public import MCTPWire

/// Ports, networks, static routes and simulated devices of a router. Whoever holds one need not
/// check it again: names are unique and resolved, addresses fit their bus, ranges do not overlap,
/// every port has the EID that the policy wants.
public struct Topology: Sendable {
  /// As it was given to `load` or `parse`.
  public let fileName: String
  public let router: Router
  /// Nil when the file names none.
  public let adminSocketPath: String?
  /// Every network that a port is in, by ascending number; at least one.
  public let networks: [Network]
  /// By ascending `id`; 1 to 32.
  public let ports: [Port]
  /// In the order of the file.
  public let routes: [Route]
  /// Simulated devices, in the order of the file.
  public let devices: [Device]
  /// EIDs by UUID, in the order of the file. Those by port and address are in
  /// `Discovery.expectedDevices`.
  public let fixedEIDs: [FixedEID]
  /// What is doubtful, in order of position. No errors.
  public let warnings: [Diagnostic]

  /// Nil for a number that no port has.
  public func port(_ id: PortID) -> Port? { ports.first { $0.id == id } }

  /// Nil for a name that no port has.
  public func port(named name: String) -> Port? { ports.first { $0.name == name } }
}

extension Topology: Equatable {
  /// Equal when they say the same; which file said it, and the warnings, do not count.
  public static func == (left: Topology, right: Topology) -> Bool {
    left.router == right.router && left.adminSocketPath == right.adminSocketPath
      && left.networks == right.networks && left.ports == right.ports
      && left.routes == right.routes && left.devices == right.devices
      && left.fixedEIDs == right.fixedEIDs
  }
}

extension Topology {
  public struct Router: Hashable, Sendable {
    public let name: String
    /// Never the nil UUID. Nil when the file gives none.
    public let uuid: EndpointUUID?
    public let eidPolicy: EIDPolicy
    /// Announced by Get Message Type Support beside control; ascending, each once, with the
    /// vendor types that `vendorMessages` needs.
    public let messageTypes: [MessageType]
    /// In the order of the file, which is the order of the selectors of Get Vendor Defined
    /// Message Support; each vendor once.
    public let vendorMessages: [VendorMessage]
    /// The most EIDs that one bridge below gets for what is behind it: 0 to 246.
    public let poolSizeMax: UInt8
    /// EIDs that are asked for upward beyond what is known to be needed: 0 to 246.
    public let poolReserve: UInt8
  }

  /// How many EIDs the router has in a network: the options A, B and C of DSP0236 1.3.3 for
  /// bridges.
  public enum EIDPolicy: String, CaseIterable, Hashable, Sendable {
    /// A: one for all ports of a network.
    case single
    /// B: one for each port whose bus somebody else owns, or nobody.
    case perUpstreamPort = "per-upstream-port"
    /// C: one for each port.
    case perPort = "per-port"
  }

  /// One answer of Get Vendor Defined Message Support (DSP0236 1.3.3, command 0x06).
  public struct VendorMessage: Hashable, Sendable {
    public let vendorID: VendorID
    /// Command set type or version, the vendor's own.
    public let commandSet: UInt16
  }

  /// One EID space. EIDs and routes of different networks have nothing to do with each other.
  public struct Network: Hashable, Sendable {
    /// 1 to 255; a number of this file, not seen on any bus.
    public let number: UInt8
    /// The answer of Get Network ID; never the nil UUID.
    public let uuid: EndpointUUID?
    /// The router's own EIDs here that the file fixes; ascending, each once. Empty when a bus
    /// owner is to assign them.
    public let ownEIDs: [EID]
    /// What the router may give out here of its own right: disjoint, in the order of the file.
    /// EIDs of its own, of static routes and fixed ones may lie inside. Empty where it gives out
    /// what an owner above allocates, or nothing.
    public let eidRanges: [ClosedRange<EID>]
    /// `eidRanges` without the router's own EIDs and those of static routes; fixed EIDs are left
    /// in. Ascending, and no two of them touch.
    public let freeEIDRanges: [ClosedRange<EID>]
  }
}
