// Which EIDs a device gets. The standard fixes the order for single ones only: never-used ones
// first, then those given back, oldest first (DSP0236 1.3.3 §9).

public import MCTPWire

extension EIDSpace {
  /// The EID that a device without a wish gets next; nil when none is free. `reserve` takes it.
  ///
  /// Choice: of the never-used EIDs those in short free runs go first, then those at the ends of
  /// long ones, then those that cut the least off, each lowest first: a bridge needs its EID and
  /// its pool in one run, and one EID in the middle halves it. Given-back EIDs go by age alone,
  /// as the standard wants.
  public var preferredEID: EID? {
    var fresh: (cost: Int, eid: EID)?
    var oldest: (number: UInt64, eid: EID)?
    for run in freeRuns() {
      let isLong = run.count >= Int(bridgeRunCount)
      for value in run {
        let cell = cells[value]
        let eid = EID(UInt8(value))
        if cell.wasUsed {
          if cell.releaseNumber < oldest?.number ?? .max { oldest = (cell.releaseNumber, eid) }
          continue
        }
        let cut = min(value - run.lowerBound, run.upperBound - 1 - value)
        let cost = isLong ? 1 + cut : 0
        if cost < fresh?.cost ?? .max { fresh = (cost, eid) }
      }
    }
    return fresh?.eid ?? oldest?.eid
  }

  /// Picks and reserves an EID and the run right after it, before Set Endpoint ID is sent: the
  /// device may be a bridge, and how large a pool it wants is known only from its answer
  /// (DSP0236 1.3.3 §9.1.10).
  ///
  /// Choice: a wish that can be met is met even where another place has more room behind it: a
  /// device that keeps its EID is worth more than a large pool.
  ///
  /// - Parameters:
  ///   - wish: tried first; who asks for it is told by `claim`.
  ///   - poolCount: EIDs to keep right after it; 0 for a simple endpoint.
  ///   - claim: of the wished EID and the pool after it; without a wish everybody is a newcomer.
  /// - Returns: what is reserved now: at least one EID, and as much of the pool as fits best.
  public mutating func reserve(
    wish: EID? = nil, poolCount: UInt8 = 0, claim: EIDClaim = .newcomer
  ) throws(EIDsExhausted) -> EIDGrant {
    var refused: EIDClash?
    if let wish {
      refused = obstacle(at: wish, for: wish, claim: claim)
      if refused == nil {
        return take(wish, poolAsked: poolCount, claim: claim, wishRefused: nil)
      }
    }
    let count = min(poolCount, poolCountMax)
    guard let eid = count == 0 ? preferredEID : bestWindow(poolCount: Int(count)) else {
      throw EIDsExhausted(nextFree: nextDeadline)
    }
    return take(eid, poolAsked: poolCount, claim: .newcomer, wishRefused: refused)
  }

  /// Reserves this EID or none, and the run right after it.
  public mutating func reserve(
    exactly eid: EID, poolCount: UInt8 = 0, claim: EIDClaim = .newcomer
  ) throws(EIDClash) -> EIDGrant {
    if let clash = obstacle(at: eid, for: eid, claim: claim) { throw clash }
    return take(eid, poolAsked: poolCount, claim: claim, wishRefused: nil)
  }

  private mutating func take(
    _ eid: EID, poolAsked: UInt8, claim: EIDClaim, wishRefused: EIDClash?
  ) -> EIDGrant {
    cells[Int(eid.rawValue)].use = .reserved(device: eid)
    let granted = extend(
      .reserved(device: eid), after: eid, by: min(poolAsked, poolCountMax), device: eid,
      claim: claim)
    return grant(
      eid, asked: poolAsked, granted: granted, end: EID(eid.rawValue + granted),
      wishRefused: wishRefused)
  }

