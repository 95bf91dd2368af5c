import Glibc
import MCTPWire
import TestSupport
import Testing

@testable import BusIO

/// A tun link of this machine, with protocol information in front of each packet; it goes away
/// with this value.
private struct TunLink: ~Copyable {
  let name: String
  let descriptor: Descriptor

  struct Refused: Error {
    let code = errno
  }

  init(_ name: String) throws(Refused) {
    let opened = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)
    guard opened >= 0 else { throw Refused() }
    let descriptor = Descriptor(adopting: opened)
    // struct ifreq: the name in 16 bytes, then the flags: IFF_TUN.
    var request = Array(name.utf8) + [UInt8](repeating: 0, count: 40 - name.utf8.count)
    request[16] = 1
    // TUNSETIFF.
    guard ioctl(opened, 0x4004_54CA, &request) == 0 else { throw Refused() }
    self.name = name
    self.descriptor = descriptor
  }

  /// The next MCTP packet that the link sends; IPv6's own chatter is passed over.
  func nextPacket() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor.rawValue, &buffer, buffer.count)
      guard count >= 4 else { return nil }
      if buffer[2] == 0x00, buffer[3] == 0xFA { return Array(buffer[4..<count]) }
    }
  }

  func send(_ bytes: [UInt8], protocolNumber: UInt16 = 0x00FA) {
    let head = [0, 0, UInt8(protocolNumber >> 8), UInt8(protocolNumber & 0xFF)]
    writeBytes(descriptor.rawValue, head + bytes)
  }
}

/// At most 15 characters, and no other process's.
private func linkName(_ number: Int) -> String { "mt\(getpid())n\(number)" }

private var canMakeLinks: Bool {
  do {
    _ = try TunLink(linkName(9))
    return true
  } catch {
    return false
  }
}

@Suite(
  "A kernel link port on this machine's kernel", .serialized,
  .enabled(if: canMakeLinks, "the system refuses tun links"))
struct KernelLinkRealTests {
  private let loop: EventLoop
  private let sink = RecordedPort()

  init() throws { loop = try EventLoop() }

  private func makePort(_ name: String) -> KernelLinkPort {
    KernelLinkPort(
      id: PortID(rawValue: 0), configuration: .init(linkName: name, addressing: .none),
      loop: loop, token: 3)
  }

  /// Serves the port until it told so many things.
  private func serve(_ port: KernelLinkPort, events count: Int) -> Bool {
    let take: (UInt64, Readiness) -> Void = { token, _ in
      #expect(token == 3)
      port.service(now: loop.now(), sink: sink)
    }
    return loop.run(
      until: { sink.events.count >= count }, nextDeadline: { port.nextDeadline }, take)
  }

