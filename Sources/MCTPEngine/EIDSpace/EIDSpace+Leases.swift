// From a reservation to a lease and back; what is found on the bus.

public import MCTPWire

extension EIDSpace {
  /// The device answered Set Endpoint ID and has its EID; its pool becomes as large as it says.
  ///
  /// What was kept and is not wanted goes back as it came, because nobody had it. What is wanted
  /// beyond it is taken where the run goes on.
  ///
  /// - Parameters:
  ///   - eid: one that `reserve` returned; anything else is a defect of the caller and traps.
  ///   - poolCount: the pool size of the device's answer; 0 for a simple endpoint.
  public mutating func confirm(_ eid: EID, poolCount: UInt8) -> EIDGrant {
    let index = Int(eid.rawValue)
    precondition(cells[index].use == .reserved(device: eid), "confirmed, and never reserved")
    let kept = reservedPool(of: eid)?.count ?? 0
    let granted = min(poolCount, kept)
    var position: UInt8 = 0
    while position < kept {
      let member = index + 1 + Int(position)
      if position < granted {
        cells[member].use = .pool(bridge: eid)
        markUsed(member)
      } else {
        cells[member].use = .none
      }
      position += 1
    }
    cells[index].use = .leased
    markUsed(index)
    return enlargePool(of: eid, from: granted, last: EID(eid.rawValue + granted), to: poolCount)
  }

  /// The device did not take the EID, or did not answer.
  ///
  /// - Parameters:
  ///   - eid: one that `reserve` returned; anything else is a defect of the caller and traps.
  ///   - mayBeInUse: true once Set Endpoint ID was sent and not clearly refused: the answer may be
  ///     all that was lost, so the EID rests. The pool was never told to anybody and does not.
  public mutating func abandon(_ eid: EID, mayBeInUse: Bool, now: Instant) {
    let index = Int(eid.rawValue)
    precondition(cells[index].use == .reserved(device: eid), "abandoned, and never reserved")
    for member in cells.indices where cells[member].use == .reserved(device: eid) {
      cells[member].use = .none
    }
    if mayBeInUse { release(index, holder: eid, now: now) }
  }

  /// Takes a lease back, with its pool; all of it rests.
  ///
  /// The caller has confirmed before that the device is gone (DSP0236 1.3.3 §9: after T_RECLAIM,
  /// several tries).
  ///
  /// - Returns: the pool that went along. Nothing happens to an EID that is not leased.
  @discardableResult
  public mutating func reclaim(_ eid: EID, now: Instant) -> EIDRange? {
    guard cells[Int(eid.rawValue)].use == .leased else { return nil }
    let pool = pool(of: eid)
    release(Int(eid.rawValue), holder: eid, now: now)
    if let pool { releasePool(pool, of: eid, now: now) }
    return pool
  }

  // MARK: Pools

  /// Makes the pool of a leased bridge larger or smaller in place. What it loses rests; what it
  /// gains comes right after what it has, or right after its EID.
  ///
  /// - Parameter bridge: leased; anything else is a defect of the caller and traps.
  public mutating func resizePool(
    of bridge: EID, to count: UInt8, now: Instant
  ) -> EIDGrant {
    precondition(cells[Int(bridge.rawValue)].use == .leased, "a pool for an EID that is not leased")
    guard let present = pool(of: bridge) else {
      return enlargePool(of: bridge, from: 0, last: bridge, to: count)
    }
    guard count < present.count else {
      return enlargePool(of: bridge, from: present.count, last: present.last, to: count)
    }
    if let lost = EIDRange(EID(present.first.rawValue + count), through: present.last) {
      releasePool(lost, of: bridge, now: now)
    }
    return EIDGrant(
      eid: bridge, poolAsked: count, poolGranted: count, poolLimit: nil, wishRefused: nil)
  }

  /// - Parameter last: the end of what there is: of the pool, or the bridge itself.
  private mutating func enlargePool(
    of bridge: EID, from present: UInt8, last: EID, to count: UInt8
  ) -> EIDGrant {
    let wanted = min(count, poolCountMax)
    // A bridge gets back what only itself had, and what is fixed for it.
    let claim: EIDClaim =
      cells[Int(bridge.rawValue)].fixedFor == bridge ? .named : .returning
    let gained =
      wanted > present
      ? extend(
        .pool(bridge: bridge), after: last, by: wanted - present, device: bridge, claim: claim)
      : 0
    for offset in 0..<Int(gained) { markUsed(Int(last.rawValue) + 1 + offset) }
    return grant(
      bridge, asked: count, granted: present + gained, end: EID(last.rawValue + gained))
  }

