import BusIO
import Glibc
import MCTPWire
import Testing

@testable import RouterDaemon

@Suite("When leases are written")
struct WriteScheduleTests {
  private func at(_ ms: UInt32) -> Instant { Instant.zero.advanced(byMs: ms) }

  @Test("200 ms after the first change, however many follow")
  func coalesces() {
    var schedule = WriteSchedule()
    #expect(schedule.nextDeadline == nil)
    schedule.noteChange(now: at(1_000))
    schedule.noteChange(now: at(1_150))
    #expect(schedule.nextDeadline == at(1_200))
    let early = schedule.begin(now: at(1_199))
    #expect(!early)
    let due = schedule.begin(now: at(1_200))
    #expect(due)
    #expect(schedule.nextDeadline == nil)
    schedule.end(success: true, now: at(1_210))
    #expect(schedule.nextDeadline == nil)
  }

  @Test("Never twice within a second, also for changes during a write")
  func spacing() {
    var schedule = WriteSchedule()
    schedule.noteChange(now: at(0))
    _ = schedule.begin(now: at(200))
    schedule.noteChange(now: at(210))
    schedule.noteChange(now: at(900))
    let second = schedule.begin(now: at(5_000))
    #expect(!second)
    schedule.end(success: true, now: at(220))
    #expect(schedule.nextDeadline == at(1_200))
    _ = schedule.begin(now: at(1_200))
    schedule.end(success: true, now: at(1_300))
    schedule.noteChange(now: at(1_400))
    #expect(schedule.nextDeadline == at(2_200))
    _ = schedule.begin(now: at(2_200))
    schedule.end(success: true, now: at(2_210))
    schedule.noteChange(now: at(9_000))
    #expect(schedule.nextDeadline == at(9_200))
  }

  @Test("Failures are tried again after 1, 2, 4 ... 60 s; changes do not hasten it; success resets")
  func backsOff() {
    var schedule = WriteSchedule()
    schedule.noteChange(now: at(0))
    var now = at(200)
    for wait: UInt32 in [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] {
      let begun = schedule.begin(now: now)
      #expect(begun)
      schedule.end(success: false, now: now)
      schedule.noteChange(now: now)
      #expect(schedule.nextDeadline == now.advanced(byMs: wait))
      now = now.advanced(byMs: wait)
    }
    #expect(schedule.failureCount == 8)
    _ = schedule.begin(now: now)
    schedule.end(success: true, now: now)
    #expect(schedule.failureCount == 0)
    #expect(schedule.nextDeadline == nil)
  }
}

@Suite("The lease writer")
struct LeaseWriterTests {
  private let storage = LeaseDiskStorage()
  private let loop: EventLoop
  private let writer: LeaseWriter

  init() throws {
    loop = try EventLoop()
    writer = try LeaseWriter(directory: StateDirectory(storage: storage))
    try loop.watch(writer.descriptor, interest: .readable, token: 1)
  }

  private func at(_ ms: UInt32) -> Instant { Instant.zero.advanced(byMs: ms) }

  private func saved() throws -> [EID] {
    StateDirectory(storage: LeaseDiskStorage(storage.disk)).load().book.leases.map(\.eid)
  }

  /// Waits for the thread, as the loop does; fails the test when nothing comes.
  private func service(_ book: inout LeaseBook, now: Instant) -> LeaseWriteEvent? {
    #expect(loop.wait(until: loop.now().advanced(byMs: 10_000)) { _, _ in } == 1)
    return writer.service(&book, now: now)
  }

  @Test("A change is on disk after one write, and the book knows it")
  func writes() throws {
    var book = try Leases.book(try Leases.make(9))
    writer.noteChange(now: at(0))
    writer.writeIfDue(book, now: at(199))
    #expect(writer.writeCount == 0)
    writer.writeIfDue(book, now: at(200))
    #expect(service(&book, now: at(210)) == nil)
    #expect(!book.differsInAnything)
    #expect(try saved() == [EID(9)])
    #expect(writer.service(&book, now: at(211)) == nil)
    #expect(writer.nextDeadline == nil)
  }

