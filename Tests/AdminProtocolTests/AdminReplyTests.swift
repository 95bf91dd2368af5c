import AdminProtocol
import Testing

@Suite("AdminReply")
struct AdminReplyTests {
  @Test("Every result survives the way through its line")
  func roundTrips() throws {
    try roundTrip(Samples.status)
    try roundTrip(Samples.ports)
    try roundTrip(Samples.routes)
    try roundTrip(Samples.endpoints)
    try roundTrip(Samples.drops)
    try roundTrip(Samples.ping)
    try roundTrip(Samples.send)
    try roundTrip(Samples.explain)
    try roundTrip(Samples.probe)
    try roundTrip(Samples.eids)
    try roundTrip(Samples.tree)
    try roundTrip(Samples.discovery)
    try roundTrip(Samples.command)
    try roundTrip(Samples.event)
  }

  private func roundTrip<Answer: Codable & Hashable & Sendable>(_ answer: Answer) throws {
    var line = AdminReplyLine.success(id: 12, answer)
    #expect(line.removeLast() == 0x0A)
    #expect(!line.contains(0x0A))
    let reply = try AdminReply<Answer>(decoding: line)
    #expect(reply == AdminReply(id: 12, outcome: .success(answer)))
  }

  @Test("The lines on the wire are these")
  func golden() {
    #expect(
      AdminReplyLine.success(id: 7, Samples.ping)
        == bytes(
          "{\"id\":7,\"result\":{\"completionCode\":0,\"responder\":9,\"roundTripUs\":1843},"
            + "\"version\":1}\n"))
    let error = AdminError(.timedOut, "no answer in 5 ms", hint: "raise --timeout")
    #expect(
      AdminReplyLine.failure(id: 7, error)
        == bytes(
          "{\"error\":{\"code\":\"timed-out\",\"hint\":\"raise --timeout\","
            + "\"message\":\"no answer in 5 ms\"},\"id\":7,\"version\":1}\n"))
  }

  @Test("An error code of a newer daemon is kept as text")
  func unknownCode() throws {
    let line = bytes(
      "{\"version\":1,\"id\":1,\"error\":{\"code\":\"on-fire\",\"message\":\"m\"},\"x\":1}")
    let reply = try AdminReply<PingResult>(decoding: line)
    guard case .failure(let error) = reply.outcome else {
      Issue.record("not a failure")
      return
    }
    #expect(error.codeText == "on-fire")
    #expect(error.code == nil)
    #expect(error.hint == nil)
  }

  @Test(
    "A line that is no reply says what is missing",
    arguments: [
      ("{\"version\":1,\"id\":1}", "`result` is missing"),
      ("{\"id\":1,\"result\":{}}", "`version` is missing"),
      ("{\"version\":3,\"id\":1,\"result\":{}}", "the daemon speaks protocol version 3"),
      (
        "{\"version\":1,\"id\":1,\"result\":{\"responder\":9,\"roundTripUs\":1}}",
        "`result.completionCode` is missing"
      ),
      (
        "{\"version\":1,\"id\":1,\"result\":{\"responder\":9,\"roundTripUs\":1,\"completionCode\":\"x\"}}",
        "`result.completionCode` does not hold what it should"
      ),
      (
        "{\"version\":1,\"id\":1,\"result\":{\"responder\":9,\"roundTripUs\":1,\"completionCode\":256}}",
        "a field does not hold what it should"
      ),
      ("nonsense", "not a JSON object: expected an object at byte 0"),
    ])
  func unreadable(line: String, message: String) {
    let error = #expect(throws: AdminReply<PingResult>.Unreadable.self) {
      try AdminReply<PingResult>(decoding: bytes(line))
    }
    #expect(error?.message == message)
  }

  @Test("Raw values of error codes are stable")
  func codes() {
    #expect(
      AdminErrorCode.allCases.map { $0.rawValue } == [
        "malformed-request", "request-too-long", "unsupported-version", "unknown-request",
        "invalid-parameter", "not-permitted", "unknown-network", "unknown-port", "source-not-own",
        "unroutable", "port-down", "not-delivered", "timed-out", "message-too-long", "busy",
        "internal", "unsupported", "not-bus-owner", "unknown-endpoint", "eid-taken",
        "not-a-bridge", "behind-bridge", "table-full",
      ])
  }

  @Test("The retries add up and saturate")
  func retries() {
    var retries = PortRow.Retries()
    #expect(retries.total == 0)
    retries.addressNotAcknowledged = 1
    retries.dataNotAcknowledged = 20
    retries.arbitrationLost = 300
    retries.busBusy = 4000
    retries.timedOut = 50_000
    retries.busError = 600_000
    #expect(retries.total == 654_321)
    retries.busError = .max
    #expect(retries.total == .max)
  }
}
