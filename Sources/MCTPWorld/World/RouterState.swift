// What of a router outlives its process: its disk, and what is known for certain to be on it.
//
// Life: that of the `WorldRouter`. A process loads, begins and ends writes; `cut` when it is
// killed.

internal import BusIO
internal import LeaseStore
internal import MCTPSimulation
public import MCTPWire

/// A lease that is on the disk, whatever happens.
public struct DurableLease: Hashable, Sendable {
  public let network: UInt8
  public let eid: EID
  /// Nil for a device that has none.
  public let uuid: EndpointUUID?
  /// The name of its port: numbers move when a topology changes.
  public let port: String
  public let address: PhysicalAddress

  init(_ lease: Lease) {
    network = lease.network
    eid = lease.eid
    uuid = lease.uuid
    port = lease.port
    address = lease.address
  }
}

final class RouterState {
  /// What comes of a write, drawn for each.
  enum Fate: Hashable {
    case done
    /// Reported as done; after a loss of power before the next write nothing of it is there.
    case lost
    /// Reported as done; after a loss of power before the next write any part of it is there, the
    /// new name over half of the bytes as well.
    case torn
    /// The disk is full after so many bytes.
    case full(roomBytes: Int)
  }

  private struct Write {
    let book: LeaseBook
    let fate: Fate
    let startedAt: Instant
    let endsAt: Instant
    let error: SystemError?
  }

  /// Choice: 1 to 200 ms: from a fast flash to one that erases first.
  static let writeMs: ClosedRange<UInt32> = 1...200

  /// From now on writes are done and kills leave the machine running.
  var isGood = false
  /// Decides instead of the draw: for tests.
  var nextFate: Fate?
  /// Decides instead of the draw whether the machine loses its power with the process: for tests.
  var losesPower: Bool?

  let disk = WorldDisk()
  private var generator: SeededGenerator
  private var write: Write?
  /// A write that was reported as done and is not on the disk yet.
  private var unsettled: Write?
  /// Leases of the last book that is on the disk, and those of every book begun since.
  private var certain: Set<DurableLease> = []
  private var begun: [Set<DurableLease>] = []

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  /// Reads what is there, as a process does at its start.
  ///
  /// - Returns: the book, and what people should know.
  func load() -> (book: LeaseBook, notices: [String]) {
    let (book, notices) = StateDirectory(storage: disk).load()
    return (book, notices.map { "\($0)" })
  }

  /// Nothing is on the disk any more.
  func removeAll() {
    disk.removeAll()
    certain = []
    begun = []
    unsettled = nil
  }

  /// When the write under way ends; nil while there is none.
  var writeEndsAt: Instant? { write?.endsAt }

  func beginWrite(_ book: LeaseBook, now: Instant) {
    // A second since the last one: what the disk owed it has done.
    disk.writeBack()
    if let settled = unsettled {
      note(settled)
      unsettled = nil
    }
    let fate = isGood ? .done : nextFate ?? draw()
    nextFate = nil
    begun.append(Self.leases(of: book))
    var failure: SystemError?
    var roomBytes: Int?
    if case .full(let room) = fate { roomBytes = room }
    disk.recording(isLying: fate == .lost || fate == .torn, roomBytes: roomBytes) {
      do throws(SystemError) {
        try StateDirectory(storage: disk).save(book)
      } catch { failure = error }
    }
    write = Write(
      book: book, fate: fate, startedAt: now,
      endsAt: now.advanced(byMs: generator.number(Self.writeMs)), error: failure)
  }

  /// The write under way has ended.
  ///
  /// - Returns: the book that was written, and why it was not; nil when there is no write.
  func endWrite() -> (book: LeaseBook, error: SystemError?)? {
    guard let ended = write else { return nil }
    write = nil
    disk.endRecording()
    if ended.error == nil {
      if ended.fate == .done { note(ended) } else { unsettled = ended }
    }
    return (ended.book, ended.error)
  }

  /// The process is killed, perhaps during a write; half of the times the machine with it.
  func cut(_ book: LeaseBook, now: Instant) {
    certain = Set(durable(book))
    begun = []
    let losesPower = losesPower ?? (!isGood && generator.index(2) == 0)
    let fate = (write ?? unsettled)?.fate
    if let write {
      let whole = max(write.endsAt.nanoseconds(since: write.startedAt), 1)
      let part = now.nanoseconds(since: write.startedAt) * 1_000 / whole
      disk.cutRecording(atThousandths: min(part, 999))
    }
    if losesPower { disk.losePower(losesAll: fate == .lost, &generator) }
    write = nil
    unsettled = nil
  }

  /// Of a process's book the leases that the next one reads if this one is killed now, whatever
  /// becomes of writes under way. In the order of network and EID.
  func durable(_ book: LeaseBook) -> [DurableLease] {
    book.leases.map { DurableLease($0) }.filter { lease in
      certain.contains(lease) && begun.allSatisfy { $0.contains(lease) }
    }
  }

  /// A book is on the disk.
  private func note(_ write: Write) {
    certain = Self.leases(of: write.book)
    begun = []
  }

  private static func leases(of book: LeaseBook) -> Set<DurableLease> {
    Set(book.leases.lazy.map { DurableLease($0) })
  }

  /// Choice: one write in five goes wrong. Rarer on a board, but a run has a few writes only.
  private func draw() -> Fate {
    switch generator.index(20) {
    case 0: .lost
    case 1, 2: .torn
    case 3: .full(roomBytes: generator.index(1_024))
    default: .done
    }
  }
}
