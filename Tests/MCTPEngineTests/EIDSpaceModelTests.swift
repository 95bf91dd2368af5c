import MCTPEngine
import MCTPWire
import TestSupport
import Testing

/// What the EID space must say, kept the plainest way: one note an EID, no search, no cleverness.
/// It does not choose EIDs; it judges choices.
private struct EIDModel {
  enum Holder: Equatable {
    case nobody
    case own
    case reserved(UInt8)
    case leased
    case pool(UInt8)
  }

  var ranges: Set<UInt8>
  let fixed: [UInt8: UInt8]
  var holder = [Holder](repeating: .nobody, count: 256)
  var used: Set<UInt8> = []
  var lastHolder: [UInt8: UInt8] = [:]
  var restUntil: [UInt8: UInt64] = [:]
  /// Given-back EIDs, oldest first.
  var givenBack: [UInt8] = []

  func state(_ eid: UInt8) -> EIDState {
    switch holder[Int(eid)] {
    case .own: return .own
    case .reserved(let device): return .reserved(device: EID(device))
    case .leased: return .leased
    case .pool(let bridge): return .poolOf(EID(bridge))
    case .nobody: break
    }
    if fixed[eid] != nil { return .fixed }
    if let until = restUntil[eid] { return .quarantined(until: Instant(nanoseconds: until)) }
    if !ranges.contains(eid) { return .foreign }
    return .free(used.contains(eid) ? .usedBefore : .neverUsed)
  }

  func isFree(_ eid: UInt8) -> Bool {
    if case .free = state(eid) { return true }
    return false
  }

  /// May the device that is to have `device` get `eid`?
  func isAvailable(_ eid: UInt8, for device: UInt8, _ claim: EIDClaim) -> Bool {
    guard holder[Int(eid)] == .nobody else { return false }
    if let named = fixed[eid] { return named == device && claim == .named }
    guard ranges.contains(eid) else { return false }
    return restUntil[eid] == nil || (claim != .newcomer && lastHolder[eid] == device)
  }

  /// How many EIDs right after `last` the device can get.
  func room(after last: UInt8, for device: UInt8, _ claim: EIDClaim) -> Int {
    var count = 0
    while Int(last) + count + 1 <= 0xFE,
      isAvailable(last + UInt8(count) + 1, for: device, claim)
    {
      count += 1
    }
    return count
  }

  mutating func hold(_ eid: UInt8, _ new: Holder) {
    holder[Int(eid)] = new
    if case .reserved = new { return }
    used.insert(eid)
    restUntil[eid] = nil
  }

  mutating func give(_ eid: UInt8, back device: UInt8, now: UInt64) {
    holder[Int(eid)] = .nobody
    used.insert(eid)
    lastHolder[eid] = device
    givenBack.removeAll { $0 == eid }
    givenBack.append(eid)
    restUntil[eid] = fixed[eid] == nil ? now + 5_000_000_000 : nil
  }

  /// EIDs with a holder, lowest first.
  func all(_ wanted: Holder) -> [UInt8] {
    (8...0xFE).filter { holder[$0] == wanted }.map { UInt8($0) }
  }

  /// The free runs of a newcomer, longest first.
  var longestFreeRun: Int {
    var (longest, present) = (0, 0)
    for eid in 8...0xFE as ClosedRange<UInt8> {
      present = isFree(eid) ? present + 1 : 0
      longest = max(longest, present)
    }
    return longest
  }
}

/// A long random life of an EID space beside its model.
private struct EIDSpaceRun {
  var space: EIDSpace
  var model: EIDModel
  var random: SplitMix64
  var now: UInt64 = 1_000_000_000
  var step = 0
  var issues: [String] = []
  /// What was done how often: a run that never leases anything tests nothing.
  var done: [String: Int] = [:]

