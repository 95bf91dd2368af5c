import MCTPEngine
import MCTPWire
import TestSupport
import Testing

/// Shorthand: the range of two EIDs, both included.
func eids(_ first: UInt8, _ last: UInt8) throws -> EIDRange {
  try #require(EIDRange(EID(first), through: EID(last)))
}

@Suite("EIDs of one network", .spec("DSP0236 1.3.3 §9"))
struct EIDSpaceTests {
  static let second: UInt64 = 1_000_000_000
  let start = Instant(nanoseconds: 100 * Self.second)

  func space(
    _ ranges: [EIDRange], fixed: [FixedEIDs] = [], own: [UInt8] = [], poolMax: UInt8 = .max,
    bridgeRun: UInt8 = 16
  ) -> EIDSpace {
    EIDSpace(
      EIDSpaceConfiguration(
        ranges: ranges, fixed: fixed, own: own.map { EID($0) }, poolCountMax: poolMax,
        bridgeRunCount: bridgeRun))
  }

  /// Reserves and confirms a simple endpoint's EID.
  func lease(_ space: inout EIDSpace, _ wish: UInt8? = nil) throws -> UInt8 {
    let grant = try space.reserve(wish: wish.map { EID($0) })
    return space.confirm(grant.eid, poolCount: 0).eid.rawValue
  }

  @Test("A range holds assignable EIDs only")
  func ranges() {
    #expect(EIDRange(first: EID(8), count: 247)?.last == EID(0xFE))
    #expect(EIDRange(first: EID(8), count: 248) == nil)
    #expect(EIDRange(first: EID(7), count: 1) == nil)
    #expect(EIDRange(first: EID(0xFE), count: 2) == nil)
    #expect(EIDRange(first: EID(9), count: 0) == nil)
    #expect(EIDRange(EID(9), through: EID(8)) == nil)
    #expect(EIDRange(EID(9), through: EID(0xFF)) == nil)
    #expect(EIDRange(EID(9), through: EID(9))?.count == 1)
  }

  @Test("Each EID has one state from the start")
  func initialStates() throws {
    let space = space(
      [try eids(9, 12), try eids(20, 22)], fixed: [FixedEIDs(eid: EID(11)), .init(eid: EID(40))],
      own: [9, 60])
    let expected: [(UInt8, EIDState)] = [
      (0, .foreign), (7, .foreign), (8, .foreign), (9, .own), (10, .free(.neverUsed)),
      (11, .fixed), (12, .free(.neverUsed)), (13, .foreign), (20, .free(.neverUsed)),
      (22, .free(.neverUsed)), (23, .foreign), (40, .fixed), (60, .own), (0xFF, .foreign),
    ]
    for (eid, state) in expected {
      #expect(space.state(of: EID(eid)) == state, "EID \(eid)")
      #expect(space.isOurs(EID(eid)) == (state != .foreign), "EID \(eid)")
    }
    #expect(space.fixedDevice(of: EID(40)) == EID(40))
    #expect(space.fixedDevice(of: EID(10)) == nil)
    #expect(space.violation == nil)
  }

  @Test("The worked example: X gives 9 and 10, 12 and 13, 14 with 15-16, 17 with 18-19")
  func workedExample() throws {
    var space = space([try eids(8, 19)], own: [8, 11], bridgeRun: 3)
    var given: [UInt8] = []
    for _ in 0..<4 { given.append(try lease(&space)) }
    #expect(given == [9, 10, 12, 13])
    for (eid, last) in [(14, 16), (17, 19)] as [(UInt8, UInt8)] {
      // Nobody knows yet how large the pool is.
      let kept = try space.reserve(poolCount: 2)
      #expect(kept.eid == EID(eid))
      let grant = space.confirm(kept.eid, poolCount: 2)
      #expect(grant.poolGranted == 2 && grant.poolLimit == nil)
      let expected = try eids(eid + 1, last)
      #expect(grant.poolAfterEID == expected)
      #expect(space.pool(of: EID(eid)) == expected)
    }
    #expect(throws: EIDsExhausted(nextFree: nil)) { try space.reserve() }
    #expect(space.violation == nil)
  }

