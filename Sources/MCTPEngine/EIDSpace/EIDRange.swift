public import MCTPWire

/// A run of assignable EIDs; never empty, never past 0xFE.
public struct EIDRange: Hashable, Sendable {
  public let first: EID
  /// 1 to 247; `first` included.
  public let count: UInt8

  /// Nil when the run is empty or one of its EIDs cannot be assigned.
  public init?(first: EID, count: UInt8) {
    guard count > 0, first.isAssignable,
      Int(first.rawValue) + Int(count) - 1 <= Int(EID.assignable.upperBound.rawValue)
    else { return nil }
    self.first = first
    self.count = count
  }

  /// Nil when `last` comes before `first` or one of the EIDs cannot be assigned.
  public init?(_ first: EID, through last: EID) {
    guard first.isAssignable, last.isAssignable, first <= last else { return nil }
    self.first = first
    count = last.rawValue - first.rawValue + 1
  }

  public var last: EID { EID(first.rawValue + (count - 1)) }

  public func contains(_ eid: EID) -> Bool { first <= eid && eid <= last }
}
