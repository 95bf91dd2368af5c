/// What a bus owner gives out, looks for and keeps for whom.
extension TopologyKeys {
  /// One I2C address or a range; the loader also holds the ends to `i2cAddressValues`.
  public static let addressRangePattern = eidRangePattern
  /// A pool and its bridge fill all assignable EIDs at most.
  public static let poolSizeValues: ClosedRange<UInt64> = 0...246

  static let eidRanges = ValueShape.list(.eids, counts: 0...TopologyLimits.eidRangeCountMax)

  public static let discovery = MappingShape(
    title: "the discovery of a port",
    keys: [
      .optional(
        "addresses",
        .list(
          .addressOr(physicalAddressValues, expectedDevice),
          counts: 0...TopologyLimits.expectedDeviceCountMax)),
      .optional(
        "scan",
        .list(
          .addressRange(i2cAddressValues), counts: 0...TopologyLimits.scanRangeCountMax)),
      .optional("probe", .boolean),
      .optional("notify", .boolean, default: .boolean(true)),
      .optional("reported", .boolean),
      .optional("interval", .integer(100...600_000), default: .integer(5000)),
      .optional("health", .zeroOr(1000...3_600_000), default: .integer(10_000)),
      .optional("parallel", .integer(1...8), default: .integer(4)),
      // At least two repetitions (MN1), the last one inside of MT4, 6 s at most
      // (DSP0237 1.1.0 Table 9).
      .optional("timeout", .integer(300...3000)),
    ])

  public static let expectedDevice = MappingShape(
    title: "an expected device",
    keys: [
      .optional("address", .integer(physicalAddressValues)),
      .optional("eid", .integer(eidValues)),
      .optional("pool", .integer(poolSizeValues), default: .integer(0)),
    ])

  public static let endpoint = MappingShape(
    title: "an endpoint",
    keys: [
      .required("uuid", .uuid),
      .required("eid", .integer(eidValues)),
      .optional("network", .integer(1...255), default: .integer(1)),
    ])
}
