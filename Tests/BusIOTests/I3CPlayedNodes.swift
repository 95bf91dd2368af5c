import BusIO
import Glibc
import MCTPWire
import Synchronization
import TestSupport
import Testing

@testable import BusIO

/// The kernel under an `I3CNodeLink`, played by a test: nodes that come and go, what the drivers
/// have received, and how transfers end. An open node is one end of a socket that keeps packets
/// apart, so that the loop sees real readiness.
final class PlayedI3CKernel: Sendable {
  enum Read: Sendable {
    case bytes([UInt8])
    case fails(Int32)
  }

  struct Node: Sendable {
    var number: UInt64
    var openError: Int32 = 0
    var registerError: Int32 = 0
    /// The other end of the socket, once open.
    var far: Int32 = -1
    var registerCount = 0
    /// What poll reports of it, whatever its socket does.
    var readiness: Int32?
    /// How the next writes end: an errno, 0 for well. Then all end well.
    var writeErrors: [Int32] = []
    /// What the next blocking reads bring; then they are not acknowledged.
    var reads: [Read] = []
  }

  private struct State: Sendable {
    var nodes: [String: Node] = [:]
    var paths: [Int32: String] = [:]
    var log: [String] = []
    var readByteCounts: [Int] = []
  }

  private let state = Mutex(State())
  private let isNonBlocking: Bool
  /// While held, transfers that block do not end.
  let gate = Mutex(())

  init(_ interface: I3CNodeInterface) { isNonBlocking = interface == .i3cMCTP }

  deinit {
    for node in state.withLock({ $0.nodes.values.map(\.far) }) where node >= 0 { close(node) }
  }

  func add(_ path: String, number: UInt64, _ change: (inout Node) -> Void = { _ in }) {
    var node = Node(number: number)
    change(&node)
    let fresh = node
    state.withLock { $0.nodes[path] = fresh }
  }
  func remove(_ path: String) { state.withLock { $0.nodes[path] = nil } }
  func change(_ path: String, _ body: @Sendable (inout Node) -> Void) {
    state.withLock { state in
      guard var node = state.nodes[path] else { return }
      body(&node)
      state.nodes[path] = node
    }
  }
  subscript(path: String) -> Node? { state.withLock { $0.nodes[path] } }

  /// What was opened, registered, written and asked, since the last call.
  func takeLog() -> [String] {
    state.withLock { state in
      defer { state.log = [] }
      return state.log
    }
  }
  var readByteCounts: [Int] { state.withLock { $0.readByteCounts } }

  /// A packet that the driver of an open node has received.
  func receive(_ bytes: [UInt8], at path: String) {
    guard let far = self[path]?.far, far >= 0 else {
      Issue.record("\(path) is not open")
      return
    }
    #expect(send(far, bytes, bytes.count, 0) == bytes.count)
  }
  func hangUp(_ path: String) {
    guard let far = self[path]?.far, far >= 0 else { return }
    close(far)
    change(path) { $0.far = -1 }
  }

  var system: I3CNodeSystem {
    I3CNodeSystem(
      open: { [self] in open($0, $1) },
      register: { [self] descriptor in
        withNode(descriptor) { node in
          node.registerCount += 1
          return -node.registerError
        } ?? -EBADF
      },
      read: { [self] in read($0, $1) },
      write: { [self] in write($0, $1) },
      find: { [self] path, number in
        guard let node = self[path] else { return -ENOENT }
        number = node.number
        return 0
      },
      readiness: { [self] descriptor in
        withNode(descriptor) { $0.readiness }.flatMap { $0 }
          ?? I3CNodeSystem.linux.readiness(descriptor)
      })
  }

  private func open(_ path: String, _ isNonBlocking: Bool) -> Int32 {
    guard let node = self[path] else { return -ENOENT }
    #expect(isNonBlocking == self.isNonBlocking)
    guard node.openError == 0 else { return -node.openError }
    var ends: [Int32] = [0, 0]
    let type = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { return -errno }
    if node.far >= 0 { close(node.far) }
    let (near, far) = (ends[0], ends[1])
    state.withLock { state in
      state.nodes[path]?.far = far
      state.paths[near] = path
      state.log.append("open \(path)")
    }
    return near
  }

  private func withNode<Result: Sendable>(
    _ descriptor: Int32, _ body: @Sendable (inout Node) -> Result
  ) -> Result? {
    state.withLock { state in
      guard let path = state.paths[descriptor], var node = state.nodes[path] else { return nil }
      defer { state.nodes[path] = node }
      return body(&node)
    }
  }

