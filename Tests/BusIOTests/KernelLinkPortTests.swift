import Glibc
import MCTPWire
import TestSupport
import Testing

@testable import BusIO

@Suite("The kernel link port")
struct KernelLinkPortTests {
  private let kernel = PlayedKernel()
  private let sink = RecordedPort()

  private func makePort(
    network: UInt32? = nil, _ addressing: KernelLinkPort.Addressing = .i2c(ownAddress: 0x10),
    transmissionUnitBytes: Int = 64
  ) -> KernelLinkPort {
    KernelLinkPort(
      id: PortID(rawValue: 0),
      configuration: .init(
        linkName: "mctpi2c6", kernelNetwork: network, addressing: addressing,
        transmissionUnitBytes: transmissionUnitBytes),
      access: kernel)
  }

  private func startedPort() -> KernelLinkPort {
    let port = makePort()
    port.start(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["up"])
    _ = kernel.takeLog()
    return port
  }

  private func reason(_ port: KernelLinkPort) -> String {
    if case .waiting(let reason, _) = port.condition { return reason }
    return "\(port.condition)"
  }

  private let i2Packet = "01 08 0a c0 00 00 02 00 0a 00 00"

  // MARK: What goes in and out

  @Test("An I2C link's frame comes in without PEC, as the packet of vector I2, with its sender")
  func receivesI2() {
    let port = startedPort()
    kernel.received = [.success(hex("20 0f 0c 3b " + i2Packet))]
    port.service(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["packet 1d: " + i2Packet])
  }

  @Test("A packet goes out as vector I1 without its PEC", .spec("DSP0237 1.1.0 §6.3"))
  func transmitsI1() {
    let port = startedPort()
    port.transmit(hex("01 00 08 c8 00 80 02").span, to: .i2c(0x1D), now: .zero)
    port.flush(now: .zero, sink: sink)
    #expect(kernel.takeSent() == [hex("3a 0f 08 21 01 00 08 c8 00 80 02")])
    #expect(sink.takeEvents() == ["finished sent"])
  }

  @Test(
    "Each damaged I2C frame reaches the sink with its reason and its bytes, and costs itself only",
    .spec("DSP0237 1.1.0 §6.2"),
    arguments: [
      ("frameTooShort", "20 0f 04 3b 01 08 0a"),
      ("frameNotMCTP", "20 0e 0c 3b 01 08 0a c0 00 00 02 00 0a 00 00"),
      ("frameLength", "20 0f 0d 3b 01 08 0a c0 00 00 02 00 0a 00 00"),
      ("frameLength", "20 0f 0b 3b 01 08 0a c0 00 00 02 00 0a 00 00"),
      // To another, from no MCTP source, from ourselves.
      ("frameAddress", "3a 0f 0c 3b 01 08 0a c0 00 00 02 00 0a 00 00"),
      ("frameAddress", "20 0f 0c 3a 01 08 0a c0 00 00 02 00 0a 00 00"),
      ("frameAddress", "20 0f 0c 21 01 08 0a c0 00 00 02 00 0a 00 00"),
      ("frameTooShort", ""),
    ])
  func damaged(_ reason: String, _ frame: String) {
    let port = startedPort()
    kernel.received = [.success(hex(frame)), .success(hex("20 0f 0c 3b " + i2Packet))]
    port.service(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["damaged \(reason): \(frame)", "packet 1d: " + i2Packet])
  }

  @Test("The largest I2C packet passes both ways, one byte more does not")
  func largest() {
    let port = startedPort()
    let packet: [UInt8] = [0x01, 0x33, 0x32, 0xC8] + [UInt8](0...0xF9)
    kernel.received = [
      .success([0x20, 0x0F, 0xFF, 0x41] + packet),
      .success([0x20, 0x0F, 0x00, 0x41] + packet + [0]),
    ]
    port.service(now: .zero, sink: sink)
    let events = sink.takeEvents()
    #expect(events.count == 2)
    #expect(events.first == "packet 20: " + hexText(packet))
    #expect(events.last?.hasPrefix("damaged frameTooLong: 20 0f 00 41 01 33") == true)
    port.transmit(packet.span, to: .i2c(0x20), now: .zero)
    port.flush(now: .zero, sink: sink)
    #expect(kernel.takeSent() == [[0x40, 0x0F, 0xFF, 0x21] + packet])
    port.transmit((packet + [0]).span, to: .i2c(0x20), now: .zero)
    port.flush(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["finished sent", "finished refused"])
  }

