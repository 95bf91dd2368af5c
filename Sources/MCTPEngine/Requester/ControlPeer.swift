import MCTPWire

/// What is remembered of one responder.
public struct ControlPeer: Sendable {
  public let responder: ControlResponder
  /// Packets that left for it, repetitions included.
  public internal(set) var transmissions: UInt64 = 0
  public internal(set) var retransmissions: UInt64 = 0
  /// Answers of any completion code.
  public internal(set) var answers: UInt64 = 0
  /// Requests that ended without an answer.
  public internal(set) var failures: UInt64 = 0
  public internal(set) var lateAnswers: UInt64 = 0
  /// Requests without an answer since the last answer, at most 255.
  public internal(set) var failuresInARow: UInt8 = 0
  /// Of the last answer.
  public internal(set) var roundTripNanoseconds: UInt64 = 0
  public internal(set) var roundTripNanosecondsMax: UInt64 = 0

  /// The last request that ended, to tell its late answers.
  struct Finished: Sendable {
    let instanceID: InstanceID
    let command: ControlCommand
    let wasAnswered: Bool
    let time: Instant
  }

  var bucket: TokenBucket
  var instanceIDs = InstanceIDMemory()
  var finished: Finished?
  /// Requests in the requester's list.
  var openCount = 0
  var lastUse: Instant

  init(_ responder: ControlResponder, budget: ControlBudget, now: Instant) {
    self.responder = responder
    bucket = TokenBucket(budget)
    lastUse = now
  }

  mutating func countAnswer(roundTrip: UInt64) {
    answers += 1
    failuresInARow = 0
    bucket.slowdown = 0
    roundTripNanoseconds = roundTrip
    roundTripNanosecondsMax = max(roundTripNanosecondsMax, roundTrip)
  }

  /// The device is there again: what it did not answer before counts no longer.
  mutating func forgive() {
    failuresInARow = 0
    bucket.refill()
  }

  mutating func countFailure() {
    failures += 1
    if failuresInARow < .max { failuresInARow += 1 }
    bucket.slowdown = min(failuresInARow, 4)
  }
}

/// How fast packets may leave: a burst, then a steady rate.
///
/// Keeps the time at which it would be full again instead of a number of tokens, so that nothing
/// has to be filled up. Repetitions are charged without being asked for: MN1 of them are due
/// whatever the budget says, and the next new request waits for them.
struct TokenBucket: Sendable {
  private let periodNanoseconds: UInt64
  private let burst: UInt64
  private(set) var fullAt = Instant.zero
  /// Each packet costs 2 to the power of this many periods.
  var slowdown: UInt8 = 0

  init(_ budget: ControlBudget) {
    precondition(budget.burst > 0 && budget.perSecond > 0, "a budget of nothing")
    periodNanoseconds = 1_000_000_000 / UInt64(budget.perSecond)
    burst = UInt64(budget.burst)
  }

  /// When the next packet may leave; past for at once.
  var readyAt: Instant {
    let credit = (burst - 1) * periodNanoseconds
    return Instant(nanoseconds: fullAt.nanoseconds > credit ? fullAt.nanoseconds - credit : 0)
  }

  mutating func refill() {
    fullAt = .zero
    slowdown = 0
  }

  mutating func charge(now: Instant) {
    fullAt = max(fullAt, now).advanced(byNanoseconds: periodNanoseconds << slowdown)
  }
}

/// Which instance IDs one responder has seen in the last MT4: an equal one would be a repetition
/// to it (DSP0236 1.3.3 §11). Remembers for 6 to 7.5 s.
struct InstanceIDMemory: Sendable {
  static let spanNanoseconds: UInt64 = 1_500_000_000
  /// One bit an instance ID that this requester never uses.
  ///
  /// Choice: 28 to 31 are for control requests that are made beside it, by people: an answer is
  /// known by its instance ID, and neither takes the other's then.
  private static let others: UInt32 = 0xF000_0000
  private(set) var current: UInt64 = 0
  // One bit an instance ID; the first is of the present span.
  private(set) var spans: (UInt32, UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0, 0)

  /// One bit an instance ID that may not be used now.
  var recent: UInt32 {
    spans.0 | spans.1 | spans.2 | spans.3 | spans.4 | InstanceIDMemory.others
  }

  /// The earliest time at which an ID may be forgotten.
  var nextForgotten: Instant {
    Instant(nanoseconds: current * InstanceIDMemory.spanNanoseconds)
      .advanced(byNanoseconds: InstanceIDMemory.spanNanoseconds)
  }

  mutating func advance(to now: Instant) {
    let span = now.nanoseconds / InstanceIDMemory.spanNanoseconds
    guard span > current else { return }
    if span - current > 4 {
      spans = (0, 0, 0, 0, 0)
    } else {
      for _ in current..<span { spans = (0, spans.0, spans.1, spans.2, spans.3) }
    }
    current = span
  }

  mutating func note(_ id: InstanceID) { spans.0 |= 1 << UInt32(id.rawValue) }
}
