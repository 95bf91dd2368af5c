// The disk of one router, in memory. It outlives the router's processes.
//
// Owns the files, and what of them would survive a loss of power: bytes once their file was
// synced, names once the directory was. Names reach the disk in the order of the calls, as in a
// journal; of bytes that were not synced any prefix may be there. While the disk lies, syncs are
// reported and not done.
//
// `recording` keeps the disk as it was after each call, so that a kill can fall between any two.

internal import BusIO
internal import Glibc
internal import LeaseStore
internal import MCTPSimulation
internal import Synchronization

final class WorldDisk: StateStorage {
  private struct File: Sendable {
    var bytes: [UInt8] = []
    var isSynced = false
  }

  private enum NameChange: Sendable {
    case put(String, file: Int)
    case remove(String)
    case rename(String, to: String, file: Int)
  }

  private struct Image: Sendable {
    var files: [Int: File] = [:]
    /// As programs see them.
    var names: [String: Int] = [:]
    var lastingNames: [String: Int] = [:]
    /// What makes `names` of `lastingNames`.
    var changes: [NameChange] = []
    var open: [Handle: (file: Int, offset: Int)] = [:]
    var lastNumber = 0
  }

  private struct State: Sendable {
    var image = Image()
    /// After each call since recording began.
    var recorded: [Image]?
    var isLying = false
    /// Bytes that can be written before the disk is full; nil: it never is.
    var roomBytes: Int?
  }

  /// Choice: what one `write` takes. Small, so that a file is cut in many places.
  private static let writeBytesMax = 96

  let path = "/state"
  private let state = Mutex(State())

  /// Does `body`, whose calls lie about syncs or find the disk full, and keeps the disk as it was
  /// after each of them.
  func recording(isLying: Bool, roomBytes: Int?, _ body: () -> Void) {
    state.withLock { state in
      state.recorded = [state.image]
      state.isLying = isLying
      state.roomBytes = roomBytes
    }
    body()
    state.withLock { state in
      state.isLying = false
      state.roomBytes = nil
    }
  }

  /// Everything that was recorded has happened.
  func endRecording() { state.withLock { $0.recorded = nil } }

  /// Of what was recorded only a part has happened.
  ///
  /// - Parameter part: of all calls, in thousandths: 0 to 999.
  func cutRecording(atThousandths part: UInt64) {
    state.withLock { state in
      guard let recorded = state.recorded else { return }
      state.image = recorded[recorded.count * Int(part) / 1_000]
      state.image.open = [:]
      state.recorded = nil
    }
  }

  /// What was not synced is on the disk by now: its cache is written back within a second or so.
  func writeBack() {
    state.withLock { state in
      state.image.lastingNames = state.image.names
      Self.settle(&state.image)
    }
  }

  /// The power goes and comes back. A drawn part of what was not synced is there.
  ///
  /// - Parameter losesAll: none of the names that were not synced is there.
  func losePower(losesAll: Bool, _ generator: inout SeededGenerator) {
    state.withLock { state in
      let kept = losesAll ? 0 : generator.index(state.image.changes.count + 1)
      state.image.names = state.image.lastingNames
      for change in state.image.changes.prefix(kept) { Self.apply(change, &state.image.names) }
      state.image.lastingNames = state.image.names
      for number in Set(state.image.names.values).sorted() {
        guard let file = state.image.files[number], !file.isSynced else { continue }
        let count = generator.index(file.bytes.count + 1)
        state.image.files[number] = File(bytes: Array(file.bytes.prefix(count)))
      }
      Self.settle(&state.image)
    }
  }

  func removeAll() { state.withLock { $0.image = Image() } }

  /// The bytes of a file; nil when there is none.
  func bytes(_ name: String) -> [UInt8]? {
    state.withLock { state in state.image.names[name].flatMap { state.image.files[$0]?.bytes } }
  }

  private static func settle(_ image: inout Image) {
    image.changes = []
    let used = Set(image.names.values)
    for number in Array(image.files.keys) {
      if used.contains(number) {
        image.files[number]?.isSynced = true
      } else {
        image.files[number] = nil
      }
    }
  }

  private static func apply(_ change: NameChange, _ names: inout [String: Int]) {
    switch change {
    case .put(let name, let file): names[name] = file
    case .remove(let name): names[name] = nil
    case .rename(let name, let other, let file):
      names[other] = file
      names[name] = nil
    }
  }

