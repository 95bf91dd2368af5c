public import MCTPEndpoint
public import MCTPWire

/// What a simulated device is.
public struct SimulatedEndpointConfiguration: Hashable, Sendable {
  /// One set of vendor defined messages, as Get Vendor Defined Message Support reports it.
  public struct VendorSet: Hashable, Sendable {
    public var vendorID: VendorID
    public var commandSet: UInt16

    public init(vendorID: VendorID, commandSet: UInt16) {
      self.vendorID = vendorID
      self.commandSet = commandSet
    }
  }

  /// Its EID from power-on; null when a bus owner has to give it one.
  public var eid: EID
  /// `.nil`: it has none and refuses Get Endpoint UUID.
  public var uuid: EndpointUUID
  /// Where everything that is not on its own bus goes: the bridge's address there.
  public var bridgeAddress: PhysicalAddress
  /// Payload bytes of its largest packet: at least 64.
  public var transmissionUnitBytes: Int
  /// The types it announces beside control. It echoes 0x7E and 0x7F when they are among them.
  public var messageTypes: [MessageType]
  /// Echoes every type that it announces, for traffic of all kinds; a real device does not.
  public var echoesAllTypes = false
  public var vendorSets: [VendorSet]
  /// What Get Endpoint ID says of its EID; anything but `.dynamic` also allows Reset EID.
  public var eidType: GetEndpointID.EIDType
  /// Medium-specific byte of Get Endpoint ID; SMBus: bit 0 is fairness arbitration.
  public var mediumSpecific: UInt8
  /// Whether its binding has discovery (commands 0x0B and 0x0C); SMBus, I3C and serial have none.
  public var hasDiscovery: Bool
  public var limits: EndpointLimits

  /// Choice: limits for messages of 16 KiB, an eighth of a router's own, because there are many
  /// devices in one process.
  public init(
    eid: EID = .null, uuid: EndpointUUID = .nil, bridgeAddress: PhysicalAddress = .none,
    transmissionUnitBytes: Int = 64, messageTypes: [MessageType] = [.vendorPCI, .vendorIANA],
    vendorSets: [VendorSet] = [], eidType: GetEndpointID.EIDType = .dynamic,
    mediumSpecific: UInt8 = 0, hasDiscovery: Bool = false,
    limits: EndpointLimits = EndpointLimits(
      reassembly: ReassemblyLimits(memoryBytesMax: 65_536, assembliesMax: 8),
      tags: TagLimits(peersMax: 16, waitingMax: 32), outboundBytesMax: 65_536, exchangesMax: 32)
  ) {
    self.eid = eid
    self.uuid = uuid
    self.bridgeAddress = bridgeAddress
    self.transmissionUnitBytes = max(transmissionUnitBytes, 64)
    self.messageTypes = messageTypes
    self.vendorSets = vendorSets
    self.eidType = eidType
    self.mediumSpecific = mediumSpecific
    self.hasDiscovery = hasDiscovery
    self.limits = limits
  }
}
