// Bursts are three bytes in the tables of the rate limit requests (DSP0236 1.3.3 §12, commands
// 0x11 to 0x13) and four in the Request TX Rate Limit response. Some peers send four everywhere.
// Choice: both widths are read, the width of the tables is sent.

/// The data of Request TX Rate Limit and Update Rate Limit: 7 bytes, or 8 with a four-byte burst.
struct RateLimitFields {
  static let byteCount = 7

  /// Packets; at most 24 bits.
  var burstPackets: UInt32
  var packetsPerSecond: UInt32

  init(burstPackets: UInt32, packetsPerSecond: UInt32) {
    self.burstPackets = burstPackets
    self.packetsPerSecond = packetsPerSecond
  }

  /// - Throws: `WireError.invalidValue` for a burst of more than 24 bits.
  init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    let isWide = data.count > RateLimitFields.byteCount
    self.init(
      burstPackets: try reader.burst(isWide: isWide), packetsPerSecond: try reader.uint32())
    try reader.finish()
  }

  func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(burst: burstPackets)
    try body.append(packetsPerSecond)
  }
}

extension ByteReader {
  /// A burst of three bytes, or of four with the first one 0.
  @_lifetime(self: copy self)
  mutating func burst(isWide: Bool) throws(WireError) -> UInt32 {
    if isWide {
      guard try byte() == 0 else { throw .invalidValue }
    }
    let high = try byte()
    return UInt32(high) << 16 | UInt32(try uint16())
  }
}

extension ControlBody {
  /// Appends three bytes.
  ///
  /// - Throws: `WireError.invalidValue` when `burst` has more than 24 bits.
  mutating func append(burst: UInt32) throws(WireError) {
    guard burst <= 0xFF_FFFF else { throw .invalidValue }
    try append(UInt8(truncatingIfNeeded: burst >> 16))
    try append(UInt16(truncatingIfNeeded: burst))
  }
}
