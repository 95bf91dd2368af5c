import AdminProtocol
import BusIO
import Glibc
import MCTPWire
import TestSupport
import Testing

@testable import RouterDaemon

@Suite("The admin socket under clients that misbehave")
struct AdminServerTests {
  private func lines() throws -> SerialRouterBench {
    try SerialRouterBench(
      ["first": "role: peer", "second": "role: peer"],
      routes: "  - { eids: 8, port: first }\n  - { eids: 9, port: second }\n")
  }

  /// Forwarding works, and a client that behaves is served.
  private func expectHealthy(
    _ lines: SerialRouterBench, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let frame = try SerialRouterBench.frame("S2")
    try lines.send(frame, to: "first")
    #expect(
      try lines.receive(frame.count, from: "second") == frame, sourceLocation: sourceLocation)
    let status = try lines.bench.ask(StatusRequest())
    #expect(status.name == "bench", sourceLocation: sourceLocation)
    lines.bench.expectBalancedBooks(sourceLocation: sourceLocation)
  }

  @Test("Garbage is answered line by line and the connection stays")
  func garbage() throws {
    let lines = try lines()
    let client = try lines.bench.client()
    for text in [
      "\u{0}\u{1}\n", "[]\n", "{\n", "nonsense\n", String(repeating: "[", count: 5000) + "\n",
      "{\"version\":1,\"id\":-1,\"request\":\"status\"}\n", "{\"version\":1,\"id\":4}\n",
    ] {
      client.send(text)
      #expect(client.nextErrorCode() == .malformedRequest, "\(text.prefix(20))")
    }
    client.send((0...255).filter { $0 != 0x0A } + [0x0A])
    #expect(client.nextErrorCode() == .malformedRequest)
    client.send("{\"version\":1,\"id\":4,\"request\":\"reboot\"}\n")
    #expect(client.nextErrorCode() == .unknownRequest)
    client.send("{\"version\":1,\"id\":4,\"request\":\"ping\",\"eid\":255,\"timeoutMs\":1}\n")
    #expect(client.nextErrorCode() == .invalidParameter)
    #expect(try client.ask(StatusRequest()).get().name == "bench")
    try expectHealthy(lines)
  }

  @Test("An unknown version is refused under its id", arguments: ["2", "0", "\"1\"", "null"])
  func version(text: String) throws {
    let lines = try lines()
    let client = try lines.bench.client()
    client.send("{\"version\":\(text),\"id\":77,\"request\":\"status\"}\n")
    let line = String(decoding: client.nextLine() ?? [], as: UTF8.self)
    #expect(line.contains("\"unsupported-version\""))
    #expect(line.contains("\"id\":77"))
    try expectHealthy(lines)
  }

  @Test("Half a line and then silence holds nobody up")
  func halfLine() throws {
    let lines = try lines()
    let silent = try lines.bench.client()
    silent.send("{\"version\":1,\"id\":1,\"requ")
    lines.bench.settle()
    #expect(lines.bench.router.nextDeadline == nil)
    try expectHealthy(lines)
    silent.send("est\":\"status\"}\n")
    let line = String(decoding: silent.nextLine() ?? [], as: UTF8.self)
    #expect(line.contains("\"name\":\"bench\""))
  }

  @Test("Requests that come in pieces or together are answered in order")
  func pieces() throws {
    let lines = try lines()
    let client = try lines.bench.client()
    for byte in "{\"version\":1,\"id\":1,\"request\":\"status\"}\n".utf8 {
      client.send([byte])
      lines.bench.settle()
    }
    #expect(client.nextLine() != nil)
    let many = (1...100).map { "{\"version\":1,\"id\":\($0),\"request\":\"status\"}\n" }
    client.send(many.joined())
    for id in 1...100 {
      let line = String(decoding: client.nextLine() ?? [], as: UTF8.self)
      #expect(line.contains("\"id\":\(id),"))
    }
  }

  @Test("A megabyte without a newline is refused and cut off")
  func endlessLine() throws {
    let lines = try lines()
    let client = try lines.bench.client()
    client.send([UInt8](repeating: 0x20, count: 1 << 20))
    #expect(client.nextErrorCode() == .requestTooLong)
    #expect(client.isCutOffAtLast())
    try expectHealthy(lines)
  }

  @Test("The longest line is taken, one byte more is not")
  func longestLine() throws {
    let lines = try lines()
    let text = "{\"version\":1,\"id\":1,\"request\":\"status\""
    for (extra, isTaken) in [(0, true), (1, false)] {
      let client = try lines.bench.client()
      let blanks = AdminLimits.requestBytesMax + extra - text.utf8.count - 1
      client.send(text + String(repeating: " ", count: blanks) + "}\n")
      let line = String(decoding: client.nextLine() ?? [], as: UTF8.self)
      #expect(line.contains("\"name\":\"bench\"") == isTaken)
      #expect(line.contains("request-too-long") != isTaken)
    }
    try expectHealthy(lines)
  }

  @Test("The seventeenth client is told that the router is busy until a place is free")
  func crowd() throws {
    let lines = try lines()
    var clients = try (0..<AdminServer.connectionCountMax).map { _ in try lines.bench.client() }
    for client in clients { #expect(try client.ask(StatusRequest()).get().name == "bench") }
    for _ in 0..<5 {
      let late = try lines.bench.client()
      #expect(late.nextErrorCode() == .busy)
      #expect(late.isCutOffAtLast())
    }
    clients.removeLast().hangUp()
    lines.bench.settle()
    try expectHealthy(lines)
    for client in clients { #expect(try client.ask(StatusRequest()).get().name == "bench") }
  }

  @Test(
    "A client that asks without end and never reads is cut off, and costs bounded memory")
  func neverReads() throws {
    // A long table, so that the bound is met after few replies.
    let lines = try SerialRouterBench(
      ["first": "role: peer", "second": "role: peer"],
      routes: (11...200).map { "  - { eids: \($0), port: first }\n" }.joined()
        + "  - { eids: 8, port: first }\n  - { eids: 9, port: second }\n")
    let client = try lines.bench.client()
    let request = Array("{\"version\":1,\"id\":1,\"request\":\"routes\"}\n".utf8)
    let batch = Array(repeatElement(request, count: 1000).joined())
    let before = try residentBytes()
    var batches = 0
    while !client.isCutOff, batches < 100 {
      client.send(batch)
      batches += 1
    }
    #expect(client.isCutOff)
    let after = try residentBytes()
    // The bound on replies that wait, and room for what the allocator keeps. A sanitizer keeps what
    // was freed: `tools/sanitize` sets the variable and prints that this is left out.
    if getenv("MCTP_SANITIZER") == nil {
      #expect(after - before < 6 * AdminConnection.pendingBytesMax)
    }
    try expectHealthy(lines)
  }

  @Test("One turn of the loop serves no client's flood to its end")
  func flood() throws {
    let lines = try lines()
    let client = try lines.bench.client()
    // Little to read, much to answer: all of it fits the socket's buffer and one read.
    let request = Array("{\"version\":1,\"id\":1,\"request\":\"ports\"}\n".utf8)
    client.send(Array(repeatElement(request, count: 1000).joined()))
    let frame = try SerialRouterBench.frame("S2")
    try lines.send(frame, to: "first")
    // The kernel hands a terminal's bytes over in its own time: a few turns more on a busy machine,
    // and far fewer than a flood takes.
    for _ in 0..<10 where try lines.bench.port("second").counters.packetsOut == 0 {
      lines.bench.router.turn(until: .zero)
    }
    // Forwarded though the flood is not answered yet.
    #expect(try lines.bench.port("second").counters.packetsOut == 1)
    var answered = 0
    while answered < 1000, client.nextLine() != nil { answered += 1 }
    #expect(answered == 1000)
    #expect(lines.bench.router.nextDeadline == nil)
    try expectHealthy(lines)
  }

  @Test("Who hangs up in the middle of a ping is forgotten")
  func hangUp() throws {
    let lines = try lines()
    let client = try lines.bench.client()
    try client.begin(PingRequest(eid: 9, timeoutMs: 300))
    let request = try lines.receive(13, from: "second")
    client.hangUp()
    lines.bench.settle()
    try expectHealthy(lines)
    // Both ends of the exchange: an answer for nobody, and a time-out for nobody.
    let answer =
      [0x01, 0x0A, 0x09, request[6] & ~0x08, 0x00, request[8] & 0x1F] + hex("02 00 09 00 00")
    try lines.send(serialFrame(answer), to: "second")
    let other = try lines.bench.client()
    try other.begin(PingRequest(eid: 9, timeoutMs: 1))
    _ = try lines.receive(13, from: "second")
    other.hangUp()
    let isOver = lines.bench.run { lines.bench.router.nextDeadline == nil }
    #expect(isOver)
    try expectHealthy(lines)
  }

  @Test("More requests at once than there is room for are refused, not lost")
  func manyPings() throws {
    let lines = try lines()
    let client = try lines.bench.client()
    for _ in 0..<200 { try client.begin(PingRequest(eid: 9, timeoutMs: 500)) }
    var codes: [AdminErrorCode: Int] = [:]
    for _ in 0..<200 {
      guard let code = client.nextErrorCode() else { break }
      codes[code, default: 0] += 1
    }
    #expect(codes.values.reduce(0, +) == 200)
    #expect(codes[.busy, default: 0] > 0)
    #expect(codes[.timedOut, default: 0] > 0)
    #expect(codes.count == 2)
    _ = try lines.rest(of: "second")
    try expectHealthy(lines)
  }

  private func residentBytes() throws -> Int {
    let fields = try Files.text("/proc/self/statm").split(separator: " ")
    return try #require(Int(fields[1])) * Int(getpagesize())
  }
}
