/// Update Rate Limit, command 0x13 (DSP0236 1.3.3 §12): a transmitter tells receivers about a
/// change that they did not ask for.
public enum UpdateRateLimit {
  public struct Request: Hashable, Sendable {
    /// Packets, at most 24 bits.
    public var burstPackets: UInt32
    public var packetsPerSecond: UInt32

    public init(burstPackets: UInt32, packetsPerSecond: UInt32) {
      self.burstPackets = burstPackets
      self.packetsPerSecond = packetsPerSecond
    }
  }

  public struct Response: ControlResponse, DatalessControlMessage, Hashable {
    public static var command: ControlCommand { .updateRateLimit }
    public init() {}
  }
}

extension UpdateRateLimit.Request: ControlRequest {
  public static var command: ControlCommand { .updateRateLimit }

  /// Takes 7 bytes, or 8 from peers with a four-byte burst.
  ///
  /// - Throws: also `WireError.invalidValue` for a burst of more than 24 bits.
  public init(decoding data: Span<UInt8>) throws(WireError) {
    let fields = try RateLimitFields(decoding: data)
    self.init(burstPackets: fields.burstPackets, packetsPerSecond: fields.packetsPerSecond)
  }

  /// Appends 7 bytes.
  public func encode(into body: inout ControlBody) throws(WireError) {
    try RateLimitFields(burstPackets: burstPackets, packetsPerSecond: packetsPerSecond)
      .encode(into: &body)
  }
}
