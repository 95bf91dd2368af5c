import BusIO
import CLinuxBus
import Glibc
import MCTPWire
import Synchronization
import TestSupport
import Testing

/// A sysfs tree of our own and a queue file played by the test.
private final class QueueBench {
  struct State {
    var messages: [[UInt8]] = []
    /// What a read returns once the messages are used up.
    var endCode: Int64 = 0
    var attributes: [String] = []
    var attributeCode: Int32 = 0
    var openCode: Int32 = 0
  }

  final class Shared: Sendable {
    let state = Mutex(State())
  }

  let root: String
  let loop: EventLoop
  let shared = Shared()
  var adapterPath: String { root + "/bus/i2c/devices/i2c-2" }
  var devicePath: String { root + "/bus/i2c/devices/2-1010" }

  init() throws {
    var template = Array("/tmp/slave-queue-\(String(repeating: "X", count: 6))".utf8CString)
    root = try #require(mkdtemp(&template).map { String(cString: $0) })
    loop = try EventLoop()
    for folder in ["bus", "bus/i2c", "bus/i2c/devices", "bus/i2c/devices/i2c-2"] {
      #expect(mkdir(root + "/" + folder, 0o755) == 0)
    }
  }

  deinit {
    for path in ["/slave-mqueue", "/name"] { unlink(devicePath + path) }
    for path in [devicePath, adapterPath] { rmdir(path) }
    for folder in ["bus/i2c/devices", "bus/i2c", "bus"] { rmdir(root + "/" + folder) }
    rmdir(root)
  }

  /// The queue's device, with a file of that size: 32 messages.
  func makeQueue(messageByteCount: Int) {
    mkdir(devicePath, 0o755)
    let file = open(devicePath + "/slave-mqueue", O_CREAT | O_WRONLY, 0o600)
    #expect(ftruncate(file, off_t(messageByteCount * 32)) == 0)
    close(file)
  }

  func makeDriverless(name: String) {
    mkdir(devicePath, 0o755)
    let file = open(devicePath + "/name", O_CREAT | O_WRONLY, 0o600)
    writeBytes(file, Array((name + "\n").utf8))
    close(file)
  }

  func removeQueue() {
    unlink(devicePath + "/slave-mqueue")
    rmdir(devicePath)
  }

  func receiver(isCreated: Bool = false) -> SlaveQueueReceiver {
    var calls = SlaveQueueSystemCalls()
    calls.open = { [shared] _ in
      let code = shared.state.withLock { $0.openCode }
      return code < 0 ? code : linux_eventfd_open()
    }
    calls.read = { [shared] _, room in
      shared.state.withLock { state in
        guard !state.messages.isEmpty else { return state.endCode }
        let message = state.messages.removeFirst()
        guard !message.isEmpty else { return -Int64(EOVERFLOW) }
        for (index, byte) in message.enumerated() { room[index] = byte }
        return Int64(message.count)
      }
    }
    calls.writeAttribute = { [shared, devicePath] path, text in
      shared.state.withLock { state in
        state.attributes.append("\(path.split(separator: "/").last ?? ""): \(text)")
        guard state.attributeCode == 0 else { return state.attributeCode }
        if path.hasSuffix("/new_device") {
          mkdir(devicePath, 0o755)
          close(open(devicePath + "/slave-mqueue", O_CREAT | O_WRONLY, 0o600))
        }
        return 0
      }
    }
    return SlaveQueueReceiver(
      adapter: 2, ownAddress: 0x10, isCreated: isCreated, loop: loop, token: 3, sysfsRoot: root,
      calls: calls)
  }

  func receive(_ receiver: SlaveQueueReceiver) throws -> [UInt8]? {
    var room = [UInt8](repeating: 0, count: 260)
    var span = room.mutableSpan
    guard let count = try receiver.receive(into: &span) else { return nil }
    return Array(room[..<count])
  }

  var attributes: [String] { shared.state.withLock { $0.attributes } }
}

@Suite("A slave-mqueue as a receiver")
struct SlaveQueueReceiverTests {
  private let bench: QueueBench
  private let vectorI2 = hex("20 0f 0c 3b 01 08 0a c0 00 00 02 00 0a 00 00 b6")

  init() throws { bench = try QueueBench() }

  @Test("Messages that waited before the open come first, one a read, until the queue is empty")
  func delivers() throws {
    bench.makeQueue(messageByteCount: 256)
    bench.shared.state.withLock { $0.messages = [vectorI2, [0x20, 0x0F]] }
    let receiver = bench.receiver()
    try receiver.open()
    #expect(try bench.receive(receiver) == vectorI2)
    #expect(try bench.receive(receiver) == [0x20, 0x0F])
    #expect(try bench.receive(receiver) == nil)
    #expect(receiver.frameByteCountMax == 256)
  }

  @Test("A message that the driver dropped as too large is counted, and the next one comes")
  func oversize() throws {
    bench.makeQueue(messageByteCount: 256)
    bench.shared.state.withLock { $0.messages = [[], vectorI2] }
    let receiver = bench.receiver()
    try receiver.open()
    #expect(try bench.receive(receiver) == vectorI2)
    #expect(receiver.linkCounters == [LinkCounter("rx-over-errors", 1)])
  }

