public import MCTPWire

/// When changes are to be written. Decides, does nothing.
public struct WriteSchedule: Hashable, Sendable {
  /// Choice: 200 ms from the first change that is not written yet. Devices come up together, and
  /// one write for all of them is enough; later changes do not postpone it.
  public static let delayMs: UInt32 = 200
  /// Choice: 1 s from the start of one write to that of the next. A device that comes and goes at
  /// once could else wear out a BMC's flash: NOR bears some 100 000 erases a block.
  public static let spacingMs: UInt32 = 1_000
  /// Choice: the waits after failures double from 1 s to 60 s. A disk that is full or read-only
  /// stays so until somebody mends it, and each attempt may erase a block.
  public static let retryMinMs: UInt32 = 1_000
  public static let retryMaxMs: UInt32 = 60_000

  private enum State: Hashable, Sendable {
    case idle
    case due(Instant)
    case underWay
  }

  private var state = State.idle
  /// The change that came during the write that is under way.
  private var laterChange: Instant?
  private var lastStart: Instant?
  private var retryMs = WriteSchedule.retryMinMs
  /// Failures since the last write that succeeded.
  public private(set) var failureCount: UInt64 = 0

  public init() {}

  public var isUnderWay: Bool { state == .underWay }

  /// When `begin` is to be called; nil while nothing changed, and while a write is under way.
  public var nextDeadline: Instant? {
    guard case .due(let instant) = state else { return nil }
    return instant
  }

  /// Something is to be written.
  public mutating func noteChange(now: Instant) {
    switch state {
    case .idle: state = .due(due(change: now))
    // Also while a failed write waits for its next attempt: a change does not hasten it.
    case .due: break
    case .underWay: laterChange = laterChange ?? now
    }
  }

  /// True when a write is to start now; then it is under way.
  public mutating func begin(now: Instant) -> Bool {
    guard case .due(let instant) = state, instant <= now else { return false }
    state = .underWay
    lastStart = now
    return true
  }

  /// The write under way ended.
  public mutating func end(success: Bool, now: Instant) {
    precondition(isUnderWay, "no write is under way")
    let change = laterChange
    laterChange = nil
    guard success else {
      failureCount &+= 1
      state = .due(now.advanced(byMs: retryMs))
      retryMs = min(retryMs * 2, WriteSchedule.retryMaxMs)
      return
    }
    failureCount = 0
    retryMs = WriteSchedule.retryMinMs
    state = change.map { .due(due(change: $0)) } ?? .idle
  }

  private func due(change: Instant) -> Instant {
    let delayed = change.advanced(byMs: WriteSchedule.delayMs)
    guard let lastStart else { return delayed }
    return max(delayed, lastStart.advanced(byMs: WriteSchedule.spacingMs))
  }
}
