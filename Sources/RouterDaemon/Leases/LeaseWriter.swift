// Brings the lease book to disk without ever holding up the loop: a sync on flash can take seconds.
//
// Owns the thread that writes and the schedule. Life: `init`; `noteChange` after changes of the
// book, `writeIfDue` at `nextDeadline`, `service` when `descriptor` is readable; `finish` once. All
// of them from the loop's thread. One write at a time.

internal import BusIO
internal import Glibc
internal import LeaseStore
internal import MCTPWire

/// What became of writing the leases, where people should know.
enum LeaseWriteEvent: Hashable, Sendable, CustomStringConvertible {
  /// A write failed, for the first time or for another reason than before. It is tried again.
  case failed(SystemError, retryMs: UInt64)
  /// The last write, at an orderly stop, failed or took too long: an older book is on disk.
  case notSavedAtStop(SystemError)
  /// A write succeeded after so many failures.
  case recovered(failureCount: UInt64)

  var description: String {
    switch self {
    case .failed(let error, let retryMs):
      "leases not saved: \(error)\(LeaseWriteEvent.advice(error.code)); next attempt in "
        + "\(retryMs) ms, EIDs stay as they are"
    case .notSavedAtStop(let error):
      "leases not saved: \(error)\(LeaseWriteEvent.advice(error.code)); the next start finds older "
        + "ones"
    case .recovered(let failureCount): "leases saved again after \(failureCount) failures"
    }
  }

  private static func advice(_ code: Int32) -> String {
    switch code {
    case ENOSPC, EDQUOT: "; make room on that disk, or choose another with --state-dir"
    case EROFS: "; remount that disk writable, or choose another with --state-dir"
    case EACCES, EPERM: "; let the router's user write there, or choose another with --state-dir"
    default: ""
    }
  }
}

final class LeaseWriter {
  private struct Outcome: Sendable {
    let revision: UInt64
    let contactCount: UInt64
    /// Nil when the book is on disk.
    let error: SystemError?
  }

  private let worker: BlockingWorker<LeaseBook, Outcome>
  private var schedule = WriteSchedule()
  /// Of the last failure that was told.
  private var toldError: SystemError?
  /// Writes that were started and those that failed, for counters.
  private(set) var writeCount: UInt64 = 0
  private(set) var failureCount: UInt64 = 0

  /// - Throws: when the process is out of descriptors or threads.
  init(directory: StateDirectory) throws(SystemError) {
    worker = try BlockingWorker(name: "leases") { book in
      var failure: SystemError?
      do throws(SystemError) {
        try directory.save(book)
      } catch {
        failure = error
      }
      return Outcome(
        revision: book.revision, contactCount: book.contactCount, error: failure)
    }
  }

  /// For `EventLoop.watch` with `.readable`: call `service`. Valid while this object lives.
  var descriptor: Int32 { worker.descriptor }

  /// When to call `writeIfDue`; nil while nothing waits, and while a write is under way.
  var nextDeadline: Instant? { schedule.nextDeadline }

  /// To be called when `LeaseBook.differsFromDisk` may have become true.
  func noteChange(now: Instant) { schedule.noteChange(now: now) }

  /// Hands a copy of the book to the thread when it is time to.
  func writeIfDue(_ book: LeaseBook, now: Instant) {
    guard schedule.begin(now: now) else { return }
    writeCount += 1
    worker.start(book)
  }

  /// Takes the end of a write, if there is one, and tells the book what is on disk.
  ///
  /// - Returns: what people should know; nil after a write like those before it.
  func service(_ book: inout LeaseBook, now: Instant) -> LeaseWriteEvent? {
    guard let outcome = worker.finished() else { return nil }
    let failuresBefore = schedule.failureCount
    schedule.end(success: outcome.error == nil, now: now)
    guard let error = outcome.error else {
      book.noteSaved(revision: outcome.revision, contactCount: outcome.contactCount)
      toldError = nil
      return failuresBefore > 0 ? .recovered(failureCount: failuresBefore) : nil
    }
    failureCount += 1
    guard error != toldError else { return nil }
    toldError = error
    let wait = schedule.nextDeadline?.nanoseconds(since: now) ?? 0
    return .failed(error, retryMs: wait / 1_000_000)
  }

  /// Writes what is not on disk yet, contacts too, and ends the thread. For an orderly stop, when
  /// nothing else is left to do: waits for the disk.
  ///
  /// - Parameter waitMsMax: the longest wait for each of at most two writes. Choice: 2 s, so that
  ///   a dying flash does not hold up the stop of a service.
  /// - Returns: why the book on disk is an older one; nil when it is this one.
  func finish(
    _ book: inout LeaseBook, now: Instant, waitMsMax: Int32 = 2_000
  ) -> LeaseWriteEvent? {
    defer { worker.stop() }
    let late = LeaseWriteEvent.notSavedAtStop(
      SystemError(code: ETIMEDOUT, operation: "write and sync"))
    if schedule.isUnderWay {
      guard waitForOutcome(waitMsMax) else { return late }
      _ = service(&book, now: now)
    }
    guard book.differsInAnything else { return nil }
    writeCount += 1
    worker.start(book)
    guard waitForOutcome(waitMsMax), let outcome = worker.finished() else { return late }
    if let error = outcome.error {
      failureCount += 1
      return .notSavedAtStop(error)
    }
    book.noteSaved(revision: outcome.revision, contactCount: outcome.contactCount)
    return nil
  }

  private func waitForOutcome(_ waitMsMax: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while true {
      let result = poll(&entry, 1, waitMsMax)
      if result < 0, errno == EINTR { continue }
      return result > 0
    }
  }
}
