// Frames that others write to our own target address, out of the queue file of the kernel driver
// slave-mqueue (vendor kernels; not in mainline).
//
// Owns: the open queue file and, if it made it, the queue's device. Life: `open` and `close` in
// turns. `close` is for a while: a device that is this object's to make stays and queues on.
// `stop`, or the end of the object, is for good. Frames that came before the `open` are
// delivered: nothing is lost while the daemon starts anew.
//
// The file's ways: one read from offset 0 is one message, 0 bytes mean an empty queue; a message
// larger than the buffer is lost; it is always readable for poll, only POLLPRI tells of messages,
// and a fresh descriptor is reported at once until it was read.

internal import CLinuxBus
internal import MCTPFraming

public final class SlaveQueueReceiver: I2CReceiver {
  /// sysfs reads at most one page at once, so no message is larger.
  private static let messageByteCountMax = 4096

  /// Our own target address, seven bits.
  public let ownAddress: UInt8
  /// Whether a device that is missing is made, and removed at the end.
  public let isCreated: Bool
  public var token: UInt64
  /// Of the largest message that the queue takes; 259, the largest frame, until it is known.
  public private(set) var frameByteCountMax = SMBusFrame.byteCountMax

  let adapter: Adapter
  let sysfsRoot: String
  let calls: SlaveQueueSystemCalls
  /// The adapter whose queue's device is this object's to remove.
  var createdOn: Int?

  private let loop: EventLoop
  private let queueMessageCount: Int
  private var file: Descriptor?
  private let message: UnsafeMutableBufferPointer<UInt8>
  private var frameByteCountWanted = 0
  /// Messages larger than any buffer: the driver dropped them with the read.
  private var oversizeCount: UInt64 = 0

  /// Which adapter holds the own address.
  enum Adapter {
    case number(Int)
    /// The root adapter of this node, looked up with every `open`: numbers may change when drivers
    /// come and go.
    case rootOf(path: String)
  }

  /// - Parameters:
  ///   - adapter: the number of the root adapter: channels of a mux have no target address.
  ///   - ownAddress: 0x08 to 0x77, unshifted.
  ///   - isCreated: makes the queue's device when it is missing, which takes root's rights.
  ///   - queueMessageCount: the driver's QUEUE_SIZE, a kernel build option that nothing shows; 32
  ///     is its default. The largest message is the file's size divided by it.
  public convenience init(
    adapter: Int, ownAddress: UInt8, isCreated: Bool, loop: EventLoop, token: UInt64,
    sysfsRoot: String = "/sys", queueMessageCount: Int = 32
  ) {
    self.init(
      adapter: .number(adapter), ownAddress: ownAddress, isCreated: isCreated, loop: loop,
      token: token, sysfsRoot: sysfsRoot, queueMessageCount: queueMessageCount,
      calls: SlaveQueueSystemCalls())
  }

  /// - Parameter devicePath: the node that the link writes to, for example `/dev/i2c-2`. Behind a
  ///   mux the queue is that of the root adapter.
  public convenience init(
    devicePath: String, ownAddress: UInt8, isCreated: Bool, loop: EventLoop, token: UInt64,
    sysfsRoot: String = "/sys", queueMessageCount: Int = 32
  ) {
    self.init(
      adapter: .rootOf(path: devicePath), ownAddress: ownAddress, isCreated: isCreated,
      loop: loop, token: token, sysfsRoot: sysfsRoot, queueMessageCount: queueMessageCount,
      calls: SlaveQueueSystemCalls())
  }

  package convenience init(
    adapter: Int, ownAddress: UInt8, isCreated: Bool, loop: EventLoop, token: UInt64,
    sysfsRoot: String, queueMessageCount: Int = 32, calls: SlaveQueueSystemCalls
  ) {
    self.init(
      adapter: .number(adapter), ownAddress: ownAddress, isCreated: isCreated, loop: loop,
      token: token, sysfsRoot: sysfsRoot, queueMessageCount: queueMessageCount, calls: calls)
  }

  private init(
    adapter: Adapter, ownAddress: UInt8, isCreated: Bool, loop: EventLoop, token: UInt64,
    sysfsRoot: String, queueMessageCount: Int, calls: SlaveQueueSystemCalls
  ) {
    precondition(ownAddress < 0x80, "an I2C address has seven bits")
    precondition(queueMessageCount > 0, "a queue has room for messages")
    self.adapter = adapter
    self.ownAddress = ownAddress
    self.isCreated = isCreated
    self.loop = loop
    self.token = token
    self.sysfsRoot = sysfsRoot
    self.queueMessageCount = queueMessageCount
    self.calls = calls
    message = .allocate(capacity: SlaveQueueReceiver.messageByteCountMax)
    message.initialize(repeating: 0)
  }

