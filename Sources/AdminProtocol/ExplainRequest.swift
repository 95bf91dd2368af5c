/// Asks what would become of a packet. Nothing is sent and nothing is counted.
public struct ExplainRequest: AdminParameters, Codable {
  public typealias Answer = ExplainResult

  /// 0 to 255: the null and the reserved EIDs may be asked about too.
  public var source: UInt8
  /// 0 to 255.
  public var destination: UInt8
  /// The name of the ingress port; nil means the port that the source EID lies behind.
  public var port: String?
  /// Bytes after the packet header; nil means 64, the baseline transmission unit.
  public var payloadBytes: Int?
  /// 1 to 255; nil means the only network, or network 1.
  public var network: UInt8?

  public init(
    source: UInt8, destination: UInt8, port: String? = nil, payloadBytes: Int? = nil,
    network: UInt8? = nil
  ) {
    self.source = source
    self.destination = destination
    self.port = port
    self.payloadBytes = payloadBytes
    self.network = network
  }

  public var body: AdminRequest.Body { .explain(self) }

  private enum CodingKeys: String, CodingKey {
    case source, destination, port, payloadBytes, network
  }

  /// - Throws: `AdminError` with `invalid-parameter`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let port: String?
    do {
      port = try container.decodeIfPresent(String.self, forKey: .port)
    } catch {
      throw AdminError(.invalidParameter, "`port` is not the name of a port")
    }
    self.init(
      source: UInt8(try container.whole(.source, in: 0...255)),
      destination: UInt8(try container.whole(.destination, in: 0...255)),
      port: port,
      payloadBytes: try container.wholeIfPresent(.payloadBytes, in: 0...65_535),
      network: try container.wholeIfPresent(.network, in: 1...255).map { UInt8($0) })
  }
}

public struct ExplainResult: Codable, Hashable, Sendable {
  public enum Verdict: String, Codable, Hashable, Sendable {
    case forwarded
    case delivered
    case dropped
  }

  public enum Outcome: String, Codable, Hashable, Sendable {
    case passed
    case failed
    /// A fact on the way that decides nothing.
    case noted
  }

  /// One check of the packet's way, in the order in which the engine makes them.
  public struct Step: Codable, Hashable, Sendable {
    /// What was looked at: `header`, `source EID`, `look-up`, …
    public var check: String
    public var outcome: Outcome
    /// What was found, for people.
    public var detail: String

    public init(check: String, outcome: Outcome, detail: String) {
      self.check = check
      self.outcome = outcome
      self.detail = detail
    }
  }

  public var verdict: Verdict
  /// The name of the drop reason; nil unless `verdict` is `dropped`.
  public var reason: String?
  /// Where the packet leaves; nil unless `verdict` is `forwarded`.
  public var egressPort: String?
  /// The physical address of the next hop on the egress port.
  public var nextHop: String?
  public var steps: [Step]

  public init(
    verdict: Verdict, reason: String? = nil, egressPort: String? = nil, nextHop: String? = nil,
    steps: [Step]
  ) {
    self.verdict = verdict
    self.reason = reason
    self.egressPort = egressPort
    self.nextHop = nextHop
    self.steps = steps
  }
}