  private func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int64 {
    let count = buffer.count
    state.withLock { $0.readByteCounts.append(count) }
    if isNonBlocking { return I3CNodeSystem.linux.read(descriptor, buffer) }
    gate.withLock { _ in }
    state.withLock { state in
      state.log.append("read \(state.paths[descriptor] ?? "?") up to \(count)")
    }
    let next = withNode(descriptor) { node in
      node.reads.isEmpty ? Read.fails(EIO) : node.reads.removeFirst()
    }
    switch next {
    case nil: return -Int64(ENODEV)
    case .fails(let code): return -Int64(code)
    case .bytes(let bytes):
      let count = min(bytes.count, buffer.count)
      for index in 0..<count { buffer[index] = bytes[index] }
      return Int64(count)
    }
  }

  private func write(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer) -> Int64 {
    gate.withLock { _ in }
    let bytes = Array(buffer)
    state.withLock { state in
      state.log.append("write \(state.paths[descriptor] ?? "?"): \(hexText(bytes))")
    }
    let error = withNode(descriptor) { node in
      node.writeErrors.isEmpty ? 0 : node.writeErrors.removeFirst()
    }
    guard let error else { return -Int64(ENODEV) }
    return error == 0 ? Int64(bytes.count) : -Int64(error)
  }
}

/// A folder that takes the place of /sys, removed with its owner.
final class PlayedSysfs {
  let path: String

  init() {
    var template = Array(("/tmp/mctp-i3c-" + String(repeating: "X", count: 6)).utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
  }

  deinit { removeTree(path) }

  /// The attributes of a device; nil removes one.
  func set(_ attributes: [String: String?], of folder: String) {
    var place = path
    for part in folder.split(separator: "/") {
      place += "/" + part
      mkdir(place, 0o755)
    }
    for (name, text) in attributes {
      guard let text else {
        unlink(place + "/" + name)
        continue
      }
      let file = open(place + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
      let owner = Descriptor(adopting: file)
      writeBytes(owner.rawValue, Array((text + "\n").utf8))
    }
  }

  /// As mainline has it for a device of the bus.
  func setDevice(_ name: String, address: UInt8, _ others: [String: String] = [:]) {
    var attributes: [String: String?] = [
      "dynamic_address": hexText([address]), "dcr": "cc", "bcr": "6",
      "pid": String(name.drop { $0 != "-" }.dropFirst()),
    ]
    for (key, value) in others { attributes[key] = value }
    set(attributes, of: "bus/i3c/devices/" + name)
  }

  private func removeTree(_ path: String) {
    guard let folder = opendir(path) else {
      unlink(path)
      return
    }
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { removeTree(path + "/" + name) }
    }
    closedir(folder)
    rmdir(path)
  }
}

/// A port over played nodes.
final class I3CNodeBench {
  static let token: UInt64 = 7

  let loop: EventLoop
  let sysfs = PlayedSysfs()
  let kernel: PlayedI3CKernel
  let link: I3CNodeLink
  let port: I3CPort
  let sink = RecordedPort()

  init(
    _ interface: I3CNodeInterface, _ nodes: [I3CNode], transmissionUnitBytes: Int = 64
  ) throws {
    loop = try EventLoop()
    kernel = PlayedI3CKernel(interface)
    link = I3CNodeLink(
      interface: interface, nodes: nodes, transmissionUnitBytes: transmissionUnitBytes,
      loop: loop, token: I3CNodeBench.token, sysfsRoot: sysfs.path, system: kernel.system)
    let configuration = I3CPort.Configuration(transmissionUnitBytes: transmissionUnitBytes)
    port = I3CPort(id: PortID(rawValue: 1), configuration: configuration, link: link)
  }

  deinit { port.stop() }

  func ms(_ value: UInt32) -> Instant { Instant.zero.advanced(byMs: value) }

  func start() -> [String] {
    port.start(now: .zero, sink: sink)
    return sink.takeEvents()
  }

  func service(_ now: Instant = .zero) -> [String] {
    port.service(now: now, sink: sink)
    return sink.takeEvents()
  }

  func devicesChanged(_ now: Instant = .zero) -> [String] {
    port.devicesChanged(now: now, sink: sink)
    return sink.takeEvents()
  }

  /// Waits for a descriptor of the link, then serves at `now`.
  func serviceWhenReady(_ now: Instant = .zero) -> [String] {
    loop.wait(until: loop.now().advanced(byNanoseconds: generousNanoseconds)) { _, _ in }
    return service(now)
  }

  /// Serves at `now` whatever becomes ready, until that many events have come.
  func events(_ count: Int, _ now: Instant = .zero) -> [String] {
    var events = service(now)
    let end = loop.now().advanced(byNanoseconds: generousNanoseconds)
    while events.count < count, loop.now() < end {
      loop.wait(until: port.nextDeadline.map { $0 <= now } == true ? .zero : end) { _, _ in }
      events += service(now)
    }
    return events
  }

  var reason: String {
    if case .waiting(let reason, _) = port.condition { return reason }
    return ""
  }
}
