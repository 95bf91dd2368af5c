/// Sends one message as a request and waits for the response with the same tag.
public struct SendRequest: AdminParameters, Codable {
  public typealias Answer = SendResult

  /// 8 to 254.
  public var eid: UInt8
  /// The own EID to send from; nil lets the daemon choose.
  public var from: UInt8?
  /// 1 to 255; nil means the only network, or network 1.
  public var network: UInt8?
  /// The whole message body, message type byte first.
  public var message: HexBytes
  /// Within `AdminLimits.timeoutMs`.
  public var timeoutMs: Int

  public init(
    eid: UInt8, from: UInt8? = nil, network: UInt8? = nil, message: HexBytes, timeoutMs: Int
  ) {
    self.eid = eid
    self.from = from
    self.network = network
    self.message = message
    self.timeoutMs = timeoutMs
  }

  public var body: AdminRequest.Body { .send(self) }

  private enum CodingKeys: String, CodingKey {
    case eid, from, network, timeoutMs
    case message = "body"
  }

  /// - Throws: `AdminError` with `invalid-parameter` or `message-too-long`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let message = try? container.decode(HexBytes.self, forKey: .message) else {
      throw AdminError(.invalidParameter, "`body` is not a string of hex digits, two a byte")
    }
    guard !message.bytes.isEmpty else {
      throw AdminError(
        .invalidParameter, "`body` is empty", hint: "the first byte is the message type")
    }
    guard AdminLimits.bodyBytes.contains(message.bytes.count) else {
      throw AdminError(
        .messageTooLong, "`body` has more than \(AdminLimits.bodyBytes.upperBound) bytes")
    }
    self.init(
      eid: UInt8(try container.whole(.eid, in: 8...254)),
      from: try container.wholeIfPresent(.from, in: 8...254).map { UInt8($0) },
      network: try container.wholeIfPresent(.network, in: 1...255).map { UInt8($0) },
      message: message,
      timeoutMs: try container.whole(.timeoutMs, in: AdminLimits.timeoutMs))
  }
}

public struct SendResult: Codable, Hashable, Sendable {
  /// The source EID of the response.
  public var source: UInt8
  /// The whole response body, message type byte first.
  public var message: HexBytes
  public var roundTripUs: UInt64

  public init(source: UInt8, message: HexBytes, roundTripUs: UInt64) {
    self.source = source
    self.message = message
    self.roundTripUs = roundTripUs
  }

  private enum CodingKeys: String, CodingKey {
    case source, roundTripUs
    case message = "body"
  }
}
