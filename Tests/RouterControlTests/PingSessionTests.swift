import AdminProtocol
import RouterControl
import Testing

@Suite("PingSession")
struct PingSessionTests {
  /// Replies by the request's id, which counts from 1.
  private func run(
    count: Int, _ reply: @escaping @Sendable (UInt32) -> Result<PingResult, AdminError>
  ) throws -> (lines: String, pauses: [Int], report: PingSession.Report) {
    let daemon = try FakeDaemon { (request: AdminRequest) in
      switch reply(request.id) {
      case .success(let result): AdminReplyLine.success(id: request.id, result)
      case .failure(let error): AdminReplyLine.failure(id: request.id, error)
      }
    }
    defer { daemon.stop() }
    var client = try AdminClient(path: daemon.path, patienceMs: FakeDaemon.patienceMs)
    var (lines, pauses): (String, [Int]) = ("", [])
    let session = PingSession(
      request: PingRequest(eid: 9, timeoutMs: 500), count: count, intervalMs: 250)
    let report = try session.run(
      &client, pause: { pauses.append($0) }, progress: { lines += $0 })
    return (lines, pauses, report)
  }

  @Test("Answers and silences are told as they come, then summed up")
  func mixed() throws {
    let times: [UInt64] = [1_000, 0, 2_500, 70_001]
    let session = try run(count: 4) { id in
      id == 2
        ? .failure(AdminError(.timedOut, "no answer within 500 ms"))
        : .success(
          PingResult(
            responder: id == 4 ? 12 : 9, roundTripUs: times[Int(id) - 1],
            completionCode: id == 3 ? 4 : 0))
    }
    #expect(
      session.lines == """
        answer from EID 9: seq=1 time=1.000 ms
        no answer from EID 9: seq=2 no answer within 500 ms
        answer from EID 9: seq=3 time=2.500 ms ERROR_NOT_READY
        answer from EID 12: seq=4 time=70.001 ms

        """)
    #expect(session.pauses == [250, 250, 250])
    #expect(
      session.report.statistics.text(eid: 9) == """
        --- EID 9 ping statistics ---
        4 sent, 3 received, 25% lost
        round trip min/avg/max = 1.000/24.500/70.001 ms

        """)
    #expect(
      try jsonText(session.report)
        == "{\"attempts\":["
        + "{\"result\":{\"completionCode\":0,\"responder\":9,\"roundTripUs\":1000},\"sequence\":1},"
        + "{\"error\":{\"code\":\"timed-out\",\"message\":\"no answer within 500 ms\"},\"sequence\":2},"
        + "{\"result\":{\"completionCode\":4,\"responder\":9,\"roundTripUs\":2500},\"sequence\":3},"
        + "{\"result\":{\"completionCode\":0,\"responder\":12,\"roundTripUs\":70001},\"sequence\":4}],"
        + "\"statistics\":{\"averageUs\":24500,\"lostPercent\":25,\"maxUs\":70001,\"minUs\":1000,"
        + "\"received\":3,\"sent\":4}}\n")
  }

  @Test("When nobody answers there is no round trip to tell of")
  func nobody() throws {
    let session = try run(count: 3) { _ in .failure(AdminError(.notDelivered, "not taken")) }
    #expect(
      session.report.statistics.text(eid: 9)
        == "--- EID 9 ping statistics ---\n3 sent, 0 received, 100% lost\n")
  }

  @Test("Lost shares are rounded to nearest")
  func rounding() throws {
    let twoOfThree = try run(count: 3) { id in
      id == 1
        ? .success(PingResult(responder: 9, roundTripUs: .max, completionCode: 0))
        : .failure(AdminError(.portDown, "down"))
    }
    #expect(twoOfThree.report.statistics.lostPercent == 67)
    #expect(twoOfThree.report.statistics.averageUs == .max)
  }

  @Test("An error that stays ends the session at once")
  func lasting() throws {
    let error = try #require(throws: CommandFailure.self) {
      try run(count: 5) { id in
        .failure(id == 1 ? AdminError(.unroutable, "no route to EID 9") : AdminError(.busy, "late"))
      }
    }
    #expect(error.error?.code == .unroutable)
    #expect(error.status == .requestFailed)
  }
}