  init(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let isTight = random.below(2) == 0
    let ranges = [
      EIDRange(first: EID(10), count: isTight ? 12 : 60),
      EIDRange(first: EID(90), count: 6), EIDRange(first: EID(0xFB), count: 4),
    ].compactMap { $0 }
    let fixed = [FixedEIDs(eid: EID(16), poolCount: 2), .init(eid: EID(200), poolCount: 1)]
    space = EIDSpace(
      EIDSpaceConfiguration(ranges: ranges, fixed: fixed, own: [EID(10)], bridgeRunCount: 8))
    var fixedMap: [UInt8: UInt8] = [:]
    for device in fixed {
      for offset in 0...device.poolCount {
        fixedMap[device.eid.rawValue + offset] = device.eid.rawValue
      }
    }
    model = EIDModel(ranges: EIDSpaceRun.set(ranges), fixed: fixedMap)
    model.holder[10] = .own
    self.random = random
  }

  static func set(_ ranges: [EIDRange]) -> Set<UInt8> {
    Set(ranges.flatMap { Array($0.first.rawValue...$0.last.rawValue) })
  }

  mutating func fail(_ what: String) { issues.append("step \(step): \(what)") }
  mutating func note(_ what: String) { done[what, default: 0] += 1 }
  mutating func anyEID() -> UInt8 {
    [UInt8(8 + random.below(90)), UInt8(random.below(256)), 16, 200][random.below(4)]
  }
  mutating func claim() -> EIDClaim { [.newcomer, .returning, .named][random.below(3)] }
  mutating func one(of eids: [UInt8]) -> UInt8? {
    eids.isEmpty ? nil : eids[random.below(eids.count)]
  }

  mutating func run(_ steps: Int) {
    while step < steps, issues.isEmpty {
      step += 1
      now += UInt64(random.below(900)) * 1_000_000
      advance()
      switch random.below(20) {
      case 0..<3: reserve(poolCount: 0)
      case 3..<6: reserve(poolCount: UInt8(1 + random.below(20)))
      case 6..<8: reserveExactly()
      case 8..<11: confirm()
      case 11: abandon()
      case 12..<15: reclaim()
      case 15: resize()
      case 16: adopt()
      case 17: adoptPool()
      case 18: own()
      default: rare()
      }
      compare()
    }
  }

  mutating func advance() {
    space.advance(to: Instant(nanoseconds: now))
    for (eid, until) in model.restUntil where until <= now { model.restUntil[eid] = nil }
  }

  mutating func compare() {
    for value in 0...255 {
      let eid = UInt8(value)
      let (said, known) = (space.state(of: EID(eid)), model.state(eid))
      if said != known { fail("EID \(eid) is \(said), not \(known)") }
    }
    if let violation = space.violation { fail("\(violation)") }
    let next = model.restUntil.values.min()
    if space.nextDeadline?.nanoseconds != next { fail("the next deadline is wrong") }
  }

  mutating func enterReservation(_ grant: EIDGrant) {
    let eid = grant.eid.rawValue
    model.hold(eid, .reserved(eid))
    for offset in 0..<grant.poolGranted { model.hold(eid + 1 + offset, .reserved(eid)) }
  }

  mutating func judgeLimit(_ grant: EIDGrant) {
    if (grant.poolLimit == nil) != (grant.poolGranted == grant.poolAsked) {
      fail("\(grant) does not say why")
    }
  }

  mutating func reserve(poolCount: UInt8) {
    let freshIsThere = (8...0xFE).contains {
      model.state(UInt8($0)) == .free(.neverUsed)
    }
    guard let grant = try? space.reserve(poolCount: poolCount) else {
      note("exhausted")
      if model.longestFreeRun > 0 { fail("an EID was free") }
      return
    }
    note("reserved")
    let eid = grant.eid.rawValue
    judgeLimit(grant)
    let size = Int(grant.poolGranted) + 1
    for offset in 0..<size where !model.isFree(eid + UInt8(offset)) {
      fail("\(eid + UInt8(offset)) was not free")
    }
    if size != min(Int(poolCount) + 1, model.longestFreeRun) {
      fail("\(size) EIDs, and the longest run has \(model.longestFreeRun)")
    }
    if poolCount == 0 {
      let isUsed = model.used.contains(eid)
      if isUsed, freshIsThere { fail("\(eid) was used before, and others were not") }
      if isUsed, eid != model.givenBack.first(where: { model.isFree($0) }) {
        fail("\(eid) is not the oldest")
      }
      if isUsed { note("reused") }
    }
    enterReservation(grant)
  }

