/// Reads an EID as people write it: decimal, or hex after `0x`.
///
/// - Returns: nil for anything but a number from 0 to 255.
public func eid(fromText text: String) -> UInt8? {
  if text.hasPrefix("0x") || text.hasPrefix("0X") {
    let digits = text.dropFirst(2)
    return digits.allSatisfy { $0.isHexDigit } ? UInt8(digits, radix: 16) : nil
  }
  return text.allSatisfy { $0.isASCII && $0.isNumber } ? UInt8(text) : nil
}
