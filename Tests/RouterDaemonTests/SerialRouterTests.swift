import AdminProtocol
import BusIO
import Glibc
import MCTPWire
import TestSupport
import Testing

@testable import RouterDaemon

/// A router with a pseudo-terminal at each serial port; the test is the other side of each.
final class SerialRouterBench {
  let bench: DaemonBench
  private let lines: [String: Line]

  private final class Line {
    let terminal: PseudoTerminal
    init() throws { terminal = try PseudoTerminal() }
  }

  /// - Parameter ports: name to further keys, as `role: peer, network: 2`.
  init(_ ports: KeyValuePairs<String, String>, router: String = "eid: 10", routes: String) throws {
    var lines: [String: Line] = [:]
    var text = "version: 1\nrouter: { name: bench, \(router) }\nports:\n"
    for (name, keys) in ports {
      if keys.contains("device:") {
        text += "  - { name: \(name), bus: serial, \(keys) }\n"
        continue
      }
      let line = try Line()
      lines[name] = line
      text += "  - { name: \(name), bus: serial, device: \(line.terminal.farPath), \(keys) }\n"
    }
    text += "routes:\n" + routes
    self.lines = lines
    bench = try DaemonBench(text)
    for line in lines.values { drain(line) }
  }

  /// Forgets what arrived: the preamble that wakes a peer's receiver when a line comes up.
  private func drain(_ line: Line) {
    bench.settle()
    var buffer = [UInt8](repeating: 0, count: 4096)
    while read(line.terminal.descriptor, &buffer, buffer.count) > 0 {}
  }

  /// Writes bytes to a line.
  func send(_ bytes: [UInt8], to name: String) throws {
    let line = try #require(lines[name])
    #expect(write(line.terminal.descriptor, bytes, bytes.count) == bytes.count)
  }

  /// Turns the router until `count` bytes came out at a line; fewer when they never do.
  func receive(_ count: Int, from name: String) throws -> [UInt8] {
    let line = try #require(lines[name])
    var bytes: [UInt8] = []
    _ = bench.run {
      bytes += available(line)
      return bytes.count >= count
    }
    return bytes
  }

  /// What is there once the router has nothing more to do.
  func rest(of name: String) throws -> [UInt8] {
    bench.settle()
    return available(try #require(lines[name]))
  }

  private func available(_ line: Line) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(line.terminal.descriptor, &buffer, buffer.count)
    return count > 0 ? Array(buffer[..<count]) : []
  }

  /// Turns the router until a port has seen so many packets and damaged frames.
  func waitForPackets(_ count: UInt64, on name: String) throws {
    let isThere = bench.run {
      guard let port = try? bench.port(name) else { return false }
      return port.counters.packetsIn + port.counters.damagedFrames >= count
    }
    #expect(isThere)
  }

  static func frame(_ name: String) throws -> [UInt8] {
    try #require(testVectors("serial").first { $0.name == name }).bytes
  }
}

/// A serial frame, written anew from DSP0253: revision, byte count, escaped packet, FCS.
func serialFrame(_ packet: [UInt8]) -> [UInt8] {
  var fcs: UInt16 = 0xFFFF
  for byte in [0x01, UInt8(packet.count)] + packet {
    fcs ^= UInt16(byte)
    for _ in 0..<8 { fcs = fcs & 1 == 1 ? fcs >> 1 ^ 0x8408 : fcs >> 1 }
  }
  let escaped = packet.flatMap { byte -> [UInt8] in
    switch byte {
    case 0x7E: [0x7D, 0x5E]
    case 0x7D: [0x7D, 0x5D]
    default: [byte]
    }
  }
  return [0x7E, 0x01, UInt8(packet.count)] + escaped
    + [UInt8(fcs >> 8), UInt8(truncatingIfNeeded: fcs), 0x7E]
}

@Suite("The router between serial lines", .spec("DSP0253 1.0.0"))
struct SerialRouterTests {
  private static let routes = "  - { eids: 8, port: first }\n  - { eids: 9, port: second }\n"

  private func twoLines() throws -> SerialRouterBench {
    try SerialRouterBench(
      ["first": "role: peer", "second": "role: peer"], routes: SerialRouterTests.routes)
  }

  @Test("The tests' own framing agrees with the vectors", arguments: ["S1", "S2", "S9", "S12"])
  func framing(name: String) throws {
    let packets = [
      "S1": hex("01 00 08 c8 00 80 02"), "S2": hex("01 09 08 c0 7e 7d"),
      "S9": hex("01 09 08 82 7e 7d") + Array(repeating: 0x5A, count: 62),
      "S12": hex("01 09 08 88") + Array(repeating: 0x55, count: 64),
    ]
    #expect(serialFrame(try #require(packets[name])) == (try SerialRouterBench.frame(name)))
  }

