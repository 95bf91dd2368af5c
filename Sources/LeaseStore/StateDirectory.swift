// Keeps the lease book in a state directory, so that after a crash at any point either the book
// before or the new one is read: never nothing, never a mixture.
//
//   leases            the book
//   leases.old        the one before it, kept while it reads well
//   leases.new        one that is being written; means nothing
//   leases.damaged-N  what could not be read, set aside; the newest four
//   lock              see DirectoryStorage
//
// Stateless: what is on disk is looked at each time. All calls block.

public import BusIO
internal import Glibc

/// What people should know about the state at a start.
public enum StateNotice: Hashable, Sendable, CustomStringConvertible {
  /// A file could not be used and has another name now.
  case setAside(reason: String, name: String)
  /// A file could not be used, and could not be renamed either.
  case leftInPlace(reason: String, because: String)
  /// The router starts with the book before the last one.
  case startsWithPrevious(leaseCount: Int)
  /// The router starts without leases though there was a file.
  case startsEmpty

  public var description: String {
    switch self {
    case .setAside(let reason, let name): "leases not used: \(reason); set aside as \(name)"
    case .leftInPlace(let reason, let because):
      "leases not used: \(reason); not set aside: \(because)"
    case .startsWithPrevious(let leaseCount):
      "starting with the previous leases, \(leaseCount) of them, from \(StateDirectory.previousName)"
    case .startsEmpty: "starting without leases: EIDs are taken over from the devices that have one"
    }
  }
}

/// The lease book in its directory.
public struct StateDirectory: Sendable {
  public static let name = "leases"
  public static let previousName = "leases.old"
  public static let newName = "leases.new"
  public static let damagedPrefix = "leases.damaged-"
  /// Choice: four of at most 64 KiB. Enough to see what happens again and again, too little to
  /// fill a BMC's flash.
  public static let damagedCountMax = 4

  public let storage: any StateStorage

  public init(storage: any StateStorage) { self.storage = storage }

  /// Reads the book at start. Always has one: an empty one at the first start and when nothing can
  /// be read.
  public func load() -> (book: LeaseBook, notices: [StateNotice]) {
    var notices: [StateNotice] = []
    var wasThere = false
    for name in [StateDirectory.name, StateDirectory.previousName] {
      switch examine(name) {
      case .missing: continue
      case .book(let book):
        // Missing and not damaged: a crash between the two renames of `save`.
        if name == StateDirectory.previousName {
          notices.append(.startsWithPrevious(leaseCount: book.count))
        }
        return (book, notices)
      case .unusable(let reason):
        wasThere = true
        notices.append(setAside(name, reason: reason))
      }
    }
    if wasThere { notices.append(.startsEmpty) }
    return (LeaseBook(), notices)
  }

  /// Puts a book in the place of the one that is there.
  ///
  /// - Throws: what the system refused; then what is on disk is the former book or this one, and a
  ///   later attempt begins anew.
  public func save(_ book: LeaseBook) throws(SystemError) {
    try writeNew(LeaseFile.encode(book))
    switch examine(StateDirectory.name) {
    case .missing: break
    // A damaged file must never push out a previous book that is good.
    case .unusable(let reason): _ = setAside(StateDirectory.name, reason: reason)
    case .book: try storage.rename(StateDirectory.name, to: StateDirectory.previousName)
    }
    try storage.rename(StateDirectory.newName, to: StateDirectory.name)
    try storage.syncDirectory()
  }

  /// A new file with these bytes, all of them on disk.
  private func writeNew(_ bytes: [UInt8]) throws(SystemError) {
    // Not the file of an attempt that failed: what the kernel could not write once it may hold for
    // written.
    try removeIfThere(StateDirectory.newName)
    let handle = try storage.create(StateDirectory.newName)
    do throws(SystemError) {
      defer { storage.close(handle) }
      var written = 0
      while written < bytes.count { written += try storage.write(handle, bytes[written...]) }
      try storage.sync(handle)
    } catch {
      // On a full disk the half of a file would keep others from writing.
      try? storage.remove(StateDirectory.newName)
      throw error
    }
  }

  private func removeIfThere(_ name: String) throws(SystemError) {
    do throws(SystemError) {
      try storage.remove(name)
    } catch {
      guard error.code == ENOENT else { throw error }
    }
  }
}

extension StateDirectory {
  private enum Finding {
    case missing
    case book(LeaseBook)
    case unusable(reason: String)
  }

  private func examine(_ name: String) -> Finding {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try storage.contents(name, byteCountMax: LeaseFile.byteCountMax)
    } catch {
      return error.code == ENOENT ? .missing : .unusable(reason: "\(error)")
    }
    do throws(LeaseFileError) {
      return .book(try LeaseFile.decode(bytes, file: storage.path + "/" + name))
    } catch {
      return .unusable(reason: "\(error)")
    }
  }

  /// Gives an unusable file the next free number and removes the oldest ones.
  private func setAside(_ name: String, reason: String) -> StateNotice {
    do throws(SystemError) {
      var numbers = try storage.list().compactMap { damagedNumber($0) }.sorted()
      while numbers.count >= StateDirectory.damagedCountMax {
        try removeIfThere(StateDirectory.damagedPrefix + "\(numbers.removeFirst())")
      }
      // A number at the end of its range is not taken for one, so the sum has room.
      let other = StateDirectory.damagedPrefix + "\((numbers.last ?? 0) + 1)"
      try storage.rename(name, to: other)
      try storage.syncDirectory()
      return .setAside(reason: reason, name: other)
    } catch {
      return .leftInPlace(reason: reason, because: "\(error)")
    }
  }

  private func damagedNumber(_ name: String) -> UInt64? {
    guard name.hasPrefix(StateDirectory.damagedPrefix) else { return nil }
    let digits = Array(name.utf8.dropFirst(StateDirectory.damagedPrefix.utf8.count))
    return decimal(digits[...], in: 1...UInt64(UInt32.max))
  }
}