  deinit {
    stop()
    message.deallocate()
  }
}

extension SlaveQueueReceiver {
  /// The queue file's path, where it is known which it is.
  public var name: String {
    switch adapter {
    case .number(let number): queuePath(number)
    case .rootOf(let path): "slave-mqueue of \(path)"
    }
  }

  public var linkCounters: [LinkCounter] { [LinkCounter("rx-over-errors", oversizeCount)] }

  /// A queue that is not there is no fault; it is judged when it comes.
  public func check(frameByteCount: Int) throws(ConfigurationFault) {
    frameByteCountWanted = frameByteCount
    guard let number = try? adapterNumber() else { return }
    var facts = linux_i2c_file()
    guard linux_i2c_file_facts(queuePath(number), &facts) >= 0 else { return }
    try judge(facts, path: queuePath(number))
  }

  public func open() throws(DeviceFailure) {
    precondition(file == nil, "opened twice")
    let number = try adapterNumber()
    let path = queuePath(number)
    var facts = linux_i2c_file()
    if linux_i2c_file_facts(path, &facts) == -ENOENT {
      try makeDevice(number)
      let found = linux_i2c_file_facts(path, &facts)
      guard found >= 0 else { throw missing(number) }
    }
    do throws(ConfigurationFault) { try judge(facts, path: path) } catch {
      throw .configuration(error)
    }
    do throws(SystemError) {
      let opened = Descriptor(
        adopting: try checked(calls.open(path), "open", path, hint: SlaveQueueReceiver.openHint))
      try loop.watch(opened.rawValue, interest: .priority, token: token)
      file = consume opened
      // Also one that is left of a run that was killed: whoever asks for it to be made owns it.
      if isCreated { createdOn = number }
    } catch {
      throw .system(error)
    }
  }

  public func receive(into buffer: inout MutableSpan<UInt8>) throws(DeviceFailure) -> Int? {
    guard let descriptor = file?.rawValue else { return nil }
    while true {
      let count = calls.read(descriptor, message)
      if count == -Int64(EOVERFLOW) {
        // The driver has dropped it; what is behind it waits.
        oversizeCount += 1
        continue
      }
      guard count >= 0 else {
        if count == -Int64(EAGAIN) { return nil }
        throw .system(
          SystemError(
            code: Int32(clamping: -count), operation: "read", path: name,
            hint: "the queue's device went away"))
      }
      guard count > 0 else { return nil }
      let taken = min(Int(count), buffer.count)
      for index in 0..<taken { buffer[index] = message[index] }
      return taken
    }
  }

  public func close() {
    guard let descriptor = file?.rawValue else { return }
    loop.unwatch(descriptor)
    file = nil
  }

  /// Learns the largest frame from the file's size.
  private func judge(_ facts: linux_i2c_file, path: String) throws(ConfigurationFault) {
    // A size of 0 tells nothing.
    guard facts.byte_count > 0 else { return }
    let messageByteCount = Int(clamping: facts.byte_count) / queueMessageCount
    frameByteCountMax = min(messageByteCount, SMBusFrame.byteCountMax)
    guard frameByteCountWanted > messageByteCount else { return }
    let option = "CONFIG_I2C_SLAVE_MQUEUE_MESSAGE_SIZE"
    // DSP0236 1.3.3 §8: every port carries 64 payload bytes.
    let unitBytes = messageByteCount - SMBusFrame.byteCountMin
    let hint =
      unitBytes >= 64
      ? "set transmission-unit to \(unitBytes) or less, or build the kernel with \(option) of at "
        + "least \(frameByteCountWanted)"
      : "no transmission-unit fits below 73 bytes: build the kernel with \(option) of at least "
        + "\(frameByteCountWanted), better 259"
    throw ConfigurationFault(
      "\(path) queues messages of up to \(messageByteCount) bytes (its size, taken for "
        + "\(queueMessageCount) messages), the port's frames have \(frameByteCountWanted)",
      hint: hint)
  }

  private static func openHint(_ code: Int32) -> String {
    switch code {
    case EACCES, EPERM: "the file is root's alone; run as root or grant CAP_DAC_READ_SEARCH"
    case ENOENT, ENODEV: "the queue's device went away"
    default: ""
    }
  }
}
