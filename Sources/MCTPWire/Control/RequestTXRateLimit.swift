/// Request TX Rate Limit, command 0x12 (DSP0236 1.3.3 §12): a receiver asks a transmitter to slow
/// down.
public enum RequestTXRateLimit {
  public struct Request: Hashable, Sendable {
    /// Packets, at most 24 bits; 0 switches limiting off.
    public var burstPackets: UInt32
    public var packetsPerSecond: UInt32

    public init(burstPackets: UInt32, packetsPerSecond: UInt32) {
      self.burstPackets = burstPackets
      self.packetsPerSecond = packetsPerSecond
    }
  }

  public struct Response: Hashable, Sendable {
    /// What is in force: 32 bits here.
    public var burstPackets: UInt32
    public var packetsPerSecond: UInt32

    public init(burstPackets: UInt32, packetsPerSecond: UInt32) {
      self.burstPackets = burstPackets
      self.packetsPerSecond = packetsPerSecond
    }
  }
}

extension RequestTXRateLimit.Request: ControlRequest {
  public static var command: ControlCommand { .requestTXRateLimit }

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

extension RequestTXRateLimit.Response: ControlResponse {
  public static var command: ControlCommand { .requestTXRateLimit }

  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    self.init(burstPackets: try reader.uint32(), packetsPerSecond: try reader.uint32())
    try reader.finish()
  }

  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(burstPackets)
    try body.append(packetsPerSecond)
  }
}
