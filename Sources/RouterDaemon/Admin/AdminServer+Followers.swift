internal import AdminProtocol

// Clients that follow the events. A follower is a place in the log and no more: what it has not
// read is kept once for all of them, and what it never read costs an `events-lost`.

/// A client's request `events`: answered line by line until it hangs up.
struct EventFollower {
  let requestID: UInt32
  var reader: EventLog.Reader
}

extension AdminServer {
  /// Bytes of events that may wait for a follower that does not read; the others wait in the log.
  ///
  /// Choice: 16 KiB, some 50 events.
  static let followerBytesMax = 16 << 10

  /// Begins to answer `request` with events; they come with the next `feedFollowers`.
  ///
  /// - Throws: `busy` when the connection follows already: it would get every event twice.
  func follow(
    _ events: EventLog, since: UInt64?, requestID: UInt32, for id: AdminConnectionID
  ) throws(AdminError) {
    guard let connection = connections[id.number] else { return }
    guard connection.follower == nil else {
      throw AdminError(
        .busy, "this connection follows the events already",
        hint: "use one connection for each stream")
    }
    connection.follower = EventFollower(
      requestID: requestID, reader: events.reader(since: since))
    followerCount += 1
  }

  /// Sends every follower what it does not know yet, as far as it takes it now.
  ///
  /// To be called in each turn of the loop: a follower that was full is served when its socket
  /// takes bytes again.
  func feedFollowers(from events: EventLog, nowMs: UInt64) {
    for connection in connections.values where connection.follower != nil {
      var hasNews = false
      while connection.pendingByteCount < AdminServer.followerBytesMax,
        let lines = connection.nextEvents(events, nowMs: nowMs)
      {
        hasNews = true
        connection.append(lines)
        guard connection.write() == .done else { break }
      }
      if hasNews { finish(connection) }
    }
  }
}

extension AdminConnection {
  /// What this follower is to be told next; nil when it knows all.
  fileprivate func nextEvents(_ events: EventLog, nowMs: UInt64) -> [UInt8]? {
    guard var follower else { return nil }
    let lines = events.lines(
      for: &follower.reader, requestID: follower.requestID, nowMs: nowMs,
      bytesMax: AdminServer.followerBytesMax)
    self.follower = follower
    return lines.isEmpty ? nil : lines
  }
}
