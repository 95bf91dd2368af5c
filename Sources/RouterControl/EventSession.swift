public import AdminProtocol

/// Follows the stream of events and prints them.
public struct EventSession {
  /// One event as `--json` prints it: the row, and when it happened.
  private struct Line: Encodable {
    enum Key: String, CodingKey { case time }
    let row: EventRow
    let time: String

    func encode(to encoder: any Encoder) throws {
      try row.encode(to: encoder)
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(time, forKey: .time)
    }
  }

  public var request: EventsRequest
  /// Ends after so many events, at least 1; nil follows until the connection ends. What the stream
  /// says of itself does not count.
  public var count: Int?
  /// One object a line instead of text.
  public var isJSON: Bool

  public init(request: EventsRequest, count: Int? = nil, isJSON: Bool) {
    self.request = request
    self.count = count
    self.isJSON = isJSON
  }

  /// - Parameters:
  ///   - clockMs: milliseconds since 1970.
  ///   - output: takes a line, newline at the end, as soon as it is known.
  /// - Throws: `CommandFailure` for a refusal and for a connection that ends.
  public func run(
    _ client: inout AdminClient, clockMs: () -> UInt64, output: (String) -> Void
  ) throws(CommandFailure) {
    var printed = 0
    /// The last event that is known; nil before the stream has begun.
    var last: UInt64?
    try client.follow(request) { (row) throws(CommandFailure) in
      let now = clockMs()
      if row.kind.known == .listening {
        last = request.since ?? row.sequence
        return true
      }
      // Numbers that are left out are missing whether or not the daemon says so.
      let isOfStream = row.kind.known?.isOfStream ?? false
      if !isOfStream, let last, row.sequence > last, row.sequence - last > 1 {
        output(try line(.lost(row.sequence - last - 1, last: row.sequence - 1), now: now))
      }
      last = row.sequence
      output(try line(row, now: now))
      if !isOfStream { printed += 1 }
      return count.map { printed < $0 } ?? true
    }
  }

  private func line(_ row: EventRow, now: UInt64) throws(CommandFailure) -> String {
    let time = timestamp(now > row.ageMs ? now - row.ageMs : 0)
    guard !isJSON else { return try jsonText(Line(row: row, time: time)) }
    let isOfStream = row.kind.known?.isOfStream ?? false
    let number = isOfStream ? TextTable.nothing : "\(row.sequence)"
    let kind = printable(row.kind.text)
    return time + "  " + String(repeating: " ", count: max(0, 5 - number.count)) + number + "  "
      + kind + String(repeating: " ", count: max(0, 20 - kind.count)) + "  "
      + printable(row.text) + "\n"
  }
}
