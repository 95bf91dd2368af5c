import Glibc
import MCTPWire
import TestSupport
import Testing

@testable import BusIO

@Suite("The life of a kernel link port")
struct KernelLinkLifeTests {
  private let kernel = PlayedKernel()
  private let sink = RecordedPort()

  private func makePort(network: UInt32? = nil) -> KernelLinkPort {
    KernelLinkPort(
      id: PortID(rawValue: 0),
      configuration: .init(
        linkName: "mctpi2c6", kernelNetwork: network, addressing: .i2c(ownAddress: 0x10)),
      access: kernel)
  }

  private func reason(_ port: KernelLinkPort) -> String {
    if case .waiting(let reason, _) = port.condition { return reason }
    return "\(port.condition)"
  }

  @Test("A link that is not there is no fault; the port waits and comes up with the news of it")
  func appears() throws {
    let link = kernel.state.links.removeLast()
    let port = makePort()
    try port.check()
    port.start(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["down"])
    #expect(reason(port) == "the system has no link mctpi2c6")
    #expect(port.nextDeadline != nil)
    kernel.state.links.append(link)
    port.service(now: .zero, sink: sink)
    #expect(sink.takeEvents() == [])
    kernel.hasNews = true
    port.service(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["up"])
    #expect(port.nextDeadline == nil)
  }

  @Test("Without news it comes up at the next try, and a changed reason is told once")
  func retries() throws {
    let link = kernel.state.links.removeLast()
    let port = makePort()
    port.start(now: .zero, sink: sink)
    let first = try #require(port.nextDeadline)
    port.service(now: first, sink: sink)
    #expect(sink.takeEvents() == ["down"])
    let second = try #require(port.nextDeadline)
    #expect(second.nanoseconds - first.nanoseconds > first.nanoseconds)
    kernel.state.links.append(link)
    port.service(now: second, sink: sink)
    #expect(sink.takeEvents() == ["up"])
  }

  @Test("A new link that is down is raised once; who takes it down afterwards is obeyed")
  func raisesOnce() {
    kernel.link.isUp = false
    let port = makePort()
    port.start(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["up"])
    #expect(kernel.takeLog() == ["raise", "socket 5"])
    kernel.link.isUp = false
    kernel.hasNews = true
    port.service(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["down"])
    #expect(reason(port) == "mctpi2c6 is down; `ip link set mctpi2c6 up` raises it")
    port.devicesChanged(now: .zero, sink: sink)
    #expect(kernel.takeLog() == ["close"])
    kernel.link.isUp = true
    kernel.hasNews = true
    port.service(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["up"])
    #expect(kernel.takeLog() == ["socket 5"])
  }

  @Test("A link that comes anew with the old name is raised again")
  func raisesNewLink() {
    let port = makePort()
    port.start(now: .zero, sink: sink)
    kernel.link.index = 9
    kernel.link.isUp = false
    kernel.hasNews = true
    port.service(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["up", "down"])
    _ = kernel.takeLog()
    port.devicesChanged(now: .zero, sink: sink)
    #expect(kernel.takeLog() == ["raise", "socket 9"])
  }

  @Test("With a kernel network the link is moved there before it is raised and opened")
  func moves() {
    kernel.link.isUp = false
    let port = makePort(network: 7)
    port.start(now: .zero, sink: sink)
    #expect(kernel.takeLog() == ["network 7", "raise", "socket 5"])
    #expect(sink.takeEvents() == ["up"])
  }

  @Test("A link in its network is not moved; one that somebody moves away is moved back later")
  func movesBack() throws {
    kernel.link.network = 7
    let port = makePort(network: 7)
    port.start(now: .zero, sink: sink)
    #expect(kernel.takeLog() == ["socket 5"])
    kernel.link.network = 3
    kernel.hasNews = true
    port.service(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["up", "down"])
    #expect(reason(port).contains("network 3"))
    let retryAt = try #require(port.nextDeadline)
    port.service(now: retryAt, sink: sink)
    #expect(kernel.takeLog() == ["close", "network 7", "socket 5"])
  }

  @Test("A link with an address is neither moved nor opened")
  func leavesUsedLinkAlone() {
    kernel.state.addresses = [.init(eid: 8, linkIndex: 5)]
    let port = makePort(network: 7)
    port.start(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["down"])
    #expect(kernel.takeLog() == [])
    #expect(throws: ConfigurationFault.self) { try port.check() }
    kernel.state.addresses = []
    kernel.hasNews = true
    port.service(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["up"])
  }

