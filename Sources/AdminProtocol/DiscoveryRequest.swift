/// Asks what comes next in the search for devices, and why. Nothing is sent on a bus.
public struct DiscoveryRequest: AdminParameters, Codable {
  public typealias Answer = DiscoveryResult

  /// A port's name; nil means every port.
  public var port: String?

  public init(port: String? = nil) { self.port = port }

  public var body: AdminRequest.Body { .discovery(self) }

  private enum CodingKeys: String, CodingKey { case port }

  /// - Throws: `AdminError` with `invalid-parameter`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(port: try container.nameIfPresent(.port))
  }
}

/// Why a port asks nothing.
public enum DiscoveryPauseName: String, NameList {
  /// This device is not the bus owner there, or has no discovery policy for the port.
  case notBusOwner = "not-bus-owner"
  case portDown = "port-down"
  /// All that is expected has been found.
  case nothingDue = "nothing-due"
}

public struct DiscoveryResult: Codable, Hashable, Sendable {
  /// A question that will be asked.
  public struct Question: Codable, Hashable, Sendable {
    /// nil on media without addresses.
    public var address: String?
    public var dueInMs: UInt64
    /// What is known at the address, and why.
    public var state: OpenName<EndpointStateName>
    public var reason: OpenName<EndpointReasonName>
    public var origin: OpenName<EndpointOriginName>
    /// Unanswered questions before this one, in a row.
    public var failureCount: Int

    public init(
      address: String?, dueInMs: UInt64, state: EndpointStateName, reason: EndpointReasonName,
      origin: EndpointOriginName, failureCount: Int
    ) {
      self.address = address
      self.dueInMs = dueInMs
      self.state = OpenName(state)
      self.reason = OpenName(reason)
      self.origin = OpenName(origin)
      self.failureCount = failureCount
    }
  }

  public struct Port: Codable, Hashable, Sendable {
    public var name: String
    public var network: UInt8
    /// Soonest first.
    public var questions: [Question]
    /// Why `questions` is empty; nil when it is not.
    public var pause: OpenName<DiscoveryPauseName>?
    /// What became of earlier questions, by name.
    public var counters: [PortRow.LinkCounter]

    public init(
      name: String, network: UInt8, questions: [Question] = [], pause: DiscoveryPauseName? = nil,
      counters: [PortRow.LinkCounter] = []
    ) {
      self.name = name
      self.network = network
      self.questions = questions
      self.pause = pause.map { OpenName($0) }
      self.counters = counters
    }
  }

  /// By number.
  public var ports: [Port]

  public init(ports: [Port]) { self.ports = ports }
}
