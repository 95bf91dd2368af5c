public import MCTPWire

/// The EIDs that this device may give out in one network, of its own right.
public struct NetworkEIDs: Hashable, Sendable {
  public var network: UInt8
  /// Several, with holes between them.
  public var ranges: [EIDRange]

  public init(network: UInt8 = 1, ranges: [EIDRange]) {
    self.network = network
    self.ranges = ranges
  }
}

/// The EID that the device with a UUID must have, wherever it appears.
public struct FixedEID: Hashable, Sendable {
  public var network: UInt8
  public var uuid: EndpointUUID
  public var eid: EID

  public init(network: UInt8 = 1, uuid: EndpointUUID, eid: EID) {
    self.network = network
    self.uuid = uuid
    self.eid = eid
  }
}

/// What makes a bridge with static routes a bus owner.
public struct BusOwnerConfiguration: Sendable {
  /// What may be given out, network by network. A network that is not listed gets its EIDs as a
  /// pool from the owner above, through a port with `role: endpoint`.
  public var ranges: [NetworkEIDs]
  public var fixedEIDs: [FixedEID]
  /// The most EIDs that one bridge below gets for what is behind it, 0 to 246.
  public var poolSizeMax: UInt8
  /// Free runs of at least so many EIDs are kept whole for bridges as long as single EIDs can come
  /// from elsewhere.
  public var bridgeRunCount: UInt8
  /// EIDs that are asked for upward beyond what is known to be needed, 0 to 246.
  public var poolReserve: UInt8
  /// Seeds the jitter of probes and health checks.
  public var seed: UInt64
  /// What a bridge gets after its pool was allocated before it is asked for its routing table.
  ///
  /// Choice: 4 s. About 4 s were measured in the field until what is behind a bridge answers, and
  /// one other owner waits as long.
  public var settleMs: UInt32
  /// How long routing changes are gathered before bridges are told.
  ///
  /// Choice: 200 ms: longer than a device takes to be set up, shorter than people notice.
  public var routingUpdateDelayMs: UInt32
  /// The time between two attempts to reach an endpoint that missed an answer.
  ///
  /// Choice: half of T_RECLAIM's minimum (DSP0237 1.1.0, 5 s) less the time of an answer.
  public var recoveryIntervalMs: UInt32

  public init(
    ranges: [NetworkEIDs] = [], fixedEIDs: [FixedEID] = [], poolSizeMax: UInt8 = 64,
    bridgeRunCount: UInt8 = 16, poolReserve: UInt8 = 0, seed: UInt64 = 1, settleMs: UInt32 = 4000,
    routingUpdateDelayMs: UInt32 = 200, recoveryIntervalMs: UInt32 = 2250
  ) {
    self.ranges = ranges
    self.fixedEIDs = fixedEIDs
    self.poolSizeMax = poolSizeMax
    self.bridgeRunCount = bridgeRunCount
    self.poolReserve = poolReserve
    self.seed = seed
    self.settleMs = settleMs
    self.routingUpdateDelayMs = routingUpdateDelayMs
    self.recoveryIntervalMs = recoveryIntervalMs
  }
}
