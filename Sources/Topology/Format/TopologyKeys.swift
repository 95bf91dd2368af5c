public import MCTPWire

/// The topology format, version 1: every key with its values, limits and default.
public enum TopologyKeys {
  public static let formatVersion: UInt64 = 1

  /// ECMA-262 and the loader mean the same by these.
  public static let namePattern = "^[A-Za-z][A-Za-z0-9._-]{0,31}$"
  public static let pathPattern = "^/"
  public static let serialDevicePattern = "^(simulated$|/)"
  public static let uuidPattern =
    "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"
  public static let eidRangePattern =
    "^(0x[0-9A-Fa-f]+|[1-9][0-9]*)(-(0x[0-9A-Fa-f]+|[1-9][0-9]*))?$"

  /// 0x08 to 0xFE (DSP0236 1.3.3 §8).
  public static let eidValues: ClosedRange<UInt64> =
    UInt64(EID.assignable.lowerBound.rawValue)...UInt64(EID.assignable.upperBound.rawValue)
  /// 7-bit target addresses that the I2C specification does not reserve.
  public static let i2cAddressValues: ClosedRange<UInt64> = 0x08...0x77
  /// I3C provisioned IDs, 48 bits. Choice: what fits seven bits is taken for a dynamic or static
  /// address written by mistake, because the manufacturer's number fills the upper bits.
  public static let provisionedIDValues: ClosedRange<UInt64> = 0x80...0xFFFF_FFFF_FFFF
  /// What may stand at `address` before the bus is known.
  public static let physicalAddressValues: ClosedRange<UInt64> =
    i2cAddressValues.lowerBound...provisionedIDValues.upperBound
  /// Payload bytes, header excluded. 64 is the baseline transmission unit of DSP0236 1.3.3, which
  /// nobody may go below. Choice: 1024 at most, so that a full queue of packets stays small.
  public static let transmissionUnitValues: ClosedRange<UInt64> = 64...1024

  /// DSP0239 1.11.1 Table 1 in ascending order, without control: that is always announced.
  public static let messageTypeNames: [String] = MessageType.names
    .sorted { $0.key < $1.key }.map(\.value).filter { $0 != MessageType.control.name }
  public static let messageTypeValues: ClosedRange<UInt64> = 1...0x7F

  /// In ascending order of raw value (DSP0236 1.3.3 §12, command 0x0A).
  public static let routeTypes: [RoutingEntryType] = [.endpoint, .bridgeRange, .bridge, .range]

  private static let messageTypes = ValueShape.list(
    .messageType, counts: 0...TopologyLimits.messageTypeCountMax)

  public static let document = MappingShape(
    title: "a topology",
    keys: [
      .required("version", .integer(formatVersion...formatVersion)),
      .required("router", .mapping(router)),
      .optional("admin", .mapping(admin)),
      .optional("networks", .list(.mapping(network), counts: 0...TopologyLimits.portCountMax)),
      .required("ports", .list(.mapping(port), counts: 1...TopologyLimits.portCountMax)),
      .optional("routes", .list(.mapping(route), counts: 0...TopologyLimits.routeCountMax)),
      .optional("devices", .list(.mapping(device), counts: 0...TopologyLimits.deviceCountMax)),
    ])

  public static let router = MappingShape(
    title: "the router",
    keys: [
      .required("name", .name),
      .optional("uuid", .uuid),
      .optional(
        "eid-policy", .word(words(of: Topology.EIDPolicy.self)),
        default: .word(Topology.EIDPolicy.single.rawValue)),
      .optional("eid", .integer(eidValues)),
      .optional("message-types", messageTypes),
      .optional(
        "vendor-messages",
        .list(.mapping(vendorMessage), counts: 0...TopologyLimits.vendorMessageCountMax)),
    ])

