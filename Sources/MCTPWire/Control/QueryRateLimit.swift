/// Query Rate Limit, command 0x11 (DSP0236 1.3.3 §12). Rates are baseline packets a second.
public enum QueryRateLimit {
  public struct Request: ControlRequest, DatalessControlMessage, Hashable {
    public static var command: ControlCommand { .queryRateLimit }
    public init() {}
  }

  public struct Response: Hashable, Sendable {
    public var receiveBufferBytes: UInt32
    /// 0: no limit wanted.
    public var receiveRateMax: UInt32
    /// Highest limit that the transmitter can be given.
    public var transmitLimitMax: UInt32
    /// Lowest limit that the transmitter can be given.
    public var transmitLimitMin: UInt32
    /// Packets; at most 24 bits.
    public var burstMax: UInt32
    /// Packets, at present; at most 24 bits.
    public var burstPackets: UInt32
    /// The limit at present; 0: none.
    public var transmitLimit: UInt32
    /// The limiter leaves requested messages alone: flags bit 1.
    public var limitsOnlyNonRequested: Bool
    /// Flags bit 0.
    public var isLimitingSupported: Bool

    public init(
      receiveBufferBytes: UInt32, receiveRateMax: UInt32, transmitLimitMax: UInt32,
      transmitLimitMin: UInt32, burstMax: UInt32, burstPackets: UInt32, transmitLimit: UInt32,
      limitsOnlyNonRequested: Bool, isLimitingSupported: Bool
    ) {
      self.receiveBufferBytes = receiveBufferBytes
      self.receiveRateMax = receiveRateMax
      self.transmitLimitMax = transmitLimitMax
      self.transmitLimitMin = transmitLimitMin
      self.burstMax = burstMax
      self.burstPackets = burstPackets
      self.transmitLimit = transmitLimit
      self.limitsOnlyNonRequested = limitsOnlyNonRequested
      self.isLimitingSupported = isLimitingSupported
    }
  }
}

extension QueryRateLimit.Response: ControlResponse {
  public static var command: ControlCommand { .queryRateLimit }

  /// Takes 27 bytes, or 29 from peers with four-byte bursts.
  ///
  /// - Throws: also `WireError.countMismatch` for 28 bytes and `.invalidValue` for a burst of more
  ///   than 24 bits.
  public init(decoding data: Span<UInt8>) throws(WireError) {
    guard data.count != 28 else { throw .countMismatch }
    let isWide = data.count > 27
    var reader = ByteReader(data)
    let receiveBufferBytes = try reader.uint32()
    let receiveRateMax = try reader.uint32()
    let transmitLimitMax = try reader.uint32()
    let transmitLimitMin = try reader.uint32()
    let burstMax = try reader.burst(isWide: isWide)
    let burstPackets = try reader.burst(isWide: isWide)
    let transmitLimit = try reader.uint32()
    let flags = try reader.byte()
    try reader.finish()
    self.init(
      receiveBufferBytes: receiveBufferBytes, receiveRateMax: receiveRateMax,
      transmitLimitMax: transmitLimitMax, transmitLimitMin: transmitLimitMin, burstMax: burstMax,
      burstPackets: burstPackets, transmitLimit: transmitLimit,
      limitsOnlyNonRequested: flags & 0x02 != 0, isLimitingSupported: flags & 0x01 != 0)
  }

  /// Appends 27 bytes.
  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(receiveBufferBytes)
    try body.append(receiveRateMax)
    try body.append(transmitLimitMax)
    try body.append(transmitLimitMin)
    try body.append(burst: burstMax)
    try body.append(burst: burstPackets)
    try body.append(transmitLimit)
    try body.append((limitsOnlyNonRequested ? 0x02 : 0) | (isLimitingSupported ? 0x01 : 0) as UInt8)
  }
}