  /// Gives EIDs right after `last` the use, up to `count`; returns how many.
  mutating func extend(
    _ use: Use, after last: EID, by count: UInt8, device: EID, claim: EIDClaim
  ) -> UInt8 {
    var taken: UInt8 = 0
    while taken < count {
      let next = EID(last.rawValue + taken + 1)
      guard obstacle(at: next, for: device, claim: claim) == nil else { break }
      cells[Int(next.rawValue)].use = use
      taken += 1
    }
    return taken
  }

  /// - Parameter end: the last EID of what is granted.
  func grant(
    _ eid: EID, asked: UInt8, granted: UInt8, end: EID, wishRefused: EIDClash? = nil
  ) -> EIDGrant {
    var limit: EIDPoolLimit?
    if granted < asked {
      let next = EID(end.rawValue &+ 1)
      if granted >= poolCountMax {
        limit = .configured(poolCountMax)
      } else if !next.isAssignable || state(of: next) == .foreign {
        limit = .rangeEnds(last: end)
      } else {
        limit = .occupied(next, state(of: next))
      }
    }
    return EIDGrant(
      eid: eid, poolAsked: asked, poolGranted: granted, poolLimit: limit,
      wishRefused: wishRefused)
  }

  /// Why `eid` cannot be given to the device that is to have, or has, the EID `device`; nil when
  /// it can.
  ///
  /// - Parameter allowsForeign: EIDs outside of the ranges are no obstacle.
  func obstacle(
    at eid: EID, for device: EID, claim: EIDClaim, allowsForeign: Bool = false
  ) -> EIDClash? {
    let cell = cells[Int(eid.rawValue)]
    let isKeptForIt = cell.fixedFor == device && claim == .named
    let isOurs = cell.isInRange || isKeptForIt || allowsForeign
    let isKept = cell.fixedFor != .null && !isKeptForIt
    let rests = cell.restsUntil != nil && (claim == .newcomer || cell.lastHolder != device)
    if eid.isAssignable, cell.use == .none, isOurs, !isKept, !rests { return nil }
    return EIDClash(eid, eid.isAssignable ? state(of: eid) : .foreign)
  }

  /// Runs of EIDs that a newcomer can get, lowest first.
  private func freeRuns() -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start: Int?
    for value in Int(EID.assignable.lowerBound.rawValue)...0xFF {
      let eid = EID(UInt8(value))
      if obstacle(at: eid, for: eid, claim: .newcomer) == nil {
        if start == nil { start = value }
      } else if let first = start {
        runs.append(first..<value)
        start = nil
      }
    }
    return runs
  }

  /// Where a bridge with a pool of `poolCount` goes best; nil when no EID is free.
  ///
  /// Choice: as much of the pool as can be had; then as few given-back EIDs as can be, because
  /// those are to be used last; then the smallest run that holds it, its ends before its middle,
  /// and the lowest EID.
  private func bestWindow(poolCount: Int) -> EID? {
    var best: (key: WindowKey, start: Int)?
    for run in freeRuns() {
      let size = min(poolCount + 1, run.count)
      for start in run.lowerBound...(run.upperBound - size) {
        var usedCount = 0
        for value in start..<(start + size) where cells[value].wasUsed { usedCount += 1 }
        let key = WindowKey(
          missing: poolCount + 1 - size, usedCount: usedCount, runCount: run.count,
          cut: min(start - run.lowerBound, run.upperBound - start - size))
        if let best, !(key < best.key) { continue }
        best = (key, start)
      }
    }
    return best.map { EID(UInt8($0.start)) }
  }
}

/// How little one place suits a bridge: the smaller the better, field by field.
private struct WindowKey {
  let missing: Int
  let usedCount: Int
  let runCount: Int
  let cut: Int

  static func < (left: WindowKey, right: WindowKey) -> Bool {
    if left.missing != right.missing { return left.missing < right.missing }
    if left.usedCount != right.usedCount { return left.usedCount < right.usedCount }
    if left.runCount != right.runCount { return left.runCount < right.runCount }
    return left.cut < right.cut
  }
}
