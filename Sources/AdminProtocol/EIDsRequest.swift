/// Asks what every EID is to this router.
public struct EIDsRequest: AdminParameters, Codable {
  public typealias Answer = EIDsResult

  /// 1 to 255; nil means every network.
  public var network: UInt8?

  public init(network: UInt8? = nil) { self.network = network }

  public var body: AdminRequest.Body { .eids(self) }

  private enum CodingKeys: String, CodingKey { case network }

  /// - Throws: `AdminError` with `invalid-parameter`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(network: try container.wholeIfPresent(.network, in: 1...255).map { UInt8($0) })
  }
}

/// What an EID is. Every EID is exactly one of these at a time.
public enum EIDStateName: String, NameList {
  case free
  /// Free, and somebody had it before: never-used ones are given first.
  case freeUsedBefore = "free-used-before"
  /// This router's.
  case own
  /// Kept for a device that the topology names and that does not have it now.
  case fixed
  case leased
  /// In the pool of a bridge.
  case pool
  /// Chosen for a device that has not confirmed it yet.
  case reserved
  /// Given back, and not given out again for a while.
  case quarantined
  /// Not for this router to give.
  case notOurs = "not-ours"
}

/// EIDs of equal state, one after the other.
public struct EIDRangeRow: Codable, Hashable, Sendable {
  /// 8 to 254.
  public var first: UInt8
  /// Equal to `first` for a single EID.
  public var last: UInt8
  public var state: OpenName<EIDStateName>
  /// For `pool` the bridge's EID, for `reserved` the EID that the device is to have.
  public var device: UInt8?
  /// Until a quarantine ends.
  public var remainingMs: UInt64?
  /// Who has or is to have the EID, for `leased` and `fixed`.
  public var holder: Holder?

  /// What is known of a device; all of it may be missing.
  public struct Holder: Codable, Hashable, Sendable {
    public var port: String?
    public var address: String?
    public var uuid: String?
    public var name: String?

    public init(
      port: String? = nil, address: String? = nil, uuid: String? = nil, name: String? = nil
    ) {
      self.port = port
      self.address = address
      self.uuid = uuid
      self.name = name
    }
  }

  public init(
    first: UInt8, last: UInt8, state: EIDStateName, device: UInt8? = nil,
    remainingMs: UInt64? = nil, holder: Holder? = nil
  ) {
    self.first = first
    self.last = last
    self.state = OpenName(state)
    self.device = device
    self.remainingMs = remainingMs
    self.holder = holder
  }
}

public struct EIDsResult: Codable, Hashable, Sendable {
  public struct Network: Codable, Hashable, Sendable {
    public var network: UInt8
    /// What a bus owner above gave this device, and how much this device needs from above; nil
    /// when nobody is above.
    public var ownPool: PoolRow?
    /// In ascending order, without gaps.
    public var ranges: [EIDRangeRow]

    public init(network: UInt8, ownPool: PoolRow? = nil, ranges: [EIDRangeRow] = []) {
      self.network = network
      self.ownPool = ownPool
      self.ranges = ranges
    }

    /// Adds the next EIDs: makes the last range longer where `row` goes on with the same state.
    public mutating func append(_ row: EIDRangeRow) {
      if var extended = ranges.last, Int(extended.last) + 1 == Int(row.first) {
        let last = extended.last
        extended.first = row.first
        extended.last = row.last
        if extended == row {
          ranges[ranges.count - 1].last = row.last
          return
        }
        extended.last = last
      }
      ranges.append(row)
    }
  }

  /// By number.
  public var networks: [Network]

  public init(networks: [Network]) { self.networks = networks }
}
