/// Bytes that travel as a string of hex digits, two a byte, lower case.
public struct HexBytes: Hashable, Sendable {
  public var bytes: [UInt8]

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Reads hex as people write it: either case, blanks and `:` between bytes, an optional `0x` in
  /// front of each group. Whatever the text is, this returns.
  ///
  /// - Returns: nil for any other character, and for half a byte before a separator or the end.
  public init?(text: String) {
    var bytes: [UInt8] = []
    var pending: UInt8?
    /// Characters of the group so far, separators excluded.
    var groupLength = 0
    for character in text.utf8 {
      if let digit = HexBytes.value(ofDigit: character) {
        if let high = pending {
          bytes.append(high << 4 | digit)
          pending = nil
        } else {
          pending = digit
        }
      } else if HexBytes.isSeparator(character) {
        guard pending == nil else { return nil }
        groupLength = -1
      } else if character | 0x20 == 0x78, pending == 0, groupLength == 1 {
        // The zero before the x was a prefix, not a digit.
        pending = nil
      } else {
        return nil
      }
      groupLength += 1
    }
    guard pending == nil else { return nil }
    self.bytes = bytes
  }

  /// Digits without separators.
  public var text: String { HexBytes.text(bytes, separator: "") }

  /// Digits with a blank between bytes.
  public var spacedText: String { HexBytes.text(bytes, separator: " ") }

  private static func text(_ bytes: [UInt8], separator: String) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: separator)
  }

  private static func value(ofDigit character: UInt8) -> UInt8? {
    switch character {
    case 0x30...0x39: character - 0x30
    case 0x41...0x46: character - 0x37
    case 0x61...0x66: character - 0x57
    default: nil
    }
  }

  private static func isSeparator(_ character: UInt8) -> Bool {
    character == 0x20 || character == 0x3A || (0x09...0x0D).contains(character)
  }
}

extension HexBytes: Codable {
  /// - Throws: `DecodingError.dataCorrupted` for anything but pairs of hex digits.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let value = HexBytes(text: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not hex")
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
