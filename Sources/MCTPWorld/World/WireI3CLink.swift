internal import BusIO
internal import MCTPSimulation
internal import MCTPWire

/// A router's place as the controller of a simulated I3C wire, under its `I3CPort`.
final class WireI3CLink: I3CLink {
  private(set) var condition = PortCondition.stopped
  /// The generation that the port could see at the last `service`.
  private(set) var seenGeneration: Int?

  private let wire: I3CWire
  private let port: PortID
  private unowned let life: RouterLife
  private var completion: VirtualI3CBus.Completion?
  private var interrupts: [VirtualI3CBus.Interrupt] = []
  /// A transfer of this link, and not of one before it, is under way.
  private var isTransferring = false
  private var isPresent = true

  init(_ wire: I3CWire, port: PortID, life: RouterLife) {
    self.wire = wire
    self.port = port
    self.life = life
    wire.join(self)
  }

  var nextDeadline: Instant? {
    let hasNews =
      completion != nil || !interrupts.isEmpty || seenGeneration != wire.generation
    // One that waits for the end of a forgotten transfer is told by the wire.
    let isStale =
      condition != .stopped && isPresent != condition.isUp && !(isPresent && wire.isTransferring)
    return (condition.isUp && hasNews) || isStale ? .zero : nil
  }

  func setPresent(_ isPresent: Bool) {
    self.isPresent = isPresent
    life.mark(port)
  }

  var devices: [I3CDevice] {
    wire.targets.map { target, dynamicAddress in
      I3CDevice(
        provisionedID: target.provisionedID, dynamicAddress: dynamicAddress, bcr: target.bcr,
        dcr: target.dcr, maxReadByteCount: target.maxReadByteCount,
        maxWriteByteCount: target.maxWriteByteCount)
    }
  }

  var deviceGeneration: Int { wire.generation }

  func start(now: Instant) { look(now) }

  func service(now: Instant) {
    if condition != .stopped { look(now) }
    seenGeneration = wire.generation
  }

  private func look(_ now: Instant) {
    if isPresent, !condition.isUp {
      guard !wire.isTransferring else {
        condition = .waiting(reason: "the bus is busy", retryAt: .zero)
        return
      }
      condition = .up
      wire.announceAgain(now: now)
    } else if !isPresent, condition.isUp || condition == .stopped {
      isTransferring = false
      completion = nil
      interrupts = []
      condition = .waiting(reason: "the bus device is not there", retryAt: .zero)
    }
  }

  func startWrite(_ bytes: Span<UInt8>, to dynamicAddress: UInt8, now: Instant) {
    let copy = bytes.withUnsafeBufferPointer { Array($0) }
    begin(.write(copy), dynamicAddress, now)
  }

  func startRead(from dynamicAddress: UInt8, byteCountMax: Int, now: Instant) {
    begin(.read(byteCountMax: byteCountMax), dynamicAddress, now)
  }

  func startGetStatus(of dynamicAddress: UInt8, now: Instant) {
    begin(.directGet(.getStatus), dynamicAddress, now)
  }

  private func begin(_ transfer: VirtualI3CBus.Transfer, _ address: UInt8, _ now: Instant) {
    isTransferring = true
    wire.start(transfer, to: address, now: now)
  }

  /// The wire says how the transfer ended.
  func finish(_ done: VirtualI3CBus.Completion) {
    if isTransferring { completion = done }
    isTransferring = false
    life.mark(port)
  }

  func take(_ interrupt: VirtualI3CBus.Interrupt) {
    guard condition.isUp else { return }
    interrupts.append(interrupt)
    life.mark(port)
  }

  /// Targets came or went.
  func tell() { life.mark(port) }

  func finishedTransfer(into buffer: inout MutableSpan<UInt8>) -> I3CTransferResult? {
    guard let done = completion else { return nil }
    completion = nil
    return I3CTransferResult(done.result, byteCount: buffer.fill(done.bytes))
  }

  func nextInterrupt() -> I3CInterrupt? {
    guard !interrupts.isEmpty else { return nil }
    let first = interrupts.removeFirst()
    return I3CInterrupt(
      dynamicAddress: first.dynamicAddress, mandatoryByte: first.mandatoryByte)
  }

  func stop() {
    condition = .stopped
    wire.join(nil)
  }
}
