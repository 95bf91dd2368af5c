/// A point in time that the core is told, never asks for: nanoseconds of a monotonic clock whose
/// origin is the caller's.
public struct Instant: Hashable, Comparable, Sendable {
  public var nanoseconds: UInt64

  @inlinable public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  public static let zero = Instant(nanoseconds: 0)

  @inlinable public static func < (left: Instant, right: Instant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// Saturates at the end of time.
  @inlinable public func advanced(byNanoseconds delta: UInt64) -> Instant {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(delta)
    return Instant(nanoseconds: overflow ? .max : sum)
  }

  /// Saturates at the end of time.
  @inlinable public func advanced(byMs delta: UInt32) -> Instant {
    advanced(byNanoseconds: UInt64(delta) &* 1_000_000)
  }

  /// Nanoseconds from `earlier` to here; 0 when `earlier` is later.
  @inlinable public func nanoseconds(since earlier: Instant) -> UInt64 {
    nanoseconds >= earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0
  }
}
