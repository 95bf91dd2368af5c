import BusIO
import Glibc
import MCTPWire
import Synchronization
import Testing

/// An adapter's driver under the test's control; its calls come from the link's thread.
final class FakeAdapter: Sendable {
  struct State {
    /// Below 0 the node does not open.
    var openCode: Int32 = 0
    var functionality: Int64 = 0x0EFF_0009
    var device: Int64 = 7
    var openCount = 0
    /// What each transfer returns; 0 once they are used up.
    var outcomes: [Int32] = []
    var written: [(address: UInt8, bytes: [UInt8])] = []
    /// Every call of a probe, in order: `select 1d`, `quick`, `receive`, `block 3b`.
    var asked: [String] = []
    var selectCodes: [UInt8: Int32] = [:]
    var acknowledging: Set<UInt8> = []
    var selected: UInt8 = 0
    var udidAnswer: [UInt8] = []
    /// Reports a hang-up once nobody holds the last node that was opened.
    var watcher: Int32 = -1
  }

  let state = Mutex(State())
  /// While armed, a transfer does not return before the test opens the gate.
  let isGated = Mutex(false)
  let gate: WakeUp
  /// Rings when a gated transfer has begun.
  let begun: WakeUp

  init() throws {
    gate = try WakeUp()
    begun = try WakeUp()
  }

  deinit { state.withLock { if $0.watcher >= 0 { _ = close($0.watcher) } } }

  func set<Value>(_ path: any WritableKeyPath<State, Value> & Sendable, _ value: sending Value) {
    state.withLock { $0[keyPath: path] = value }
  }

  private func passGate() {
    guard isGated.withLock({ $0 }) else { return }
    begun.ring()
    var entry = pollfd(fd: gate.descriptor, events: Int16(POLLIN), revents: 0)
    _ = poll(&entry, 1, Int32(generousNanoseconds / 1_000_000))
    gate.clear()
  }

  /// Whether the last node that was opened is closed; waits for it.
  func isClosed() -> Bool {
    let watcher = state.withLock { $0.watcher }
    var entry = pollfd(fd: watcher, events: 0, revents: 0)
    return poll(&entry, 1, Int32(generousNanoseconds / 1_000_000)) == 1
  }

  /// Whether it is closed now.
  func isClosedNow() -> Bool {
    var entry = pollfd(fd: state.withLock { $0.watcher }, events: 0, revents: 0)
    return poll(&entry, 1, 0) == 1
  }

  private func openNode() -> Int32 {
    state.withLock { state in
      guard state.openCode >= 0 else { return state.openCode }
      var ends: [Int32] = [0, 0]
      guard pipe(&ends) == 0 else { return -EMFILE }
      if state.watcher >= 0 { _ = close(state.watcher) }
      state.watcher = ends[0]
      state.openCount += 1
      return ends[1]
    }
  }

  private func acknowledge() -> Int32 {
    state.withLock { $0.acknowledging.contains($0.selected) ? 0 : -ENXIO }
  }

  private func fill(_ room: UnsafeMutableBufferPointer<UInt8>) -> Int32 {
    state.withLock { state in
      guard !state.udidAnswer.isEmpty else { return -ENXIO }
      for (index, byte) in state.udidAnswer.prefix(room.count).enumerated() { room[index] = byte }
      return Int32(state.udidAnswer.count)
    }
  }

  private func note(_ call: String) { state.withLock { $0.asked.append(call) } }