  private mutating func releasePool(_ range: EIDRange, of bridge: EID, now: Instant) {
    for value in range.first.rawValue...range.last.rawValue {
      release(Int(value), holder: bridge, now: now)
    }
  }

  // MARK: Adoption

  /// Enters an EID that a device on the bus has already, from before a restart or by its own
  /// static configuration, and its pool where the device is a bridge that has one.
  ///
  /// A pool that is adopted need not come right after the bridge's EID: another owner gave it.
  ///
  /// - Parameters:
  ///   - claim: `.newcomer` unless it is known to be the device that had the EID or that the
  ///     topology names: what rests or is fixed is a clash for anybody else.
  ///   - allowsForeign: EIDs outside of the ranges are taken too, as static EIDs may be.
  /// - Throws: the first clash, with what the EID is already; nothing is entered then.
  public mutating func adopt(
    _ eid: EID, pool: EIDRange? = nil, claim: EIDClaim = .newcomer, allowsForeign: Bool = false
  ) throws(EIDClash) {
    if let clash = obstacle(at: eid, for: eid, claim: claim, allowsForeign: allowsForeign) {
      throw clash
    }
    if let pool {
      try checkPool(pool, of: eid, claim: claim, allowsForeign: allowsForeign)
    }
    cells[Int(eid.rawValue)].use = .leased
    markUsed(Int(eid.rawValue))
    if let pool { enter(pool, of: eid) }
  }

  /// Enters an EID that a static route leads to: that is somebody's will, so it need not be in a
  /// range and does not rest first. What is kept for a pool that nobody was told of makes way.
  ///
  /// - Returns: false, and nothing is entered, when the EID is somebody's, or fixed for another.
  public mutating func hold(_ eid: EID) -> Bool {
    let cell = cells[Int(eid.rawValue)]
    guard eid.isAssignable, cell.fixedFor == .null || cell.fixedFor == eid else { return false }
    switch cell.use {
    case .none: break
    case .reserved(let device) where device != eid:
      for value in Int(eid.rawValue)..<cells.count where cells[value].use == cell.use {
        cells[value].use = .none
      }
    case .reserved, .own, .leased, .pool: return false
    }
    cells[Int(eid.rawValue)].use = .leased
    markUsed(Int(eid.rawValue))
    return true
  }

  /// Enters the pool that a leased bridge says it has, in place of what was known: what it no
  /// longer has rests.
  ///
  /// - Throws: the first clash, also when `bridge` is not leased; nothing is changed then.
  public mutating func adoptPool(
    _ range: EIDRange, of bridge: EID, claim: EIDClaim = .returning, allowsForeign: Bool = false,
    now: Instant
  ) throws(EIDClash) {
    guard cells[Int(bridge.rawValue)].use == .leased else {
      throw EIDClash(bridge, state(of: bridge))
    }
    try checkPool(range, of: bridge, claim: claim, allowsForeign: allowsForeign)
    if let before = pool(of: bridge) { releasePool(before, of: bridge, now: now) }
    enter(range, of: bridge)
  }

  private func checkPool(
    _ range: EIDRange, of bridge: EID, claim: EIDClaim, allowsForeign: Bool
  ) throws(EIDClash) {
    if range.contains(bridge) { throw EIDClash(bridge, .poolOf(bridge)) }
    for value in range.first.rawValue...range.last.rawValue
    where cells[Int(value)].use != .pool(bridge: bridge) {
      if let clash = obstacle(
        at: EID(value), for: bridge, claim: claim, allowsForeign: allowsForeign)
      {
        throw clash
      }
    }
  }

  private mutating func enter(_ range: EIDRange, of bridge: EID) {
    for value in range.first.rawValue...range.last.rawValue {
      cells[Int(value)].use = .pool(bridge: bridge)
      markUsed(Int(value))
    }
  }
}
