internal import MCTPWire

// What was read of the keys of a bus owner. Nil stands for a gap: absent, or wrong and reported.

/// The list at `eid-ranges`.
struct EIDRangesDraft {
  /// Of the key.
  let position: SourcePosition
  let ranges: [Located<ClosedRange<EID>>]
  /// True for `[]`; false when something wrong is there.
  let isEmpty: Bool
}

struct DiscoveryDraft {
  let fields: Fields
  /// A device that is no mapping and no address keeps its place as a gap.
  let expectedDevices: [ExpectedDeviceDraft]
  /// I2C only.
  let scan: [Located<ClosedRange<UInt8>>]
  let isProbing: Bool?
  let takesReportedDevices: Bool?
  let takesNotify: Bool?
  let probeIntervalMs: UInt32?
  let healthCheckIntervalMs: UInt32?
  let parallelismMax: Int?
  let responseTimeoutMs: UInt32?
}

struct ExpectedDeviceDraft {
  /// Of the element.
  let position: SourcePosition
  let address: Located<PhysicalAddress>?
  /// True when the file gives one, even a wrong one.
  let hasEID: Bool
  let eid: Located<EID>?
  let poolSize: Located<UInt8>?
}

/// An element of `endpoints`.
struct EndpointDraft {
  let fields: Fields
  let uuid: Located<EndpointUUID>?
  let eid: Located<EID>?
  let network: Located<UInt8>?
}
