internal import BusIO
internal import MCTPSimulation
internal import MCTPWire

/// A router's place on a simulated I2C wire, under its `I2CPort`. The world moves the wire on; the
/// link only takes what is there.
final class WireI2CLink: I2CLink {
  private(set) var condition = PortCondition.stopped
  let node: VirtualI2CBus.Node
  /// The wire of the board that it writes to: its leg, when there are several.
  let leg: Int
  private(set) var isWriting = false

  private let wire: I2CWire
  /// Behind a mux: the leg's part of what the root adapter receives.
  private let receiver: (any I2CReceiver)?
  private let port: PortID
  private unowned let life: RouterLife
  private var result: TransmissionResult?
  private var isPresent = true

  init(
    _ wire: I2CWire, leg: Int, node: VirtualI2CBus.Node, receiver: (any I2CReceiver)?,
    port: PortID, life: RouterLife
  ) {
    self.wire = wire
    self.leg = leg
    self.node = node
    self.receiver = receiver
    self.port = port
    self.life = life
    wire.join(self)
  }

  var nextDeadline: Instant? {
    let hasFrames = condition.isUp && receiver == nil && wire.hasReception(node)
    // One that waits for the end of a forgotten write is told by the wire.
    let isWaiting = isPresent && wire.isWriting(node)
    let isStale = isPresent != condition.isUp && condition != .stopped && !isWaiting
    return result != nil || hasFrames || isStale ? .zero : nil
  }

  /// The device of the port goes away or comes back.
  func setPresent(_ isPresent: Bool) {
    self.isPresent = isPresent
    life.mark(port)
  }

  func start(now: Instant) { look() }
  func service(now: Instant) { if condition != .stopped { look() } }

  private func look() {
    // A write of before ends first, so that one node never has two.
    if isPresent, !condition.isUp, !wire.isWriting(node) {
      wire.attach(self)
      open()
      condition = .up
    } else if !isPresent, condition.isUp || condition == .stopped {
      wire.detach(self)
      receiver?.close()
      if isWriting { wire.forgetWrite(of: self) }
      isWriting = false
      result = nil
      condition = .waiting(reason: "the bus device is not there", retryAt: .zero)
    }
  }

  private func open() {
    do throws(DeviceFailure) {
      try receiver?.open()
    } catch { preconditionFailure("a simulated root adapter opens: \(error)") }
  }

  func startWrite(_ frame: Span<UInt8>, now: Instant) {
    isWriting = true
    wire.startWrite(frame, from: self, now: now)
  }

  /// The wire says how the write ended.
  func finish(_ result: TransmissionResult) {
    isWriting = false
    self.result = result
    life.mark(port)
  }

  /// A frame waits.
  func tell() { life.mark(port) }

  func finishedWrite() -> TransmissionResult? {
    defer { result = nil }
    return result
  }

  func receive(into buffer: inout MutableSpan<UInt8>) -> Int? {
    guard condition.isUp else { return nil }
    if let receiver {
      do throws(DeviceFailure) {
        return try receiver.receive(into: &buffer)
      } catch { preconditionFailure("a simulated root adapter never fails: \(error)") }
    }
    return wire.nextReception(of: node).map { buffer.fill($0) }
  }

  func stop() {
    if condition.isUp { receiver?.close() }
    condition = .stopped
    wire.leave(self)
  }
}

/// What the root adapter of a simulated mux receives, for all legs.
final class WireRootReceiver: I2CReceiver {
  let name: String
  var token: UInt64 = 0
  let frameByteCountMax = VirtualI2CBus.frameByteCountMax
  var linkCounters: [LinkCounter] { [] }

  private let wire: I2CWire
  private let node: VirtualI2CBus.Node

  init(_ wire: I2CWire, node: VirtualI2CBus.Node, name: String) {
    self.wire = wire
    self.node = node
    self.name = name
  }

  func check(frameByteCount: Int) throws(ConfigurationFault) {}
  func open() throws(DeviceFailure) {}
  func close() {}

  func receive(into buffer: inout MutableSpan<UInt8>) throws(DeviceFailure) -> Int? {
    wire.nextReception(of: node).map { buffer.fill($0) }
  }
}

extension MutableSpan<UInt8> {
  /// Copies what fits to the front; returns how much that was.
  @_lifetime(self: copy self)
  mutating func fill(_ bytes: [UInt8]) -> Int {
    let taken = Swift.min(bytes.count, count)
    for index in 0..<taken { self[index] = bytes[index] }
    return taken
  }
}

/// The earlier of two instants; nil is never.
func earliest(_ left: Instant?, _ right: Instant?) -> Instant? {
  guard let left else { return right }
  guard let right else { return left }
  return min(left, right)
}
