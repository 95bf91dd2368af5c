import BusIO
import MCTPWire
import TestSupport
import Testing

/// A wire under the test's control.
private final class ScriptedI2CLink: I2CLink {
  var condition = PortCondition.stopped
  var nextDeadline: Instant?
  var written: [[UInt8]] = []
  var isWriting = false
  var results: [TransmissionResult] = []
  var frames: [[UInt8]] = []
  /// Taken on at the next `service`.
  var nextCondition: PortCondition?
  /// Taken on at the next `devicesChanged`.
  var conditionAtChange: PortCondition?

  func start(now: Instant) { condition = nextCondition ?? .up }
  func devicesChanged(now: Instant) { condition = conditionAtChange ?? condition }
  func service(now: Instant) { condition = nextCondition ?? condition }
  func startWrite(_ frame: Span<UInt8>, now: Instant) {
    precondition(!isWriting, "one write at a time")
    isWriting = true
    written.append(frame.withUnsafeBufferPointer { Array($0) })
  }
  func finishedWrite() -> TransmissionResult? {
    guard isWriting, !results.isEmpty else { return nil }
    isWriting = false
    return results.removeFirst()
  }
  func receive(into buffer: inout MutableSpan<UInt8>) -> Int? {
    guard !frames.isEmpty else { return nil }
    let frame = frames.removeFirst()
    for index in 0..<min(frame.count, buffer.count) { buffer[index] = frame[index] }
    return min(frame.count, buffer.count)
  }
  func stop() { condition = .stopped }
}

@Suite("The I2C port")
struct I2CPortTests {
  private let link = ScriptedI2CLink()
  private let sink = RecordedPort()
  /// Own address 0x10.
  private let port: I2CPort

  init() {
    port = I2CPort(id: PortID(rawValue: 0), ownAddress: 0x10, link: link)
    port.start(now: .zero, sink: sink)
  }

  private func transmit(_ packet: String, to address: PhysicalAddress) {
    port.transmit(hex(packet).span, to: address, now: .zero)
  }

  @Test("It is up with its link")
  func comesUp() {
    #expect(sink.takeEvents() == ["up"])
    #expect(port.condition == .up)
  }

  @Test("A packet goes out as vector I1", .spec("DSP0237 1.1.0 §6.3"))
  func transmitsI1() {
    transmit("01 00 08 c8 00 80 02", to: .i2c(0x1D))
    #expect(link.written == [hex("3a 0f 08 21 01 00 08 c8 00 80 02 56")])
  }

  @Test("Vector I2 comes in as its packet, with the sender's address")
  func receivesI2() {
    _ = sink.takeEvents()
    link.frames = [hex("20 0f 0c 3b 01 08 0a c0 00 00 02 00 0a 00 00 b6")]
    port.service(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["packet 1d: 01 08 0a c0 00 00 02 00 0a 00 00"])
  }

