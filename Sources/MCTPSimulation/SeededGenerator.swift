/// SplitMix64: the same seed gives the same numbers on every machine.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Choice: not the functions of the standard library, whose numbers may change with its version: a
/// seed that found something must find it again.
extension SeededGenerator {
  /// 0 to `bound` - 1, from one draw. A value's chance is off by less than one in 2^64, which only
  /// bounds near 2^64 make visible.
  ///
  /// - Parameter bound: 1 or more.
  public mutating func below(_ bound: UInt64) -> UInt64 {
    precondition(bound > 0, "nothing is below 0")
    return next().multipliedFullWidth(by: bound).high
  }

  /// One of `range`, from one draw.
  public mutating func number(_ range: ClosedRange<UInt32>) -> UInt32 {
    range.lowerBound + UInt32(below(UInt64(range.upperBound - range.lowerBound) + 1))
  }

  /// 0 to `count` - 1, from one draw.
  ///
  /// - Parameter count: 1 or more.
  public mutating func index(_ count: Int) -> Int { Int(below(UInt64(count))) }
}
