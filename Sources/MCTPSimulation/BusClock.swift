internal import MCTPWire

/// Bus clocks to time.
struct BusClock: Sendable {
  /// Clocks a second, 1 to 100 million: a clock takes time.
  let rateHz: UInt64

  init(rateHz: Int) {
    precondition(rateHz > 0 && rateHz <= 100_000_000, "no clock rate of a bus")
    self.rateHz = UInt64(rateHz)
  }

  /// The instant `clocks` after `start`, rounded down to a nanosecond.
  func instant(_ clocks: Int, after start: Instant) -> Instant {
    start.advanced(byNanoseconds: UInt64(clocks) * 1_000_000_000 / rateHz)
  }
}

/// Counts events of one kind and says which of them a fault hits.
struct FaultCounter: Sendable {
  private var count = 0

  /// Counts one event.
  ///
  /// - Parameter period: 0 is never, 1 is every event, n is each n-th.
  mutating func hits(every period: Int) -> Bool {
    guard period > 0 else { return false }
    count += 1
    guard count >= period else { return false }
    count = 0
    return true
  }
}

extension Array where Element == UInt8 {
  /// A copy of the borrowed bytes.
  init(copying bytes: Span<UInt8>) {
    self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
  }

  /// A copy with one bit flipped, in any byte but the first `keepFirst`.
  func flippingOneBit(keepFirst: Int, using generator: inout SeededGenerator) -> [UInt8] {
    guard count > keepFirst else { return self }
    var copy = self
    let place = keepFirst + generator.index(count - keepFirst)
    copy[place] ^= 1 << generator.number(0...7)
    return copy
  }
}
