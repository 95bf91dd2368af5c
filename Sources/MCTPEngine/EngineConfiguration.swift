public import MCTPWire

/// How a bridge spreads its own EIDs over its ports (DSP0236 1.3.3 §9, options of a bridge).
public enum EIDPolicy: UInt8, Hashable, Sendable {
  /// Option A: one EID for the whole device; the first bus that assigns one wins.
  case single
  /// Option B: one EID for each port that has an owner above; none on owned ports.
  case perUpstreamPort
  /// Option C: one EID for each port.
  case perPort
}

/// What this device is on the bus behind a port.
public enum PortRole: UInt8, Hashable, Sendable {
  /// We own the bus: we assign EIDs and take none.
  case owner
  /// A bus owner above assigns our EID.
  case endpoint
  /// Point to point with a peer; EIDs are fixed on both sides.
  case peer
}

/// What is asked of the source EID of a packet that crosses the bridge.
public enum SourceCheck: UInt8, Hashable, Sendable {
  /// The routing table must lead back to the source through the ingress port.
  case strict
  /// The routing table must know the source, behind any port.
  case loose
  case off
}

public struct PortConfiguration: Sendable {
  /// Given in order: port 0 first.
  public var id: PortID
  public var network: UInt8
  public var role: PortRole
  public var binding: BindingType
  public var medium: MediumType
  /// This device's own address on the bus.
  public var address: PhysicalAddress
  /// This device's own EID on the port; nil while nobody has assigned one, or where the policy
  /// gives the port none. Under `EIDPolicy.single` the first one of a network holds for all its
  /// ports that name none.
  public var eid: EID?
  /// Largest payload on the port, MCTP header excluded.
  public var transmissionUnitBytes: Int
  /// Packets that may wait.
  public var queueDepth: Int
  public var sourceCheck: SourceCheck
  /// How devices are found and watched, on a port with `role: owner`; nil finds none. Needs
  /// `EngineConfiguration.busOwner`.
  public var discovery: DiscoveryPolicy?
  /// On a port with `role: endpoint`: the bus owner above is sent Discovery Notify when this device
  /// needs another pool. SMBus does not use that command (DSP0237 1.1.0), so it is off there unless
  /// both ends are known to understand it.
  public var sendsDiscoveryNotify: Bool

  public init(
    id: PortID, network: UInt8 = 1, role: PortRole = .owner, binding: BindingType,
    medium: MediumType, address: PhysicalAddress = .none, eid: EID? = nil,
    transmissionUnitBytes: Int = EngineLimits.transmissionUnitBytesMin,
    queueDepth: Int = EngineLimits.queueDepthDefault, sourceCheck: SourceCheck = .strict,
    discovery: DiscoveryPolicy? = nil, sendsDiscoveryNotify: Bool = false
  ) {
    self.id = id
    self.network = network
    self.role = role
    self.binding = binding
    self.medium = medium
    self.address = address
    self.eid = eid
    self.transmissionUnitBytes = transmissionUnitBytes
    self.queueDepth = queueDepth
    self.sourceCheck = sourceCheck
    self.discovery = discovery
    self.sendsDiscoveryNotify = sendsDiscoveryNotify
  }
}

/// A message type that this device announces beside control.
public struct SupportedMessageType: Sendable {
  public var type: MessageType
  /// Lowest first; empty means that Get MCTP Version Support answers "not supported" (0x80).
  public var versions: [VersionNumber]

  public init(type: MessageType, versions: [VersionNumber] = []) {
    self.type = type
    self.versions = versions
  }
}

/// A vendor-defined message set that this device announces.
public struct VendorMessageSet: Sendable {
  public var vendor: VendorID
  /// Command set type or version: the vendor's own.
  public var version: UInt16

  public init(vendor: VendorID, version: UInt16) {
    self.vendor = vendor
    self.version = version
  }
}

/// The network ID that Get Network ID answers in one network.
public struct NetworkID: Sendable {
  public var network: UInt8
  public var uuid: EndpointUUID

  public init(network: UInt8, uuid: EndpointUUID) {
    self.network = network
    self.uuid = uuid
  }
}

/// Everything an engine is told once. Topologies are validated before; what contradicts itself
/// here is a defect of the caller and traps.
public struct EngineConfiguration: Sendable {
  public var eidPolicy: EIDPolicy
  /// The same on every port; nil is answered as "unsupported".
  public var uuid: EndpointUUID?
  public var messageTypes: [SupportedMessageType]
  public var vendorMessageSets: [VendorMessageSet]
  /// Networks without one answer with `uuid`.
  public var networkIDs: [NetworkID]
  /// At most 32, identifiers 0, 1, 2, ... in order.
  public var ports: [PortConfiguration]
  /// What makes this device a bus owner and its pools and routes dynamic; nil leaves it a bridge
  /// with static routes.
  public var busOwner: BusOwnerConfiguration?

  public init(
    eidPolicy: EIDPolicy = .single, uuid: EndpointUUID? = nil,
    messageTypes: [SupportedMessageType] = [], vendorMessageSets: [VendorMessageSet] = [],
    networkIDs: [NetworkID] = [], ports: [PortConfiguration],
    busOwner: BusOwnerConfiguration? = nil
  ) {
    self.eidPolicy = eidPolicy
    self.uuid = uuid
    self.messageTypes = messageTypes
    self.vendorMessageSets = vendorMessageSets
    self.networkIDs = networkIDs
    self.ports = ports
    self.busOwner = busOwner
  }

  /// The static EID of a port under the policy; nil when there is none.
  func fixedEID(of port: PortConfiguration) -> EID? {
    if let eid = port.eid { return eid }
    guard eidPolicy == .single else { return nil }
    for other in ports where other.network == port.network && other.eid != nil {
      return other.eid
    }
    return nil
  }
}
