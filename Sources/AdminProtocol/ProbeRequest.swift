/// Asks which addresses of an I2C bus somebody acknowledges, and who claims to speak MCTP.
public struct ProbeRequest: AdminParameters, Codable {
  public typealias Answer = ProbeResult

  /// The addresses that a scan asks: those that the I2C specification does not reserve.
  public static let addresses: ClosedRange<Int> = 0x08...0x77

  /// A port's name.
  public var port: String
  /// Seven bits, 0x08 to 0x77; nil asks them all.
  public var address: UInt8?
  /// Within `AdminLimits.timeoutMs`.
  public var timeoutMs: Int

  public init(port: String, address: UInt8? = nil, timeoutMs: Int) {
    self.port = port
    self.address = address
    self.timeoutMs = timeoutMs
  }

  public var body: AdminRequest.Body { .probe(self) }

  private enum CodingKeys: String, CodingKey { case port, address, timeoutMs }

  /// - Throws: `AdminError` with `invalid-parameter`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let port = try? container.decode(String.self, forKey: .port) else {
      throw AdminError(.invalidParameter, "`port` is not a name")
    }
    self.init(
      port: port,
      address: try container.wholeIfPresent(.address, in: ProbeRequest.addresses)
        .map { UInt8($0) },
      timeoutMs: try container.whole(.timeoutMs, in: AdminLimits.timeoutMs))
  }
}

public struct ProbeResult: Codable, Hashable, Sendable {
  public struct Row: Codable, Hashable, Sendable {
    /// As people write it: `0x1d`.
    public var address: String
    /// `acknowledged`, `not-acknowledged`, `kernel-driver` or `failed`.
    public var outcome: String
    /// What the system said where it failed.
    public var cause: String?
    /// Of its SMBus unique identifier (SMBus ARP); nil where it gave none, like the next two.
    public var vendorID: UInt16?
    public var deviceID: UInt16?
    /// What the identifier says of MCTP.
    public var claimsMCTP: Bool?

    public init(
      address: String, outcome: String, cause: String? = nil, vendorID: UInt16? = nil,
      deviceID: UInt16? = nil, claimsMCTP: Bool? = nil
    ) {
      self.address = address
      self.outcome = outcome
      self.cause = cause
      self.vendorID = vendorID
      self.deviceID = deviceID
      self.claimsMCTP = claimsMCTP
    }
  }

  public var port: String
  /// One for each address that was asked, in ascending order.
  public var rows: [Row]

  public init(port: String, rows: [Row]) {
    self.port = port
    self.rows = rows
  }
}
