#if !hasFeature(Embedded)
  extension EndpointUUID: LosslessStringConvertible {
    /// Lower-case hex digits in groups of 8, 4, 4, 4 and 12.
    public var description: String {
      let (first, second) = (high.hexDigits(16), low.hexDigits(16))
      return [
        first.prefix(8), first.dropFirst(8).prefix(4), first.suffix(4), second.prefix(4),
        second.suffix(12),
      ].joined(separator: "-")
    }

    /// Reads the form that `description` writes, in either case; nil for any other text.
    public init?(_ description: String) {
      let text = description.utf8
      guard text.count == 36 else { return nil }
      var (high, low): (UInt64, UInt64) = (0, 0)
      for (index, character) in text.enumerated() {
        if index == 8 || index == 13 || index == 18 || index == 23 {
          guard character == UInt8(ascii: "-") else { return nil }
          continue
        }
        guard let digit = Character(UnicodeScalar(character)).hexDigitValue else { return nil }
        if index < 18 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt64(digit) }
      }
      self.init(high: high, low: low)
    }
  }
#endif