  @Test("Never-used EIDs go first, then given-back ones, oldest first")
  func order() throws {
    var space = space([try eids(10, 13)])
    for eid in 10...12 as ClosedRange<UInt8> { #expect(try lease(&space) == eid) }
    space.reclaim(EID(12), now: start)
    space.reclaim(EID(10), now: start)
    let later = start.advanced(byMs: 5000)
    space.advance(to: later)
    #expect(try lease(&space) == 13)
    #expect(try lease(&space) == 12)
    #expect(try lease(&space) == 10)
  }

  @Test("What was given back rests five seconds and is nobody's meanwhile")
  func quarantine() throws {
    var space = space([try eids(10, 10)])
    _ = try lease(&space)
    space.reclaim(EID(10), now: start)
    let until = start.advanced(byMs: 5000)
    #expect(space.state(of: EID(10)) == .quarantined(until: until))
    #expect(space.nextDeadline == until)
    #expect(throws: EIDsExhausted(nextFree: until)) { try space.reserve() }
    #expect(space.advance(to: Instant(nanoseconds: until.nanoseconds - 1)) == 0)
    #expect(throws: EIDsExhausted(nextFree: until)) { try space.reserve(wish: EID(10)) }
    #expect(throws: EIDClash.self) { try space.adopt(EID(10)) }
    #expect(space.advance(to: until) == 1)
    #expect(space.state(of: EID(10)) == .free(.usedBefore))
    #expect(space.nextDeadline == nil)
    #expect(try lease(&space) == 10)
  }

  @Test("The rest does not hold off the device that had the EID, nor a bridge off its pool")
  func returning() throws {
    var space = space([try eids(10, 20)])
    _ = space.confirm(try space.reserve(poolCount: 3).eid, poolCount: 3)
    let lost = space.reclaim(EID(10), now: start)
    #expect(lost == (try eids(11, 13)))
    let stranger = try space.reserve(wish: EID(10), poolCount: 3)
    #expect(stranger.eid == EID(14))
    let until = start.advanced(byMs: 5000)
    let refusal = try #require(stranger.wishRefused)
    #expect(refusal.eid == EID(10) && refusal.state == .quarantined(until: until))
    let back = try space.reserve(wish: EID(10), poolCount: 3, claim: .returning)
    #expect(back.eid == EID(10) && back.poolGranted == 3 && back.wishRefused == nil)
    // Not taken after all, and never sent: it goes on resting.
    space.abandon(EID(10), mayBeInUse: false, now: start)
    #expect(space.state(of: EID(10)) == .quarantined(until: until))
    #expect(space.state(of: EID(11)) == .quarantined(until: until))
    // The pool of another bridge is not for the one that returns.
    let other = try space.reserve(exactly: EID(10), poolCount: 9, claim: .returning)
    #expect(other.poolGranted == 3)
    #expect(other.poolLimit == .occupied(EID(14), .reserved(device: EID(14))))
    #expect(space.violation == nil)
  }

  @Test("Single EIDs come from short runs first, then from the ends of long ones")
  func tearing() throws {
    var space = space([try eids(10, 59), try eids(100, 103)], bridgeRun: 16)
    var given: [UInt8] = []
    for _ in 0..<6 { given.append(try lease(&space)) }
    #expect(given == [100, 101, 102, 103, 10, 11])
    // 10 and 11 come back used: the next never-used one that tears nothing off is the last.
    space.reclaim(EID(10), now: start)
    space.reclaim(EID(11), now: start)
    space.advance(to: start.advanced(byMs: 5000))
    #expect(try lease(&space) == 59)
  }

  @Test("A bridge gets the smallest run that holds it")
  func bestFit() throws {
    var space = space([try eids(10, 40), try eids(50, 54), try eids(60, 66)])
    #expect(try space.reserve(poolCount: 4).eid == EID(50))
    #expect(try space.reserve(poolCount: 4).eid == EID(60))
    #expect(try space.reserve(poolCount: 4).eid == EID(10))
    #expect(try space.reserve(poolCount: 1).eid == EID(65))
  }

  @Test("Asked 40, given 15, because the range ends there")
  func lessThanAsked() throws {
    var space = space([try eids(10, 25), try eids(100, 104)])
    let grant = try space.reserve(poolCount: 40)
    #expect(grant.eid == EID(10) && grant.poolAsked == 40 && grant.poolGranted == 15)
    #expect(grant.poolLimit == .rangeEnds(last: EID(25)))
    let next = try space.reserve(poolCount: 40)
    #expect(next.eid == EID(100) && next.poolGranted == 4)
  }

  @Test("Given less than asked, because somebody is in the way or the topology says so")
  func otherLimits() throws {
    var space = space([try eids(10, 29)], own: [14], poolMax: 6)
    let limited = try space.reserve(poolCount: 7)
    #expect(limited.eid == EID(15) && limited.poolGranted == 6)
    #expect(limited.poolLimit == .configured(6))
    let blocked = try space.reserve(exactly: EID(10), poolCount: 5)
    #expect(blocked.poolGranted == 3)
    #expect(blocked.poolLimit == .occupied(EID(14), .own))
    let top = try eids(0xFD, 0xFE)
    var end = self.space([top])
    #expect(try end.reserve(poolCount: 9).poolLimit == .rangeEnds(last: EID(0xFE)))
  }

  @Test("What was kept and is not wanted was nobody's; what is wanted beyond is added")
  func trim() throws {
    var space = space([try eids(10, 40)])
    let first = try space.reserve(poolCount: 15)
    #expect(space.reservedPool(of: EID(10)) == (try eids(11, 25)))
    let small = space.confirm(first.eid, poolCount: 2)
    #expect(small.poolGranted == 2 && small.poolLimit == nil)
    #expect(space.state(of: EID(12)) == .poolOf(EID(10)))
    #expect(space.state(of: EID(13)) == .free(.neverUsed))
    #expect(space.reservedPool(of: EID(10)) == nil)
    let second = try space.reserve(poolCount: 2)
    let large = space.confirm(second.eid, poolCount: 40)
    #expect(second.eid == EID(13) && large.poolGranted == 27)
    #expect(large.poolLimit == .rangeEnds(last: EID(40)))
  }

  @Test("A reservation without an answer rests only if it may have been taken")
  func abandon() throws {
    var space = space([try eids(10, 12)])
    let first = try space.reserve(poolCount: 2)
    space.abandon(first.eid, mayBeInUse: false, now: start)
    #expect(space.state(of: EID(10)) == .free(.neverUsed))
    let again = try space.reserve(poolCount: 2)
    space.abandon(again.eid, mayBeInUse: true, now: start)
    #expect(
      space.state(of: EID(10)) == .quarantined(until: start.advanced(byMs: 5000)))
    #expect(space.state(of: EID(11)) == .free(.neverUsed))
  }