  @Test(
    "Frames of the vectors leave as they came",
    arguments: ["S2", "S3", "S4", "S5", "S6", "S9", "S10", "S12"])
  func forwards(name: String) throws {
    let lines = try twoLines()
    let frame = try SerialRouterBench.frame(name)
    try lines.send(frame, to: "first")
    #expect(hexText(try lines.receive(frame.count, from: "second")) == hexText(frame))
    #expect(try lines.rest(of: "first") == [])
    #expect(try lines.bench.port("first").counters.forwarded == 1)
    #expect(try lines.bench.port("second").counters.packetsOut == 1)
    lines.bench.expectBalancedBooks()
  }

  @Test("A malformed frame costs itself only and is counted with its reason")
  func damaged() throws {
    let lines = try twoLines()
    let good = try SerialRouterBench.frame("S3")
    var wrongFCS = try SerialRouterBench.frame("S2")
    wrongFCS[wrongFCS.count - 2] ^= 1
    let wrongRevision = hex("7e 02 06 01 09 08 c0 00 41 00 00 7e")
    let wrongEscape = hex("7e 01 06 01 09 08 c0 7d 42 00 00 7e")
    try lines.send(good + wrongFCS + good + wrongRevision + good + wrongEscape + good, to: "first")
    let expected = good + good + good + good
    #expect(hexText(try lines.receive(expected.count, from: "second")) == hexText(expected))
    #expect(
      lines.bench.drops("first") == [
        "in frameIntegrity": 1, "in frameRevision": 1, "in frameEscape": 1,
      ])
    let counters = try lines.bench.port("first").counters
    #expect(counters.damagedFrames == 3)
    #expect(counters.packetsIn == 4)
    #expect(try lines.rest(of: "second") == [])
    lines.bench.expectBalancedBooks()
    let recent = lines.bench.router.dropsResult().recent
    #expect(recent.map(\.reason) == ["frameEscape", "frameRevision", "frameIntegrity"])
    #expect(recent.allSatisfy { $0.port == "first" && $0.direction == .ingress })
  }

  @Test("PLDM for the router itself is not supported", .spec("DSP0236 1.3.3 §8.10"))
  func pldm() throws {
    let lines = try twoLines()
    try lines.send(serialFrame(hex("01 0a 08 c8 01 80 00 02")), to: "first")
    try lines.waitForPackets(1, on: "first")
    #expect(lines.bench.drops("first") == ["in messageTypeUnsupported": 1])
    #expect(try lines.rest(of: "first") == [])
    #expect(try lines.rest(of: "second") == [])
    lines.bench.expectBalancedBooks()
  }

  @Test(
    "Control requests are answered through the line they came on, byte for byte",
    .spec("DSP0236 1.3.3 §12"),
    arguments: [
      // V7: Get Endpoint ID by null destination; a bridge, its static EID is the present one.
      ("01 00 08 c8 00 80 02", "01 08 0a c0 00 00 02 00 0a 12 00"),
      ("01 0a 08 cd 00 9f 02", "01 08 0a c5 00 1f 02 00 0a 12 00"),
      // V11: Get Message Type Support; control only, counted.
      ("01 0a 08 c8 00 81 05", "01 08 0a c0 00 01 05 00 01 00"),
      // V10: Prepare for Endpoint Discovery where the binding has none: ERROR_UNSUPPORTED_CMD.
      ("01 0a 08 c8 00 80 0b", "01 08 0a c0 00 00 0b 05"),
      // A request that is one byte too long: ERROR_INVALID_LENGTH.
      ("01 0a 08 c8 00 80 02 00", "01 08 0a c0 00 00 02 03"),
    ])
  func control(request: String, response: String) throws {
    let lines = try twoLines()
    try lines.send(serialFrame(hex(request)), to: "first")
    let expected = serialFrame(hex(response))
    #expect(hexText(try lines.receive(expected.count, from: "first")) == hexText(expected))
    #expect(try lines.rest(of: "second") == [])
    let counters = try lines.bench.port("first").counters
    #expect(counters.delivered == 1)
    #expect(counters.originated == 1)
    lines.bench.expectBalancedBooks()
  }

  @Test(
    "What explain says is what happens",
    arguments: [
      ("first", 8, 9, 8, "forwarded"), ("first", 8, 10, 8, "delivered"),
      ("first", 8, 0, 8, "delivered"), ("first", 0, 0, 8, "delivered"),
      ("first", 8, 70, 8, "destinationUnroutable"), ("first", 9, 8, 8, "sourceNotBehindPort"),
      ("first", 70, 9, 8, "sourceNotBehindPort"), ("first", 10, 9, 8, "sourceIsSelf"),
      ("first", 8, 1, 8, "destinationEIDIllegal"), ("first", 255, 9, 8, "sourceEIDIllegal"),
      ("first", 7, 9, 8, "sourceEIDIllegal"), ("first", 0, 9, 8, "nullSourceNotBridged"),
      ("first", 0, 70, 8, "nullSourceNotBridged"), ("first", 8, 8, 8, "nextHopIsSender"),
      ("first", 8, 9, 64, "forwarded"), ("first", 8, 9, 65, "transmissionUnitExceeded"),
      ("first", 8, 11, 8, "portDown"), ("loose", 12, 9, 8, "forwarded"),
      ("off", 70, 9, 8, "forwarded"),
    ])
  func explain(
    port: String, source: UInt8, destination: UInt8, payloadBytes: Int, fate: String
  ) throws {
    let lines = try SerialRouterBench(
      [
        "first": "role: peer, transmission-unit: 128", "second": "role: peer",
        "away": "role: peer, device: /dev/ttyS-not-there",
        "loose": "role: peer, source-check: loose", "off": "role: peer, source-check: 'off'",
      ],
      routes: SerialRouterTests.routes
        + "  - { eids: 11, port: away }\n  - { eids: 12, port: loose }\n")
    let told = try lines.bench.ask(
      ExplainRequest(
        source: source, destination: destination, port: port, payloadBytes: payloadBytes))
    let words = told.reason ?? told.verdict.rawValue
    #expect(words == fate)
    #expect(told.egressPort == (fate == "forwarded" ? "second" : nil))
    let failed = told.steps.filter { $0.outcome == .failed }
    #expect(failed.count == (told.verdict == .dropped ? 1 : 0))
    #expect(told.verdict != .dropped || told.steps.last?.outcome == .failed)

    let get = hex("00 80 02")
    let body = get + [UInt8](repeating: 0, count: payloadBytes - get.count)
    try lines.send(serialFrame([0x01, destination, source, 0xC8] + body), to: port)
    try lines.waitForPackets(1, on: port)
    let counters = try lines.bench.port(port).counters
    #expect(counters.forwarded == (told.verdict == .forwarded ? 1 : 0))
    #expect(counters.delivered == (told.verdict == .delivered ? 1 : 0))
    #expect(lines.bench.drops(port) == (told.reason.map { ["in \($0)": 1] } ?? [:]))
    lines.bench.expectBalancedBooks()
  }

  @Test("Two networks in one router share EIDs and nothing else")
  func networks() throws {
    let lines = try SerialRouterBench(
      [
        "a1": "role: peer, network: 1", "a2": "role: peer, network: 1",
        "b1": "role: peer, network: 2", "b2": "role: peer, network: 2",
      ],
      routes: "  - { eids: 8, port: a1 }\n  - { eids: 9, port: a2 }\n"
        + "  - { eids: 8, port: b1 }\n  - { eids: 9, port: b2 }\n  - { eids: 11, port: b2 }\n")
    let frame = try SerialRouterBench.frame("S2")
    for (from, to, others) in [("a1", "a2", ["b1", "b2"]), ("b1", "b2", ["a1", "a2"])] {
      try lines.send(frame, to: from)
      #expect(try lines.receive(frame.count, from: to) == frame)
      for other in others + [from] { #expect(try lines.rest(of: other) == []) }
    }
    // EID 11 exists in network 2 only.
    try lines.send(serialFrame(hex("01 0b 08 c8 7e 00")), to: "a1")
    try lines.waitForPackets(2, on: "a1")
    #expect(lines.bench.drops("a1") == ["in destinationUnroutable": 1])
    for port in ["b1", "b2", "a2"] { #expect(try lines.rest(of: port) == []) }

    // The router's own requests go to the network that they name.
    let client = try lines.bench.client()
    try client.begin(PingRequest(eid: 9, network: 2, timeoutMs: 60_000))
    let request = try lines.receive(13, from: "b2")
    #expect(request.starts(with: hex("7e 01 07 01 09 0a")))
    #expect(try lines.rest(of: "a2") == [])
    lines.bench.expectBalancedBooks()
  }

  @Test("A request of the router's own is on the line at once and takes its answer")
  func ownRequest() throws {
    let lines = try twoLines()
    let client = try lines.bench.client()
    try client.begin(PingRequest(eid: 9, timeoutMs: 60_000))
    let request = try lines.receive(13, from: "second")
    try #require(request.count == 13)
    #expect(request == serialFrame(Array(request[3..<10])))
    let packet = Array(request[3..<10])
    #expect(Array(packet[0...2]) == hex("01 09 0a"))
    #expect(packet[3] & 0xF8 == 0xC8)
    let answer =
      [0x01, 0x0A, 0x09, packet[3] & ~0x08, 0x00, packet[5] & 0x1F] + hex("02 00 09 00 00")
    try lines.send(serialFrame(answer), to: "second")
    let line = try #require(client.nextLine())
    let reply = try AdminReply<PingResult>(decoding: line)
    #expect(try reply.outcome.get().responder == 9)
    // The same answer again matches nothing any more.
    try lines.send(serialFrame(answer), to: "second")
    try lines.waitForPackets(2, on: "second")
    #expect(lines.bench.drops("second").values.reduce(0, +) == 1)
    lines.bench.expectBalancedBooks()
  }
}
