#if !hasFeature(Embedded)
  extension VersionNumber: CustomStringConvertible {
    /// `1.3.1`, `1.0a`; `0xf4f3f2f1` for bytes that are no legal version.
    public var description: String {
      guard isLegal, let major, let minor else { return "0x" + rawValue.hexDigits(8) }
      var text = "\(major).\(minor)"
      if let update { text += ".\(update)" }
      if alpha != 0 { text.unicodeScalars.append(UnicodeScalar(alpha)) }
      return text
    }
  }
#endif
