internal import MCTPWire

/// Something that happens again and again while its turn is taken. What is not taken does not add
/// up: a wire that is slower than the period is simply never idle.
struct Recurrence {
  /// 0 is never.
  private let periodNanoseconds: UInt64
  private var next: Instant
  private var isDue = false

  init() {
    periodNanoseconds = 0
    next = .zero
  }

  /// For the first time one period after `now`.
  ///
  /// - Parameter perSecond: 0 is never.
  init(perSecond: UInt32, from now: Instant) {
    self.init(
      periodNanoseconds: perSecond == 0 ? 0 : max(1_000_000_000 / UInt64(perSecond), 1), from: now)
  }

  init(periodNanoseconds: UInt64, from now: Instant) {
    self.periodNanoseconds = periodNanoseconds
    next = now.advanced(byNanoseconds: periodNanoseconds)
  }

  var happens: Bool { periodNanoseconds > 0 }

  /// Nil too while it is due and was not taken: time alone changes nothing then.
  var nextDeadline: Instant? { happens && !isDue ? next : nil }

  /// The earlier of both.
  func earlier(_ other: Instant?) -> Instant? {
    guard let own = nextDeadline else { return other }
    return other.map { min($0, own) } ?? own
  }

  mutating func advance(to now: Instant) {
    if happens, next <= now { isDue = true }
  }

  /// True once each time that it is due. Taken late, but within its period, it keeps its beat;
  /// later, it begins anew.
  mutating func take(_ now: Instant) -> Bool {
    guard happens, isDue || next <= now else { return false }
    isDue = false
    let following = next.advanced(byNanoseconds: periodNanoseconds)
    next = following > now ? following : now.advanced(byNanoseconds: periodNanoseconds)
    return true
  }
}
