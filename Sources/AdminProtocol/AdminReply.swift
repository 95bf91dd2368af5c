internal import FoundationEssentials

/// One line from the daemon to a client: `{"version":1,"id":7,"result":{…}}` or
/// `{"version":1,"id":7,"error":{"code":"timed-out","message":"…","hint":"…"}}`.
public struct AdminReply<Answer: Codable & Hashable & Sendable>: Hashable, Sendable {
  /// The request's; nil when the daemon could not find one in the line.
  public var id: UInt32?
  public var outcome: Result<Answer, AdminError>

  public init(id: UInt32?, outcome: Result<Answer, AdminError>) {
    self.id = id
    self.outcome = outcome
  }
}

/// The daemon's side: reply lines, newline included.
public enum AdminReplyLine {
  /// A refusal. It looks the same for every kind of request.
  public static func failure(id: UInt32?, _ error: AdminError) -> [UInt8] {
    line(AdminReply<StatusResult>(id: id, outcome: .failure(error)))
  }

  /// An answer. A result that cannot be written as JSON becomes an `internal` error.
  public static func success(
    id: UInt32, _ result: some Codable & Hashable & Sendable
  ) -> [UInt8] {
    line(AdminReply(id: id, outcome: .success(result)))
  }

  private static func line<Answer>(_ reply: AdminReply<Answer>) -> [UInt8] {
    if let line = try? AdminJSON.line(ReplyLine(reply)) { return line }
    let id = reply.id.map { String($0) } ?? "null"
    let text =
      "{\"error\":{\"code\":\"internal\",\"message\":\"the reply could not be written\"},"
      + "\"id\":\(id),\"version\":\(AdminLimits.version)}\n"
    return [UInt8](text.utf8)
  }
}

extension AdminReply {
  /// Why a line is not a reply that this client understands.
  public struct Unreadable: Error, Hashable, Sendable {
    public var message: String
  }

  /// Reads one line, newline not included.
  ///
  /// Whatever the bytes are, this returns or throws. Unknown fields are ignored.
  public init(decoding line: [UInt8]) throws(Unreadable) {
    do {
      self = try AdminJSON.decode(ReplyLine<Answer>.self, from: line).reply
    } catch let error as AdminError {
      throw Unreadable(message: error.message)
    } catch let error as DecodingError {
      throw Unreadable(message: ReplyLine<Answer>.text(error))
    } catch {
      throw Unreadable(message: "not a reply")
    }
  }
}

private struct ReplyLine<Answer: Codable & Hashable & Sendable>: Codable {
  let reply: AdminReply<Answer>

  enum Key: String, CodingKey { case version, id, result, error }

  init(_ reply: AdminReply<Answer>) { self.reply = reply }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let version = try container.decode(Int.self, forKey: .version)
    guard version == AdminLimits.version else {
      throw AdminError(.unsupportedVersion, "the daemon speaks protocol version \(version)")
    }
    let id = try container.decodeIfPresent(UInt32.self, forKey: .id)
    if let error = try container.decodeIfPresent(AdminError.self, forKey: .error) {
      reply = AdminReply(id: id, outcome: .failure(error))
    } else {
      let result = try container.decode(Answer.self, forKey: .result)
      reply = AdminReply(id: id, outcome: .success(result))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(AdminLimits.version, forKey: .version)
    try container.encode(reply.id, forKey: .id)
    switch reply.outcome {
    case .success(let result): try container.encode(result, forKey: .result)
    case .failure(let error): try container.encode(error, forKey: .error)
    }
  }

  static func text(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, let context):
      "`\(path(context.codingPath + [key]))` is missing"
    case .valueNotFound(_, let context), .typeMismatch(_, let context),
      .dataCorrupted(let context):
      // A number out of range comes without a path.
      context.codingPath.isEmpty
        ? "a field does not hold what it should"
        : "`\(path(context.codingPath))` does not hold what it should"
    @unknown default: "not a reply"
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    keys.map { $0.stringValue }.joined(separator: ".")
  }
}
