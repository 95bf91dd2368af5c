// Owns one thread that makes blocking calls, one at a time, so that the loop never makes one.
//
// A job and its outcome are values and cross under a lock; nothing else is shared. A call that
// never returns holds its thread for ever and delays nobody: `stop` does not wait.

internal import CLinuxBus
internal import Synchronization

/// Makes blocking calls on a thread of its own: one job in, one outcome out.
///
/// Life: `start`, then `finished` once the descriptor is readable, and so on; `stop` once. All of
/// them from the loop's thread.
public final class BlockingWorker<Job: Sendable, Outcome: Sendable>: Sendable {
  private enum State: Sendable {
    case idle
    case waiting(Job)
    case underWay
    case finished(Outcome)
    case stopped
  }

  private final class Mailbox: Sendable {
    let state = Mutex(State.idle)
    let jobs: WakeUp
    let outcomes: WakeUp

    init() throws(SystemError) {
      jobs = try WakeUp()
      outcomes = try WakeUp()
    }

    /// Sleeps until there is a job; nil after `stop`.
    func nextJob() -> Job? {
      while true {
        _ = linux_wait_readable(jobs.descriptor)
        jobs.clear()
        let state = state.withLock { state in
          let before = state
          if case .waiting = before { state = .underWay }
          return before
        }
        switch state {
        case .waiting(let job): return job
        case .stopped: return nil
        case .idle, .underWay, .finished: continue
        }
      }
    }

    /// - Returns: false after `stop`.
    func finish(_ outcome: Outcome) -> Bool {
      let isWanted = state.withLock { state in
        if case .stopped = state { return false }
        state = .finished(outcome)
        return true
      }
      if isWanted { outcomes.ring() }
      return isWanted
    }
  }

  private let mailbox: Mailbox

  /// Starts the thread.
  ///
  /// - Parameters:
  ///   - name: shown by `ps -T`; cut to 15 characters.
  ///   - body: called on the thread, once a job. What it captures lives until the thread ends:
  ///     after `stop`, and after the call that is under way then.
  /// - Throws: `SystemError` when the process is out of descriptors or threads.
  public init(
    name: String, _ body: @escaping @Sendable (Job) -> Outcome
  ) throws(SystemError) {
    let mailbox = try Mailbox()
    self.mailbox = mailbox
    try startThread(name: name) {
      while let job = mailbox.nextJob() {
        guard mailbox.finish(body(job)) else { return }
      }
    }
  }

  deinit { stop() }

  /// For `EventLoop.watch` with `.readable`: an outcome is there. Valid while this object lives.
  public var descriptor: Int32 { mailbox.outcomes.descriptor }

  /// Hands over a job. Only after the outcome of the one before was collected.
  public func start(_ job: Job) {
    mailbox.state.withLock { state in
      guard case .idle = state else { preconditionFailure("one job at a time") }
      state = .waiting(job)
    }
    mailbox.jobs.ring()
  }

  /// The outcome, once; nil while the job is under way, and without one.
  public func finished() -> Outcome? {
    mailbox.outcomes.clear()
    return mailbox.state.withLock { state in
      guard case .finished(let outcome) = state else { return nil }
      state = .idle
      return outcome
    }
  }

  /// Ends the thread after the call that is under way, whose outcome nobody gets. Returns at once.
  public func stop() {
    mailbox.state.withLock { $0 = .stopped }
    mailbox.jobs.ring()
  }
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func startThread(
  name: String, _ run: @escaping @Sendable () -> Void
) throws(SystemError) {
  // Choice: 128 KiB; the bodies make a system call with a frame on the heap.
  let stackByteCount = 128 * 1024
  let body = Unmanaged.passRetained(ThreadBody(run))
  let result = linux_thread_start(
    name, stackByteCount,
    { context in
      guard let context else { return }
      Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
    }, body.toOpaque())
  if result < 0 { body.release() }
  _ = try checked(result, "start thread", name)
}
