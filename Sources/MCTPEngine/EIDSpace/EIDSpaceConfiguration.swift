public import MCTPWire

/// EIDs that the topology keeps for one named device.
public struct FixedEIDs: Hashable, Sendable {
  /// The device's own EID.
  public var eid: EID
  /// The EIDs right after `eid` that are kept for its pool; 0 for a device without.
  public var poolCount: UInt8

  public init(eid: EID, poolCount: UInt8 = 0) {
    self.eid = eid
    self.poolCount = poolCount
  }
}

/// What the EIDs of one network are told once. Topologies are validated before; what contradicts
/// itself here is a defect of the caller and traps.
public struct EIDSpaceConfiguration: Sendable {
  /// T_RECLAIM of the bindings whose text is known (DSP0237 1.1.0 Table 9).
  public static let restMsMin: UInt32 = 5000

  /// What may be given out; holes between them are somebody else's. They may overlap.
  public var ranges: [EIDRange]
  /// Inside or outside of `ranges`; never two devices for one EID.
  public var fixed: [FixedEIDs]
  /// This router's own EIDs, inside or outside of `ranges`.
  public var own: [EID]
  /// How long an EID rests after it was given back. At least `restMsMin`.
  public var restMs: UInt32
  /// The largest pool that one bridge gets; a wish beyond it is granted in part, visibly.
  public var poolCountMax: UInt8
  /// Free runs of at least so many EIDs are kept whole for bridges as long as single EIDs can come
  /// from elsewhere. Choice: 16, a bridge with a pool of 15, the most that mctpd hands out.
  public var bridgeRunCount: UInt8

  public init(
    ranges: [EIDRange], fixed: [FixedEIDs] = [], own: [EID] = [],
    restMs: UInt32 = EIDSpaceConfiguration.restMsMin, poolCountMax: UInt8 = .max,
    bridgeRunCount: UInt8 = 16
  ) {
    self.ranges = ranges
    self.fixed = fixed
    self.own = own
    self.restMs = restMs
    self.poolCountMax = poolCountMax
    self.bridgeRunCount = bridgeRunCount
  }
}
