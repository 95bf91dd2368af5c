import BusIO
import Foundation
import Glibc
import LeaseStore
import LeaseTestSupport
import MCTPWire
import Testing

@testable import RouterDaemon

@Suite("The state directory of the file system")
final class LeaseDirectoryTests {
  private let parent: String
  private var path: String { parent + "/state" }

  init() throws {
    parent = NSTemporaryDirectory() + "mctp-router-state-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: parent) }

  private func open() throws -> StateDirectory {
    StateDirectory(storage: try DirectoryStorage(path: path))
  }

  private func mode(_ path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
  }

  @Test("It is made for its owner only, and so is every file in it")
  func modes() throws {
    // The mask of the process is shared with tests that change it: nothing here depends on it.
    let directory = try open()
    try directory.save(try Leases.book(try Leases.make(9)))
    try directory.save(try Leases.book(try Leases.make(10)))
    #expect((mode(path) ?? 0o777) & 0o077 == 0)
    for name in ["leases", "leases.old", "lock"] { #expect(mode(path + "/" + name) == 0o600) }
    let names = try FileManager.default.contentsOfDirectory(atPath: path)
    #expect(Set(names) == ["leases", "leases.old", "lock"])
    #expect(Set(try directory.storage.list()) == Set(names))
  }

  @Test("What was saved is read by the next start, a full network too")
  func roundTrip() throws {
    var book = LeaseBook()
    for eid: UInt8 in 8...254 { try book.enter(try Leases.make(eid, .i3c(UInt64(eid)))) }
    try open().save(book)
    let read = try open().load()
    #expect(read.book.leases == book.leases)
    #expect(read.notices.isEmpty)
    #expect(try Files.text(path + "/leases").hasPrefix("mctp-router leases 1\n"))
  }

  @Test("Two routers cannot share one; when the first is gone the next can have it")
  func lock() throws {
    var first: DirectoryStorage? = try DirectoryStorage(path: path)
    #expect(first?.unlockedReason == nil)
    let error = #expect(throws: StateDirectoryError.self) { try DirectoryStorage(path: path) }
    #expect(error?.kind == .inUse)
    #expect(error?.description.contains("another router uses this state directory") ?? false)
    #expect(error?.description.contains("--state-dir") ?? false)
    first = nil
    _ = try DirectoryStorage(path: path)
  }

  @Test("No program that the router starts gets its descriptors")
  func closedOnExec() throws {
    let directory = try open()
    let handle = try directory.storage.create("leases.new")
    defer { directory.storage.close(handle) }
    let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    var found = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
      let target = try? FileManager.default.destinationOfSymbolicLink(
        atPath: "/proc/self/fd/" + name)
      guard let target, target.hasPrefix(real), let descriptor = Int32(name) else { continue }
      found += 1
      #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0, "\(target)")
    }
    #expect(found == 3)
  }

  @Test("A directory above that is missing and a file in the way are named, with what to do")
  func unusable() throws {
    let missing = #expect(throws: StateDirectoryError.self) {
      try DirectoryStorage(path: parent + "/no/state")
    }
    #expect(missing?.kind == .unusable)
    #expect(missing?.description.contains("create the directory above it") ?? false)
    #expect(missing?.description.contains(parent + "/no/state") ?? false)
    #expect(FileManager.default.createFile(atPath: path, contents: nil))
    let file = #expect(throws: StateDirectoryError.self) { try DirectoryStorage(path: path) }
    #expect(file?.description.contains("Not a directory") ?? false)
    #expect(file?.description.contains("--state-dir") ?? false)
  }

  @Test("A link, a FIFO and a directory in the place of the leases are set aside, not followed")
  func oddFiles() throws {
    let directory = try open()
    let target = parent + "/target"
    try Data("kept".utf8).write(to: URL(fileURLWithPath: target))
    let kinds: [(String) -> Int32] = [
      { symlink(target, $0) }, { mkfifo($0, 0o600) }, { mkdir($0, 0o700) },
    ]
    for (index, make) in kinds.enumerated() {
      #expect(make(path + "/leases") == 0)
      let read = directory.load()
      #expect(read.book.isEmpty)
      #expect(read.notices.count == 2)
      #expect(mode(path + "/leases") == nil)
      #expect(mode(path + "/leases.damaged-\(index + 1)") != nil)
    }
    #expect(try Files.text(target) == "kept")
    // A link in the place of the new file is not written through.
    #expect(symlink(target, path + "/leases.new") == 0)
    try directory.save(try Leases.book(try Leases.make(9)))
    #expect(try Files.text(target) == "kept")
    #expect(directory.load().book.count == 1)
  }
}
