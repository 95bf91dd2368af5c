public import MCTPEngine
internal import MCTPWire
public import Topology

extension EngineConfiguration {
  /// The engine's view of a topology: no names, no devices.
  ///
  /// - Parameter seed: of the bus owner's jitter.
  public init(_ topology: Topology, seed: UInt64 = 1) {
    self.init(
      eidPolicy: EIDPolicy(topology.router.eidPolicy), uuid: topology.router.uuid,
      messageTypes: topology.router.messageTypes.map { SupportedMessageType(type: $0) },
      vendorMessageSets: topology.router.vendorMessages.map {
        VendorMessageSet(vendor: $0.vendorID, version: $0.commandSet)
      },
      networkIDs: topology.networks.compactMap { network in
        network.uuid.map { NetworkID(network: network.number, uuid: $0) }
      },
      ports: topology.ports.map { PortConfiguration($0) },
      busOwner: BusOwnerConfiguration(topology, seed: seed))
  }
}

extension PortConfiguration {
  fileprivate init(_ port: Topology.Port) {
    self.init(
      id: port.id, network: port.network, role: PortRole(port.role), binding: port.bindingType,
      medium: port.mediumType, address: port.physicalAddress, eid: port.eid,
      transmissionUnitBytes: port.transmissionUnitBytes, queueDepth: port.queueDepthMax,
      sourceCheck: SourceCheck(port.sourceCheck),
      discovery: port.discovery.map { DiscoveryPolicy($0) },
      // An owner above on a line of two has no other way to hear of us.
      sendsDiscoveryNotify: port.role == .endpoint && port.bus.isPointToPoint)
  }
}

extension RoutingTableEntry {
  /// A static entry, as the topology has it.
  public init(_ route: Topology.Route) {
    self.init(
      firstEID: route.firstEID, eidCount: UInt8(route.eidCount),
      type: route.type, port: route.port,
      address: route.physicalAddress, isStatic: true, uuid: route.uuid,
      transmissionUnitBytes: route.transmissionUnitBytes.map { UInt16($0) })
  }
}

extension EIDPolicy {
  fileprivate init(_ policy: Topology.EIDPolicy) {
    self =
      switch policy {
      case .single: .single
      case .perUpstreamPort: .perUpstreamPort
      case .perPort: .perPort
      }
  }
}

extension PortRole {
  fileprivate init(_ role: Topology.Role) {
    self =
      switch role {
      case .owner: .owner
      case .endpoint: .endpoint
      case .peer: .peer
      }
  }
}

extension SourceCheck {
  fileprivate init(_ check: Topology.SourceCheck) {
    self =
      switch check {
      case .strict: .strict
      case .loose: .loose
      case .off: .off
      }
  }
}

extension Topology.Bus {
  /// There is one other device, and it has no address.
  fileprivate var isPointToPoint: Bool {
    switch self {
    case .serial, .usb, .link: true
    case .i2c, .i3c: false
    }
  }
}
