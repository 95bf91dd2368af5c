/// The last events, numbered from 1. Owns them; when it is full the oldest goes.
///
/// A reader is only a place in the log: however slowly a client reads, it costs no memory, and what
/// was overwritten before it came is told by an `events-lost`. Times are milliseconds of any clock
/// that never goes back.
public struct EventLog: Sendable {
  /// A client's place in the log.
  public struct Reader: Hashable, Sendable {
    /// The last event that the client knows.
    fileprivate var lastSequence: UInt64
    fileprivate var isToldOfStart = false
    fileprivate var isToldOfRestart: Bool
  }

  private struct Entry {
    let kind: EventKindName
    let text: String
    let fields: EventRow.Fields
    let timeMs: UInt64
  }

  /// Choice: 1024 events, some 200 kB, are the start of a large network with room for its first
  /// troubles.
  public static let usualCapacity = 1024

  /// Events that are kept.
  public let capacity: Int
  /// The number of the newest event; 0 before the first.
  public private(set) var lastSequence: UInt64 = 0
  private var entries: [Entry] = []

  public init(capacity: Int = usualCapacity) {
    precondition(capacity > 0, "a log keeps at least one event")
    self.capacity = capacity
  }

  /// The number of the oldest event that is kept; `lastSequence` + 1 when none is.
  private var firstSequence: UInt64 { lastSequence - UInt64(entries.count) + 1 }

  /// Adds an event and gives it the next number.
  ///
  /// - Parameter text: what happened, one line without a full stop.
  public mutating func append(
    _ kind: EventKindName, _ text: String, _ fields: EventRow.Fields = .init(), timeMs: UInt64
  ) {
    precondition(!kind.isOfStream, "the stream says this of itself")
    let entry = Entry(kind: kind, text: text, fields: fields, timeMs: timeMs)
    if entries.count < capacity {
      entries.append(entry)
    } else {
      entries[place(of: lastSequence + 1)] = entry
    }
    lastSequence += 1
  }

  private func place(of sequence: UInt64) -> Int { Int((sequence - 1) % UInt64(capacity)) }

  /// A reader for `EventsRequest.since`.
  public func reader(since: UInt64?) -> Reader {
    // A number that was never given here is one of an earlier run: all events are news then.
    let isEarlierRun = since.map { $0 > lastSequence } ?? false
    return Reader(
      lastSequence: isEarlierRun ? 0 : since ?? lastSequence, isToldOfRestart: !isEarlierRun)
  }

  /// What the reader is to be told next; nil when it knows all.
  public func next(for reader: inout Reader, nowMs: UInt64) -> EventRow? {
    guard reader.isToldOfStart else {
      reader.isToldOfStart = true
      return EventRow(
        sequence: lastSequence, ageMs: 0, kind: .listening,
        text: "\(lastSequence) events so far")
    }
    guard reader.isToldOfRestart else {
      reader.isToldOfRestart = true
      return EventRow(
        sequence: 0, ageMs: 0, kind: .numberingRestarted,
        text: "the daemon has restarted, its events are numbered from 1 again")
    }
    guard reader.lastSequence < lastSequence else { return nil }
    guard reader.lastSequence + 1 >= firstSequence else {
      let missed = firstSequence - 1 - reader.lastSequence
      reader.lastSequence = firstSequence - 1
      return .lost(missed, last: reader.lastSequence)
    }
    reader.lastSequence += 1
    let entry = entries[place(of: reader.lastSequence)]
    return EventRow(
      sequence: reader.lastSequence, ageMs: nowMs > entry.timeMs ? nowMs - entry.timeMs : 0,
      kind: entry.kind, text: entry.text, fields: entry.fields)
  }

  /// Reply lines for what the reader is to be told next, at least one line as long as there is
  /// something; empty when it knows all. Stops after the line that reaches `bytesMax`.
  public func lines(
    for reader: inout Reader, requestID: UInt32, nowMs: UInt64, bytesMax: Int
  ) -> [UInt8] {
    var lines: [UInt8] = []
    while lines.count < bytesMax, let row = next(for: &reader, nowMs: nowMs) {
      lines += AdminReplyLine.success(id: requestID, row)
    }
    return lines
  }
}

extension EventRow {
  /// Stands in the place of events that are missing.
  ///
  /// - Parameter last: the number of the last of them.
  public static func lost(_ count: UInt64, last: UInt64) -> EventRow {
    var fields = Fields()
    fields.missedCount = count
    return EventRow(
      sequence: last, ageMs: 0, kind: .eventsLost,
      text: (count == 1 ? "1 event" : "\(count) events") + " missed", fields: fields)
  }
}