  mutating func reserveExactly() {
    let (eid, claim, count) = (anyEID(), claim(), UInt8(random.below(6)))
    let isAvailable = eid >= 8 && eid < 0xFF && model.isAvailable(eid, for: eid, claim)
    do throws(EIDClash) {
      let grant = try space.reserve(exactly: EID(eid), poolCount: count, claim: claim)
      if !isAvailable { fail("\(eid) was to be had by nobody like \(claim)") }
      if Int(grant.poolGranted) != min(Int(count), model.room(after: eid, for: eid, claim)) {
        fail("\(grant) is not what there is")
      }
      judgeLimit(grant)
      if claim != .newcomer { note("exact, not a newcomer") }
      enterReservation(grant)
    } catch {
      if isAvailable { fail("\(eid) was free for \(claim)") }
      if error.state != model.state(eid) { fail("the clash is called \(error)") }
      note("clash")
    }
  }

  mutating func reservation() -> UInt8? {
    one(of: (8...0xFE).map { UInt8($0) }.filter { model.holder[Int($0)] == .reserved($0) })
  }

  mutating func confirm() {
    guard let eid = reservation() else { return }
    note("confirmed")
    let wanted = UInt8(random.below(12))
    let kept = model.all(.reserved(eid)).count - 1
    let grant = space.confirm(EID(eid), poolCount: wanted)
    judgeLimit(grant)
    let claim: EIDClaim = model.fixed[eid] == eid ? .named : .returning
    let more = model.room(after: eid + UInt8(kept), for: eid, claim)
    if Int(grant.poolGranted) != min(Int(wanted), kept + more) { fail("\(grant) at \(eid)") }
    for member in model.all(.reserved(eid)) { model.holder[Int(member)] = .nobody }
    model.hold(eid, .leased)
    for offset in 0..<grant.poolGranted { model.hold(eid + 1 + offset, .pool(eid)) }
  }

  mutating func abandon() {
    guard let eid = reservation() else { return }
    let mayBeInUse = random.below(2) == 0
    space.abandon(EID(eid), mayBeInUse: mayBeInUse, now: Instant(nanoseconds: now))
    for member in model.all(.reserved(eid)) { model.holder[Int(member)] = .nobody }
    if mayBeInUse { model.give(eid, back: eid, now: now) }
  }

  mutating func reclaim() {
    guard let eid = one(of: model.all(.leased)) else { return }
    note("reclaimed")
    let pool = model.all(.pool(eid))
    let said = space.reclaim(EID(eid), now: Instant(nanoseconds: now))
    if Int(said?.count ?? 0) != pool.count { fail("the pool of \(eid) is \(pool)") }
    model.give(eid, back: eid, now: now)
    for member in pool { model.give(member, back: eid, now: now) }
  }

  mutating func resize() {
    guard let eid = one(of: model.all(.leased)) else { return }
    let wanted = UInt8(random.below(8))
    let pool = model.all(.pool(eid))
    let claim: EIDClaim = model.fixed[eid] == eid ? .named : .returning
    let last = pool.last ?? eid
    let grant = space.resizePool(of: EID(eid), to: wanted, now: Instant(nanoseconds: now))
    judgeLimit(grant)
    if Int(wanted) < pool.count {
      for member in pool.dropFirst(Int(wanted)) { model.give(member, back: eid, now: now) }
      note("shrunk")
    } else {
      let more = min(Int(wanted) - pool.count, model.room(after: last, for: eid, claim))
      for offset in 0..<more { model.hold(last + 1 + UInt8(offset), .pool(eid)) }
      if Int(grant.poolGranted) != pool.count + more { fail("\(grant) at \(eid)") }
    }
  }