  public static let vendorMessage = MappingShape(
    title: "a vendor message",
    keys: [
      .optional("pci", .integer(0...0xFFFF)),
      .optional("iana", .integer(0...0xFFFF_FFFF)),
      .required("version", .integer(0...0xFFFF)),
    ])

  public static let admin = MappingShape(
    title: "the admin section",
    keys: [.required("socket", .path(byteCountMax: TopologyLimits.socketPathByteCountMax))])

  public static let network = MappingShape(
    title: "a network",
    keys: [.required("number", .integer(1...255)), .optional("uuid", .uuid)])

  public static let port = MappingShape(
    title: "a port",
    keys: [
      .required("name", .name),
      .required("bus", .word(words(of: Topology.Bus.self))),
      .required("device", .serialDevice),
      .optional("address", .integer(physicalAddressValues)),
      .optional(
        "role", .word(words(of: Topology.Role.self)), default: .word(Topology.Role.owner.rawValue)),
      .optional("network", .integer(1...255), default: .integer(1)),
      .optional("eid", .integer(eidValues)),
      .optional("transmission-unit", .integer(transmissionUnitValues), default: .integer(64)),
      .optional("speed", .integer(300...12_500_000)),
      .optional("queue", .integer(1...1024), default: .integer(256)),
      .optional(
        "source-check", .word(words(of: Topology.SourceCheck.self)),
        default: .word(Topology.SourceCheck.strict.rawValue)),
      .optional("number", .integer(0...UInt64(PortID.countMax - 1))),
    ])

  /// One for each bus, in the order of `Topology.Bus`.
  public static let buses: [BusShape] = [
    BusShape(
      bus: .i2c,
      keys: [
        .required("device", .word(["simulated"])),
        .required("address", .integer(i2cAddressValues)),
        // The byte count is one byte and counts the source address and the packet header too
        // (DSP0237 1.1.0).
        .optional("transmission-unit", .integer(64...250), default: .integer(64)),
        .optional(
          "speed", .integerChoice([100_000, 400_000, 1_000_000]), default: .integer(100_000)),
      ], refused: []),
    BusShape(
      bus: .i3c,
      keys: [
        .required("device", .word(["simulated"])),
        .optional("transmission-unit", .integer(64...1024), default: .integer(64)),
        .optional("speed", .integer(10_000...12_500_000), default: .integer(12_500_000)),
      ], refused: ["address"]),
    BusShape(
      bus: .serial,
      keys: [
        .required("device", .serialDevice),
        // The length field is one byte and counts the packet header too (DSP0253).
        .optional("transmission-unit", .integer(64...251), default: .integer(64)),
        .optional("speed", .integer(300...4_000_000), default: .integer(115_200)),
      ], refused: ["address"]),
  ]

  public static let route = MappingShape(
    title: "a route",
    keys: [
      .required("eids", .eids),
      .required("port", .name),
      .optional("address", .integer(physicalAddressValues)),
      .optional("type", .word(routeTypes.map(\.name))),
      .optional("uuid", .uuid),
      .optional("transmission-unit", .integer(transmissionUnitValues)),
    ])

  public static let device = MappingShape(
    title: "a device",
    keys: [
      .required("name", .name),
      .required("port", .name),
      .optional("address", .integer(physicalAddressValues)),
      .optional("eid", .integer(eidValues)),
      .optional("uuid", .uuid),
      .optional("interrupts", .boolean, default: .boolean(true)),
      .optional("message-types", messageTypes),
      .optional("transmission-unit", .integer(transmissionUnitValues), default: .integer(64)),
    ])

  /// The keys of a port on `bus`.
  static func port(on bus: Topology.Bus) -> BusShape {
    switch bus {
    case .i2c: buses[0]
    case .i3c: buses[1]
    case .serial: buses[2]
    }
  }

  private static func words<Word: CaseIterable & RawRepresentable<String>>(
    of type: Word.Type
  ) -> [String] {
    type.allCases.map(\.rawValue)
  }
}
