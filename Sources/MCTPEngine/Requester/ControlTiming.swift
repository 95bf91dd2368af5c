public import MCTPWire

/// The times of control messages on one binding, in milliseconds. DSP0236 has none of its own.
public struct ControlTiming: Hashable, Sendable {
  /// MT2, lower bound: how long a requester waits before it repeats a request.
  public let responseTimeoutMsMin: UInt32
  /// MN1, lower bound: how often a request without a response is repeated.
  public let retryCountMin: UInt8
  /// MT4, upper bound: the last repetition leaves no later than this after the first
  /// transmission; after it an instance ID names a new request.
  public let instanceIDExpiryMsMax: UInt32
  /// T_RECLAIM.
  public let reclaimMs: UInt32

  /// SMBus and I2C: DSP0237 1.1.0 Table 9. PCIe VDM: DSP0238 1.0.1 Table 4.
  ///
  /// Choice: every other binding has the values of SMBus, because no text that gives its own was
  /// available; they are the slowest known.
  public init(_ binding: BindingType) {
    responseTimeoutMsMin = binding == .pcieVDM ? 126 : 300
    retryCountMin = 2
    instanceIDExpiryMsMax = 6000
    reclaimMs = 5000
  }
}
