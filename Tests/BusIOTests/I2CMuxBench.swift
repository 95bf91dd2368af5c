import BusIO
import MCTPWire
import TestSupport

/// The receiver of the root adapter, under the test's control.
final class ScriptedReceiver: I2CReceiver {
  let name = "queue"
  var token: UInt64 = 0
  let frameByteCountMax = 259
  var linkCounters: [LinkCounter] { [LinkCounter("rx-frames", 7)] }

  var frames: [[UInt8]] = []
  var isOpen = false
  /// How often what it made for itself was removed.
  var stopCount = 0
  /// The token at each `open`.
  var opened: [UInt64] = []
  var failure: DeviceFailure?
  var openFailure: DeviceFailure?

  func check(frameByteCount: Int) throws(ConfigurationFault) {
    if frameByteCount > 259 { throw ConfigurationFault("too large", hint: "smaller") }
  }
  func open() throws(DeviceFailure) {
    if let failure = failure ?? openFailure { throw failure }
    precondition(!isOpen, "open already")
    isOpen = true
    opened.append(token)
  }
  func receive(into buffer: inout MutableSpan<UInt8>) throws(DeviceFailure) -> Int? {
    precondition(isOpen, "not open")
    if let failure { throw failure }
    guard !frames.isEmpty else { return nil }
    let frame = frames.removeFirst()
    for index in 0..<min(frame.count, buffer.count) { buffer[index] = frame[index] }
    return min(frame.count, buffer.count)
  }
  func close() { isOpen = false }
  func stop() {
    isOpen = false
    stopCount += 1
  }
}

/// The link of one leg: writes end when the test says so, frames come from the leg's receiver.
final class MuxLegLink: I2CLink {
  var condition = PortCondition.stopped
  let nextDeadline: Instant? = nil
  let receiver: any I2CReceiver
  let onWrite: ([UInt8]) -> Void
  var isPresent = true
  /// False: leaves what was received where it is.
  var collects = true
  var isWriting = false
  var result: TransmissionResult?
  private var frames: [[UInt8]] = []
  private var bytes = [UInt8](repeating: 0, count: 260)

  init(_ receiver: any I2CReceiver, onWrite: @escaping ([UInt8]) -> Void) {
    self.receiver = receiver
    self.onWrite = onWrite
  }

  func start(now: Instant) { open() }
  func service(now: Instant) {
    if !condition.isUp, isPresent { open() }
    guard condition.isUp else { return }
    if !isPresent { return goDown() }
    guard collects else { return }
    do throws(DeviceFailure) {
      while true {
        var span = bytes.mutableSpan
        guard let count = try receiver.receive(into: &span) else { return }
        frames.append(Array(bytes[..<count]))
      }
    } catch { goDown() }
  }
  func startWrite(_ frame: Span<UInt8>, now: Instant) {
    precondition(condition.isUp && !isWriting, "one write at a time, while up")
    isWriting = true
    onWrite(frame.withUnsafeBufferPointer { Array($0) })
  }
  func finishedWrite() -> TransmissionResult? {
    guard isWriting, let result else { return nil }
    isWriting = false
    self.result = nil
    return result
  }
  func receive(into buffer: inout MutableSpan<UInt8>) -> Int? {
    guard !frames.isEmpty else { return nil }
    let frame = frames.removeFirst()
    for index in frame.indices { buffer[index] = frame[index] }
    return frame.count
  }
  func stop() {
    if condition.isUp { receiver.close() }
    receiver.stop()
    condition = .stopped
  }

  private func open() {
    do throws(DeviceFailure) {
      try receiver.open()
      condition = .up
    } catch { condition = .waiting(reason: "\(error)", retryAt: .zero) }
  }
  private func goDown() {
    receiver.close()
    isWriting = false
    condition = .waiting(reason: "gone", retryAt: .zero)
  }
}

/// Legs of one mux tree as ports with own address 0x10, driven as the daemon's loop drives them.
final class MuxBench {
  let tree = I2CMuxTree(name: "i2c-1")
  let receiver = ScriptedReceiver()
  let shared: I2CMuxReceiver
  var legs: [I2CMuxLeg] = []
  var links: [MuxLegLink] = []
  var ports: [I2CPort] = []
  var sinks: [RecordedPort] = []
  var now = Instant(nanoseconds: 1_000_000_000)
  /// Leg and frame of every write, in order.
  var writes: [(leg: Int, frame: [UInt8])] = []

