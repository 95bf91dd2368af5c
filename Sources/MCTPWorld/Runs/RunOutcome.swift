public import MCTPWire

/// How one run ended.
public struct RunOutcome: Sendable {
  /// The earliest; nil when every invariant held.
  public let violation: Violation?
  /// Of everything that was seen: the same plan gives the same in every process.
  public let hash: UInt64
  /// How long the run was, in its own time.
  public let lasted: Instant
  public let totals: WorldTotals
}
