// A directory of the file system. Owns a descriptor of it, and of the lock while there is one:
// both last as long as this object.

internal import BusIO
internal import CLinuxBus
internal import Glibc
internal import LeaseStore

/// Why the state directory cannot be used.
struct StateDirectoryError: Error, CustomStringConvertible {
  enum Kind: Hashable, Sendable {
    /// Another router has it: do not start.
    case inUse
    /// The system refuses it.
    case unusable
  }

  let kind: Kind
  let description: String
}

final class DirectoryStorage: StateStorage {
  static let lockName = "lock"

  let path: String
  /// Why there is no lock: the disk is read-only or full. Nil when there is one.
  let unlockedReason: SystemError?
  private let directory: Descriptor
  private let lock: Int32

  /// Opens and locks a directory, which is made (mode 0700) when only it is missing.
  ///
  /// The lock is flock on the file `lock` in it; it ends with the process, however that ends, and
  /// the file stays. Opened for writing: NFS, from which BMCs boot while they are developed, gives
  /// nobody else an exclusive lock.
  ///
  /// Choice: on a disk that is read-only, or full before there is a lock file, the router goes on
  /// without a lock and says so. Nothing can be written there while it stays like that, and a disk
  /// that is full must not keep packets from being forwarded.
  ///
  /// - Throws: `.inUse` when another router has it, `.unusable` for all else.
  init(path: String) throws(StateDirectoryError) {
    do throws(SystemError) {
      try DirectoryStorage.makeDirectory(path)
      let directory = Descriptor(
        adopting: try result(
          "open", path, Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)))
      let lockPath = path + "/" + DirectoryStorage.lockName
      let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
      let lock = openat(directory.rawValue, DirectoryStorage.lockName, flags, 0o600)
      let code = errno
      self.path = path
      if lock < 0, code == EROFS || code == ENOSPC || code == EDQUOT {
        unlockedReason = SystemError(code: code, operation: "create", path: lockPath)
      } else {
        if lock < 0 { throw SystemError(code: code, operation: "open", path: lockPath) }
        unlockedReason = nil
      }
      self.lock = lock
      self.directory = directory
    } catch {
      throw StateDirectoryError(
        kind: .unusable, description: "\(error); choose another directory with --state-dir")
    }
    if lock >= 0 { try takeLock() }
  }

  deinit { if lock >= 0 { _ = Glibc.close(lock) } }

  private func takeLock() throws(StateDirectoryError) {
    let result = linux_lock(lock)
    guard result < 0 else { return }
    if result == -EWOULDBLOCK {
      throw StateDirectoryError(
        kind: .inUse,
        description: "\(path): another router uses this state directory; stop it, or give each "
          + "its own with --state-dir")
    }
    let error = SystemError(
      code: -result, operation: "lock", path: path + "/" + DirectoryStorage.lockName)
    throw StateDirectoryError(
      kind: .unusable, description: "\(error); choose another directory with --state-dir")
  }

  private static func makeDirectory(_ path: String) throws(SystemError) {
    guard mkdir(path, 0o700) == 0 else {
      let code = errno
      // A read-only disk says EROFS only where there is no directory yet, or says it always.
      var status = stat()
      if code == EEXIST || stat(path, &status) == 0 { return }
      throw SystemError(
        code: code, operation: "create directory", path: path,
        hint: code == ENOENT ? "create the directory above it" : "")
    }
    // Its name is to last too. A directory above that cannot be synced costs at most a start
    // without leases.
    let above = Glibc.open(path + "/..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard above >= 0 else { return }
    _ = fsync(above)
    _ = Glibc.close(above)
  }

  // MARK: StateStorage

  func openForReading(_ name: String) throws(SystemError) -> Handle {
    // O_NONBLOCK: a FIFO in the place of the file must not hold up the start.
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    return try result("open", full(name), openat(directory.rawValue, name, flags))
  }

  func create(_ name: String) throws(SystemError) -> Handle {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    return try result("create", full(name), openat(directory.rawValue, name, flags, 0o600))
  }

  func read(_ handle: Handle, byteCountMax: Int) throws(SystemError) -> [UInt8] {
    var code: Int64 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: byteCountMax) { buffer, count in
      code = linux_read(handle, buffer.baseAddress, buffer.count)
      count = Int(max(0, code))
    }
    guard code >= 0 else {
      throw SystemError(code: Int32(truncatingIfNeeded: -code), operation: "read", path: path)
    }
    return bytes
  }

  func write(_ handle: Handle, _ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
    let count = bytes.withUnsafeBytes { linux_write(handle, $0.baseAddress, $0.count) }
    if count > 0 { return Int(count) }
    // A device that takes nothing and says nothing would be asked for ever.
    let code = count < 0 ? Int32(truncatingIfNeeded: -count) : EIO
    throw SystemError(code: code, operation: "write in", path: path)
  }

  func sync(_ handle: Handle) throws(SystemError) {
    _ = try result("sync in", path, fsync(handle))
  }

  func close(_ handle: Handle) { _ = Glibc.close(handle) }

  func rename(_ name: String, to other: String) throws(SystemError) {
    _ = try result(
      "rename", full(name), renameat(directory.rawValue, name, directory.rawValue, other))
  }

  func remove(_ name: String) throws(SystemError) {
    _ = try result("remove", full(name), unlinkat(directory.rawValue, name, 0))
  }

  func syncDirectory() throws(SystemError) {
    _ = try result("sync", path, fsync(directory.rawValue))
  }

  func list() throws(SystemError) -> [String] {
    // A descriptor of its own: closedir closes it, and its position is nobody else's.
    let descriptor = try result(
      "open", path, openat(directory.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    guard let stream = fdopendir(descriptor) else {
      let code = errno
      _ = Glibc.close(descriptor)
      throw SystemError(code: code, operation: "list", path: path)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  private func full(_ name: String) -> String { path + "/" + name }
}

/// A result of the C library, or its errno. The result is evaluated right before errno is read.
private func result(
  _ operation: String, _ path: String, _ result: Int32
) throws(SystemError) -> Int32 {
  guard result < 0 else { return result }
  throw SystemError(code: errno, operation: operation, path: path)
}
