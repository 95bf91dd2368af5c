// The EIDs of one network that this router may hand out (DSP0236 1.3.3 §9).
//
// Owns one cell for each of the 256 EIDs and nothing else: it knows no devices, only the EIDs that
// they have. A lease lives from `reserve` (before Set Endpoint ID is sent) over `confirm` (it was
// answered) to `reclaim`, or from `adopt` to `reclaim`; an EID that nobody got goes back with
// `abandon`. What somebody had rests for T_RECLAIM before a newcomer gets it.
//
// The verbs, and what to poll after them:
//   advance                  at `nextDeadline`, and before any verb that picks EIDs
//   reclaim, abandon, resizePool, adoptPool, releaseOwn, rememberLease   then `nextDeadline`

public import MCTPWire

public struct EIDSpace: Sendable {
  enum Use: Hashable, Sendable {
    case none
    case own
    case reserved(device: EID)
    case leased
    case pool(bridge: EID)
  }

  struct Cell: Hashable, Sendable {
    var isInRange = false
    /// The EID of the device that the topology keeps this EID for; null when for none.
    var fixedFor = EID.null
    var use = Use.none
    var wasUsed = false
    /// Whose lease it was in last: the device's own EID, also for the EIDs of its pool.
    var lastHolder = EID.null
    var restsUntil: Instant?
    /// Order of giving back: the smallest is oldest.
    var releaseNumber: UInt64 = 0
  }

  let restMs: UInt32
  let poolCountMax: UInt8
  let bridgeRunCount: UInt8
  var cells: [Cell]
  private var releaseCount: UInt64 = 0

  public init(_ configuration: EIDSpaceConfiguration) {
    precondition(
      configuration.restMs >= EIDSpaceConfiguration.restMsMin, "EIDs rest at least T_RECLAIM")
    restMs = configuration.restMs
    poolCountMax = configuration.poolCountMax
    bridgeRunCount = configuration.bridgeRunCount
    cells = [Cell](repeating: Cell(), count: 256)
    replaceRanges(configuration.ranges)
    for eid in configuration.own {
      precondition(eid.isAssignable, "an own EID that cannot be assigned")
      cells[Int(eid.rawValue)].use = .own
    }
    for fixed in configuration.fixed {
      guard let run = EIDRange(first: fixed.eid, count: fixed.poolCount &+ 1) else {
        preconditionFailure("fixed EIDs that cannot be assigned")
      }
      for value in run.first.rawValue...run.last.rawValue {
        let index = Int(value)
        precondition(
          cells[index].fixedFor == .null && cells[index].use == .none,
          "one fixed EID for two devices")
        cells[index].fixedFor = fixed.eid
      }
    }
  }

  // MARK: What there is

  public func state(of eid: EID) -> EIDState {
    let cell = cells[Int(eid.rawValue)]
    switch cell.use {
    case .own: return .own
    case .reserved(let device): return .reserved(device: device)
    case .leased: return .leased
    case .pool(let bridge): return .poolOf(bridge)
    case .none: break
    }
    if cell.fixedFor != .null { return .fixed }
    if let until = cell.restsUntil { return .quarantined(until: until) }
    guard cell.isInRange else { return .foreign }
    return .free(cell.wasUsed ? .usedBefore : .neverUsed)
  }

  /// True for what this router may give out and for what somebody has from it: no one else can know
  /// better who has it. What rests outside of the ranges may be somebody else's by now.
  public func isOurs(_ eid: EID) -> Bool {
    let cell = cells[Int(eid.rawValue)]
    return cell.isInRange || cell.use != .none || cell.fixedFor != .null
  }

  /// The EID of the device that the topology keeps `eid` for, whoever has it; nil when for none.
  public func fixedDevice(of eid: EID) -> EID? {
    let device = cells[Int(eid.rawValue)].fixedFor
    return device == .null ? nil : device
  }

  /// The pool of a bridge; nil when it has none. A pool is one run.
  public func pool(of bridge: EID) -> EIDRange? { run(.pool(bridge: bridge)) }

  /// The EIDs that are kept right after `device`'s own until it is confirmed; nil for none.
  public func reservedPool(of device: EID) -> EIDRange? {
    run(.reserved(device: device), except: device)
  }