  @Test("Fixed EIDs are for the named device alone, with their pool, and do not rest")
  func fixed() throws {
    let bridge = FixedEIDs(eid: EID(10), poolCount: 2)
    var space = space([try eids(10, 13)], fixed: [bridge, .init(eid: EID(200))])
    let clash = #expect(throws: EIDClash.self) { try space.reserve(exactly: EID(10)) }
    #expect(clash?.state == .fixed)
    #expect(throws: EIDClash.self) { try space.reserve(exactly: EID(11), claim: .named) }
    #expect(throws: EIDClash.self) { try space.adopt(EID(200), allowsForeign: true) }
    #expect(try lease(&space) == 13)
    let grant = try space.reserve(exactly: EID(10), poolCount: 3, claim: .named)
    #expect(grant.poolGranted == 2)
    #expect(grant.poolLimit == .occupied(EID(13), .leased))
    #expect(space.confirm(EID(10), poolCount: 2).poolGranted == 2)
    #expect(space.state(of: EID(10)) == .leased)
    #expect(space.state(of: EID(12)) == .poolOf(EID(10)))
    space.reclaim(EID(10), now: start)
    #expect(space.state(of: EID(10)) == .fixed && space.state(of: EID(11)) == .fixed)
    #expect(space.nextDeadline == nil)
    _ = try space.reserve(exactly: EID(200), claim: .named)
    #expect(space.violation == nil)
  }