  var calls: I2CSystemCalls {
    var calls = I2CSystemCalls()
    calls.open = { [self] _ in openNode() }
    calls.functionality = { [self] _ in state.withLock { $0.functionality } }
    calls.deviceAtPath = { [self] _ in state.withLock { $0.device } }
    calls.openDevice = { [self] _ in state.withLock { $0.device } }
    calls.write = { [self] _, address, bytes in
      let copy = Array(bytes)
      state.withLock { $0.written.append((address, copy)) }
      passGate()
      return state.withLock { $0.outcomes.isEmpty ? 0 : $0.outcomes.removeFirst() }
    }
    calls.select = { [self] _, address in
      note("select " + String(address, radix: 16))
      return state.withLock { state in
        state.selected = address
        return state.selectCodes[address] ?? 0
      }
    }
    calls.quickWrite = { [self] _ in
      note("quick")
      passGate()
      return acknowledge()
    }
    calls.receiveByte = { [self] _ in
      note("receive")
      return acknowledge()
    }
    calls.readBlock = { [self] _, command, room in
      note("block " + String(command, radix: 16))
      return fill(room)
    }
    calls.writeRead = { [self] _, address, command, room in
      note("transfer " + String(address, radix: 16) + " " + String(command, radix: 16))
      return fill(room)
    }
    return calls
  }
}

/// The receiving half under the test's control.
final class PlayedReceiver: I2CReceiver {
  let name = "scripted"
  var token: UInt64 = 0
  var frameByteCountMax = 259
  var linkCounters: [LinkCounter] { [LinkCounter("rx-over-errors", 3)] }
  var openFailure: DeviceFailure?
  var readFailure: DeviceFailure?
  var fault: ConfigurationFault?
  var frames: [[UInt8]] = []
  private(set) var openCount = 0
  private(set) var stopCount = 0
  private(set) var isOpen = false

  func check(frameByteCount: Int) throws(ConfigurationFault) { if let fault { throw fault } }
  func open() throws(DeviceFailure) {
    precondition(!isOpen, "opened twice")
    if let openFailure { throw openFailure }
    openCount += 1
    isOpen = true
  }
  func receive(into buffer: inout MutableSpan<UInt8>) throws(DeviceFailure) -> Int? {
    precondition(isOpen, "receive from a closed receiver")
    guard !frames.isEmpty else {
      if let readFailure { throw readFailure }
      return nil
    }
    let frame = frames.removeFirst()
    for index in 0..<frame.count { buffer[index] = frame[index] }
    return frame.count
  }
  func close() {
    precondition(isOpen, "closed twice")
    isOpen = false
  }
  func stop() {
    stopCount += 1
    isOpen = false
  }
}

/// A port over a link over a fake adapter, on a real loop and real threads, in virtual time.
final class I2CBench {
  let adapter: FakeAdapter
  let receiver = PlayedReceiver()
  let loop: EventLoop
  let link: I2CDeviceLink
  let port: I2CPort
  let sink = RecordedPort()
  /// Virtual: a transfer takes none of it unless the test says so.
  var now = Instant(nanoseconds: 1_000_000_000)

  init() throws {
    adapter = try FakeAdapter()
    loop = try EventLoop()
    link = I2CDeviceLink(
      path: "/dev/i2c-2", ownAddress: 0x10, receiver: receiver, loop: loop, token: 5,
      calls: adapter.calls)
    port = I2CPort(id: PortID(rawValue: 0), ownAddress: 0x10, link: link)
  }

  func start() { port.start(now: now, sink: sink) }
  func service() { port.service(now: now, sink: sink) }

  func transmit(_ packet: [UInt8], to address: UInt8 = 0x1D) {
    port.transmit(packet.span, to: .i2c(address), now: now)
    port.flush(now: now, sink: sink)
  }

  /// Lets the loop deliver until the condition holds.
  func run(until isDone: () -> Bool) -> Bool {
    loop.run(until: isDone) { token, _ in if token == 5 { service() } }
  }

  func waitForTransfer() {
    var entry = pollfd(fd: adapter.begun.descriptor, events: Int16(POLLIN), revents: 0)
    #expect(poll(&entry, 1, Int32(generousNanoseconds / 1_000_000)) == 1)
    adapter.begun.clear()
  }

  var reason: String {
    if case .waiting(let reason, _) = link.condition { reason } else { "\(link.condition)" }
  }

  deinit { port.stop() }
}
