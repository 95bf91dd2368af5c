extension TopologyKeys {
  /// One for each bus, in the order of `Topology.Bus`.
  public static let buses: [BusShape] = [i2c, i3c, serial, usb, link]

  /// The keys of a port on `bus`.
  static func port(on bus: Topology.Bus) -> BusShape {
    switch bus {
    case .i2c: i2c
    case .i3c: i3c
    case .serial: serial
    case .usb: usb
    case .link: link
    }
  }

  private static let i2c = BusShape(
    bus: .i2c,
    keys: [
      .required("device", .device(words: [simulatedWord], hasPath: true)),
      .required("address", .integer(i2cAddressValues)),
      // The byte count is one byte and counts the source address and the packet header too
      // (DSP0237 1.1.0).
      .optional("transmission-unit", .integer(64...250), default: .integer(64)),
      .optional(
        "speed", .integerChoice([100_000, 400_000, 1_000_000]), default: .integer(100_000)),
    ], refused: ["targets"], refusedInDiscovery: ["probe", "reported"])

  private static let i3c = BusShape(
    bus: .i3c,
    keys: [
      .required(
        "device",
        .device(words: [simulatedWord] + words(of: Topology.I3CInterface.self), hasPath: false)),
      .optional("transmission-unit", .integer(64...1024), default: .integer(64)),
      .optional("speed", .integer(10_000...12_500_000), default: .integer(12_500_000)),
    ], refused: ["address", "receive", "create-queue"],
    refusedInDiscovery: ["scan", "probe"])

  private static let serial = BusShape(
    bus: .serial,
    keys: [
      .required("device", .device(words: [simulatedWord], hasPath: true)),
      // The length field is one byte and counts the packet header too (DSP0253).
      .optional("transmission-unit", .integer(64...251), default: .integer(64)),
      .optional("speed", .integer(300...4_000_000), default: .integer(115_200)),
    ], refused: ["address", "receive", "create-queue", "targets"],
    refusedInDiscovery: ["scan", "reported"])

  private static let usb = kernelLink(.usb)
  private static let link = kernelLink(.link)

  /// A bus that exists as a link of the kernel only: it has neither addresses nor a clock that
  /// the router could set.
  private static func kernelLink(_ bus: Topology.Bus) -> BusShape {
    BusShape(
      bus: bus,
      keys: [
        .required("device", .device(words: [], hasPath: false)),
        .optional("transmission-unit", .integer(transmissionUnitValues), default: .integer(64)),
      ], refused: ["address", "speed", "receive", "create-queue", "targets"],
      refusedInDiscovery: ["scan", "reported"])
  }
}
