public import AdminProtocol
internal import MCTPWire

/// Several pings of one endpoint and what came of them.
public struct PingSession {
  /// What `--json` prints.
  public struct Report: Codable, Hashable, Sendable {
    public var attempts: [Attempt] = []
    public var statistics = Statistics()
  }

  /// One ping: a result or an error.
  public struct Attempt: Codable, Hashable, Sendable {
    /// From 1.
    public var sequence: Int
    public var result: PingResult?
    public var error: AdminError?
  }

  public struct Statistics: Codable, Hashable, Sendable {
    public var sent = 0
    public var received = 0
    /// 0 to 100, rounded to nearest.
    public var lostPercent = 0
    public var minUs: UInt64?
    public var averageUs: UInt64?
    public var maxUs: UInt64?
  }

  public var request: PingRequest
  /// At least 1.
  public var count: Int
  /// From one answer to the next request.
  public var intervalMs: Int

  public init(request: PingRequest, count: Int, intervalMs: Int) {
    self.request = request
    self.count = count
    self.intervalMs = intervalMs
  }

  /// Pings `count` times.
  ///
  /// - Parameters:
  ///   - pause: waits so many milliseconds.
  ///   - progress: takes a line for people, newline at the end, as soon as it is known.
  /// - Throws: `CommandFailure` at the first refusal that another attempt would meet again.
  public func run(
    _ client: inout AdminClient, pause: (Int) -> Void, progress: (String) -> Void
  ) throws(CommandFailure) -> Report {
    var report = Report()
    for sequence in 1...max(1, count) {
      if sequence > 1 { pause(intervalMs) }
      var attempt = Attempt(sequence: sequence)
      do {
        attempt.result = try client.ask(request, timeoutMs: request.timeoutMs)
      } catch {
        guard let refusal = error.error, PingSession.isPassing(refusal) else { throw error }
        attempt.error = refusal
      }
      progress(line(attempt))
      report.attempts.append(attempt)
    }
    report.statistics = Statistics(report.attempts)
    return report
  }

  /// True for errors that the next attempt may not meet.
  private static func isPassing(_ error: AdminError) -> Bool {
    switch error.code {
    case .timedOut, .notDelivered, .portDown, .busy: true
    default: false
    }
  }

  private func line(_ attempt: Attempt) -> String {
    guard let result = attempt.result else {
      let reason = attempt.error?.message ?? "no answer"
      return "no answer from EID \(request.eid): seq=\(attempt.sequence) \(printable(reason))\n"
    }
    let code = CompletionCode(rawValue: result.completionCode)
    return "answer from EID \(result.responder): seq=\(attempt.sequence) "
      + "time=\(milliseconds(result.roundTripUs)) ms" + (code == .success ? "" : " \(code.name)")
      + "\n"
  }
}

extension PingSession.Statistics {
  init(_ attempts: [PingSession.Attempt]) {
    let times = attempts.compactMap { $0.result?.roundTripUs }
    sent = attempts.count
    received = times.count
    if sent > 0 { lostPercent = ((sent - received) * 200 + sent) / (2 * sent) }
    minUs = times.min()
    maxUs = times.max()
    // Each share first: a sum of times that a daemon made up must not overflow.
    if !times.isEmpty {
      let count = UInt64(times.count)
      let remainders = times.reduce(0) { $0 + $1 % count }
      averageUs = times.reduce(0) { $0 + $1 / count } + remainders / count
    }
  }

  /// The lines after the last ping.
  public func text(eid: UInt8) -> String {
    var text = "--- EID \(eid) ping statistics ---\n"
    text += "\(sent) sent, \(received) received, \(lostPercent)% lost\n"
    if let minUs, let averageUs, let maxUs {
      text += "round trip min/avg/max = "
      text += [minUs, averageUs, maxUs].map { milliseconds($0) }.joined(separator: "/") + " ms\n"
    }
    return text
  }
}
