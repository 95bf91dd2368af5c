/// Asks for the whole network at one moment: the router, its ports and all that is behind them.
///
/// The answer is flat, and `EndpointRow.via` says what hangs where: on the wire a tree as deep as
/// networks may be would nest deeper than any reader here follows.
public struct TreeRequest: AdminParameters, Codable {
  public typealias Answer = TreeResult

  /// 1 to 255; nil means every network.
  public var network: UInt8?

  public init(network: UInt8? = nil) { self.network = network }

  public var body: AdminRequest.Body { .tree(self) }

  private enum CodingKeys: String, CodingKey { case network }

  /// - Throws: `AdminError` with `invalid-parameter`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(network: try container.wholeIfPresent(.network, in: 1...255).map { UInt8($0) })
  }
}

public struct TreeResult: Codable, Hashable, Sendable {
  public struct Port: Codable, Hashable, Sendable {
    public var name: String
    /// 0 to 31.
    public var number: UInt8
    /// `i2c`, `i3c`, `serial`, `usb` or `link`.
    public var bus: String
    /// `owner`, `endpoint` or `peer`.
    public var role: String
    public var network: UInt8
    /// `up`, `waiting` or `stopped`.
    public var state: String
    /// Why the port is not up.
    public var stateReason: String?
    /// The own physical address.
    public var address: String?
    /// The own EID.
    public var eid: UInt8?

    public init(
      name: String, number: UInt8, bus: String, role: String, network: UInt8, state: String,
      stateReason: String? = nil, address: String? = nil, eid: UInt8? = nil
    ) {
      self.name = name
      self.number = number
      self.bus = bus
      self.role = role
      self.network = network
      self.state = state
      self.stateReason = stateReason
      self.address = address
      self.eid = eid
    }
  }

  /// The router's name in the topology.
  public var name: String
  public var uuid: String?
  /// By number.
  public var ports: [Port]
  /// As `endpoints` shows them; own EIDs may be among them and are passed over.
  public var endpoints: [EndpointRow]

  public init(name: String, uuid: String? = nil, ports: [Port], endpoints: [EndpointRow]) {
    self.name = name
    self.uuid = uuid
    self.ports = ports
    self.endpoints = endpoints
  }
}