  /// What is held outside of the present ranges: adopted there, or left behind by
  /// `replaceRanges`. Fixed EIDs and own ones do not count.
  public var heldOutsideRanges: [EID] {
    var found: [EID] = []
    for value in EID.assignable.lowerBound.rawValue...EID.assignable.upperBound.rawValue {
      let cell = cells[Int(value)]
      if cell.use != .none, cell.use != .own, !cell.isInRange, cell.fixedFor == .null {
        found.append(EID(value))
      }
    }
    return found
  }

  func run(_ use: Use, except excluded: EID = .null) -> EIDRange? {
    var first: EID?
    var last = EID.null
    for value in EID.assignable.lowerBound.rawValue...EID.assignable.upperBound.rawValue
    where cells[Int(value)].use == use && EID(value) != excluded {
      if first == nil { first = EID(value) }
      last = EID(value)
    }
    guard let first else { return nil }
    return EIDRange(first, through: last)
  }

  // MARK: Time

  /// When the first resting EID becomes free; nil when none rests.
  public var nextDeadline: Instant? {
    var earliest: Instant?
    for cell in cells {
      if let until = cell.restsUntil, until < earliest ?? Instant(nanoseconds: .max) {
        earliest = until
      }
    }
    return earliest
  }

  /// Ends the rest of EIDs whose time has come; returns how many.
  @discardableResult
  public mutating func advance(to now: Instant) -> Int {
    var ended = 0
    for index in cells.indices {
      guard let until = cells[index].restsUntil, until <= now else { continue }
      cells[index].restsUntil = nil
      ended += 1
    }
    return ended
  }

  // MARK: Changes while running

  /// Replaces what may be given out, for instance when an owner above gave another pool. Nothing
  /// is taken from anybody: `heldOutsideRanges` says what would have to be moved.
  public mutating func replaceRanges(_ ranges: [EIDRange]) {
    for index in cells.indices { cells[index].isInRange = false }
    for range in ranges {
      for value in range.first.rawValue...range.last.rawValue {
        cells[Int(value)].isInRange = true
      }
    }
  }

  /// Makes `eid` one of this router's own, wherever it lies. Once more for an own EID changes
  /// nothing: one EID may serve several ports.
  ///
  /// - Parameter claim: `.named` or `.returning` for an EID that must be obeyed although it rests,
  ///   because an owner above assigned it, or is fixed for a device, which then cannot have it.
  public mutating func takeOwn(_ eid: EID, claim: EIDClaim = .newcomer) throws(EIDClash) {
    let index = Int(eid.rawValue)
    if cells[index].use == .own { return }
    let mustObey =
      claim != .newcomer && eid.isAssignable && cells[index].use == .none
    if !mustObey,
      let clash = obstacle(at: eid, for: eid, claim: claim, allowsForeign: true)
    {
      throw clash
    }
    cells[index].use = .own
    markUsed(index)
  }

  /// Gives up an own EID; it rests. False when it was not own.
  @discardableResult
  public mutating func releaseOwn(_ eid: EID, now: Instant) -> Bool {
    guard cells[Int(eid.rawValue)].use == .own else { return false }
    release(Int(eid.rawValue), holder: eid, now: now)
    return true
  }

  /// Tells of a lease from before a restart whose device has not been seen yet: its EIDs rest as
  /// if they were given back now, and are for that device meanwhile (`.returning`). After that
  /// they are the last to be given out. What is held already stays.
  public mutating func rememberLease(_ eid: EID, pool: EIDRange? = nil, now: Instant) {
    if eid.isAssignable { rest(eid, holder: eid, now: now) }
    guard let pool else { return }
    for value in pool.first.rawValue...pool.last.rawValue {
      rest(EID(value), holder: eid, now: now)
    }
  }

  private mutating func rest(_ eid: EID, holder: EID, now: Instant) {
    let index = Int(eid.rawValue)
    if cells[index].use == .none { release(index, holder: holder, now: now) }
  }

  // MARK: Cells

  mutating func markUsed(_ index: Int) {
    cells[index].wasUsed = true
    cells[index].restsUntil = nil
  }

  /// Takes a cell from its holder. A fixed EID does not rest: only one device can get it.
  mutating func release(_ index: Int, holder: EID, now: Instant) {
    releaseCount += 1
    cells[index].use = .none
    cells[index].wasUsed = true
    cells[index].lastHolder = holder
    cells[index].releaseNumber = releaseCount
    cells[index].restsUntil =
      cells[index].fixedFor == .null ? now.advanced(byMs: restMs) : nil
  }
}
