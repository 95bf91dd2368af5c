import BusIO
import Glibc
import LeaseStore
import LeaseTestSupport
import MCTPWire
import Testing

@testable import RouterDaemon

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
