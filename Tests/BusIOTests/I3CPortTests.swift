import BusIO
import MCTPWire
import TestSupport
import Testing

/// A bus under the test's control: it records what the port starts as text, and ends it when told.
final class ScriptedI3CLink: I3CLink {
  var condition = PortCondition.up
  var nextDeadline: Instant?
  var devices: [I3CDevice] = []
  var deviceGeneration = 0
  var hasGetStatus = true
  var started: [String] = []
  var interrupts: [I3CInterrupt] = []
  private var finished: (TransmissionResult, [UInt8])?

  func takeStarted() -> [String] {
    defer { started = [] }
    return started
  }
  /// The end of the transfer under way, with what it brought.
  func finish(_ result: TransmissionResult, _ bytes: String = "") {
    finished = (result, hex(bytes))
  }

  func start(now: Instant) {}
  func service(now: Instant) {}
  func startWrite(_ bytes: Span<UInt8>, to dynamicAddress: UInt8, now: Instant) {
    let copy = bytes.withUnsafeBufferPointer { Array($0) }
    started.append("write \(dynamicAddress): \(hexText(copy))")
  }
  func startRead(from dynamicAddress: UInt8, byteCountMax: Int, now: Instant) {
    started.append("read \(dynamicAddress) up to \(byteCountMax)")
  }
  func startGetStatus(of dynamicAddress: UInt8, now: Instant) {
    started.append("status \(dynamicAddress)")
  }
  func finishedTransfer(into buffer: inout MutableSpan<UInt8>) -> I3CTransferResult? {
    guard let (result, bytes) = finished else { return nil }
    finished = nil
    for index in bytes.indices { buffer[index] = bytes[index] }
    return I3CTransferResult(result, byteCount: bytes.count)
  }
  func nextInterrupt() -> I3CInterrupt? { interrupts.isEmpty ? nil : interrupts.removeFirst() }
  func stop() { condition = .stopped }
}

@Suite("The I3C port")
struct I3CPortTests {
  private let link = ScriptedI3CLink()
  private let sink = RecordedPort()
  private let port: I3CPort

  private let first: UInt64 = 0x02AE_0000_0001
  private let second: UInt64 = 0x02AE_0000_0002

  /// A device that interrupts at 0x09 and another at 0x0a.
  init() {
    port = I3CPort(id: PortID(rawValue: 2), link: link)
    link.devices = [
      I3CDevice(
        provisionedID: first, dynamicAddress: 0x09, bcr: 0x06, maxReadByteCount: 69,
        maxWriteByteCount: 69),
      I3CDevice(
        provisionedID: second, dynamicAddress: 0x0A, bcr: 0x06, maxReadByteCount: 300,
        maxWriteByteCount: 40),
    ]
    port.start(now: .zero, sink: sink)
    _ = sink.takeEvents()
  }

  private func ms(_ value: UInt32) -> Instant { Instant.zero.advanced(byMs: value) }

  private func service(_ now: Instant = .zero) -> [String] {
    port.service(now: now, sink: sink)
    return sink.takeEvents()
  }

  private func interrupt(_ address: UInt8, _ byte: UInt8? = 0xAE) {
    link.interrupts.append(I3CInterrupt(dynamicAddress: address, mandatoryByte: byte))
  }

  /// Leaves one device, without interrupts, at 0x09.
  private func leavePolledDevice() {
    link.devices = [
      I3CDevice(
        provisionedID: first, dynamicAddress: 0x09, bcr: 0x00, maxReadByteCount: 69,
        maxWriteByteCount: 69)
    ]
    link.deviceGeneration += 1
  }

  @Test("A packet goes out as vector C1, to where its provisioned ID is", .spec("DSP0233"))
  func transmitsC1() {
    port.transmit(hex("01 00 0a c8 00 80 02").span, to: .i3c(first), now: .zero)
    #expect(link.takeStarted() == ["write 9: 01 00 0a c8 00 80 02 b1"])
    #expect(!port.hasCredit)
    #expect(service() == [])
    link.finish(.sent)
    #expect(service() == ["finished sent"])
    #expect(port.hasCredit)
    #expect(service() == [])
  }

  @Test("A device that comes back at another address is found there, with another PEC")
  func movedDevice() {
    link.devices[0].dynamicAddress = 0x0A
    link.devices.remove(at: 1)
    link.deviceGeneration += 1
    #expect(service() == [])
    port.transmit(hex("01 09 08 c0 7e 01").span, to: .i3c(first), now: .zero)
    #expect(link.takeStarted() == ["write 10: 01 09 08 c0 7e 01 ba"])
  }

