import AdminProtocol
import Testing

@Suite("AdminRequest")
struct AdminRequestTests {
  @Test("Every request survives the way through its line", arguments: Samples.requests)
  func roundTrip(body: AdminRequest.Body) throws {
    let request = AdminRequest(id: 4_294_967_295, body: body)
    var line = try request.line()
    #expect(line.removeLast() == 0x0A)
    #expect(!line.contains(0x0A))
    #expect(try AdminRequest(decoding: line) == request)
  }

  @Test("The lines on the wire are these")
  func golden() throws {
    #expect(
      try AdminRequest(id: 7, body: .routes).line()
        == bytes("{\"id\":7,\"request\":\"routes\",\"version\":1}\n"))
    let send = SendRequest(eid: 9, message: HexBytes([0x00, 0x80, 0x0A]), timeoutMs: 500)
    #expect(
      try AdminRequest(id: 1, body: .send(send)).line()
        == bytes(
          "{\"body\":\"00800a\",\"eid\":9,\"id\":1,\"request\":\"send\",\"timeoutMs\":500,"
            + "\"version\":1}\n"))
  }

  @Test("Every name in the list is a request, and every request is in the list")
  func names() throws {
    #expect(
      Set(Samples.requests.map { AdminRequest(id: 0, body: $0).name }) == Set(AdminRequest.names))
    for name in AdminRequest.names {
      let line = "{\"version\":1,\"id\":3,\"request\":\"\(name)\"}"
      do {
        #expect(try AdminRequest(decoding: bytes(line)).name == name)
      } catch {
        #expect(error.error.code == .invalidParameter, "\(name)")
      }
    }
  }

  @Test("Unknown fields are ignored and null stands for nothing")
  func tolerance() throws {
    let line = bytes(
      "{\"version\":1,\"id\":7,\"request\":\"ping\",\"eid\":9,\"from\":null,\"timeoutMs\":5,"
        + "\"later\":{\"x\":[1,2]}}")
    let expected = AdminRequest(id: 7, body: .ping(PingRequest(eid: 9, timeoutMs: 5)))
    #expect(try AdminRequest(decoding: line) == expected)
  }

  struct Bad: Sendable, CustomTestStringConvertible {
    let line: String
    let id: UInt32?
    let code: AdminErrorCode
    var testDescription: String { String(line.prefix(60)) }

    init(_ line: String, id: UInt32? = nil, _ code: AdminErrorCode) {
      self.line = line
      self.id = id
      self.code = code
    }
  }

  @Test(
    "Bad lines are answered with the right code, under their id where they have one",
    arguments: [
      Bad("", .malformedRequest),
      Bad("{", .malformedRequest),
      Bad("garbage", .malformedRequest),
      Bad("[1]", .malformedRequest),
      Bad("7", .malformedRequest),
      Bad("{\"version\":1,\"id\":7,\"request\":\"routes\"} {}", .malformedRequest),
      Bad("{\"version\":1,\"id\":7,\"request\":\"rou", .malformedRequest),
      Bad("{\"version\":1,\"id\":7,\"request\":\"\\ud800\"}", .malformedRequest),
      Bad("{\"version\":1,\"request\":\"routes\"}", .malformedRequest),
      Bad("{\"version\":1,\"id\":-1,\"request\":\"routes\"}", .malformedRequest),
      Bad("{\"version\":1,\"id\":4294967296,\"request\":\"routes\"}", .malformedRequest),
      Bad("{\"version\":1,\"id\":7.5,\"request\":\"routes\"}", .malformedRequest),
      Bad("{\"version\":1,\"id\":\"7\",\"request\":\"routes\"}", .malformedRequest),
      Bad("{\"version\":1,\"id\":7}", id: 7, .malformedRequest),
      Bad("{\"version\":1,\"id\":7,\"request\":3}", id: 7, .malformedRequest),
      Bad("{}", .unsupportedVersion),
      Bad("{\"id\":7,\"request\":\"routes\"}", id: 7, .unsupportedVersion),
      Bad("{\"version\":2,\"id\":7,\"request\":\"routes\"}", id: 7, .unsupportedVersion),
      Bad("{\"version\":\"1\",\"id\":7,\"request\":\"routes\"}", id: 7, .unsupportedVersion),
      Bad("{\"version\":1e99,\"id\":7,\"request\":\"routes\"}", id: 7, .unsupportedVersion),
      Bad("{\"version\":1,\"id\":7,\"request\":\"reboot\"}", id: 7, .unknownRequest),
      Bad("{\"version\":1,\"id\":7,\"request\":\"Routes\"}", id: 7, .unknownRequest),
      Bad("{\"version\":1,\"id\":7,\"request\":\"ping\"}", id: 7, .invalidParameter),
      ping("\"eid\":7,\"timeoutMs\":1"), ping("\"eid\":255,\"timeoutMs\":1"),
      ping("\"eid\":\"9\",\"timeoutMs\":1"), ping("\"eid\":9.5,\"timeoutMs\":1"),
      ping("\"eid\":9,\"timeoutMs\":0"), ping("\"eid\":9,\"timeoutMs\":60001"),
      ping("\"eid\":9,\"timeoutMs\":99999999999999999999999"),
      ping("\"eid\":9,\"from\":0,\"timeoutMs\":1"), ping("\"eid\":9,\"network\":0,\"timeoutMs\":1"),
      ping("\"eid\":9,\"from\":true,\"timeoutMs\":1"), ping("\"eid\":null,\"timeoutMs\":1"),
      send("\"eid\":9,\"timeoutMs\":1"), send("\"eid\":9,\"body\":\"\",\"timeoutMs\":1"),
      send("\"eid\":9,\"body\":\"0\",\"timeoutMs\":1"),
      send("\"eid\":9,\"body\":\"0g\",\"timeoutMs\":1"),
      send("\"eid\":9,\"body\":[0],\"timeoutMs\":1"),
      explain("\"source\":256,\"destination\":9"), explain("\"source\":8"),
      explain("\"source\":8,\"destination\":9,\"port\":3"),
      explain("\"source\":8,\"destination\":9,\"payloadBytes\":-1"),
      explain("\"source\":8,\"destination\":9,\"payloadBytes\":65536"),
      probe("\"timeoutMs\":1"), probe("\"port\":7,\"timeoutMs\":1"),
      probe("\"port\":\"a\""), probe("\"port\":\"a\",\"address\":7,\"timeoutMs\":1"),
      probe("\"port\":\"a\",\"address\":120,\"timeoutMs\":1"),
      bad("eids", "\"network\":0"), bad("eids", "\"network\":256"),
      bad("eids", "\"network\":\"1\""), bad("tree", "\"network\":-1"),
      bad("tree", "\"network\":1.5"), bad("discovery", "\"port\":\"\""),
      bad("discovery", "\"port\":[]"), bad("discover", "\"port\":null"),
      bad("discover", "\"port\":\"\""), bad("discover", "\"port\":{\"name\":\"a\"}"),
      bad("assign", "\"eid\":9"), bad("assign", "\"port\":\"a\""),
      bad("assign", "\"eid\":7,\"port\":\"a\""), bad("assign", "\"eid\":255,\"port\":\"a\""),
      bad("assign", "\"eid\":9,\"port\":\"a\",\"address\":29"),
      bad("assign", "\"eid\":9,\"port\":\"a\",\"address\":\"\""),
      bad("assign", "\"eid\":9,\"port\":\"a\",\"address\":\"0x78\""),
      bad("allocate", "\"eid\":9"), bad("allocate", "\"eid\":9,\"count\":0"),
      bad("allocate", "\"eid\":9,\"count\":247"), bad("allocate", "\"eid\":0,\"count\":1"),
      bad("allocate", "\"eid\":9,\"count\":1e30"),
      bad("forget", "\"eid\":\"all\""), bad("forget", "\"eid\":9,\"network\":0"),
      bad("recover", "\"network\":1"), bad("recover", "\"eid\":256"),
      bad("events", "\"since\":-1"), bad("events", "\"since\":\"0\""),
      bad("events", "\"since\":0.5"), bad("events", "\"since\":18446744073709551616"),
      bad("events", "\"since\":true"),
    ])
  func refusals(bad: Bad) {
    let error = #expect(throws: AdminRequest.Rejection.self) {
      try AdminRequest(decoding: bytes(bad.line))
    }
    #expect(error?.id == bad.id)
    #expect(error?.error.code == bad.code)
  }

  static func ping(_ fields: String) -> Bad {
    Bad("{\"version\":1,\"id\":7,\"request\":\"ping\",\(fields)}", id: 7, .invalidParameter)
  }

  static func send(_ fields: String) -> Bad {
    Bad("{\"version\":1,\"id\":7,\"request\":\"send\",\(fields)}", id: 7, .invalidParameter)
  }

  static func explain(_ fields: String) -> Bad {
    Bad("{\"version\":1,\"id\":7,\"request\":\"explain\",\(fields)}", id: 7, .invalidParameter)
  }

  static func probe(_ fields: String) -> Bad {
    Bad("{\"version\":1,\"id\":7,\"request\":\"probe\",\(fields)}", id: 7, .invalidParameter)
  }

  static func bad(_ request: String, _ fields: String) -> Bad {
    Bad("{\"version\":1,\"id\":7,\"request\":\"\(request)\",\(fields)}", id: 7, .invalidParameter)
  }

  @Test("An address that is none is named in the refusal, cut short")
  func addressRefusal() throws {
    let address = String(repeating: "x", count: 1000)
    let error = try #require(throws: AdminRequest.Rejection.self) {
      try AdminRequest(
        decoding: bytes(
          "{\"version\":1,\"id\":7,\"request\":\"assign\",\"eid\":9,\"port\":\"a\","
            + "\"address\":\"\(address)\"}"))
    }
    #expect(
      error.error.message
        == "`" + String(repeating: "x", count: 40) + "` is not a physical address")
    #expect(error.error.hint == AssignRequest.addressHint)
  }

  @Test("The lines of the bus owner's requests on the wire are these")
  func ownerGolden() throws {
    let lines: [(AdminRequest.Body, String)] = [
      (
        .eids(EIDsRequest(network: 2)),
        "{\"id\":7,\"network\":2,\"request\":\"eids\",\"version\":1}\n"
      ),
      (.tree(TreeRequest()), "{\"id\":7,\"request\":\"tree\",\"version\":1}\n"),
      (
        .discovery(DiscoveryRequest(port: "a")),
        "{\"id\":7,\"port\":\"a\",\"request\":\"discovery\",\"version\":1}\n"
      ),
      (
        .discover(DiscoverRequest(port: "a")),
        "{\"id\":7,\"port\":\"a\",\"request\":\"discover\",\"version\":1}\n"
      ),
      (
        .assign(AssignRequest(eid: 9, port: "a", address: "0x1d")),
        "{\"address\":\"0x1d\",\"eid\":9,\"id\":7,\"port\":\"a\",\"request\":\"assign\",\"version\":1}\n"
      ),
      (
        .allocate(AllocateRequest(eid: 9, count: 15)),
        "{\"count\":15,\"eid\":9,\"id\":7,\"request\":\"allocate\",\"version\":1}\n"
      ),
      (
        .forget(ForgetRequest(eid: 9, network: 2)),
        "{\"eid\":9,\"id\":7,\"network\":2,\"request\":\"forget\",\"version\":1}\n"
      ),
      (
        .recover(RecoverRequest(eid: 9)),
        "{\"eid\":9,\"id\":7,\"request\":\"recover\",\"version\":1}\n"
      ),
      (
        .events(EventsRequest(since: 41)),
        "{\"id\":7,\"request\":\"events\",\"since\":41,\"version\":1}\n"
      ),
    ]
    for (body, line) in lines {
      #expect(try AdminRequest(id: 7, body: body).line() == bytes(line))
    }
  }

  @Test("A body of 32000 bytes fits a request line, one more is refused")
  func longestBody() throws {
    for (count, fits) in [(32_000, true), (32_001, false)] {
      let send = SendRequest(
        eid: 254, from: 254, network: 255, message: HexBytes(Array(repeating: 0xFF, count: count)),
        timeoutMs: 60_000)
      let line = try AdminRequest(id: .max, body: .send(send)).line()
      #expect(line.count - 1 <= AdminLimits.requestBytesMax)
      if fits {
        #expect(try AdminRequest(decoding: line).body == .send(send))
      } else {
        let error = #expect(throws: AdminRequest.Rejection.self) {
          try AdminRequest(decoding: line)
        }
        #expect(error?.error.code == .messageTooLong)
      }
    }
  }

  @Test("The reply to a rejected line carries its id and its code")
  func rejectionReply() throws {
    let error = try #require(throws: AdminRequest.Rejection.self) {
      try AdminRequest(decoding: bytes("{\"version\":1,\"id\":7,\"request\":\"reboot\"}"))
    }
    let reply = try AdminReply<RoutesResult>(decoding: error.replyLine)
    #expect(reply.id == 7)
    #expect(reply.outcome == .failure(error.error))
    let long = try AdminReply<RoutesResult>(decoding: AdminRequest.Rejection.lineTooLong.replyLine)
    #expect(long.id == nil)
  }
}
