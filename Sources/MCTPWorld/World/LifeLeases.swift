// What one process of a router keeps of leases: the daemon's own book and schedule, over a disk in
// virtual time.
//
// Life: `init` reads; `keep` and `forget` as devices come and go; `service` at `nextDeadline`.

internal import BusIO
internal import LeaseStore
internal import MCTPEngine
internal import MCTPWire
internal import Topology

struct LifeLeases {
  /// What is to be told of what was read.
  let notices: [String]
  private(set) var book: LeaseBook
  private var schedule = WriteSchedule()
  private let state: RouterState
  private var toldError: SystemError?

  init(_ state: RouterState) {
    self.state = state
    (book, notices) = state.load()
  }

  var nextDeadline: Instant? { state.writeEndsAt ?? schedule.nextDeadline }

  /// Takes what an event of the owner means to the book.
  ///
  /// - Returns: what people should know.
  mutating func take(
    _ event: EngineEvent, of engine: borrowing Engine, under topology: Topology, now: Instant
  ) -> [String] {
    var told: [String] = []
    switch event {
    case .owner(.leaseChanged(let lease)):
      told = keep(lease, of: engine, under: topology)
    case .owner(.leaseDropped(let lease)):
      _ = book.forget(network: lease.network, eid: lease.eid)
    case .eventsLost:
      var all: [EIDLease] = []
      engine.forEachLease { all.append($0) }
      for lease in all { told += keep(lease, of: engine, under: topology) }
    default: return []
    }
    if book.differsFromDisk { schedule.noteChange(now: now) }
    return told
  }

  private mutating func keep(
    _ lease: EIDLease, of engine: borrowing Engine, under topology: Topology
  ) -> [String] {
    do throws(LeaseNotKept) {
      return try book.keep(lease, of: engine, under: topology).map { "kept no longer: \($0)" }
    } catch { return ["the lease of EID \(lease.eid) is not kept: \(error)"] }
  }

  /// Begins and ends writes. Does one thing a call.
  ///
  /// - Returns: false when nothing was due; else what people should know, if anything.
  mutating func service(now: Instant) -> (hasActed: Bool, told: String?) {
    if let endsAt = state.writeEndsAt {
      guard endsAt <= now, let (written, error) = state.endWrite() else { return (false, nil) }
      schedule.end(success: error == nil, now: now)
      guard let error else {
        book.noteSaved(revision: written.revision, contactCount: written.contactCount)
        toldError = nil
        return (true, nil)
      }
      guard error != toldError else { return (true, nil) }
      toldError = error
      return (true, "leases not saved: \(error)")
    }
    guard schedule.begin(now: now) else { return (false, nil) }
    state.beginWrite(book, now: now)
    return (true, nil)
  }
}