  @Test("An interrupt with 0xAE brings one read, and vector C5 its packet", .spec("DSP0233"))
  func readsC5() {
    interrupt(0x09)
    #expect(service() == [])
    #expect(link.takeStarted() == ["read 9 up to 69"])
    link.finish(.sent, "01 08 0a c0 00 00 02 00 0a 00 00 69")
    #expect(service() == ["packet 02 ae 00 00 00 01: 01 08 0a c0 00 00 02 00 0a 00 00"])
    #expect(link.takeStarted() == [])
  }

  @Test(
    "An interrupt with another mandatory byte, without one or from nobody brings no read",
    arguments: [0x20, 0xAF, 0xA0, 0x00, nil] as [UInt8?])
  func otherInterrupts(_ byte: UInt8?) {
    interrupt(0x09, byte)
    interrupt(0x0C)
    #expect(service() == [])
    #expect(link.takeStarted() == [])
  }

  @Test("After a lost interrupt the next one brings the packet that waited, its successor follows")
  func lostInterrupt() {
    // Two packets wait, one interrupt came: the read brings the older one.
    interrupt(0x09)
    #expect(service() == [])
    link.finish(.sent, "01 08 0a c0 7e 01 e7")
    #expect(service() == ["packet 02 ae 00 00 00 01: 01 08 0a c0 7e 01"])
    interrupt(0x09)
    #expect(service() == [])
    link.finish(.sent, "01 08 0a c0 7e 02 ee")
    #expect(service() == ["packet 02 ae 00 00 00 01: 01 08 0a c0 7e 02"])
    #expect(link.takeStarted() == ["read 9 up to 69", "read 9 up to 69"])
  }

  @Test("A read that is not acknowledged loses nothing and is not repeated")
  func emptyRead() {
    interrupt(0x09)
    interrupt(0x09)
    #expect(service() == [])
    link.finish(.addressNotAcknowledged)
    #expect(service() == [])
    #expect(link.takeStarted() == ["read 9 up to 69"])
  }

  @Test(
    "Each damaged kind reaches the sink with its reason and its bytes",
    arguments: [
      // C5 with a wrong PEC, C6 (whose PEC is for 0x0b), four bytes, none.
      ("frameIntegrity", "01 08 0a c0 00 00 02 00 0a 00 00 68"),
      ("frameIntegrity", "01 08 0b c1 00 01 02 00 0b 00 00 32"),
      ("frameTooShort", "01 08 0a 69"),
      ("frameTooShort", ""),
    ])
  func damaged(_ reason: String, _ bytes: String) {
    interrupt(0x09)
    #expect(service() == [])
    link.finish(.sent, bytes)
    #expect(service() == ["damaged \(reason): \(bytes)"])
  }

  @Test("A device may send up to the port's transmission unit; more is read far enough to be seen")
  func readLength() {
    interrupt(0x0A)
    #expect(service() == [])
    #expect(link.takeStarted() == ["read 10 up to 70"])
    let tooLong = hexText([UInt8](repeating: 1, count: 70))
    link.finish(.sent, tooLong)
    #expect(service() == ["damaged frameTooLong: \(tooLong)"])
  }

  @Test("A packet above the maximum write length less its PEC is refused")
  func maximumWriteLength() {
    let packet = [UInt8](repeating: 1, count: 40)
    port.transmit(packet.span, to: .i3c(second), now: .zero)
    #expect(link.takeStarted() == [])
    #expect(port.nextDeadline == .zero)
    port.flush(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["finished refused"])
    port.transmit([UInt8](packet.dropLast()).span, to: .i3c(second), now: .zero)
    #expect(link.takeStarted().count == 1)
  }

  @Test("What is no packet for this bus is refused, what is for nobody not acknowledged")
  func refused() {
    let cases: [(PhysicalAddress, Int, String)] = [
      (.none, 5, "refused"), (.i2c(0x09), 5, "refused"), (.i3c(first), 3, "refused"),
      (.i3c(first), 69, "refused"), (.i3c(99), 5, "addressNotAcknowledged"),
    ]
    for (address, byteCount, result) in cases {
      port.transmit([UInt8](repeating: 1, count: byteCount).span, to: address, now: .zero)
      port.flush(now: .zero, sink: sink)
      #expect(sink.takeEvents() == ["finished \(result)"])
      #expect(port.hasCredit)
    }
    #expect(link.takeStarted() == [])
  }

  @Test("A device that is no MCTP device is neither written, read nor polled")
  func otherDevices() {
    link.devices = [
      I3CDevice(
        provisionedID: 7, dynamicAddress: 0x0B, bcr: 0x06, dcr: 0x63, maxReadByteCount: 69,
        maxWriteByteCount: 69),
      I3CDevice(
        provisionedID: 8, dynamicAddress: 0x0C, bcr: 0x00, dcr: 0x63, maxReadByteCount: 69,
        maxWriteByteCount: 69),
    ]
    link.deviceGeneration += 1
    interrupt(0x0B)
    #expect(service(ms(100)) == [])
    #expect(link.takeStarted() == [])
    #expect(port.nextDeadline == nil)
    port.transmit(hex("01 09 08 c0 7e").span, to: .i3c(7), now: .zero)
    #expect(service() == ["finished addressNotAcknowledged"])
  }

