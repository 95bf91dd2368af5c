import BusIO
import Glibc
import LeaseTestSupport
import MCTPWire
import Testing

@testable import LeaseStore

@Suite("Leases after a crash")
struct LeaseCrashTests {
  /// Books that follow each other, from none.
  private func books() throws -> [LeaseBook] {
    [
      LeaseBook(), try Leases.book(try Leases.make(9)),
      try Leases.book(try Leases.make(9, pool: 10...12), try Leases.make(20)),
      try Leases.book(try Leases.make(20)),
    ]
  }

  private func load(_ disk: LeaseDisk) -> (book: LeaseBook, notices: [StateNotice]) {
    StateDirectory(storage: LeaseDiskStorage(disk)).load()
  }

  /// Saves `book` with a loss of power at each call in turn; judges every disk that may be left.
  ///
  /// - Returns: the disks that were judged and those that had neither book on them.
  private func crashEverywhere(
    saving book: LeaseBook, over former: LeaseBook, on disk: LeaseDisk, isLying: Bool = false
  ) -> (judged: Int, bad: Int) {
    let (old, new) = (LeaseFile.encode(former), LeaseFile.encode(book))
    var (judged, bad) = (0, 0)
    for crashCall in 1... {
      let storage = LeaseDiskStorage(
        disk, .init(crashCall: crashCall, writeBytesMax: 150, isLying: isLying))
      let isSaved = (try? StateDirectory(storage: storage).save(book)) != nil
      #expect(storage.openCount == 0)
      storage.disk.afterCrash { image in
        judged += 1
        let read = load(image)
        let bytes = LeaseFile.encode(read.book)
        // Damage that nobody did would be told of.
        let isQuiet = read.notices.allSatisfy {
          if case .startsWithPrevious = $0 { true } else { false }
        }
        if !(bytes == new || bytes == old && !isSaved) || !isQuiet { bad += 1 }
      }
      if isSaved { return (judged, bad) }
    }
    return (judged, bad)
  }

  @Test("Power lost at any call: the old book or the new one is read, and the new one once saved")
  func everyCrash() throws {
    var disk = LeaseDisk()
    var former = LeaseBook()
    for book in try books().dropFirst() {
      let result = crashEverywhere(saving: book, over: former, on: disk)
      #expect(result.bad == 0, "of \(result.judged)")
      #expect(result.judged > 400)
      let storage = LeaseDiskStorage(disk)
      try StateDirectory(storage: storage).save(book)
      disk = storage.disk
      former = book
    }
    #expect(Set(disk.names.keys) == ["leases", "leases.old"])
  }

  @Test("That test finds a disk that only says that it synced")
  func lyingDisk() throws {
    let books = try books()
    let storage = LeaseDiskStorage()
    try StateDirectory(storage: storage).save(books[1])
    #expect(
      crashEverywhere(saving: books[2], over: books[1], on: storage.disk, isLying: true).bad > 0)
  }

  @Test("After a crash anywhere the next save works, and the save after a crash may crash too")
  func crashAfterCrash() throws {
    let books = try books()
    let first = LeaseDiskStorage()
    try StateDirectory(storage: first).save(books[1])
    for crashCall in 1...20 {
      let second = LeaseDiskStorage(first.disk, .init(crashCall: crashCall))
      try? StateDirectory(storage: second).save(books[2])
      // The longest that is left: everything of what was done.
      var disk = second.disk
      disk.changes = []
      disk.lastingNames = disk.names
      for number in disk.files.keys { disk.files[number]?.isSynced = true }
      let former = load(disk).book
      let result = crashEverywhere(saving: books[3], over: former, on: disk)
      #expect(result.bad == 0, "of \(result.judged) after a crash at call \(crashCall)")
    }
  }

  @Test(
    "A call that fails is told, loses nothing, leaves nothing open, and the next attempt works",
    arguments: [ENOSPC, EIO, EROFS, EMFILE, EDQUOT])
  func everyFailure(code: Int32) throws {
    let books = try books()
    let first = LeaseDiskStorage()
    try StateDirectory(storage: first).save(books[1])
    var failures = 0
    for call in 1...30 {
      // Once, and from then on.
      for calls in [call..<call + 1, call..<1_000] {
        let storage = LeaseDiskStorage(
          first.disk, .init(failingCalls: calls, code: code, writeBytesMax: 150))
        let directory = StateDirectory(storage: storage)
        var isSaved = true
        do throws(SystemError) {
          try directory.save(books[2])
        } catch {
          #expect(error.code == code)
          isSaved = false
          failures += 1
        }
        #expect(storage.openCount == 0)
        storage.settings = .init()
        let read = LeaseFile.encode(directory.load().book)
        #expect(
          read == LeaseFile.encode(books[2]) || !isSaved && read == LeaseFile.encode(books[1]))
        storage.disk.afterCrash { image in
          let read = LeaseFile.encode(load(image).book)
          #expect([1, 2].contains { read == LeaseFile.encode(books[$0]) })
        }
        try directory.save(books[3])
        #expect(LeaseFile.encode(directory.load().book) == LeaseFile.encode(books[3]))
        #expect(storage.disk.changes.isEmpty)
      }
    }
    #expect(failures >= 20)
  }

  @Test("Half a file is not left on a full disk")
  func fullDisk() throws {
    let book = try Leases.book(try Leases.make(9))
    // Calls of a first save: remove, create, two writes, sync.
    for call in 3...5 {
      let storage = LeaseDiskStorage(
        LeaseDisk(), .init(failingCalls: call..<call + 1, code: ENOSPC, writeBytesMax: 150))
      let error = #expect(throws: SystemError.self) {
        try StateDirectory(storage: storage).save(book)
      }
      #expect(error?.operation == (call == 5 ? "sync" : "write"))
      #expect(storage.disk.names.isEmpty)
    }
  }

  @Test("A start on a disk that fails at any call has a book and says what happened")
  func loadFailures() throws {
    let books = try books()
    let storage = LeaseDiskStorage()
    try StateDirectory(storage: storage).save(books[1])
    try StateDirectory(storage: storage).save(books[2])
    for call in 1...12 {
      for calls in [call..<call + 1, call..<1_000] {
        let failing = LeaseDiskStorage(storage.disk, .init(failingCalls: calls))
        let read = StateDirectory(storage: failing).load()
        let index = try #require(
          books.indices.first { LeaseFile.encode(books[$0]) == LeaseFile.encode(read.book) })
        #expect(index == 2 || !read.notices.isEmpty)
      }
    }
  }
}

