import MCTPNeighbours
import TestSupport

/// What the tests of this module share: neighbours and a wire that takes all that they say.
enum Bench {
  static let second: UInt64 = 1_000_000_000
  static let millisecond: UInt64 = 1_000_000
  static let uuid = hex("21f0f554 7f7c 4211 9ca1 6d0f000ea9e7")

  static func device(
    eid: UInt8 = 0, types: [UInt8] = [0x01], uuid: [UInt8] = [], unit: Int = 64,
    sets: [NeighbourConfiguration.VendorSet] = [], habits: NeighbourHabits = .plain
  ) -> Neighbour {
    Neighbour(
      NeighbourConfiguration(
        name: "d", medium: .serial, eid: eid, uuid: uuid, transmissionUnitBytes: unit,
        messageTypes: types, vendorSets: sets), habits: habits, seed: 1)
  }

  /// I2C 0x33, the router at 0x30.
  static func bridge(
    children: Int, staticEIDs: [UInt8] = [], types: [UInt8] = [0x01],
    habits: NeighbourHabits = .plain
  ) -> Neighbour {
    var termini = (0..<children).map {
      NeighbourConfiguration.Child(name: "c\($0)", messageTypes: types)
    }
    for eid in staticEIDs {
      termini.append(NeighbourConfiguration.Child(name: "s\(eid)", staticEID: eid))
    }
    return Neighbour(
      NeighbourConfiguration(
        name: "b", medium: .i2c(address: 0x33), role: .bridge(termini), bridgeAddress: 0x30),
      habits: habits, seed: 1)
  }

  static func owner(
    _ plan: NeighbourConfiguration.OwnerPlan, habits: NeighbourHabits = .plain
  ) -> Neighbour {
    Neighbour(
      NeighbourConfiguration(
        name: "o", medium: .i2c(address: 0x10), role: .owner(plan), eid: 8, bridgeAddress: 0x30),
      habits: habits, seed: 1)
  }
}

extension Neighbour {
  /// All that it says at this time, at most `limit` packets.
  func drain(_ now: UInt64 = 0, limit: Int = 10_000) -> [[UInt8]] {
    var packets: [[UInt8]] = []
    while packets.count < limit, let out = nextPacket(now: now) { packets.append(out.packet) }
    return packets
  }

  /// Hears a packet and says what it has to say.
  func hear(_ packet: String, from: UInt8? = nil, at now: UInt64 = 0) -> [[UInt8]] {
    receive(hex(packet), from: from, now: now)
    return drain(now)
  }

  /// A request body in a packet from EID 8 to the null EID; the bodies that come back.
  func ask(_ body: String, from: UInt8? = nil, at now: UInt64 = 0) -> [[UInt8]] {
    hear("01 00 08 C8" + body, from: from, at: now).map { Array($0[4...]) }
  }

  func allComplaints() -> [String] {
    var all: [String] = []
    while let complaint = nextComplaint() { all.append(complaint) }
    return all
  }
}