  @Test("Reads and writes take turns")
  func turns() {
    for _ in 0..<3 { interrupt(0x09) }
    interrupt(0x0A)
    #expect(service() == [])
    port.transmit(hex("01 09 08 c0 7e 01").span, to: .i3c(first), now: .zero)
    link.finish(.sent, "01 08 0a c0 7e 01 e7")
    _ = service()
    link.finish(.sent)
    #expect(service() == ["finished sent"])
    link.finish(.addressNotAcknowledged)
    _ = service()
    link.finish(.addressNotAcknowledged)
    _ = service()
    #expect(
      link.takeStarted() == [
        "read 9 up to 69", "write 9: 01 09 08 c0 7e 01 76", "read 10 up to 70", "read 9 up to 69",
      ])
  }

  @Test("With devices that interrupt, an idle bus wakes nobody")
  func idle() {
    #expect(service(ms(1000)) == [])
    #expect(link.takeStarted() == [])
    #expect(port.nextDeadline == nil)
  }

  @Test("A device without interrupts is polled every 50 ms, sooner after it had a packet")
  func polling() {
    leavePolledDevice()
    #expect(service() == [])
    var intervals: [UInt64] = []
    var now = Instant.zero
    for _ in 0..<6 {
      #expect(link.takeStarted() == ["status 9"])
      link.finish(.sent, "00 00")
      #expect(service(now) == [])
      let next = port.nextDeadline ?? .zero
      intervals.append(next.nanoseconds(since: now) / 1_000_000)
      // A nanosecond early nothing happens.
      #expect(service(Instant(nanoseconds: next.nanoseconds - 1)) == [])
      #expect(link.takeStarted() == [])
      now = next
      #expect(service(now) == [])
    }
    #expect(intervals == [10, 20, 40, 50, 50, 50])

    #expect(link.takeStarted() == ["status 9"])
    link.finish(.sent, "00 01")
    #expect(service(now) == [])
    #expect(link.takeStarted() == ["read 9 up to 69"])
    link.finish(.sent, "01 08 0a c0 00 00 02 00 0a 00 00 69")
    #expect(service(now) == ["packet 02 ae 00 00 00 01: 01 08 0a c0 00 00 02 00 0a 00 00"])
    // It may have more: asked again at once, then at the short interval.
    #expect(link.takeStarted() == ["status 9"])
    link.finish(.sent, "00 00")
    #expect(service(now) == [])
    #expect(port.nextDeadline == now.advanced(byMs: 10))
  }

  @Test("What a polled device is written to is asked for the answer soon")
  func pollAfterWrite() {
    leavePolledDevice()
    _ = service()
    var now = Instant.zero
    for _ in 0..<5 {
      link.finish(.sent, "00 00")
      _ = service(now)
      now = port.nextDeadline ?? .zero
      _ = service(now)
    }
    link.finish(.sent, "00 00")
    _ = service(now)
    #expect(port.nextDeadline == now.advanced(byMs: 50))
    port.transmit(hex("01 00 0a c8 00 80 02").span, to: .i3c(first), now: now)
    link.finish(.sent)
    #expect(service(now) == ["finished sent"])
    #expect(port.nextDeadline == now.advanced(byMs: 5))
  }

  @Test("A poll that fails waits for the next turn")
  func failedPoll() {
    leavePolledDevice()
    _ = service()
    link.finish(.addressNotAcknowledged)
    #expect(service() == [])
    #expect(port.nextDeadline == ms(10))
  }

  @Test("A device that left is polled no more")
  func left() {
    leavePolledDevice()
    _ = service()
    link.finish(.sent, "00 00")
    _ = service()
    link.devices = []
    link.deviceGeneration += 1
    _ = service()
    #expect(port.nextDeadline == nil)
  }

  @Test("A bus that fails ends the packet it has; when it is back, the devices are found anew")
  func goesDown() {
    port.transmit(hex("01 00 0a c8 00 80 02").span, to: .i3c(first), now: .zero)
    link.condition = .waiting(reason: "gone", retryAt: .zero)
    #expect(service() == ["finished portDown", "down"])
    #expect(!port.hasCredit)
    link.condition = .up
    #expect(service() == ["up"])
    #expect(port.hasCredit)
    _ = link.takeStarted()
    interrupt(0x09)
    #expect(service() == [])
    #expect(link.takeStarted() == ["read 9 up to 69"])
  }
}
