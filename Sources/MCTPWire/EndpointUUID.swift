/// A device's UUID: 16 bytes in RFC 4122 field order (DSP0236 1.3.3 §12, command 0x03).
public struct EndpointUUID: Hashable, Sendable {
  /// Bytes 0 to 7, byte 0 most significant.
  public let high: UInt64
  /// Bytes 8 to 15, byte 8 most significant.
  public let low: UInt64

  @inlinable public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Means "unknown", never a match: shipping devices answer with it.
  public static let `nil` = EndpointUUID(high: 0, low: 0)

  /// Reads 16 bytes; nil for any other count.
  public init?(_ bytes: Span<UInt8>) {
    guard bytes.count == 16 else { return nil }
    var high: UInt64 = 0
    var low: UInt64 = 0
    for index in 0..<8 {
      high = high << 8 | UInt64(bytes[index])
      low = low << 8 | UInt64(bytes[index + 8])
    }
    self.init(high: high, low: low)
  }

  /// - Parameter index: 0 to 15.
  public func byte(at index: Int) -> UInt8 {
    let half = index < 8 ? high : low
    return UInt8(truncatingIfNeeded: half >> (8 * UInt64(7 - index % 8)))
  }
}
