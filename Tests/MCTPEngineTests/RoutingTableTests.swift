import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("Routing table", .spec("DSP0236 1.3.3 §9"))
struct RoutingTableTests {
  private func rig(eid: UInt8? = nil) throws -> Rig {
    try Rig(
      EngineConfiguration(
        eidPolicy: .perPort,
        ports: [.test(0, eid: eid), .test(1), .test(2), .test(3, network: 2)]))
  }

  @Test("A single EID beats a range, whatever the order of insertion")
  func singleBeatsRange() throws {
    let range = RoutingTableEntry.test(20, 10, port: 0, at: .i2c(0x40))
    let single = RoutingTableEntry.test(25, port: 1, at: .i2c(0x41))
    for entries in [[range, single], [single, range]] {
      let rig = try rig()
      for entry in entries { #expect(rig.error(adding: entry) == nil) }
      #expect(rig.entry(for: 24) == range)
      #expect(rig.entry(for: 25) == single)
      #expect(rig.entry(for: 26) == range)
      #expect(rig.entry(for: 19) == nil)
      #expect(rig.entry(for: 30) == nil)
    }
  }

  @Test("Overlaps with another owner are refused, and both owners can be named")
  func overlaps() throws {
    let range = RoutingTableEntry.test(20, 10, port: 0, at: .i2c(0x40))
    let single = RoutingTableEntry.test(50, port: 0, at: .i2c(0x40))
    let rig = try rig()
    try rig.engine.apply(adding: range)
    try rig.engine.apply(adding: single)
    for other in [
      RoutingTableEntry.test(29, 2, port: 0, at: .i2c(0x41)),
      .test(19, 2, port: 1, at: .i2c(0x40)), .test(22, 3, port: 1), .test(10, 100, port: 1),
      .test(20, 10, port: 1, at: .i2c(0x40)),
    ] { #expect(rig.error(adding: other) == .overlaps(existing: range)) }
    for other in [
      RoutingTableEntry.test(50, port: 1, at: .i2c(0x40)), .test(50, port: 0, at: .i2c(0x41)),
      // The same device a second time adds nothing.
      single,
    ] { #expect(rig.error(adding: other) == .overlaps(existing: single)) }
    #expect(rig.entries() == [range, single], "refused entries leave no trace")
    // Next to it, or through the same device: no conflict.
    #expect(rig.error(adding: .test(30, 2, port: 1)) == nil)
    #expect(rig.error(adding: .test(18, 2, port: 1)) == nil)
    #expect(rig.error(adding: .test(25, 3, port: 0, at: .i2c(0x40))) == nil)
  }

  @Test(
    "Only assignable EIDs are taken",
    arguments: [
      (0, 1), (1, 1), (7, 1), (255, 1), (7, 2), (0, 9), (254, 2), (8, 248), (8, 255), (200, 56),
      (8, 0), (100, 0), (255, 255),
    ] as [(UInt8, UInt8)])
  func notAssignable(first: UInt8, count: UInt8) throws {
    let rig = try rig()
    #expect(rig.error(adding: .test(first, count, port: 0)) == .eidNotAssignable)
    #expect(rig.entries().isEmpty)
  }

  @Test("The first and the last run that are taken")
  func edges() throws {
    for (first, count) in [(8, 247), (8, 1), (254, 1), (253, 2)] as [(UInt8, UInt8)] {
      let rig = try rig()
      #expect(rig.error(adding: .test(first, count, port: 0)) == nil)
      for eid in UInt8.min...UInt8.max {
        let inside = eid >= first && Int(eid) < Int(first) + Int(count)
        #expect((rig.entry(for: eid) != nil) == inside)
      }
    }
  }

  @Test("An entry that holds an own EID is refused, in its own network only")
  func ownEID() throws {
    let rig = try rig(eid: 25)
    #expect(rig.error(adding: .test(25, port: 1)) == .containsOwnEID(EID(25)))
    #expect(rig.error(adding: .test(20, 10, port: 1)) == .containsOwnEID(EID(25)))
    #expect(rig.error(adding: .test(20, 5, port: 1)) == nil)
    #expect(rig.error(adding: .test(26, 5, port: 1)) == nil)
    #expect(rig.error(adding: .test(25, port: 3)) == nil)
  }

  @Test("A port that does not exist is refused")
  func unknownPort() throws {
    let rig = try rig()
    #expect(rig.error(adding: .test(20, port: 4)) == .unknownPort)
    #expect(rig.error(adding: .test(20, port: 31)) == .unknownPort)
  }

  @Test("222 entries fit one network; the next is refused")
  func full() throws {
    let rig = try rig()
    for eid in 8..<230 { #expect(rig.error(adding: .test(UInt8(eid), port: 0)) == nil) }
    #expect(rig.error(adding: .test(240, port: 0)) == .full)
    #expect(rig.error(adding: .test(240, port: 3)) == nil, "another network")
    #expect(rig.entry(for: 229)?.firstEID == EID(229))
    let removed = rig.remove(from: 0) { $0.firstEID == EID(100) }
    #expect(removed == 1)
    #expect(rig.error(adding: .test(240, port: 0)) == nil)
  }

  @Test("Removing takes what is asked for, on that port alone")
  func remove() throws {
    let rig = try rig()
    try rig.engine.apply(adding: .test(20, port: 0, isStatic: false))
    try rig.engine.apply(adding: .test(21, port: 0))
    try rig.engine.apply(adding: .test(22, port: 1, isStatic: false))
    try rig.engine.apply(adding: .test(10, 20, port: 2, isStatic: false))
    let removed = rig.remove(from: 0) { !$0.isStatic }
    #expect(removed == 1)
    #expect(rig.entry(for: 20)?.port == PortID(rawValue: 2), "the range shows again")
    #expect(rig.entries().map(\.firstEID) == [EID(10), EID(21), EID(22)])
  }

  /// What the table must say, searched line by line.
  private struct Model {
    var entries: [RoutingTableEntry] = []

    func entry(for eid: UInt8) -> RoutingTableEntry? {
      func holds(_ entry: RoutingTableEntry) -> Bool {
        Int(entry.firstEID.rawValue) <= Int(eid)
          && Int(eid) < Int(entry.firstEID.rawValue) + Int(entry.eidCount)
      }
      return entries.first { $0.eidCount == 1 && holds($0) } ?? entries.first { holds($0) }
    }

    func refuses(_ entry: RoutingTableEntry) -> Bool {
      let eids = Set(
        Int(entry.firstEID.rawValue)..<(Int(entry.firstEID.rawValue) + Int(entry.eidCount)))
      return entries.contains { other in
        let others = Set(
          Int(other.firstEID.rawValue)..<(Int(other.firstEID.rawValue) + Int(other.eidCount)))
        guard !eids.isDisjoint(with: others) else { return false }
        if entry.eidCount == 1 { return other.eidCount == 1 }
        return other.eidCount > 1 && (entry.port != other.port || entry.address != other.address)
      }
    }
  }

  @Test(
    "Random insertions and removals agree with a line by line search, for all 256 EIDs",
    arguments: 0..<10)
  func model(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let rig = try rig()
    var model = Model()
    for _ in 0..<150 {
      if random.below(4) == 0 {
        let port = PortID(rawValue: UInt8(random.below(3)))
        let first = EID(UInt8(random.below(256)))
        rig.engine.apply(removingFrom: port) { $0.firstEID < first }
        model.entries.removeAll { $0.port == port && $0.firstEID < first }
      } else {
        let first = 8 + random.below(247)
        let count = random.below(2) == 0 ? 1 : 1 + random.below(min(12, 255 - first))
        let entry = RoutingTableEntry.test(
          UInt8(first), UInt8(count), port: UInt8(random.below(3)),
          at: .i2c(0x40 + UInt8(random.below(2))))
        let error = rig.error(adding: entry)
        #expect((error != nil) == model.refuses(entry), "\(entry)")
        if error == nil { model.entries.append(entry) }
      }
      let entries = rig.entries()
      #expect(entries.count == model.entries.count)
      #expect(zip(entries, entries.dropFirst()).allSatisfy { $0.firstEID <= $1.firstEID })
      for eid in UInt8.min...UInt8.max {
        let (found, expected) = (rig.entry(for: eid), model.entry(for: eid))
        // Overlapping ranges of one owner lead to the same device.
        let isSame =
          found?.port == expected?.port && found?.address == expected?.address
          && (found == nil) == (expected == nil)
          && (found?.eidCount == 1) == (expected?.eidCount == 1)
        if !isSame { Issue.record("EID \(eid): \(String(describing: found))") }
      }
    }
  }
}
