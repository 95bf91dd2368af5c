import AdminProtocol
import RouterControl
import Testing

@Suite("EventSession")
struct EventSessionTests {
  /// 2026-11-21 05:07:57.123 UTC.
  private static let clockMs: UInt64 = 1_795_237_677_123

  private static func row(
    _ sequence: UInt64, _ kind: EventKindName = .portUp, ageMs: UInt64 = 0
  ) -> EventRow {
    EventRow(sequence: sequence, ageMs: ageMs, kind: kind, text: "event \(sequence)")
  }

  /// The lines that a session prints when it is sent these rows, and how it failed.
  private func follow(
    _ rows: [EventRow], since: UInt64? = nil, count: Int? = nil, isJSON: Bool = false
  ) throws -> (lines: [String], failure: CommandFailure?) {
    let daemon = try FakeDaemon { line in
      guard let request = try? AdminRequest(decoding: line),
        request.body == .events(EventsRequest(since: since))
      else { return .close }
      return .writeAndClose(rows.map { AdminReplyLine.success(id: request.id, $0) })
    }
    defer { daemon.stop() }
    var client = try AdminClient(path: daemon.path, patienceMs: FakeDaemon.patienceMs)
    var lines: [String] = []
    let session = EventSession(request: EventsRequest(since: since), count: count, isJSON: isJSON)
    do {
      try session.run(
        &client, clockMs: { EventSessionTests.clockMs }, output: { lines.append($0) })
      return (lines, nil)
    } catch {
      return (lines, error)
    }
  }

  @Test("Each event is a line with its time, number and kind, until the connection ends")
  func text() throws {
    let (lines, failure) = try follow([
      EventSessionTests.row(41, .listening), EventSessionTests.row(42, ageMs: 7_123),
      EventSessionTests.row(43, .routingUpdateAcknowledged),
      EventSessionTests.row(1_000_000, .eventsLost),
      EventRow(sequence: 1_000_001, ageMs: 0, kind: .endpointUp, text: "EID 9\u{1B}[2J is up\n"),
    ])
    #expect(
      lines == [
        "2026-11-21T05:07:50.000Z     42  port-up               event 42\n",
        "2026-11-21T05:07:57.123Z     43  routing-update-acknowledged  event 43\n",
        "2026-11-21T05:07:57.123Z      -  events-lost           event 1000000\n",
        "2026-11-21T05:07:57.123Z  1000001  endpoint-up           EID 9?[2J is up?\n",
      ])
    #expect(failure?.status == .noConnection)
    #expect(failure?.message.hasPrefix("the daemon closed the connection on ") == true)
  }

  @Test("With JSON each line is one object with the time in it")
  func json() throws {
    let (lines, failure) = try follow(
      [EventSessionTests.row(0, .listening), .lost(16, last: 16), EventSessionTests.row(17)],
      since: 0, count: 1, isJSON: true)
    #expect(
      lines == [
        "{\"ageMs\":0,\"fields\":{\"missedCount\":16},\"kind\":\"events-lost\",\"sequence\":16,"
          + "\"text\":\"16 events missed\",\"time\":\"2026-11-21T05:07:57.123Z\"}\n",
        "{\"ageMs\":0,\"fields\":{},\"kind\":\"port-up\",\"sequence\":17,"
          + "\"text\":\"event 17\",\"time\":\"2026-11-21T05:07:57.123Z\"}\n",
      ])
    #expect(failure == nil)
  }

  @Test("The count counts events, not what the stream says of itself")
  func count() throws {
    let rows = [
      EventSessionTests.row(9, .listening), EventSessionTests.row(0, .numberingRestarted),
      EventSessionTests.row(1), EventSessionTests.row(2), EventSessionTests.row(3),
    ]
    let (lines, failure) = try follow(rows, since: 50, count: 2)
    #expect(
      lines.map { String($0.dropFirst(26).prefix(27)) } == [
        "    -  numbering-restarted ", "    1  port-up             ", "    2  port-up             ",
      ])
    #expect(failure == nil)
  }

  @Test("Numbers that are left out are shown as lost even when the daemon does not say so")
  func gaps() throws {
    let (lines, _) = try follow(
      [
        EventSessionTests.row(3, .listening), EventSessionTests.row(5),
        EventSessionTests.row(5), EventSessionTests.row(4), EventSessionTests.row(.max),
      ], since: 3)
    #expect(
      lines.map { String($0.dropFirst(26).drop { $0 == " " }) } == [
        "-  events-lost           1 event missed\n", "5  port-up               event 5\n",
        "5  port-up               event 5\n", "4  port-up               event 4\n",
        "-  events-lost           18446744073709551610 events missed\n",
        "18446744073709551615  port-up               event 18446744073709551615\n",
      ])
  }

  @Test("A daemon that says nothing at first is no connection; later it may be silent for long")
  func patience() throws {
    let daemon = try FakeDaemon { (_: [UInt8]) in .silence }
    defer { daemon.stop() }
    var client = try AdminClient(path: daemon.path, patienceMs: 20)
    let session = EventSession(request: EventsRequest(), isJSON: false)
    do {
      try session.run(&client, clockMs: { 0 }, output: { _ in })
      Issue.record("nothing was an answer")
    } catch {
      #expect(error.message == "the daemon on \(daemon.path) does not answer")
    }
  }

  @Test("What a real log gives is printed as it is")
  func log() throws {
    var log = EventLog(capacity: 2)
    for number in 1...5 { log.append(.portUp, "event \(number)", timeMs: 0) }
    var reader = log.reader(since: 1)
    var rows: [EventRow] = []
    while let row = log.next(for: &reader, nowMs: 0) { rows.append(row) }
    let (lines, failure) = try follow(rows, since: 1, count: 2)
    #expect(
      lines.map { String($0.dropFirst(26)) } == [
        "    -  events-lost           2 events missed\n", "    4  port-up               event 4\n",
        "    5  port-up               event 5\n",
      ])
    #expect(failure == nil)
  }
}
