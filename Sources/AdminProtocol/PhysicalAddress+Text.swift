public import MCTPWire

extension PhysicalAddress {
  /// Reads an address as people write it: an I2C address from 0x08 to 0x77 as decimal or as hex
  /// after `0x`, or the 12 hex digits of an I3C provisioned ID, with or without `0x`.
  ///
  /// - Returns: nil for anything else. Never `.none`.
  public init?(text: String) {
    let isHex = text.hasPrefix("0x") || text.hasPrefix("0X")
    let digits = isHex ? text.dropFirst(2) : text[...]
    guard 1...12 ~= digits.utf8.count, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
      return nil
    }
    if digits.utf8.count == 12 {
      guard let provisionedID = UInt64(digits, radix: 16) else { return nil }
      self = .i3c(provisionedID)
    } else {
      // The addresses that the I2C specification does not reserve.
      guard let address = UInt8(digits, radix: isHex ? 16 : 10), 0x08...0x77 ~= address else {
        return nil
      }
      self = .i2c(address)
    }
  }
}
