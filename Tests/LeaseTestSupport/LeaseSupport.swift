public import LeaseStore
public import MCTPWire

/// A seeded source: the same seed gives the same run.
public struct LeaseRandom: RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Leases for tests.
public enum Leases {
  public static let uuid = EndpointUUID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10)

  public static func make(
    network: UInt8 = 1, _ eid: UInt8, pool: ClosedRange<UInt8>? = nil, uuid: EndpointUUID? = nil,
    port: String = "i2c1", _ address: PhysicalAddress? = nil, kind: Lease.Kind? = nil,
    assignment: Lease.Assignment = .dynamic, types: [MessageType] = [.control],
    contact: UInt64 = 0
  ) throws -> Lease {
    try Lease(
      network: network, eid: EID(eid),
      pool: pool.flatMap { Lease.Pool(firstEID: EID($0.lowerBound), eidCount: UInt8($0.count)) },
      uuid: uuid, port: port, address: address ?? .i2c(eid),
      kind: kind ?? (pool == nil ? .simple : .bridge), assignment: assignment,
      messageTypes: MessageTypeSet(types), contact: contact)
  }

  public static func book(_ leases: Lease...) throws -> LeaseBook {
    var book = LeaseBook()
    for lease in leases { try book.enter(lease) }
    return book
  }

  /// Any lease that can be.
  public static func random(using random: inout LeaseRandom) -> Lease {
    while true {
      let isBridge = Bool.random(using: &random)
      let address: PhysicalAddress =
        switch UInt8.random(in: 0...2, using: &random) {
        case 0: .none
        case 1: .i2c(UInt8.random(in: 0...0x7F, using: &random))
        default: .i3c(random.next())
        }
      let pool =
        isBridge && Bool.random(using: &random)
        ? Lease.Pool(
          firstEID: EID(UInt8.random(in: 8...254, using: &random)),
          eidCount: UInt8.random(in: 1...20, using: &random)) : nil
      let types = (0..<Int.random(in: 0...6, using: &random)).map { _ in
        MessageType(rawValue: UInt8.random(in: 0...0x7F, using: &random))
      }
      let lease = try? Lease(
        network: UInt8.random(in: 1...3, using: &random),
        eid: EID(UInt8.random(in: 8...254, using: &random)), pool: pool,
        uuid: Bool.random(using: &random)
          ? EndpointUUID(high: random.next(), low: random.next()) : nil,
        port: ["i2c1", "i3c-0", "S", "port.with_a-long.name.of.32.byte"].randomElement(
          using: &random) ?? "S",
        address: address, kind: isBridge ? .bridge : .simple,
        assignment: Bool.random(using: &random) ? .fixed : .dynamic,
        messageTypes: MessageTypeSet(types),
        contact: random.next() >> UInt64.random(in: 0...63, using: &random))
      if let lease { return lease }
    }
  }
}
