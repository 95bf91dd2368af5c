/// A version as Get MCTP Version Support reports it (DSP0236 1.3.3 §12, command 0x04): major,
/// minor, update and alpha, most significant byte first. Any four bytes are kept.
///
/// Major, minor and update are BCD: 0xF in the high nibble means one digit. Update 0xFF means that
/// there is none. Alpha is 0 or an ASCII letter.
public struct VersionNumber: RawRepresentable, Hashable, Sendable {
  /// Major in bits 31:24, alpha in bits 7:0.
  public let rawValue: UInt32

  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// - Parameters:
  ///   - major: 0 to 99.
  ///   - minor: 0 to 99.
  ///   - update: 0 to 99, nil for none.
  ///   - alpha: 0 or an ASCII letter.
  /// - Returns: nil when a number has more than two digits. One digit goes out for those below ten.
  public init?(major: UInt8, minor: UInt8, update: UInt8? = nil, alpha: UInt8 = 0) {
    guard major < 100, minor < 100, (update ?? 0) < 100 else { return nil }
    let bytes = (
      VersionNumber.bcd(major), VersionNumber.bcd(minor), update.map(VersionNumber.bcd) ?? 0xFF
    )
    self.init(
      rawValue: UInt32(bytes.0) << 24 | UInt32(bytes.1) << 16 | UInt32(bytes.2) << 8
        | UInt32(alpha))
  }

  /// 0 to 99; nil when the byte is not BCD.
  public var major: UInt8? { VersionNumber.number(byte(at: 0)) }
  /// 0 to 99; nil when the byte is not BCD.
  public var minor: UInt8? { VersionNumber.number(byte(at: 1)) }
  /// 0 to 99; nil when there is none or the byte is not BCD.
  public var update: UInt8? { VersionNumber.number(byte(at: 2)) }
  /// 0 for none, else an ASCII letter.
  public var alpha: UInt8 { byte(at: 3) }

  /// True when every byte has a legal form.
  public var isLegal: Bool {
    let letter = alpha | 0x20
    return major != nil && minor != nil && (update != nil || byte(at: 2) == 0xFF)
      && (alpha == 0 || (letter >= 0x61 && letter <= 0x7A))
  }

  /// Compares what peers should compare: update and alpha never decide interoperability.
  public func hasSameMajorMinor(as other: VersionNumber) -> Bool {
    key(at: 0) == other.key(at: 0) && key(at: 1) == other.key(at: 1)
  }

  /// True for `00 xx Fy Fz`, the form in which some stacks send their bytes: last byte first.
  public var looksByteSwapped: Bool {
    byte(at: 0) == 0 && byte(at: 2) >= 0xF0 && byte(at: 3) >= 0xF0
  }

  /// The same bytes, last first.
  public var byteSwapped: VersionNumber { VersionNumber(rawValue: rawValue.byteSwapped) }

  /// - Parameter index: 0 (major) to 3 (alpha).
  public func byte(at index: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: rawValue >> (8 * UInt32(3 - index)))
  }

  private static func bcd(_ number: UInt8) -> UInt8 {
    number < 10 ? 0xF0 | number : (number / 10) << 4 | number % 10
  }

  private static func number(_ byte: UInt8) -> UInt8? {
    let (high, low) = (byte >> 4, byte & 0x0F)
    guard low < 10, high < 10 || high == 0x0F else { return nil }
    return high == 0x0F ? low : high * 10 + low
  }

  /// What the order goes by: the number, and after all numbers the bytes that are none.
  /// An absent update is before update 0, as no alpha is before any.
  private func key(at index: Int) -> Int {
    let byte = byte(at: index)
    guard index < 3 else { return Int(byte) }
    if let number = VersionNumber.number(byte) { return Int(number) }
    return index == 2 && byte == 0xFF ? -1 : 100 + Int(byte)
  }
}

extension VersionNumber: Comparable {
  /// By major, then minor, then update, then alpha: "numerically lowest first". Two spellings of
  /// one number (`F1`, `01`) go by their bytes.
  public static func < (left: VersionNumber, right: VersionNumber) -> Bool {
    for index in 0..<4 {
      let (leftKey, rightKey) = (left.key(at: index), right.key(at: index))
      if leftKey != rightKey { return leftKey < rightKey }
    }
    return left.rawValue < right.rawValue
  }
}