  /// - Parameter isScheduled: false gives the ports no leg, as if each had a bus of its own.
  init(legCount: Int, rootLegs: Set<Int> = [], isScheduled: Bool = true) {
    shared = I2CMuxReceiver(tree: tree, receiver: receiver)
    for index in 0..<legCount {
      let leg = tree.makeLeg(portName: "leg\(index)", isRoot: rootLegs.contains(index))
      let legReceiver = shared.legReceiver(for: leg)
      legReceiver.token = UInt64(100 + index)
      let link = MuxLegLink(legReceiver) { [unowned self] in
        self.writes.append((index, $0))
      }
      let port = I2CPort(
        id: PortID(rawValue: UInt8(index)), ownAddress: 0x10, link: link,
        leg: isScheduled ? leg : nil)
      let sink = RecordedPort()
      legs.append(leg)
      links.append(link)
      ports.append(port)
      sinks.append(sink)
      port.start(now: now, sink: sink)
      _ = sink.takeEvents()
    }
  }

  /// Services every port whose deadline has passed until none has.
  func turn() {
    for _ in 0..<100 {
      var isIdle = true
      for (port, sink) in zip(ports, sinks) {
        if let deadline = port.nextDeadline, deadline <= now {
          port.service(now: now, sink: sink)
          isIdle = false
        }
      }
      if isIdle { return }
    }
    preconditionFailure("a port is due for ever")
  }

  /// Lets time pass, from deadline to deadline.
  func pass(ms: UInt32) {
    let end = now.advanced(byMs: ms)
    while true {
      turn()
      let next = ports.compactMap(\.nextDeadline).min()
      guard let next, next <= end else { break }
      now = max(now, next)
    }
    now = end
    turn()
  }

  func transmit(_ leg: Int, _ packet: String, to address: UInt8 = 0x1D) {
    ports[leg].transmit(hex(packet).span, to: .i2c(address), now: now)
    ports[leg].flush(now: now, sink: sinks[leg])
  }

  /// The write under way of a leg ends; the loop reports its descriptor.
  func finish(_ leg: Int, _ result: TransmissionResult = .sent) {
    precondition(links[leg].isWriting, "nothing is written")
    links[leg].result = result
    ports[leg].service(now: now, sink: sinks[leg])
    turn()
  }

  /// Transmits and finishes at once.
  func send(_ leg: Int, _ packet: String, to address: UInt8 = 0x1D) {
    transmit(leg, packet, to: address)
    finish(leg)
  }

  /// A packet is written to our own address; the loop reports the receiver's descriptor.
  func receive(_ packet: String, from address: UInt8 = 0x1D) {
    receive(frame: smbusFrame(hex(packet), to: 0x10, from: address))
  }

  func receive(frame: [UInt8]) {
    receiver.frames.append(frame)
    serviceWatcher()
    turn()
  }

  func serviceWatcher() {
    let index = Int(receiver.token) - 100
    ports[index].service(now: now, sink: sinks[index])
  }

  func counter(_ leg: Int, _ name: String) -> UInt64? {
    ports[leg].linkCounters.first { $0.name == name }?.count
  }

  /// Which legs wrote since the last call, in order.
  func takeWriters() -> [Int] {
    defer { writes = [] }
    return writes.map(\.leg)
  }

  /// Events of a leg's port since the last call.
  func events(_ leg: Int) -> [String] { sinks[leg].takeEvents() }
}

/// The frame of a packet, with a PEC computed bit by bit.
func smbusFrame(_ packet: [UInt8], to destination: UInt8, from source: UInt8) -> [UInt8] {
  let body = [destination << 1, 0x0F, UInt8(packet.count + 1), source << 1 | 1] + packet
  var pec: UInt8 = 0
  for byte in body {
    pec ^= byte
    for _ in 0..<8 { pec = pec & 0x80 != 0 ? (pec << 1) ^ 0x07 : pec << 1 }
  }
  return body + [pec]
}

/// Seeded: the same numbers in every run (SplitMix64).
struct MuxRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