  @Test("An I3C link's header is the destination's provisioned ID and the source's")
  func i3c() {
    kernel.link.address = hex("02 ae ff 00 00 07")
    let port = makePort(.i3c)
    port.start(now: .zero, sink: sink)
    _ = sink.takeEvents()
    kernel.received = [
      .success(hex("02 ae ff 00 00 07 02 ae 00 00 00 01 01 08 0a c0 00")),
      .success(hex("02 ae ff 00 00 07 02 ae 00 00 00 01 01 08 0a")),
    ]
    port.service(now: .zero, sink: sink)
    #expect(
      sink.takeEvents() == [
        "packet 02 ae 00 00 00 01: 01 08 0a c0 00",
        "damaged frameTooShort: 02 ae ff 00 00 07 02 ae 00 00 00 01 01 08 0a",
      ])
    port.transmit(hex("01 0a 08 c8 00").span, to: .i3c(0x02AE_0000_0001), now: .zero)
    port.flush(now: .zero, sink: sink)
    #expect(kernel.takeSent() == [hex("02 ae 00 00 00 01 02 ae ff 00 00 07 01 0a 08 c8 00")])
  }

  @Test("A link without addresses carries bare packets up to the transmission unit")
  func pointToPoint() {
    kernel.link.address = []
    let port = makePort(.none)
    port.start(now: .zero, sink: sink)
    _ = sink.takeEvents()
    let packet: [UInt8] = [0x01, 0x08, 0x0A, 0xC0] + [UInt8](repeating: 7, count: 64)
    kernel.received = [.success(packet), .success(packet + [7])]
    port.service(now: .zero, sink: sink)
    let events = sink.takeEvents()
    #expect(events.first == "packet 00: " + hexText(packet))
    // Cut to what a legal frame has.
    #expect(events.last == "damaged frameTooLong: " + hexText(packet))
    port.transmit(packet.span, to: .none, now: .zero)
    #expect(kernel.takeSent() == [packet])
  }

  @Test(
    "What the medium cannot address is refused and nothing is sent",
    arguments: [PhysicalAddress.none, .i3c(0x02AE_0000_0001), .i2c(0x10)])
  func refuses(_ address: PhysicalAddress) {
    let port = startedPort()
    port.transmit(hex("01 00 08 c8 00 80 02").span, to: address, now: .zero)
    port.flush(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["finished refused"])
    #expect(kernel.takeSent() == [])
  }

  @Test("A service takes a bounded batch; the rest is for the next one")
  func batch() {
    let port = startedPort()
    kernel.received = .init(repeating: .success(hex("20 0f 0c 3b " + i2Packet)), count: 70)
    port.service(now: .zero, sink: sink)
    #expect(sink.takeEvents().count == 64)
    port.service(now: .zero, sink: sink)
    #expect(sink.takeEvents().count == 6)
  }

  // MARK: What the kernel says to a send

  @Test("A full socket keeps the one packet, ends the credit, and is asked when it has room")
  func backedUp() {
    let port = startedPort()
    kernel.sendResults = [EAGAIN, EAGAIN]
    port.transmit(hex("01 00 08 c8 00 80 02").span, to: .i2c(0x1D), now: .zero)
    port.flush(now: .zero, sink: sink)
    #expect(!port.hasCredit)
    #expect(kernel.wantsWritable)
    #expect(port.nextDeadline == nil)
    port.service(now: .zero, sink: sink)
    #expect(sink.takeEvents() == [])
    #expect(kernel.wantsWritable)
    port.service(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["finished sent"])
    #expect(kernel.takeSent() == [hex("3a 0f 08 21 01 00 08 c8 00 80 02")])
    #expect(!kernel.wantsWritable)
    #expect(port.hasCredit)
  }

  @Test("A full queue of the link is tried again at deadlines, twenty times, then the bus is busy")
  func queueFull() throws {
    let port = startedPort()
    kernel.sendResults = .init(repeating: ENOBUFS, count: 20)
    port.transmit(hex("01 00 08 c8 00 80 02").span, to: .i2c(0x1D), now: .zero)
    port.flush(now: .zero, sink: sink)
    var tries = 1
    while sink.events.isEmpty, tries < 100 {
      let deadline = try #require(port.nextDeadline)
      // Early calls try nothing.
      port.service(now: .zero, sink: sink)
      port.service(now: deadline, sink: sink)
      tries += 1
    }
    #expect(tries == 20)
    #expect(sink.takeEvents() == ["finished busBusy"])
    #expect(port.hasCredit)
  }

  @Test(
    "Other errors of a send have their results",
    arguments: [(EMSGSIZE, "refused"), (EINVAL, "refused"), (EPERM, "busError")])
  func sendErrors(_ code: Int32, _ result: String) {
    let port = startedPort()
    kernel.sendResults = [code]
    port.transmit(hex("01 00 08 c8 00 80 02").span, to: .i2c(0x1D), now: .zero)
    #expect(port.nextDeadline == .zero)
    port.flush(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["finished \(result)"])
    #expect(port.condition.isUp)
  }

  @Test(
    "A send that finds the link gone answers the packet and takes the port down",
    arguments: [ENETDOWN, ENXIO, ENODEV])
  func sendFindsLinkGone(_ code: Int32) {
    let port = startedPort()
    kernel.sendResults = [code]
    port.transmit(hex("01 00 08 c8 00 80 02").span, to: .i2c(0x1D), now: .zero)
    #expect(!port.hasCredit)
    port.flush(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["finished portDown", "down"])
    #expect(reason(port).contains("mctpi2c6"))
    #expect(kernel.takeLog() == ["close"])
  }

  @Test("Packets that a sink sends from within a result are answered in order, each once")
  func drainsFromWithin() {
    let port = startedPort()
    var left = 5
    kernel.sendResults = [0, EMSGSIZE, 0, 0, 0]
    let packet = hex("01 00 08 c8 00 80 02")
    sink.onFinished = {
      while left > 0, port.hasCredit {
        left -= 1
        port.transmit(packet.span, to: .i2c(0x1D), now: .zero)
      }
    }
    sink.onFinished()
    port.flush(now: .zero, sink: sink)
    #expect(
      sink.takeEvents() == [
        "finished sent", "finished refused", "finished sent", "finished sent", "finished sent",
      ])
    #expect(kernel.takeSent().count == 4)
    sink.onFinished = {}
  }

  @Test("A link that goes down while a packet waits answers the packet and gives no credit")
  func downWhileWaiting() {
    let port = startedPort()
    kernel.sendResults = [EAGAIN]
    port.transmit(hex("01 00 08 c8 00 80 02").span, to: .i2c(0x1D), now: .zero)
    kernel.received = [.failure(.init(ENETDOWN))]
    var hadCredit = false
    sink.onFinished = { hadCredit = port.hasCredit }
    port.service(now: .zero, sink: sink)
    sink.onFinished = {}
    #expect(sink.takeEvents() == ["finished portDown", "down"])
    #expect(!hadCredit)
  }
}
