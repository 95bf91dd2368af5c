public import BusIO
internal import CLinuxBus
internal import Glibc
public import LeaseStore
internal import Synchronization

/// A directory in memory that remembers what of it would survive a loss of power.
///
/// Bytes last once their file was synced; of others any prefix may last, or zeros. Names last once
/// the directory was synced; of the changes since, any selection may last.
public struct LeaseDisk: Sendable {
  public struct File: Sendable {
    public var bytes: [UInt8] = []
    public var isSynced = true
  }

  public enum NameChange: Sendable {
    case add(String, file: Int)
    case remove(String)
    case rename(String, to: String, file: Int)
  }

  public var files: [Int: File] = [:]
  public var names: [String: Int] = [:]
  public var lastingNames: [String: Int] = [:]
  public var changes: [NameChange] = []

  public init() {}

  public func bytes(_ name: String) -> [UInt8]? { names[name].flatMap { files[$0]?.bytes } }

  public mutating func put(_ name: String, _ bytes: [UInt8]) {
    let number = files.count
    files[number] = File(bytes: bytes)
    names[name] = number
    lastingNames[name] = number
  }

  public mutating func apply(_ change: NameChange) {
    LeaseDisk.apply(change, to: &names)
    changes.append(change)
  }

  private static func apply(_ change: NameChange, to names: inout [String: Int]) {
    switch change {
    case .add(let name, let file): names[name] = file
    case .remove(let name): names[name] = nil
    case .rename(let name, let other, let file):
      names[other] = file
      if names[name] == file { names[name] = nil }
    }
  }

  /// Everything that the disk may hold after a loss of power now.
  public func afterCrash(_ body: (LeaseDisk) throws -> Void) rethrows {
    for selection in 0..<(1 << changes.count) {
      var image = self
      image.names = lastingNames
      for (index, change) in changes.enumerated() where selection >> index & 1 == 1 {
        LeaseDisk.apply(change, to: &image.names)
      }
      image.lastingNames = image.names
      image.changes = []
      let unsynced = Set(image.names.values).filter { !(files[$0]?.isSynced ?? true) }
      for number in image.files.keys { image.files[number]?.isSynced = true }
      try body(image)
      for number in unsynced {
        let bytes = files[number]?.bytes ?? []
        for count in 0..<bytes.count {
          image.files[number]?.bytes = Array(bytes[..<count])
          try body(image)
        }
        image.files[number]?.bytes = Array(repeating: 0, count: bytes.count)
        try body(image)
        image.files[number]?.bytes = bytes
      }
    }
  }
}

/// The calls on a `LeaseDisk`, each of which can fail, or be the one at which the power goes.
public final class LeaseDiskStorage: StateStorage {
  public struct Settings: Sendable {
    /// The calls that fail, from 1; the others do not.
    public var failingCalls: Range<Int> = 0..<0
    public var code: Int32 = EIO
    /// From this call on nothing is done any more.
    public var crashCall = Int.max
    /// The most that one `write` takes.
    public var writeBytesMax = Int.max
    /// A disk that says that it synced and did not.
    public var isLying = false
    /// `sync` does not return before this can be read.
    public var gate: WakeUp?

    public init(
      failingCalls: Range<Int> = 0..<0, code: Int32? = nil, crashCall: Int = .max,
      writeBytesMax: Int = .max, isLying: Bool = false, gate: WakeUp? = nil
    ) {
      self.failingCalls = failingCalls
      self.code = code ?? EIO
      self.crashCall = crashCall
      self.writeBytesMax = writeBytesMax
      self.isLying = isLying
      self.gate = gate
    }
  }

  private struct State: Sendable {
    var disk: LeaseDisk
    var settings: Settings
    var callCount = 0
    var open: [Int32: (file: Int, offset: Int)] = [:]
    var nextHandle: Int32 = 1

    mutating func add(_ file: Int) -> Int32 {
      defer { nextHandle += 1 }
      open[nextHandle] = (file, 0)
      return nextHandle
    }
  }

  public let path = "/state"
  private let state: Mutex<State>

  public init(_ disk: LeaseDisk = LeaseDisk(), _ settings: Settings = Settings()) {
    state = Mutex(State(disk: disk, settings: settings))
  }

