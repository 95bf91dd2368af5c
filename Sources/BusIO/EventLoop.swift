// Owns the epoll descriptor, which descriptors it watches, and the process's signal descriptor.
// Does not own the watched descriptors: unwatch each before it is closed.
//
// One thread calls everything here. Registrations are level-triggered: what is left unread is
// reported again by the next `wait`.

internal import CLinuxBus
public import MCTPWire

/// What a descriptor's owner wants to know about.
public struct Interest: OptionSet, Hashable, Sendable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let readable = Interest(rawValue: 1)
  public static let writable = Interest(rawValue: 2)
  /// POLLPRI: how queue files and sysfs attributes signal.
  public static let priority = Interest(rawValue: 4)
}

/// What the system says about a descriptor.
public struct Readiness: OptionSet, Hashable, Sendable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let readable = Readiness(rawValue: 1)
  public static let writable = Readiness(rawValue: 2)
  public static let priority = Readiness(rawValue: 4)
  /// The other side is gone. Reported whatever the interest, again and again until unwatched.
  public static let hangUp = Readiness(rawValue: 8)
  /// The device failed. Reported whatever the interest, again and again until unwatched.
  public static let error = Readiness(rawValue: 16)
}

/// The signals that the loop takes in instead of the process dying of them.
public enum Signal: Hashable, Sendable {
  case hangUp, interrupt, terminate
}

/// Waits for descriptors and deadlines: epoll, and nothing that polls.
public final class EventLoop {
  private struct Registration {
    var token: UInt64 = 0
    /// Goes up with every `watch` and `unwatch`, so that an event that epoll collected for an
    /// earlier registration of the same number is known to be stale.
    var generation: UInt32 = 0
    var isWatched = false
  }

  private static let batchMax = 64

  private let epoll: Descriptor
  private let events: UnsafeMutablePointer<linux_event>
  private var registrations: [Registration] = []
  private var hasPwait2 = true
  private var isDelivering = false
  private var signals: Int32 = -1

  /// - Throws: `SystemError` when the process is out of descriptors.
  public init() throws(SystemError) {
    epoll = Descriptor(adopting: try checked(linux_epoll_create(), "create event loop"))
    events = .allocate(capacity: EventLoop.batchMax)
    events.initialize(repeating: linux_event(), count: EventLoop.batchMax)
  }

  deinit {
    events.deallocate()
    if signals >= 0 { _ = linux_close(signals) }
  }

  /// The time of CLOCK_MONOTONIC.
  public func now() -> Instant { Instant(nanoseconds: linux_monotonic_ns()) }
}

extension EventLoop {
  /// Starts to report what happens on `descriptor` under `token`.
  ///
  /// - Throws: `SystemError`: EEXIST when it is watched already, EPERM for a regular file.
  public func watch(
    _ descriptor: Int32, interest: Interest, token: UInt64
  ) throws(SystemError) {
    precondition(descriptor >= 0, "not a descriptor")
    let index = Int(descriptor)
    while registrations.count <= index { registrations.append(Registration()) }
    let generation = registrations[index].generation &+ 1
    _ = try checked(
      linux_epoll_add(
        epoll.rawValue, descriptor, interest.rawValue, key(descriptor, generation)),
      "watch descriptor \(descriptor)")
    registrations[index] = Registration(token: token, generation: generation, isWatched: true)
  }

  /// Replaces the interest in a watched descriptor.
  public func change(_ descriptor: Int32, interest: Interest) {
    precondition(isWatched(descriptor), "change of a descriptor that is not watched")
    let generation = registrations[Int(descriptor)].generation
    let result = linux_epoll_change(
      epoll.rawValue, descriptor, interest.rawValue, key(descriptor, generation))
    precondition(result >= 0, "a watched descriptor was closed")
  }

  /// Ends the reports about `descriptor` at once: also those that the current `wait` has collected
  /// and not delivered yet.
  public func unwatch(_ descriptor: Int32) {
    precondition(isWatched(descriptor), "unwatch of a descriptor that is not watched")
    registrations[Int(descriptor)].isWatched = false
    registrations[Int(descriptor)].generation &+= 1
    let result = linux_epoll_remove(epoll.rawValue, descriptor)
    precondition(result >= 0, "a watched descriptor was closed")
  }

  private func isWatched(_ descriptor: Int32) -> Bool {
    descriptor >= 0 && Int(descriptor) < registrations.count
      && registrations[Int(descriptor)].isWatched
  }

  private func key(_ descriptor: Int32, _ generation: UInt32) -> UInt64 {
    UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
  }
}

extension EventLoop {
  /// Sleeps until a descriptor is ready or `deadline` has passed, and reports what is ready.
  ///
  /// - Parameter deadline: nil sleeps for as long as nothing happens. One that has passed makes
  ///   this a look without sleep. Kernels without epoll_pwait2 (before 5.11) wake up to a
  ///   millisecond late, never early.
  /// - Parameter body: called once for each ready descriptor; may watch and unwatch, may not wait.
  /// - Returns: the number of calls to `body`; 0 when the deadline passed, or when a signal that
  ///   is not taken in interrupted the look.
  @discardableResult
  public func wait(until deadline: Instant?, _ body: (UInt64, Readiness) -> Void) -> Int {
    precondition(!isDelivering, "wait from within wait")
    let count = collect(until: deadline)
    isDelivering = true
    defer { isDelivering = false }
    var delivered = 0
    for index in 0..<count {
      let event = events[index]
      let registration = registrations[Int(UInt32(truncatingIfNeeded: event.key))]
      let generation = UInt32(truncatingIfNeeded: event.key >> 32)
      guard registration.isWatched, registration.generation == generation else { continue }
      delivered += 1
      body(registration.token, Readiness(rawValue: event.readiness))
    }
    return delivered
  }

  private func collect(until deadline: Instant?) -> Int {
    while true {
      var timeout: Int64 = -1
      if let deadline {
        timeout = Int64(clamping: deadline.nanoseconds(since: now()))
      }
      let count = linux_epoll_wait(
        epoll.rawValue, events, Int32(EventLoop.batchMax), timeout, &hasPwait2)
      if count >= 0 { return Int(count) }
      precondition(count == -EINTR, "the event loop's descriptor failed")
    }
  }
}

extension EventLoop {
  /// Takes in SIGTERM, SIGINT and SIGHUP and reports them as readable under `token`; SIGPIPE is
  /// ignored from now on. Call it before any thread is started: threads inherit the mask.
  public func watchSignals(token: UInt64) throws(SystemError) {
    precondition(signals < 0, "signals are watched already")
    signals = try checked(linux_signals_open(), "take in signals")
    try watch(signals, interest: .readable, token: token)
  }

  /// The oldest signal that was taken in and not asked for; nil when there is none.
  public func nextSignal() -> Signal? {
    guard signals >= 0 else { return nil }
    switch linux_signals_next(signals) {
    case 1: return .hangUp
    case 2: return .interrupt
    case 15: return .terminate
    default: return nil
    }
  }
}