  @Test(
    "Each damaged kind reaches the sink with its reason and its bytes, and costs itself only",
    .spec("DSP0237 1.1.0 §6.2"),
    arguments: [
      // I13, I14 and I15, then a frame of eight bytes, then I1, which is for 0x1d.
      ("frameIntegrity", "20 0f 0c 3b 01 08 0a c0 00 00 02 00 0a 00 00 b7"),
      ("frameLength", "20 0f 0d 3b 01 08 0a c0 00 00 02 00 0a 00 00 22"),
      ("frameNotMCTP", "20 0e 0c 3b 01 08 0a c0 00 00 02 00 0a 00 00 53"),
      ("frameTooShort", "20 0f 04 3b 01 08 0a 68"),
      ("frameAddress", "3a 0f 08 21 01 00 08 c8 00 80 02 56"),
    ])
  func damaged(_ reason: String, _ frame: String) {
    _ = sink.takeEvents()
    let good = "20 0f 0c 3b 01 08 0a c0 00 00 02 00 0a 00 00 b6"
    link.frames = [hex(frame), hex(good)]
    port.service(now: .zero, sink: sink)
    #expect(
      sink.takeEvents() == [
        "damaged \(reason): \(frame)", "packet 1d: 01 08 0a c0 00 00 02 00 0a 00 00",
      ])
  }

  @Test("The largest frame passes, one byte more is too long")
  func largest() {
    _ = sink.takeEvents()
    // I8 with our address, hence with a PEC of its own.
    let body = [0x20, 0x0F, 0xFF, 0x41, 0x01, 0x33, 0x32, 0xC8] + [UInt8](0...0xF9)
    var pec: UInt8 = 0
    for byte in body {
      pec ^= byte
      for _ in 0..<8 { pec = pec & 0x80 != 0 ? (pec << 1) ^ 0x07 : pec << 1 }
    }
    link.frames = [body + [pec], body + [pec, 0]]
    port.service(now: .zero, sink: sink)
    let events = sink.takeEvents()
    #expect(events.count == 2)
    #expect(events.first == "packet 20: " + hexText(body[4...]))
    #expect(events.last == "damaged frameTooLong: " + hexText(body + [pec, 0]))
  }

  @Test("One packet at a time: credit returns with the result, which is told once and as it was")
  func credit() {
    _ = sink.takeEvents()
    #expect(port.hasCredit)
    for result: TransmissionResult in [
      .sent, .addressNotAcknowledged, .dataNotAcknowledged, .arbitrationLost, .timedOut, .busError,
    ] {
      transmit("01 00 08 c8 00 80 02", to: .i2c(0x1D))
      #expect(!port.hasCredit)
      port.flush(now: .zero, sink: sink)
      port.service(now: .zero, sink: sink)
      #expect(sink.takeEvents() == [])
      link.results = [result]
      port.service(now: .zero, sink: sink)
      #expect(sink.takeEvents() == ["finished \(result)"])
      #expect(port.hasCredit)
      port.service(now: .zero, sink: sink)
      #expect(sink.takeEvents() == [])
    }
    #expect(link.written.count == 6)
  }

  @Test("The sink may send the next packet from within the result of the last")
  func transmitFromWithin() {
    _ = sink.takeEvents()
    var rest: [UInt8] = [2, 3]
    sink.onFinished = { [port] in
      guard !rest.isEmpty else { return }
      let hasCredit = port.hasCredit
      #expect(hasCredit)
      port.transmit([1, 9, 8, 0xC0, rest.removeFirst()].span, to: .i2c(0x1D), now: .zero)
    }
    transmit("01 09 08 c0 01", to: .i2c(0x1D))
    link.results = [.sent, .addressNotAcknowledged, .sent]
    for _ in 0..<3 { port.service(now: .zero, sink: sink) }
    #expect(
      sink.takeEvents() == ["finished sent", "finished addressNotAcknowledged", "finished sent"])
    #expect(link.written.map { $0[8] } == [1, 2, 3])
  }

  @Test("What no frame can carry is refused without touching the bus, and told at the flush")
  func refused() {
    _ = sink.takeEvents()
    let cases: [(PhysicalAddress, Int)] = [
      (.none, 5), (.i3c(0x1D), 5), (.i2c(0x10), 5), (.i2c(0x1D), 255), (.i2c(0x1D), 3),
    ]
    for (address, byteCount) in cases {
      port.transmit([UInt8](repeating: 1, count: byteCount).span, to: address, now: .zero)
      #expect(!port.hasCredit)
      #expect(port.nextDeadline == .zero)
      port.flush(now: .zero, sink: sink)
      #expect(sink.takeEvents() == ["finished refused"])
      #expect(port.hasCredit)
    }
    #expect(link.written.isEmpty)
  }

  @Test("A bus that fails ends the packet under way, and the port is up again when the bus is")
  func goesDown() {
    _ = sink.takeEvents()
    transmit("01 00 08 c8 00 80 02", to: .i2c(0x1D))
    link.nextCondition = .waiting(reason: "gone", retryAt: .zero)
    link.isWriting = false
    port.service(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["finished portDown", "down"])
    #expect(!port.hasCredit)
    link.nextCondition = .up
    port.service(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["up"])
    #expect(port.hasCredit)
    port.service(now: .zero, sink: sink)
    #expect(sink.takeEvents() == [])
  }

  @Test("A link that is down and up again within one change of devices has lost its write")
  func bounces() {
    _ = sink.takeEvents()
    transmit("01 00 08 c8 00 80 02", to: .i2c(0x1D))
    link.isWriting = false
    link.conditionAtChange = .waiting(reason: "replaced", retryAt: .zero)
    link.nextCondition = .up
    port.devicesChanged(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["finished portDown", "down", "up"])
    #expect(port.hasCredit)
  }

  @Test("An idle port asks for nothing; the link's deadline is the port's")
  func deadlines() {
    #expect(port.nextDeadline == nil)
    link.nextDeadline = Instant(nanoseconds: 5)
    #expect(port.nextDeadline == Instant(nanoseconds: 5))
  }

  @Test("A stopped port takes nothing")
  func stops() {
    port.stop()
    #expect(!port.hasCredit)
    #expect(port.condition == .stopped)
    #expect(link.condition == .stopped)
  }
}