@Suite("Leases that cannot be read")
struct LeaseDamageTests {
  private func bytes(_ eid: UInt8) throws -> [UInt8] {
    LeaseFile.encode(try Leases.book(try Leases.make(eid)))
  }

  @Test("The first start is silent and empty")
  func first() {
    let read = StateDirectory(storage: LeaseDiskStorage()).load()
    #expect(read.book.isEmpty)
    #expect(read.notices.isEmpty)
  }

  @Test("A damaged file is set aside as it is; the previous one is taken, and that is said")
  func previous() throws {
    var disk = LeaseDisk()
    disk.put("leases", [1, 2, 3])
    disk.put("leases.old", try bytes(9))
    let storage = LeaseDiskStorage(disk)
    let read = StateDirectory(storage: storage).load()
    #expect(read.book.leases.map(\.eid) == [EID(9)])
    #expect(
      read.notices == [
        .setAside(
          reason: "/state/leases:1: not a lease file of this program", name: "leases.damaged-1"),
        .startsWithPrevious(leaseCount: 1),
      ])
    #expect(storage.disk.bytes("leases.damaged-1") == [1, 2, 3])
    #expect(storage.disk.bytes("leases") == nil)
    #expect(storage.disk.changes.isEmpty)
    // Saving does not lose the previous book before the new one is there.
    try StateDirectory(storage: storage).save(try Leases.book(try Leases.make(10)))
    #expect(storage.disk.bytes("leases.old") == (try bytes(9)))
  }

  @Test(
    "Both damaged: both are set aside, the start is empty, and that is said",
    arguments: [
      Array("mctp-router leases 7\n".utf8), [], [0xFF],
      [UInt8](repeating: 0x0A, count: LeaseFile.byteCountMax + 100),
    ])
  func both(content: [UInt8]) {
    var disk = LeaseDisk()
    disk.put("leases", content)
    disk.put("leases.old", content)
    let storage = LeaseDiskStorage(disk)
    let read = StateDirectory(storage: storage).load()
    #expect(read.book.isEmpty)
    #expect(read.notices.count == 3)
    #expect(read.notices.last == .startsEmpty)
    #expect(Set(storage.disk.names.keys) == ["leases.damaged-1", "leases.damaged-2"])
  }

  @Test("A newer program's file is said to be one")
  func newer() {
    var disk = LeaseDisk()
    disk.put("leases", Array("mctp-router leases 2\nsomething\n".utf8))
    let read = StateDirectory(storage: LeaseDiskStorage(disk)).load()
    #expect(read.notices.first?.description.contains("newer program: format 2") ?? false)
  }

  @Test("Only the newest four that were set aside are kept; names that are no numbers are not ours")
  func bounded() {
    var disk = LeaseDisk()
    let others = ["leases.damaged-x", "leases.damaged-007", "leases.damaged-4294967296", "lock"]
    for name in others { disk.put(name, [1]) }
    var storage = LeaseDiskStorage(disk)
    for round in UInt8(1)...9 {
      var disk = storage.disk
      disk.put("leases", [round])
      storage = LeaseDiskStorage(disk)
      _ = StateDirectory(storage: storage).load()
    }
    #expect(Set(storage.disk.names.keys) == Set(others + (6...9).map { "leases.damaged-\($0)" }))
    #expect(storage.disk.bytes("leases.damaged-9") == [9])
  }

  @Test("One that is damaged while the router runs is set aside by the next save")
  func whileRunning() throws {
    let storage = LeaseDiskStorage()
    try StateDirectory(storage: storage).save(try Leases.book(try Leases.make(9)))
    var disk = storage.disk
    disk.put("leases", [0])
    let damaged = LeaseDiskStorage(disk)
    try StateDirectory(storage: damaged).save(try Leases.book(try Leases.make(10)))
    #expect(damaged.disk.bytes("leases") == (try bytes(10)))
    #expect(damaged.disk.bytes("leases.damaged-1") == [0])
  }
}
