import AdminProtocol
import Testing

@Suite("EventLog")
struct EventLogTests {
  /// A log with events named after their numbers, one each 10 ms.
  private func log(capacity: Int = 4, count: Int) -> EventLog {
    var log = EventLog(capacity: capacity)
    for number in 0..<count {
      log.append(.portUp, "event \(number + 1)", timeMs: UInt64(number) * 10)
    }
    return log
  }

  /// All that a reader is told, as kind, number and missed events.
  private func told(
    _ log: EventLog, _ reader: inout EventLog.Reader, nowMs: UInt64 = 1000
  ) -> [String] {
    var told: [String] = []
    while let row = log.next(for: &reader, nowMs: nowMs) {
      let missed = row.fields.missedCount.map { " missed \($0)" } ?? ""
      told.append("\(row.kind.text) \(row.sequence)" + missed)
    }
    return told
  }

  private func told(_ log: EventLog, since: UInt64?) -> [String] {
    var reader = log.reader(since: since)
    return told(log, &reader)
  }

  @Test("Without a number a reader begins with the next event")
  func live() {
    var log = log(count: 3)
    var reader = log.reader(since: nil)
    #expect(told(log, &reader) == ["listening 3"])
    #expect(told(log, &reader) == [])
    log.append(.portDown, "a", timeMs: 50)
    log.append(.portUp, "b", timeMs: 60)
    #expect(told(log, &reader) == ["port-down 4", "port-up 5"])
    #expect(log.lastSequence == 5)
  }

  @Test("A number begins with the events after it")
  func since() {
    let log = log(count: 4)
    #expect(told(log, since: 4) == ["listening 4"])
    #expect(told(log, since: 3) == ["listening 4", "port-up 4"])
    #expect(
      told(log, since: 0) == ["listening 4", "port-up 1", "port-up 2", "port-up 3", "port-up 4"])
    #expect(told(EventLog(capacity: 1), since: 0) == ["listening 0"])
  }

  @Test("Events that are no longer kept are told as lost, with how many they were")
  func overwritten() {
    let log = log(count: 10)
    let kept = ["port-up 7", "port-up 8", "port-up 9", "port-up 10"]
    #expect(told(log, since: 0) == ["listening 10", "events-lost 6 missed 6"] + kept)
    #expect(told(log, since: 5) == ["listening 10", "events-lost 6 missed 1"] + kept)
    #expect(told(log, since: 6) == ["listening 10"] + kept)
  }

  @Test("A reader that is overtaken twice is told twice")
  func slowReader() {
    var log = log(count: 1)
    var reader = log.reader(since: 1)
    _ = log.next(for: &reader, nowMs: 0)
    for _ in 0..<5 { log.append(.portUp, "", timeMs: 0) }
    let first = log.next(for: &reader, nowMs: 0)
    #expect(first == .lost(1, last: 2))
    for _ in 0..<3 { log.append(.portUp, "", timeMs: 0) }
    #expect(
      told(log, &reader)
        == ["events-lost 5 missed 3", "port-up 6", "port-up 7", "port-up 8", "port-up 9"])
  }

  @Test("A number of an earlier run of the daemon gives all events, and says so")
  func restart() {
    let log = log(count: 2)
    #expect(
      told(log, since: 3) == ["listening 2", "numbering-restarted 0", "port-up 1", "port-up 2"])
    #expect(told(log, since: .max).prefix(2) == ["listening 2", "numbering-restarted 0"])
    #expect(told(EventLog(capacity: 1), since: 1) == ["listening 0", "numbering-restarted 0"])
  }

  @Test("The age of an event is counted from when it happened, and never below 0")
  func age() throws {
    var log = EventLog(capacity: 1)
    log.append(.portUp, "up", timeMs: 100)
    var reader = log.reader(since: 0)
    _ = log.next(for: &reader, nowMs: 0)
    var other = reader
    #expect(log.next(for: &reader, nowMs: 350)?.ageMs == 250)
    #expect(log.next(for: &other, nowMs: 99)?.ageMs == 0)
  }

  @Test("Lines end with the one that reaches the bound, and go on where they ended")
  func lines() throws {
    let log = log(count: 4)
    var reader = log.reader(since: 2)
    var lines: [[UInt8]] = []
    while true {
      let line = log.lines(for: &reader, requestID: 7, nowMs: 40, bytesMax: 1)
      if line.isEmpty { break }
      lines.append(line)
    }
    #expect(
      lines.map { String(decoding: $0, as: UTF8.self) } == [
        "{\"id\":7,\"result\":{\"ageMs\":0,\"fields\":{},\"kind\":\"listening\",\"sequence\":4,"
          + "\"text\":\"4 events so far\"},\"version\":1}\n",
        "{\"id\":7,\"result\":{\"ageMs\":20,\"fields\":{},\"kind\":\"port-up\",\"sequence\":3,"
          + "\"text\":\"event 3\"},\"version\":1}\n",
        "{\"id\":7,\"result\":{\"ageMs\":10,\"fields\":{},\"kind\":\"port-up\",\"sequence\":4,"
          + "\"text\":\"event 4\"},\"version\":1}\n",
      ])
    var together = log.reader(since: 2)
    #expect(
      log.lines(for: &together, requestID: 7, nowMs: 40, bytesMax: 10_000) == lines.flatMap { $0 })
    #expect(log.lines(for: &together, requestID: 7, nowMs: 40, bytesMax: 10_000) == [])
  }
}