  // MARK: StateStorage

  private func call<Value: Sendable>(
    _ operation: String, _ name: String = "",
    _ body: (inout State) -> Result<Value, Errno>
  ) throws(SystemError) -> Value {
    let result = state.withLock { state -> Result<Value, Errno> in
      let result = body(&state)
      if state.recorded != nil { state.recorded?.append(state.image) }
      return result
    }
    switch result {
    case .success(let value): return value
    case .failure(let error):
      throw SystemError(code: error.code, operation: operation, path: "\(path)/\(name)")
    }
  }

  private struct Errno: Error {
    let code: Int32
  }

  private static func open(_ file: Int, _ state: inout State) -> Handle {
    state.image.lastNumber += 1
    let handle = Handle(truncatingIfNeeded: state.image.lastNumber)
    state.image.open[handle] = (file, 0)
    return handle
  }

  func openForReading(_ name: String) throws(SystemError) -> Handle {
    try call("open", name) { (state) -> Result<Handle, Errno> in
      guard let file = state.image.names[name] else { return .failure(Errno(code: ENOENT)) }
      return .success(Self.open(file, &state))
    }
  }

  func create(_ name: String) throws(SystemError) -> Handle {
    try call("create", name) { (state) -> Result<Handle, Errno> in
      guard state.image.names[name] == nil else { return .failure(Errno(code: EEXIST)) }
      state.image.lastNumber += 1
      let file = state.image.lastNumber
      state.image.files[file] = File()
      Self.change(.put(name, file: file), &state)
      return .success(Self.open(file, &state))
    }
  }

  func read(_ handle: Handle, byteCountMax: Int) throws(SystemError) -> [UInt8] {
    try call("read") { (state) -> Result<[UInt8], Errno> in
      guard let open = state.image.open[handle], let file = state.image.files[open.file] else {
        return .failure(Errno(code: EBADF))
      }
      let part = Array(file.bytes.dropFirst(open.offset).prefix(byteCountMax))
      state.image.open[handle]?.offset += part.count
      return .success(part)
    }
  }

  func write(_ handle: Handle, _ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
    try call("write") { (state) -> Result<Int, Errno> in
      guard let open = state.image.open[handle] else { return .failure(Errno(code: EBADF)) }
      let count = min(bytes.count, Self.writeBytesMax, state.roomBytes ?? .max)
      guard count > 0 else { return .failure(Errno(code: ENOSPC)) }
      if let room = state.roomBytes { state.roomBytes = room - count }
      state.image.files[open.file]?.bytes += bytes.prefix(count)
      state.image.files[open.file]?.isSynced = false
      return .success(count)
    }
  }

  func sync(_ handle: Handle) throws(SystemError) {
    try call("sync") { (state) -> Result<Void, Errno> in
      guard let open = state.image.open[handle] else { return .failure(Errno(code: EBADF)) }
      if !state.isLying { state.image.files[open.file]?.isSynced = true }
      return .success(())
    }
  }

  func close(_ handle: Handle) { state.withLock { $0.image.open[handle] = nil } }

  func rename(_ name: String, to other: String) throws(SystemError) {
    try call("rename", name) { (state) -> Result<Void, Errno> in
      guard let file = state.image.names[name] else { return .failure(Errno(code: ENOENT)) }
      Self.change(.rename(name, to: other, file: file), &state)
      return .success(())
    }
  }

  func remove(_ name: String) throws(SystemError) {
    try call("remove", name) { (state) -> Result<Void, Errno> in
      guard state.image.names[name] != nil else { return .failure(Errno(code: ENOENT)) }
      Self.change(.remove(name), &state)
      return .success(())
    }
  }

  func syncDirectory() throws(SystemError) {
    try call("sync") { (state) -> Result<Void, Errno> in
      if !state.isLying {
        state.image.lastingNames = state.image.names
        state.image.changes = []
      }
      return .success(())
    }
  }

  func list() throws(SystemError) -> [String] {
    try call("list") { .success($0.image.names.keys.sorted()) }
  }

  private static func change(_ change: NameChange, _ state: inout State) {
    apply(change, &state.image.names)
    state.image.changes.append(change)
  }
}