  @Test("A sync that hangs holds up nothing; what changed meanwhile is written after it")
  func hangs() throws {
    let gate = try WakeUp()
    storage.settings.gate = gate
    var book = try Leases.book(try Leases.make(9))
    writer.noteChange(now: at(0))
    writer.writeIfDue(book, now: at(200))
    try book.enter(try Leases.make(10))
    writer.noteChange(now: at(300))
    writer.writeIfDue(book, now: at(9_000))
    #expect(writer.service(&book, now: at(9_000)) == nil)
    #expect(writer.writeCount == 1)
    #expect(writer.nextDeadline == nil)
    gate.ring()
    #expect(service(&book, now: at(9_100)) == nil)
    #expect(book.differsFromDisk)
    #expect(try saved() == [EID(9)])
    #expect(writer.nextDeadline == at(1_200))
    writer.writeIfDue(book, now: at(9_100))
    #expect(service(&book, now: at(9_200)) == nil)
    #expect(!book.differsFromDisk)
    #expect(try saved() == [EID(9), EID(10)])
  }

  @Test("A full disk is told once, another reason is told again, and so is the end of it")
  func fullDisk() throws {
    var book = try Leases.book(try Leases.make(9))
    writer.noteChange(now: at(0))
    func attempt(_ code: Int32?) throws -> LeaseWriteEvent? {
      storage.settings.failingCalls = code == nil ? 0..<0 : 1..<1_000_000
      storage.settings.code = code ?? 0
      let due = try #require(writer.nextDeadline)
      writer.writeIfDue(book, now: due)
      return service(&book, now: due)
    }
    let first = try #require(try attempt(ENOSPC))
    #expect(first.description.contains("No space left"))
    #expect(first.description.contains("make room"))
    #expect(first.description.contains("1000 ms"))
    #expect(try attempt(ENOSPC) == nil)
    #expect(try attempt(EROFS)?.description.contains("writable") ?? false)
    #expect(book.differsFromDisk)
    #expect(try attempt(nil) == .recovered(failureCount: 3))
    #expect(!book.differsFromDisk)
    #expect(writer.failureCount == 3)
    #expect(try saved() == [EID(9)])
  }

  @Test("An orderly stop writes what is left, contacts too")
  func finishes() throws {
    var book = try Leases.book(try Leases.make(9))
    book.noteContact(network: 1, eid: EID(9))
    #expect(writer.finish(&book, now: at(0)) == nil)
    let read = StateDirectory(storage: LeaseDiskStorage(storage.disk)).load().book
    #expect(read.contactCount == 1)
    #expect(!book.differsInAnything)
  }

  @Test("An orderly stop with nothing new writes nothing")
  func finishesIdle() {
    var book = LeaseBook()
    #expect(writer.finish(&book, now: at(0)) == nil)
    #expect(writer.writeCount == 0)
    #expect(storage.disk.names.isEmpty)
  }

  @Test("An orderly stop during a write waits for it and then writes what came since")
  func finishesBusy() throws {
    let gate = try WakeUp()
    storage.settings.gate = gate
    var book = try Leases.book(try Leases.make(9))
    writer.noteChange(now: at(0))
    writer.writeIfDue(book, now: at(200))
    try book.enter(try Leases.make(10))
    gate.ring()
    #expect(writer.finish(&book, now: at(300)) == nil)
    #expect(try saved() == [EID(9), EID(10)])
  }

  @Test("An orderly stop on a disk that hangs or fails ends, and says what is not there")
  func finishesHanging() throws {
    let gate = try WakeUp()
    storage.settings.gate = gate
    var book = try Leases.book(try Leases.make(9))
    let event = try #require(writer.finish(&book, now: at(0), waitMsMax: 1))
    #expect(event.description.contains("timed out"))
    #expect(book.differsFromDisk)
    gate.ring()

    let failing = try LeaseWriter(
      directory: StateDirectory(
        storage: LeaseDiskStorage(LeaseDisk(), .init(failingCalls: 1..<100, code: EROFS))))
    let failure = failing.finish(&book, now: at(0))
    #expect(failure?.description.contains("Read-only file system") ?? false)
  }
}
