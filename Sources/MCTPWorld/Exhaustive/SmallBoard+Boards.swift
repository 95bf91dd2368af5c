// The boards that `tools/sim --exhaustive` knows.

internal import MCTPEngine
internal import MCTPWire

extension SmallBoard {
  /// Boards for the gate and for people.
  public static let all: [SmallBoard] = [one, pair, bridge, ring, owners]

  public static func named(_ name: String) -> SmallBoard? { all.first { $0.name == name } }

  private static let one = SmallBoard(
    "one", "a bus owner and a device",
    routers: [
      Router(name: "owner", configuration: .topmost([.owned(0, [.i2c(0x31)])], seed: 1))
    ],
    devices: [Device(name: "x")],
    buses: [[.port(0, 0, .i2c(0x30)), .device(0, .i2c(0x31))]])

  private static let pair = SmallBoard(
    "pair", "a bus owner and two devices on one bus",
    routers: [
      Router(
        name: "owner", configuration: .topmost([.owned(0, [.i2c(0x31), .i2c(0x32)])], seed: 1))
    ],
    devices: [Device(name: "x"), Device(name: "y")],
    buses: [
      [.port(0, 0, .i2c(0x30)), .device(0, .i2c(0x31)), .device(1, .i2c(0x32))]
    ])

  private static let bridge = SmallBoard(
    "bridge", "a bus owner with a device, a bridge below it on a line, a device below that",
    routers: [
      Router(
        name: "top",
        configuration: .topmost([.owned(0, [.i2c(0x31)]), .ownedLine(1)], seed: 1)),
      Router(
        name: "mid", configuration: .below([.endpointLine(0), .owned(1, [.i2c(0x41)])], seed: 2)),
    ],
    devices: [Device(name: "x"), Device(name: "y")],
    buses: [
      [.port(0, 0, .i2c(0x30)), .device(0, .i2c(0x31))],
      [.port(0, 1, .none), .port(1, 0, .none)],
      [.port(1, 1, .i2c(0x40)), .device(1, .i2c(0x41))],
    ])

  private static let ring = SmallBoard(
    "ring", "two routers in a ring: each owns a bus that the other hangs on",
    routers: [
      Router(
        name: "a",
        configuration: .topmost(
          [.owned(0, [.i2c(0x31)]), .endpoint(1, at: .i2c(0x33))], seed: 1)),
      Router(
        name: "b",
        configuration: .below(
          [.endpoint(0, at: .i2c(0x31)), .owned(1, [.i2c(0x33)], address: .i2c(0x32))], seed: 2)),
    ],
    devices: [],
    buses: [
      [.port(0, 0, .i2c(0x30)), .port(1, 0, .i2c(0x31))],
      [.port(1, 1, .i2c(0x32)), .port(0, 1, .i2c(0x33))],
    ])

  private static let owners = SmallBoard(
    "owners", "two bus owners above one router, a device below it",
    routers: [
      Router(name: "left", configuration: .topmost([.ownedLine(0)], seed: 1)),
      Router(name: "right", configuration: .topmost([.ownedLine(0)], seed: 2, first: 0x80)),
      Router(
        name: "mid",
        configuration: .below(
          [.endpointLine(0), .endpointLine(1), .owned(2, [.i2c(0x41)])], seed: 3)),
    ],
    devices: [Device(name: "x")],
    buses: [
      [.port(0, 0, .none), .port(2, 0, .none)], [.port(1, 0, .none), .port(2, 1, .none)],
      [.port(2, 2, .i2c(0x40)), .device(0, .i2c(0x41))],
    ])
}

extension SmallBoard.Party {
  fileprivate static func port(_ router: Int, _ port: Int, _ address: PhysicalAddress) -> Self {
    Self(place: .port(router: router, port: port), address: address)
  }

  fileprivate static func device(_ device: Int, _ address: PhysicalAddress) -> Self {
    Self(place: .device(device), address: address)
  }
}

extension PortConfiguration {
  /// Choice: short intervals, so that what happens again and again comes into reach.
  private static func policy(_ listed: [PhysicalAddress]) -> DiscoveryPolicy {
    DiscoveryPolicy(
      listed: listed.map { ListedDevice(address: $0) }, questions: [.identity, .uuid],
      parallelismMax: 2, probeIntervalMs: 2000, healthCheckIntervalMs: 4000)
  }

  fileprivate static func owned(
    _ id: UInt8, _ listed: [PhysicalAddress], address: PhysicalAddress? = nil
  ) -> PortConfiguration {
    PortConfiguration(
      id: PortID(rawValue: id), role: .owner, binding: .smbus, medium: .i2c100kHz,
      address: address ?? .i2c(id == 0 ? 0x30 : 0x40), queueDepth: 8, discovery: policy(listed))
  }

  fileprivate static func ownedLine(_ id: UInt8) -> PortConfiguration {
    var discovery = policy([])
    discovery.probesPointToPoint = true
    return PortConfiguration(
      id: PortID(rawValue: id), role: .owner, binding: .serial, medium: .serial, queueDepth: 8,
      discovery: discovery)
  }

  fileprivate static func endpoint(
    _ id: UInt8, at address: PhysicalAddress
  ) -> PortConfiguration {
    PortConfiguration(
      id: PortID(rawValue: id), role: .endpoint, binding: .smbus, medium: .i2c100kHz,
      address: address, queueDepth: 8)
  }

  fileprivate static func endpointLine(_ id: UInt8) -> PortConfiguration {
    PortConfiguration(
      id: PortID(rawValue: id), role: .endpoint, binding: .serial, medium: .serial, queueDepth: 8,
      sendsDiscoveryNotify: true)
  }
}

extension EngineConfiguration {
  /// - Parameter first: its own EID; the 32 after it are what it gives out.
  fileprivate static func topmost(
    _ ports: [PortConfiguration], seed: UInt64, first: UInt8 = 0x08
  ) -> EngineConfiguration {
    var ports = ports
    ports[0].eid = EID(first)
    let range = EIDRange(first: EID(first + 1), count: 32)
    return EngineConfiguration(
      uuid: EndpointUUID(high: 1, low: seed), ports: ports,
      busOwner: BusOwnerConfiguration(
        ranges: [NetworkEIDs(ranges: range.map { [$0] } ?? [])], poolSizeMax: 8, seed: seed))
  }

  fileprivate static func below(
    _ ports: [PortConfiguration], seed: UInt64
  ) -> EngineConfiguration {
    EngineConfiguration(
      uuid: EndpointUUID(high: 1, low: seed), ports: ports,
      busOwner: BusOwnerConfiguration(seed: seed))
  }
}
