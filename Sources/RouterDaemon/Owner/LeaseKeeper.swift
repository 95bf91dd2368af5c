// The EIDs that were given out, as they are on disk: read at the start, kept up to date while the
// router runs.
//
// Owns the state directory, the book and the thread that writes it. Life: `init`, `leases` once,
// then `enter` and `forget` as devices come and go, `writeIfDue` at `nextDeadline`, `service` when
// `descriptor` is readable, `finish` once.

internal import BusIO
internal import LeaseStore
internal import MCTPEngine
internal import MCTPWire
internal import Topology

final class LeaseKeeper {
  /// What people should know of what was found at the start.
  let notices: [String]
  /// Why a second router could use the directory too; nil when none can.
  let unlockedReason: SystemError?

  private var book: LeaseBook
  private let writer: LeaseWriter

  /// Reads what is there. A file that cannot be read is set aside, told in `notices`, and an older
  /// one or none is used.
  ///
  /// - Throws: `SystemError` when the process is out of descriptors or threads.
  init(_ storage: DirectoryStorage) throws(SystemError) {
    let directory = StateDirectory(storage: storage)
    let (book, found) = directory.load()
    self.book = book
    notices = found.map { "\(storage.path): \($0)" }
    unlockedReason = storage.unlockedReason
    writer = try LeaseWriter(directory: directory)
  }

  var leases: [Lease] { book.leases }
  var descriptor: Int32 { writer.descriptor }
  var nextDeadline: Instant? { writer.nextDeadline }

  /// Enters what the owner gave out. Older leases of the same EIDs are void then: what the owner
  /// says last is true.
  ///
  /// - Returns: the void ones.
  /// - Throws: `LeaseBookError.full`.
  func enter(_ lease: Lease, now: Instant) throws(LeaseBookError) -> [Lease] {
    defer { noteChange(now: now) }
    return try book.enterLatest(lease)
  }

  /// Keeps what the owner of `engine` gave out, as `enter`.
  func keep(
    _ lease: EIDLease, of engine: borrowing Engine, under topology: Topology, now: Instant
  ) throws(LeaseNotKept) -> [Lease] {
    defer { noteChange(now: now) }
    return try book.keep(lease, of: engine, under: topology)
  }

  func forget(network: UInt8, eid: EID, now: Instant) {
    _ = book.forget(network: network, eid: eid)
    noteChange(now: now)
  }

  private func noteChange(now: Instant) {
    if book.differsFromDisk { writer.noteChange(now: now) }
  }

  func writeIfDue(now: Instant) { writer.writeIfDue(book, now: now) }

  /// - Returns: what people should know.
  func service(now: Instant) -> LeaseWriteEvent? { writer.service(&book, now: now) }

  /// Writes what is not on disk yet; waits for the disk.
  func finish(now: Instant) -> LeaseWriteEvent? { writer.finish(&book, now: now) }
}