  @Test("A device that goes away ends the receiver, and it can be opened again")
  func goesAway() throws {
    bench.makeQueue(messageByteCount: 256)
    let receiver = bench.receiver()
    try receiver.open()
    bench.shared.state.withLock { $0.endCode = -Int64(ENODEV) }
    let failure = #expect(throws: DeviceFailure.self) { try bench.receive(receiver) }
    #expect(failure.map { "\($0)".hasPrefix("read ") && "\($0)".contains("2-1010") } == true)
    receiver.close()
    bench.shared.state.withLock { $0.endCode = 0 }
    try receiver.open()
    #expect(try bench.receive(receiver) == nil)
  }

  @Test(
    "A queue too small for the port's frames is a fault that says what would fit",
    arguments: [
      (120, 73, nil), (120, 129, nil), (259, 259, nil),
      (120, 259, "set transmission-unit to 111 or less"),
      (72, 73, "no transmission-unit fits below 73 bytes"),
    ] as [(Int, Int, String?)])
  func judges(messageByteCount: Int, frameByteCount: Int, hint: String?) throws {
    bench.makeQueue(messageByteCount: messageByteCount)
    let receiver = bench.receiver()
    guard let hint else {
      // 129 bytes do not fit 120 either: only the sizes below are without fault.
      guard frameByteCount <= messageByteCount else {
        #expect(throws: ConfigurationFault.self) {
          try receiver.check(frameByteCount: frameByteCount)
        }
        return
      }
      try receiver.check(frameByteCount: frameByteCount)
      return
    }
    let fault = #expect(throws: ConfigurationFault.self) {
      try receiver.check(frameByteCount: frameByteCount)
    }
    #expect(fault?.hint.hasPrefix(hint) == true)
    #expect(fault?.hint.contains("CONFIG_I2C_SLAVE_MQUEUE_MESSAGE_SIZE") == true)
    #expect(throws: DeviceFailure.self) { try receiver.open() }
  }

  @Test("A queue that is not there is no fault, and its absence says how to make it")
  func missing() throws {
    let receiver = bench.receiver()
    try receiver.check(frameByteCount: 73)
    let failure = #expect(throws: DeviceFailure.self) { try receiver.open() }
    let text = failure.map { "\($0)" } ?? ""
    #expect(text.contains("set create-queue, or write \"slave-mqueue 0x1010\" to "))
    #expect(bench.attributes == [])
  }

  @Test("An own address that another driver has is said to be taken, with the driver's name")
  func taken() throws {
    bench.makeDriverless(name: "mctp-i2c-interface")
    for isCreated in [false, true] {
      let failure = #expect(throws: DeviceFailure.self) {
        try bench.receiver(isCreated: isCreated).open()
      }
      #expect(failure.map { "\($0)".contains("belongs to mctp-i2c-interface") } == true)
    }
    #expect(bench.attributes == [])
  }

  @Test("With create-queue the device is made once, kept while closed, and removed at the end")
  func creates() throws {
    do {
      let receiver = bench.receiver(isCreated: true)
      try receiver.open()
      receiver.close()
      try receiver.open()
      #expect(bench.attributes == ["new_device: slave-mqueue 0x1010"])
    }
    #expect(bench.attributes == ["new_device: slave-mqueue 0x1010", "delete_device: 0x1010"])
  }

  @Test("With create-queue the device is removed by a stop, and made again by the next open")
  func stops() throws {
    let receiver = bench.receiver(isCreated: true)
    try receiver.open()
    receiver.stop()
    receiver.stop()
    #expect(bench.attributes == ["new_device: slave-mqueue 0x1010", "delete_device: 0x1010"])
    bench.removeQueue()
    try receiver.open()
    #expect(bench.attributes.last == "new_device: slave-mqueue 0x1010")
  }

  @Test("Behind a mux the made device stays until the links of all legs have stopped")
  func stopsBehindMux() throws {
    let tree = I2CMuxTree(name: "i2c-2")
    let shared = I2CMuxReceiver(tree: tree, receiver: bench.receiver(isCreated: true))
    let adapter = try FakeAdapter()
    let links = (0..<2).map { index in
      let leg = tree.makeLeg(portName: "leg\(index)", isRoot: false)
      return I2CDeviceLink(
        path: "/dev/i2c-\(index + 3)", ownAddress: 0x10, receiver: shared.legReceiver(for: leg),
        loop: bench.loop, token: UInt64(index), calls: adapter.calls)
    }
    for link in links { link.start(now: .zero) }
    for link in links { #expect(link.condition.isUp) }
    links[0].stop()
    #expect(bench.attributes == ["new_device: slave-mqueue 0x1010"])
    links[1].stop()
    #expect(bench.attributes == ["new_device: slave-mqueue 0x1010", "delete_device: 0x1010"])
  }

  @Test("With create-queue a queue left by a run before is taken over, and removed at the end")
  func takesOver() throws {
    bench.makeQueue(messageByteCount: 256)
    do {
      let receiver = bench.receiver(isCreated: true)
      try receiver.open()
      #expect(bench.attributes == [])
    }
    #expect(bench.attributes == ["delete_device: 0x1010"])
  }

  @Test("Without create-queue the device is nobody's to remove")
  func leavesAlone() throws {
    bench.makeQueue(messageByteCount: 256)
    do {
      let receiver = bench.receiver()
      try receiver.open()
    }
    #expect(bench.attributes == [])
  }

  @Test("A refusal to make the device keeps the reason")
  func refused() throws {
    bench.shared.state.withLock { $0.attributeCode = -EACCES }
    let failure = #expect(throws: DeviceFailure.self) {
      try bench.receiver(isCreated: true).open()
    }
    #expect(failure.map { "\($0)".contains("root's rights") } == true)
    #expect(bench.attributes == ["new_device: slave-mqueue 0x1010"])
  }
}
