/// Sends one Get Endpoint ID request and waits for its response.
public struct PingRequest: AdminParameters, Codable {
  public typealias Answer = PingResult

  /// 8 to 254.
  public var eid: UInt8
  /// The own EID to send from; nil lets the daemon choose.
  public var from: UInt8?
  /// 1 to 255; nil means the only network, or network 1.
  public var network: UInt8?
  /// Within `AdminLimits.timeoutMs`.
  public var timeoutMs: Int

  public init(eid: UInt8, from: UInt8? = nil, network: UInt8? = nil, timeoutMs: Int) {
    self.eid = eid
    self.from = from
    self.network = network
    self.timeoutMs = timeoutMs
  }

  public var body: AdminRequest.Body { .ping(self) }

  private enum CodingKeys: String, CodingKey { case eid, from, network, timeoutMs }

  /// - Throws: `AdminError` with `invalid-parameter`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      eid: UInt8(try container.whole(.eid, in: 8...254)),
      from: try container.wholeIfPresent(.from, in: 8...254).map { UInt8($0) },
      network: try container.wholeIfPresent(.network, in: 1...255).map { UInt8($0) },
      timeoutMs: try container.whole(.timeoutMs, in: AdminLimits.timeoutMs))
  }
}

public struct PingResult: Codable, Hashable, Sendable {
  /// The source EID of the response.
  public var responder: UInt8
  public var roundTripUs: UInt64
  /// 0 is SUCCESS (DSP0236 1.3.3 §12).
  public var completionCode: UInt8

  public init(responder: UInt8, roundTripUs: UInt64, completionCode: UInt8) {
    self.responder = responder
    self.roundTripUs = roundTripUs
    self.completionCode = completionCode
  }
}