  @Test("It raises its new link and carries packets both ways, MCTP only")
  func carries() throws {
    let link = try TunLink(linkName(0))
    let port = makePort(link.name)
    try port.check()
    port.start(now: loop.now(), sink: sink)
    #expect(sink.takeEvents() == ["up"])
    // An IPv4 packet of nothing, then ours.
    link.send(
      hex("45 00 00 14 00 00 00 00 40 00 00 00 7f 00 00 01 7f 00 00 01"), protocolNumber: 0x0800)
    link.send(hex("01 08 0a c0 00 00 02"))
    link.send(hex("01 08 0a"))
    #expect(serve(port, events: 2))
    #expect(
      sink.takeEvents() == ["packet 00: 01 08 0a c0 00 00 02", "damaged frameTooShort: 01 08 0a"])
    for tail: UInt8 in 0..<3 {
      port.transmit((hex("01 0a 08 c8 00 80") + [tail]).span, to: .none, now: loop.now())
      port.flush(now: loop.now(), sink: sink)
    }
    #expect(sink.takeEvents() == ["finished sent", "finished sent", "finished sent"])
    for tail: UInt8 in 0..<3 {
      #expect(link.nextPacket() == hex("01 0a 08 c8 00 80") + [tail])
    }
    // Our own frames do not come back.
    port.service(now: loop.now(), sink: sink)
    #expect(sink.takeEvents() == [])
    port.stop()
  }

  @Test("A link that goes away takes the port down at once, and one that comes brings it up")
  func comesAndGoes() throws {
    let port = makePort(linkName(1))
    port.start(now: loop.now(), sink: sink)
    #expect(sink.takeEvents() == ["down"])
    for _ in 0..<2 {
      let link = try TunLink(linkName(1))
      #expect(serve(port, events: 1))
      #expect(sink.takeEvents() == ["up"])
      _ = consume link
      #expect(serve(port, events: 1))
      #expect(sink.takeEvents() == ["down"])
      #expect("\(port.condition)".contains(linkName(1)))
    }
    port.stop()
  }

  @Test("A port that was just stopped leaves nothing watched, and its counters can be read")
  func counters() throws {
    let link = try TunLink(linkName(2))
    let port = makePort(link.name)
    port.start(now: loop.now(), sink: sink)
    link.send(hex("01 08 0a c0 00"))
    #expect(serve(port, events: 2))
    #expect(
      port.linkCounters.map(\.name) == [
        "rx-crc-errors", "rx-length-errors", "rx-over-errors", "rx-dropped", "tx-errors",
        "tx-dropped", "socket-overruns", "socket-discards",
      ])
    link.send(hex("01 08 0a c0 00"))
    port.stop()
    #expect(loop.readyNow() == [])
    #expect(port.linkCounters.contains(LinkCounter("socket-discards", 1)))
  }

  @Test("A burst that the socket cannot hold is counted")
  func overruns() throws {
    let link = try TunLink(linkName(3))
    let port = makePort(link.name)
    port.start(now: loop.now(), sink: sink)
    _ = sink.takeEvents()
    let sentCount = 20_000
    for _ in 0..<sentCount { link.send(hex("01 08 0a c0 00")) }
    var receivedCount = 0
    while true {
      port.service(now: loop.now(), sink: sink)
      let events = sink.takeEvents()
      if events.isEmpty { break }
      receivedCount += events.count
    }
    let lost = port.linkCounters.first { $0.name == "socket-overruns" }?.count ?? 0
    #expect(receivedCount >= 1_000)
    #expect(receivedCount + Int(lost) == sentCount)
    port.stop()
  }

  @Test("A packet above the link's MTU is refused")
  func aboveMTU() throws {
    let link = try TunLink(linkName(4))
    let port = KernelLinkPort(
      id: PortID(rawValue: 0),
      configuration: .init(
        linkName: link.name, addressing: .none, transmissionUnitBytes: 1_496),
      loop: loop, token: 3)
    port.start(now: loop.now(), sink: sink)
    #expect(sink.takeEvents() == ["up"])
    // struct ifreq with the MTU at 16; SIOCSIFMTU.
    var request = Array(link.name.utf8) + [UInt8](repeating: 0, count: 40 - link.name.utf8.count)
    request[16] = 100
    let anySocket = Descriptor(adopting: socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0))
    #expect(ioctl(anySocket.rawValue, 0x8922, &request) == 0)
    port.transmit([UInt8](repeating: 1, count: 200).span, to: .none, now: loop.now())
    port.flush(now: loop.now(), sink: sink)
    #expect(sink.takeEvents() == ["finished refused"])
    // The news of it: the link is not what the port needs any longer.
    #expect(serve(port, events: 1))
    #expect("\(port.condition)".contains("ip link set \(linkName(4)) mtu 1500"))
    port.stop()
  }

  @Test("The kernel's links are read, and its refusals are errors with its number")
  func reads() throws {
    let access = LinuxKernelLink(loop: loop, token: 3)
    let state = try access.readState()
    let loopback = try #require(state.link(named: "lo"))
    #expect(loopback.hardwareType == 772)
    #expect(loopback.address == [0, 0, 0, 0, 0, 0])
    #expect(access.readStatistics(of: "lo") != nil)
    #expect(access.readStatistics(of: "nosuchlink") == nil)
    var missing = loopback
    missing.index = 0x7FFF_FFFF
    do throws(SystemError) {
      try access.raise(missing)
      Issue.record("a link that is not there was raised")
    } catch {
      #expect(error.code == ENODEV)
    }
  }
}