  @Test("An address that appears later takes the port down before anything more is read")
  func addressAppears() {
    let port = makePort()
    port.start(now: .zero, sink: sink)
    _ = sink.takeEvents()
    kernel.state.addresses = [.init(eid: 8, linkIndex: 1)]
    kernel.hasNews = true
    kernel.received = [.success(hex("20 0f 0c 3b 01 08 0a c0 00 00 02 00 0a 00 00"))]
    port.service(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["down"])
    #expect(reason(port).contains("mctp addr del 8 dev lo"))
    #expect(port.linkCounters.contains(LinkCounter("socket-discards", 1)))
  }

  @Test("What came in before a link went down is delivered")
  func deliversBeforeDown() {
    let port = makePort()
    port.start(now: .zero, sink: sink)
    kernel.link.isUp = false
    kernel.hasNews = true
    kernel.received = [.success(hex("20 0f 0c 3b 01 08 0a c0 00 00 02 00 0a 00 00"))]
    port.service(now: .zero, sink: sink)
    #expect(
      sink.takeEvents() == ["up", "packet 1d: 01 08 0a c0 00 00 02 00 0a 00 00", "down"])
  }

  @Test("A route, of which no news tells, is found before the first packet after five seconds")
  func routeAppears() {
    let port = makePort()
    port.start(now: .zero, sink: sink)
    _ = sink.takeEvents()
    kernel.state.routes = [.init(firstEID: 20, lastEID: 22, linkIndex: 5)]
    let frame = hex("20 0f 0c 3b 01 08 0a c0 00 00 02 00 0a 00 00")
    kernel.received = [.success(frame)]
    port.service(now: Instant.zero.advanced(byMs: 4_999), sink: sink)
    #expect(sink.takeEvents() == ["packet 1d: 01 08 0a c0 00 00 02 00 0a 00 00"])
    #expect(port.nextDeadline == nil)
    kernel.received = [.success(frame)]
    port.service(now: Instant.zero.advanced(byMs: 5_000), sink: sink)
    #expect(sink.takeEvents() == ["down"])
    #expect(reason(port).contains("mctp route del 20-22 via mctpi2c6"))
  }

  @Test("What the system refuses is a reason in words, and is tried again")
  func systemErrors() {
    kernel.stateErrors = [SystemError(code: EMFILE, operation: "open rtnetlink")]
    kernel.socketError = SystemError(code: EPERM, operation: "open packet socket on", path: "x")
    let port = makePort()
    port.start(now: .zero, sink: sink)
    #expect(reason(port).contains("open rtnetlink"))
    port.devicesChanged(now: .zero, sink: sink)
    #expect(reason(port).contains("open packet socket"))
    kernel.socketError = nil
    port.devicesChanged(now: .zero, sink: sink)
    #expect(sink.takeEvents() == ["down", "down", "up"])
  }

  @Test("Stopped, it holds nothing and asks for nothing")
  func stops() {
    let port = makePort()
    port.start(now: .zero, sink: sink)
    kernel.sendResults = [EAGAIN]
    port.transmit(hex("01 00 08 c8 00 80 02").span, to: .i2c(0x1D), now: .zero)
    port.stop()
    #expect(port.condition == .stopped)
    #expect(port.nextDeadline == nil)
    #expect(!port.hasCredit)
    #expect(!kernel.isSocketOpen)
  }

  @Test("The kernel's counters are told by name, the last known ones when the link is gone")
  func counters() {
    let port = makePort()
    kernel.statistics = KernelLinkStatistics(
      rxDropped: 4, txErrors: 5, txDropped: 6, rxLengthErrors: 2, rxOverErrors: 3, rxCRCErrors: 1)
    kernel.socketOverruns = 7
    kernel.socketDiscards = 8
    let expected = [
      LinkCounter("rx-crc-errors", 1), LinkCounter("rx-length-errors", 2),
      LinkCounter("rx-over-errors", 3), LinkCounter("rx-dropped", 4),
      LinkCounter("tx-errors", 5), LinkCounter("tx-dropped", 6),
      LinkCounter("socket-overruns", 7), LinkCounter("socket-discards", 8),
    ]
    #expect(port.linkCounters == expected)
    kernel.statistics = nil
    #expect(port.linkCounters == expected)
  }
}