  @Test("A pool grows and shrinks in place; what it loses rests for others")
  func resize() throws {
    var space = space([try eids(10, 20)])
    _ = space.confirm(try space.reserve(poolCount: 4).eid, poolCount: 4)
    #expect(space.resizePool(of: EID(10), to: 1, now: start).poolGranted == 1)
    #expect(space.pool(of: EID(10)) == (try eids(11, 11)))
    let until = start.advanced(byMs: 5000)
    #expect(space.state(of: EID(12)) == .quarantined(until: until))
    // It gets its own back at once.
    let grown = space.resizePool(of: EID(10), to: 30, now: start)
    #expect(grown.poolGranted == 10)
    #expect(grown.poolLimit == .rangeEnds(last: EID(20)))
    #expect(space.resizePool(of: EID(10), to: 0, now: start).poolGranted == 0)
    #expect(space.pool(of: EID(10)) == nil)
    #expect(space.violation == nil)
  }

  @Test("What a device has on the bus is adopted, or the clash is named")
  func adopt() throws {
    var space = space([try eids(10, 30)], own: [10])
    try space.adopt(EID(12), pool: try eids(20, 22))
    #expect(space.pool(of: EID(12)) == (try eids(20, 22)))
    func clash(_ body: () throws -> Void) -> EIDState? {
      (#expect(throws: EIDClash.self) { try body() })?.state
    }
    #expect(clash { try space.adopt(EID(10)) } == .own)
    #expect(clash { try space.adopt(EID(12)) } == .leased)
    #expect(clash { try space.adopt(EID(21)) } == .poolOf(EID(12)))
    #expect(clash { try space.adopt(EID(31)) } == .foreign)
    #expect(clash { try space.adopt(EID(3), allowsForeign: true) } == .foreign)
    #expect(clash { try space.adopt(EID(13), pool: try eids(18, 20)) } == .poolOf(EID(12)))
    #expect(clash { try space.adopt(EID(13), pool: try eids(13, 14)) } == .poolOf(EID(13)))
    #expect(space.state(of: EID(13)) == .free(.neverUsed))
    #expect(space.state(of: EID(18)) == .free(.neverUsed))
    try space.adopt(EID(99), allowsForeign: true)
    #expect(space.heldOutsideRanges == [EID(99)])
    space.reclaim(EID(99), now: start)
    space.advance(to: start.advanced(byMs: 5000))
    #expect(space.state(of: EID(99)) == .foreign)
    #expect(space.violation == nil)
  }

  @Test("A bridge that says it has another pool than was known gets that one")
  func adoptPool() throws {
    var space = space([try eids(10, 30)])
    _ = space.confirm(try space.reserve(poolCount: 4).eid, poolCount: 4)
    try space.adoptPool(try eids(13, 16), of: EID(10), now: start)
    #expect(space.pool(of: EID(10)) == (try eids(13, 16)))
    let until = start.advanced(byMs: 5000)
    #expect(space.state(of: EID(11)) == .quarantined(until: until))
    #expect(throws: EIDClash.self) {
      try space.adoptPool(try eids(15, 31), of: EID(10), now: start)
    }
    #expect(space.pool(of: EID(10)) == (try eids(13, 16)))
    #expect(throws: EIDClash.self) {
      try space.adoptPool(try eids(25, 26), of: EID(24), now: start)
    }
    #expect(space.violation == nil)
  }

  @Test("Own EIDs come and go with the owner above")
  func own() throws {
    var space = space([try eids(10, 12)])
    try space.takeOwn(EID(50))
    try space.takeOwn(EID(50))
    try space.takeOwn(try #require(space.preferredEID))
    #expect(space.state(of: EID(50)) == .own && space.state(of: EID(10)) == .own)
    #expect(try lease(&space) == 11)
    #expect(throws: EIDClash.self) { try space.takeOwn(EID(11), claim: .named) }
    space.reclaim(EID(11), now: start)
    #expect(throws: EIDClash.self) { try space.takeOwn(EID(11)) }
    try space.takeOwn(EID(11), claim: .named)
    #expect(space.state(of: EID(11)) == .own)
    let gaveUp = space.releaseOwn(EID(11), now: start)
    let gaveUpForeign = space.releaseOwn(EID(12), now: start)
    #expect(gaveUp && !gaveUpForeign)
    #expect(throws: EIDClash.self) { try space.takeOwn(EID(0xFF), claim: .named) }
    #expect(space.violation == nil)
  }

  @Test("Another pool from above takes nothing from anybody, and shows who is outside")
  func replaceRanges() throws {
    var space = space([try eids(10, 12)], own: [10])
    #expect(try lease(&space) == 11)
    space.replaceRanges([try eids(12, 14)])
    #expect(space.heldOutsideRanges == [EID(11)])
    #expect(space.state(of: EID(11)) == .leased)
    #expect(space.isOurs(EID(11)))
    #expect(space.state(of: EID(14)) == .free(.neverUsed))
    space.reclaim(EID(11), now: start)
    let until = start.advanced(byMs: 5000)
    #expect(space.state(of: EID(11)) == .quarantined(until: until))
    // Somebody else may be given it already.
    #expect(!space.isOurs(EID(11)))
    space.advance(to: until)
    #expect(space.state(of: EID(11)) == .foreign)
  }

  @Test("A lease from before a restart waits for its device, then goes last")
  func rememberLease() throws {
    var space = space([try eids(10, 13)])
    space.rememberLease(EID(10), pool: try eids(11, 12), now: start)
    let until = start.advanced(byMs: 5000)
    #expect(space.state(of: EID(11)) == .quarantined(until: until))
    var adopted = space
    try adopted.adopt(EID(10), pool: try eids(11, 12), claim: .returning)
    #expect(adopted.pool(of: EID(10)) == (try eids(11, 12)))
    space.advance(to: until)
    #expect(try lease(&space) == 13)
    #expect(try lease(&space) == 10)
  }

  @Test("A static route takes what rests and what is kept for a pool, and nothing that is had")
  func hold() throws {
    var space = space([try eids(10, 20)], own: [20])
    // Kept after 10: 11 to 14, and nobody was told. What lies above 12 is free again with it.
    _ = try space.reserve(exactly: EID(10), poolCount: 4)
    let taken = space.hold(EID(12))
    #expect(taken)
    #expect(space.violation == nil)
    #expect(space.state(of: EID(13)) == .free(.neverUsed))
    let grant = space.confirm(EID(10), poolCount: 4)
    #expect(grant.poolGranted == 1)
    for held in [10, 11, 12, 20] as [UInt8] {
      let isTaken = space.hold(EID(held))
      #expect(!isTaken)
    }
    // Outside of the ranges, and at rest.
    let isForeignTaken = space.hold(EID(99))
    #expect(isForeignTaken)
    space.reclaim(EID(12), now: start)
    let isRestingTaken = space.hold(EID(12))
    #expect(isRestingTaken)
    #expect(space.violation == nil)
  }
}
