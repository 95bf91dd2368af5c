public import MCTPWire

/// The topology format, version 1: every key with its values, limits and default.
public enum TopologyKeys {
  public static let formatVersion: UInt64 = 1

  /// ECMA-262 and the loader mean the same by these.
  public static let namePattern = "^[A-Za-z][A-Za-z0-9._-]{0,31}$"
  public static let pathPattern = "^/"
  /// Network interfaces have at most 15 bytes. Choice: a letter first and few other characters,
  /// so that a path or an option never passes for a link.
  public static let linkNamePattern = "^[A-Za-z][A-Za-z0-9._-]{0,14}$"
  public static let uuidPattern =
    "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"
  public static let eidRangePattern =
    "^(0x[0-9A-Fa-f]+|[1-9][0-9]*)(-(0x[0-9A-Fa-f]+|[1-9][0-9]*))?$"

  public static let simulatedWord = "simulated"
  public static let slaveQueueWord = "slave-mqueue"
  /// Words that no kernel link may have as its name in a topology, wherever they stand.
  public static let reservedLinkNames =
    [simulatedWord] + words(of: Topology.I3CInterface.self) + [slaveQueueWord]

  /// For `ValueShape.device`: one of `words`, a link's name, or with `hasPath` an absolute path.
  public static func devicePattern(words: [String], hasPath: Bool) -> String {
    let refused = reservedLinkNames.filter { !words.contains($0) }
    return "^" + (refused.isEmpty ? "" : "(?!(" + refused.joined(separator: "|") + ")$)")
      + (hasPath ? "(/|" : "(") + linkNamePattern.dropFirst() + ")"
  }

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
      .optional(
        "endpoints", .list(.mapping(endpoint), counts: 0...TopologyLimits.fixedEIDCountMax)),
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
      .optional("eid-ranges", eidRanges),
      .optional("pool-max", .integer(poolSizeValues), default: .integer(64)),
      .optional("pool-reserve", .integer(poolSizeValues), default: .integer(0)),
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
    keys: [
      .required("number", .integer(1...255)),
      .optional("uuid", .uuid),
      .optional("eid-ranges", eidRanges),
    ])

  public static let port = MappingShape(
    title: "a port",
    keys: [
      .required("name", .name),
      .required("bus", .word(words(of: Topology.Bus.self))),
      .required(
        "device",
        .device(words: [simulatedWord] + words(of: Topology.I3CInterface.self), hasPath: true)),
      .optional("receive", .device(words: [slaveQueueWord], hasPath: false)),
      .optional("create-queue", .boolean, default: .boolean(false)),
      .optional("targets", .list(.mapping(target), counts: 1...TopologyLimits.targetCountMax)),
      .optional("kernel-network", .integer(1...UInt64(UInt32.max))),
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
      .optional("discovery", .mapping(discovery)),
    ])

  public static let target = MappingShape(
    title: "a target",
    keys: [
      .required("node", .path(byteCountMax: TopologyLimits.pathByteCountMax)),
      .optional("address", .integer(provisionedIDValues)),
    ])

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

  static func words<Word: CaseIterable & RawRepresentable<String>>(
    of type: Word.Type
  ) -> [String] {
    type.allCases.map(\.rawValue)
  }
}
