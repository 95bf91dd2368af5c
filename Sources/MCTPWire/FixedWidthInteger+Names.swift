#if !hasFeature(Embedded)
  extension FixedWidthInteger {
    /// Lower-case hex digits, padded with zeros to `digitCount`.
    func hexDigits(_ digitCount: Int) -> String {
      let digits = String(self, radix: 16)
      return String(repeating: "0", count: Swift.max(0, digitCount - digits.count)) + digits
    }
  }
#endif
