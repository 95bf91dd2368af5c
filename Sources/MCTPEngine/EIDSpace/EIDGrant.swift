public import MCTPWire

/// What a device gets: its EID, and for a bridge the run of EIDs right after it.
public struct EIDGrant: Hashable, Sendable {
  public let eid: EID
  /// EIDs of the pool that were asked for.
  public let poolAsked: UInt8
  /// EIDs of the pool that there are, from `eid` + 1 on unless the pool was adopted elsewhere.
  public let poolGranted: UInt8
  /// Why `poolGranted` is less than `poolAsked`; nil when it is not.
  public let poolLimit: EIDPoolLimit?
  /// Why the wished EID was not given; nil when it was, or when there was no wish.
  public let wishRefused: EIDClash?

  /// Nil without a pool. Right after a reservation or its confirmation it is the pool's range.
  public var poolAfterEID: EIDRange? {
    EIDRange(first: EID(eid.rawValue &+ 1), count: poolGranted)
  }
}

/// What ends a pool before it is as large as was asked.
public enum EIDPoolLimit: Hashable, Sendable {
  /// The EID right after the pool is taken, kept or resting: its state says by whom.
  case occupied(EID, EIDState)
  /// The EID right after the pool is not ours to give.
  case rangeEnds(last: EID)
  /// The topology gives no bridge more than this.
  case configured(UInt8)
}

/// An EID that could not be had, and what it is instead. Nothing was changed.
public struct EIDClash: Error, Hashable, Sendable {
  public let eid: EID
  /// `.foreign` for EIDs that are not assignable or not ours; `.poolOf(eid)` for a bridge whose own
  /// EID is inside its pool.
  public let state: EIDState

  public init(_ eid: EID, _ state: EIDState) {
    self.eid = eid
    self.state = state
  }
}

/// No EID is free. Nothing was changed.
public struct EIDsExhausted: Error, Hashable, Sendable {
  /// When the first resting EID may be given out again; nil when none rests.
  public let nextFree: Instant?

  public init(nextFree: Instant?) { self.nextFree = nextFree }
}