  mutating func adopt() {
    let (eid, claim, isForeign) = (anyEID(), claim(), random.below(2) == 0)
    guard (try? space.adopt(EID(eid), claim: claim, allowsForeign: isForeign)) != nil else {
      if eid >= 8, eid < 0xFF, model.isAvailable(eid, for: eid, claim) {
        fail("\(eid) was free for \(claim)")
      }
      return
    }
    note("adopted")
    let isUnheldForeign = isForeign && model.state(eid) == .foreign
    if !model.isAvailable(eid, for: eid, claim), !isUnheldForeign {
      // A foreign EID that rests for its last holder.
      let restsForIt = model.restUntil[eid] != nil && model.lastHolder[eid] == eid
      if !(isForeign && restsForIt && claim != .newcomer) { fail("\(eid) was not to be had") }
    }
    model.hold(eid, .leased)
  }

  mutating func adoptPool() {
    guard let eid = one(of: model.all(.leased)),
      let range = EIDRange(
        first: EID(UInt8(8 + random.below(30))), count: UInt8(1 + random.below(3)))
    else { return }
    let members = Array(range.first.rawValue...range.last.rawValue)
    let fits = members.allSatisfy {
      $0 != eid
        && (model.holder[Int($0)] == .pool(eid) || model.isAvailable($0, for: eid, .returning))
    }
    let isTaken =
      (try? space.adoptPool(range, of: EID(eid), now: Instant(nanoseconds: now))) != nil
    if isTaken != fits { fail("pool \(members) of \(eid): \(isTaken)") }
    guard isTaken else { return }
    note("pool adopted")
    for member in model.all(.pool(eid)) { model.give(member, back: eid, now: now) }
    for member in members { model.hold(member, .pool(eid)) }
  }

  mutating func own() {
    if let eid = one(of: model.all(.own)), random.below(2) == 0 {
      space.releaseOwn(EID(eid), now: Instant(nanoseconds: now))
      model.give(eid, back: eid, now: now)
      return
    }
    let eid = anyEID()
    guard (try? space.takeOwn(EID(eid))) != nil else { return }
    if model.holder[Int(eid)] != .own {
      if model.holder[Int(eid)] != .nobody || model.fixed[eid] != nil
        || model.restUntil[eid] != nil
      {
        fail("\(eid) was not to be own")
      }
    }
    model.hold(eid, .own)
  }

  mutating func rare() {
    if random.below(4) > 0 {
      now += 3_000_000_000
      return
    }
    let ranges = [
      EIDRange(first: EID(UInt8(10 + random.below(8))), count: UInt8(8 + random.below(40))),
      EIDRange(first: EID(90), count: UInt8(1 + random.below(8))),
    ].compactMap { $0 }
    space.replaceRanges(ranges)
    model.ranges = Self.set(ranges)
  }
}

@Suite("EIDs beside a plain model", .spec("DSP0236 1.3.3 §9"))
struct EIDSpaceModelTests {
  @Test("Thousands of random steps agree with the model")
  func agrees() {
    var done: [String: Int] = [:]
    for seed in 1...8 as ClosedRange<UInt64> {
      var run = EIDSpaceRun(seed: seed)
      run.run(1000)
      #expect(run.issues.isEmpty, "seed \(seed)")
      done.merge(run.done, uniquingKeysWith: +)
    }
    for what in [
      "reserved", "reused", "confirmed", "reclaimed", "shrunk", "adopted", "pool adopted", "clash",
      "exact, not a newcomer", "exhausted",
    ] {
      #expect(done[what, default: 0] > 10, "never or hardly ever \(what)")
    }
  }

  @Test("Every single EID and every pool size is granted exactly where it fits")
  func exhaustiveWindows() throws {
    for first in 8...0xFE as ClosedRange<UInt8> {
      for count in [0, 1, 15, 246] as [UInt8] {
        var space = EIDSpace(EIDSpaceConfiguration(ranges: [try eids(8, 0xFE)]))
        let grant = try space.reserve(exactly: EID(first), poolCount: count)
        #expect(Int(grant.poolGranted) == min(Int(count), 0xFE - Int(first)))
        #expect(space.violation == nil)
      }
    }
  }
}
