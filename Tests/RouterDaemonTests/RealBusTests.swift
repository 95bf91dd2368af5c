import AdminProtocol
import MCTPWire
import TestSupport
import Testing

@testable import RouterDaemon

/// What can be seen of real buses on a machine that has none: devices that are not there, and
/// devices that are something else.
@Suite("Real buses that are not there")
struct RealBusTests {
  private static let everyKind = """
    version: 1
    router: { name: board, eid: 8 }
    ports:
      - { name: queue, bus: i2c, device: /dev/no-i2c-7, receive: slave-mqueue, address: 0x10 }
      - { name: mixed, bus: i2c, device: /dev/no-i2c-8, receive: nolink8, address: 0x10 }
      - { name: i2c-link, bus: i2c, device: nolink9, address: 0x10 }
      - name: i3c-mctp
        bus: i3c
        device: i3c-mctp
        targets: [{ node: /dev/no-i3c-mctp-0, address: 0x02ae00000000 }]
      - { name: i3cdev, bus: i3c, device: i3cdev, targets: [{ node: /dev/no-i3c/0-2ae00000001 }] }
      - { name: i3c-link, bus: i3c, device: nolink10 }
      - { name: tty, bus: serial, device: /dev/no-tty }
      - { name: tty-link, bus: serial, device: nolink11 }
      - { name: usb, bus: usb, device: nolink12 }
      - { name: other, bus: link, device: nolink13 }
      - { name: simulated, bus: serial, device: simulated }
    """

  @Test("Every kind of port waits for its device with a reason that names it, and the router lives")
  func everyPortWaits() throws {
    let bench = try DaemonBench(RealBusTests.everyKind)
    try bench.router.checkPorts()
    for row in try bench.ask(PortsRequest()).ports where row.name != "simulated" {
      #expect(row.state == "waiting", "\(row.name)")
      let device = row.device.split(separator: " ").first.map(String.init) ?? ""
      let names = ["no-", "nolink", device].filter { row.stateReason?.contains($0) == true }
      #expect(!names.isEmpty, "\(row.name): \(row.stateReason ?? "no reason")")
      #expect(row.retryInMs.map { $0 <= 5_000 } == true, "\(row.name)")
    }
    #expect(try bench.port("simulated").state == "up")
  }

  @Test("A file that is no I2C adapter is refused before the start, with what to do")
  func noAdapter() throws {
    let bench = try DaemonBench(
      """
      version: 1
      router: { name: board, eid: 8 }
      ports:
        - { name: a, bus: i2c, device: /dev/null, receive: slave-mqueue, address: 0x10 }
        - { name: b, bus: serial, device: simulated }
      """)
    let error = #expect(throws: RouterError.self) { try bench.router.checkPorts() }
    #expect(error?.kind == .configuration)
    #expect(error?.description.hasPrefix("port a: /dev/null ") == true, "\(error as Any)")
    #expect(error?.description.contains("i2cdetect") == true)
    #expect(try bench.port("a").state == "waiting")
  }
}

@Suite("A probe")
struct ProbeTests {
  private static let topology = """
    version: 1
    router: { name: board, eid: 8 }
    ports:
      - { name: i2c-a, bus: i2c, device: simulated, address: 0x10 }
      - { name: tty, bus: serial, device: simulated }
    routes:
      - { eids: 9, port: i2c-a, address: 0x1d }
      - { eids: 10, port: i2c-a, address: 0x50 }
    devices:
      - { name: fan, port: i2c-a, address: 0x1d, eid: 9 }
      - { name: disk, port: i2c-a, address: 0x50, eid: 10 }
    """

  @Test("It finds the devices of a simulated bus and nobody else")
  func scans() throws {
    let bench = try DaemonBench(ProbeTests.topology)
    let result = try bench.ask(ProbeRequest(port: "i2c-a", timeoutMs: 30_000))
    #expect(result.rows.count == 0x77 - 0x08 + 1)
    let found = result.rows.filter { $0.outcome == "acknowledged" }.map(\.address)
    #expect(found == ["0x1d", "0x50"])
    bench.expectBalancedBooks()
  }

  @Test("One address is asked alone, whatever it says")
  func asksOne() throws {
    let bench = try DaemonBench(ProbeTests.topology)
    let there = try bench.ask(ProbeRequest(port: "i2c-a", address: 0x1D, timeoutMs: 1_000))
    #expect(there.rows == [.init(address: "0x1d", outcome: "acknowledged")])
    let nobody = try bench.ask(ProbeRequest(port: "i2c-a", address: 0x1E, timeoutMs: 1_000))
    #expect(nobody.rows == [.init(address: "0x1e", outcome: "not-acknowledged")])
  }

  @Test("Packets pass while it runs, and nothing of it is counted as traffic")
  func packetsPass() throws {
    let bench = try DaemonBench(ProbeTests.topology)
    let scanner = try bench.client()
    try scanner.begin(ProbeRequest(port: "i2c-a", timeoutMs: 30_000))
    let ping = try bench.ask(PingRequest(eid: 9, timeoutMs: 5_000))
    #expect(ping.responder == 9)
    #expect(try bench.port("i2c-a").counters.packetsOut == 1)
    #expect(bench.drops("i2c-a") == [:])
    bench.expectBalancedBooks()
  }

  @Test(
    "What cannot be probed is refused with the reason",
    arguments: [("nobody", AdminErrorCode.unknownPort), ("tty", .invalidParameter)])
  func refuses(port: String, code: AdminErrorCode) throws {
    let bench = try DaemonBench(ProbeTests.topology)
    let outcome = try bench.client().ask(ProbeRequest(port: port, timeoutMs: 1_000))
    guard case .failure(let error) = outcome else {
      Issue.record("probed \(port)")
      return
    }
    #expect(error.code == code)
    #expect(error.hint?.isEmpty == false)
  }

  @Test("A second probe is told to wait, and a short time-out is told so")
  func oneAtATime() throws {
    let bench = try DaemonBench(ProbeTests.topology)
    let first = try bench.client()
    try first.begin(ProbeRequest(port: "i2c-a", timeoutMs: 30_000))
    bench.settle()
    guard
      case .failure(let busy) = try bench.client().ask(
        ProbeRequest(port: "i2c-a", timeoutMs: 1_000))
    else {
      Issue.record("two probes at once")
      return
    }
    #expect(busy.code == .busy)
    #expect(bench.run { bench.router.probe == nil })
    guard
      case .failure(let late) = try bench.client().ask(ProbeRequest(port: "i2c-a", timeoutMs: 1))
    else {
      Issue.record("112 addresses in 1 ms at 100 kHz")
      return
    }
    #expect(late.code == .timedOut)
    #expect(bench.router.probe == nil)
  }
}