  public var disk: LeaseDisk { state.withLock { $0.disk } }
  public var callCount: Int { state.withLock { $0.callCount } }
  public var openCount: Int { state.withLock { $0.open.count } }
  public var settings: Settings {
    get { state.withLock { $0.settings } }
    set { state.withLock { $0.settings = newValue } }
  }

  /// Counts a call and does it, unless it is to fail.
  private func call<Value: Sendable>(
    _ operation: String, _ name: String = "",
    _ body: (inout State) -> Result<Value, SystemError>
  ) throws(SystemError) -> Value {
    let result = state.withLock { state -> Result<Value, SystemError> in
      state.callCount += 1
      if state.callCount >= state.settings.crashCall
        || state.settings.failingCalls.contains(state.callCount)
      {
        return .failure(
          SystemError(code: state.settings.code, operation: operation, path: "/state/" + name))
      }
      return body(&state)
    }
    return try result.get()
  }

  private static func missing(_ operation: String, _ name: String) -> SystemError {
    SystemError(code: ENOENT, operation: operation, path: "/state/" + name)
  }

  public func openForReading(_ name: String) throws(SystemError) -> Handle {
    try call("open", name) { (state) -> Result<Handle, SystemError> in
      guard let file = state.disk.names[name] else { return .failure(Self.missing("open", name)) }
      return .success(state.add(file))
    }
  }

  public func create(_ name: String) throws(SystemError) -> Handle {
    try call("create", name) { (state) -> Result<Handle, SystemError> in
      guard state.disk.names[name] == nil else {
        return .failure(SystemError(code: EEXIST, operation: "create", path: name))
      }
      let file = state.disk.files.count
      state.disk.files[file] = LeaseDisk.File(isSynced: false)
      state.disk.apply(.add(name, file: file))
      return .success(state.add(file))
    }
  }

  public func read(_ handle: Handle, byteCountMax: Int) throws(SystemError) -> [UInt8] {
    try call("read") { (state) -> Result<[UInt8], SystemError> in
      guard let open = state.open[handle], let file = state.disk.files[open.file] else {
        return .failure(SystemError(code: EBADF, operation: "read"))
      }
      let part = Array(file.bytes.dropFirst(open.offset).prefix(min(byteCountMax, 4096)))
      state.open[handle]?.offset += part.count
      return .success(part)
    }
  }

  public func write(_ handle: Handle, _ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
    try call("write") { (state) -> Result<Int, SystemError> in
      guard let open = state.open[handle] else {
        return .failure(SystemError(code: EBADF, operation: "write"))
      }
      let part = bytes.prefix(state.settings.writeBytesMax)
      state.disk.files[open.file]?.bytes += part
      state.disk.files[open.file]?.isSynced = false
      return .success(part.count)
    }
  }

  public func sync(_ handle: Handle) throws(SystemError) {
    if let gate = settings.gate { _ = linux_wait_readable(gate.descriptor) }
    try call("sync") { (state) -> Result<Void, SystemError> in
      guard let open = state.open[handle] else {
        return .failure(SystemError(code: EBADF, operation: "sync"))
      }
      if !state.settings.isLying { state.disk.files[open.file]?.isSynced = true }
      return .success(())
    }
  }

  public func close(_ handle: Handle) { state.withLock { $0.open[handle] = nil } }

  public func rename(_ name: String, to other: String) throws(SystemError) {
    try call("rename", name) { (state) -> Result<Void, SystemError> in
      guard let file = state.disk.names[name] else {
        return .failure(Self.missing("rename", name))
      }
      state.disk.apply(.rename(name, to: other, file: file))
      return .success(())
    }
  }

  public func remove(_ name: String) throws(SystemError) {
    try call("remove", name) { (state) -> Result<Void, SystemError> in
      guard state.disk.names[name] != nil else { return .failure(Self.missing("remove", name)) }
      state.disk.apply(.remove(name))
      return .success(())
    }
  }

  public func syncDirectory() throws(SystemError) {
    try call("sync") { (state) -> Result<Void, SystemError> in
      if !state.settings.isLying {
        state.disk.lastingNames = state.disk.names
        state.disk.changes = []
      }
      return .success(())
    }
  }

  public func list() throws(SystemError) -> [String] {
    try call("list") { .success(Array($0.disk.names.keys)) }
  }
}
