public import BusIO

/// The few calls by which state is kept in one directory. They may block: the daemon
/// makes them at its start and on a thread of its own.
///
/// Names are of files in the directory, without a slash. Implementations: the daemon's
/// `DirectoryStorage`; disks in memory that fail, tear writes and lose what was not synced.
public protocol StateStorage: Sendable {
  /// An open file.
  typealias Handle = Int32

  /// Where it is, for messages.
  var path: String { get }

  /// Opens an existing file; never waits for one that is no regular file.
  func openForReading(_ name: String) throws(SystemError) -> Handle
  /// Makes a new file, readable and writable for its owner only. EEXIST when there is one.
  func create(_ name: String) throws(SystemError) -> Handle
  /// At most `byteCountMax` bytes from where the last read ended; none at the end.
  func read(_ handle: Handle, byteCountMax: Int) throws(SystemError) -> [UInt8]
  /// Writes some of the bytes, at least one; returns how many.
  func write(_ handle: Handle, _ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int
  /// Returns once what was written survives a loss of power.
  func sync(_ handle: Handle) throws(SystemError)
  func close(_ handle: Handle)
  /// Gives a file another name, in one step; a file of that name is gone then.
  func rename(_ name: String, to other: String) throws(SystemError)
  func remove(_ name: String) throws(SystemError)
  /// Returns once the names survive a loss of power.
  func syncDirectory() throws(SystemError)
  /// The names of all files, in no order.
  func list() throws(SystemError) -> [String]
}

extension StateStorage {
  /// All bytes of a file; `byteCountMax` and one more when there are more.
  public func contents(_ name: String, byteCountMax: Int) throws(SystemError) -> [UInt8] {
    let handle = try openForReading(name)
    defer { close(handle) }
    var bytes: [UInt8] = []
    while true {
      // One more than may be there, so that a file that is too long is known by it.
      let part = try read(handle, byteCountMax: byteCountMax + 1 - bytes.count)
      if part.isEmpty { return bytes }
      bytes += part
      if bytes.count > byteCountMax { return bytes }
    }
  }
}
