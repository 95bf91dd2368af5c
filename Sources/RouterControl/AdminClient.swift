public import AdminProtocol

/// A connection to the daemon. Owns the socket, which `deinit` closes.
///
/// One request is under way at a time.
public struct AdminClient: ~Copyable {

  private static let versionHint = "use the router-ctl that came with the daemon"

  private let socket: UnixSocket
  private let path: String
  private let patienceMs: Int
  private var splitter = LineSplitter(lineBytesMax: AdminLimits.replyBytesMax)
  private var nextID: UInt32 = 1

  /// - Parameter patienceMs: what the daemon may take beyond what a request itself waits for.
  /// - Throws: `CommandFailure` with status `noConnection`.
  public init(path: String, patienceMs: Int = 5_000) throws(CommandFailure) {
    self.path = path
    self.patienceMs = patienceMs
    do {
      socket = try UnixSocket(connectingTo: path)
    } catch {
      throw AdminClient.failure(error, path: path)
    }
  }

  /// Sends a request and waits for its answer.
  ///
  /// - Parameter timeoutMs: how long the request itself may take in the daemon.
  /// - Throws: `CommandFailure`; its `error` is set when the daemon refused.
  public mutating func ask<Parameters: AdminParameters>(
    _ parameters: Parameters, timeoutMs: Int = 0
  ) throws(CommandFailure) -> Parameters.Answer {
    let deadline = MonotonicTime.now().advanced(byMs: max(0, timeoutMs) + patienceMs)
    let id = try send(parameters, until: deadline)
    return try nextAnswer(Parameters.self, to: id, until: deadline)
  }

  /// Sends a request and takes its answers until `take` has enough of them. The first must come
  /// soon, the others may take any time. The connection is of no use for other requests after.
  ///
  /// - Parameter take: returns false for the last answer that it wants.
  /// - Throws: `CommandFailure`: what `take` throws, a refusal, or the end of the connection.
  public mutating func follow<Parameters: AdminParameters>(
    _ parameters: Parameters, take: (Parameters.Answer) throws(CommandFailure) -> Bool
  ) throws(CommandFailure) {
    var deadline: MonotonicTime? = MonotonicTime.now().advanced(byMs: patienceMs)
    let id = try send(parameters, until: deadline)
    while try take(try nextAnswer(Parameters.self, to: id, until: deadline)) { deadline = nil }
  }

  /// - Returns: the `id` of the request.
  private mutating func send(
    _ parameters: some AdminParameters, until deadline: MonotonicTime?
  ) throws(CommandFailure) -> UInt32 {
    let id = nextID
    nextID &+= 1
    let line: [UInt8]
    do {
      line = try AdminRequest(id: id, body: parameters.body).line()
    } catch {
      throw CommandFailure(error)
    }
    do {
      try socket.send(line, until: deadline)
    } catch {
      throw lost(error)
    }
    return id
  }

  private mutating func nextAnswer<Parameters: AdminParameters>(
    _ type: Parameters.Type, to id: UInt32, until deadline: MonotonicTime?
  ) throws(CommandFailure) -> Parameters.Answer {
    while true {
      let reply = try nextReply(Parameters.Answer.self, until: deadline)
      // A reply to an earlier request that was given up is not ours; one without an id is.
      if let other = reply.id, other != id { continue }
      switch reply.outcome {
      case .success(let answer): return answer
      case .failure(let error): throw CommandFailure(error)
      }
    }
  }

  private mutating func nextReply<Answer>(
    _ type: Answer.Type, until deadline: MonotonicTime?
  ) throws(CommandFailure) -> AdminReply<Answer> {
    let line: [UInt8]
    do {
      line = try socket.receiveLine(&splitter, until: deadline)
    } catch {
      throw lost(error)
    }
    do {
      return try AdminReply(decoding: line)
    } catch {
      throw CommandFailure(
        .noConnection, "the answer on \(path) does not make sense: \(error.message)",
        hint: AdminClient.versionHint)
    }
  }

  private func lost(_ error: UnixSocket.Failure) -> CommandFailure {
    AdminClient.failure(error, path: path)
  }

  static func failure(_ error: UnixSocket.Failure, path: String) -> CommandFailure {
    let start =
      "start the daemon (mctp-router TOPOLOGY), or name its socket with --socket or "
      + "$\(AdminLimits.socketVariable)"
    return switch error {
    case .pathTooLong(let bytesMax):
      CommandFailure(
        .noConnection, "the socket path \(path) has more than \(bytesMax) bytes",
        hint: "use a shorter path")
    case .absent:
      CommandFailure(
        .noConnection, "the daemon is not running: there is no socket \(path)", hint: start)
    case .refused:
      CommandFailure(
        .noConnection, "the daemon is not running: nobody listens on \(path)", hint: start)
    case .forbidden(let group):
      CommandFailure(
        .noConnection, "no permission to connect to \(path)",
        hint: group.map { "join the group `\($0)`, to which the socket belongs, or be root" }
          ?? "ask who owns the directories above it, or be root")
    case .closed:
      CommandFailure(
        .noConnection, "the daemon closed the connection on \(path)", hint: "its log says why")
    case .silent:
      CommandFailure(
        .noConnection, "the daemon on \(path) does not answer", hint: "its log may say why")
    case .lineTooLong(let bytesMax):
      CommandFailure(
        .noConnection, "the answer on \(path) is longer than \(bytesMax) bytes", hint: versionHint)
    case .system(let call, let message):
      CommandFailure(.noConnection, "\(call) on \(path) failed: \(message)")
    }
  }
}
