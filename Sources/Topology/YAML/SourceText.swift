/// The bytes of a topology file, checked: UTF-8, printable, no tabs in the indentation.
///
/// Whatever the bytes are, `init` returns; what is wrong goes into the diagnostics. What passes
/// has the same lines and columns in every editor and in libyaml, and nothing that libyaml's
/// reader refuses.
struct SourceText {
  /// Without a byte order mark.
  let bytes: [UInt8]
  /// Just behind the last character.
  let end: SourcePosition

  /// Nil when the bytes are not to be parsed; the reasons are in `diagnostics` then.
  init?(_ raw: [UInt8], _ diagnostics: inout DiagnosticList) {
    guard raw.count <= TopologyLimits.fileByteCountMax else {
      diagnostics.error(
        "larger than \(TopologyLimits.fileByteCountMax >> 20) MiB", at: nil,
        hint: "a topology of 32 ports needs a few dozen kilobytes: is this the right file?")
      return nil
    }
    if raw.starts(with: [0xFF, 0xFE]) || raw.starts(with: [0xFE, 0xFF]) {
      diagnostics.error(
        "the text is UTF-16", at: SourcePosition(line: 1, column: 1), hint: "save it as UTF-8")
      return nil
    }
    bytes = raw.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(raw.dropFirst(3)) : raw
    guard let end = SourceText.check(bytes, &diagnostics) else { return nil }
    self.end = end
  }

  /// The end of the text; nil when it is not to be parsed.
  private static func check(
    _ bytes: [UInt8], _ diagnostics: inout DiagnosticList
  ) -> SourcePosition? {
    var codec = UTF8()
    var iterator = bytes.makeIterator()
    var line = 1
    var column = 1
    var isIndentation = true
    var isSound = true
    var previous: Unicode.Scalar = " "
    while true {
      let position = SourcePosition(line: line, column: column)
      let scalar: Unicode.Scalar
      switch codec.decode(&iterator) {
      case .emptyInput: return isSound ? position : nil
      case .error:
        diagnostics.error("not UTF-8 from here on", at: position, hint: "save the file as UTF-8")
        return nil
      case .scalarValue(let decoded): scalar = decoded
      }
      switch scalar {
      case "\r", "\n":
        if !(scalar == "\n" && previous == "\r") { line += 1 }
        column = 1
        isIndentation = true
      case "\t":
        if isIndentation {
          isSound = false
          isIndentation = false
          diagnostics.error("tab in the indentation", at: position, hint: "indent with spaces")
        }
        column += 1
      default:
        if !isPrintable(scalar) {
          diagnostics.error(
            "character U+\(String(scalar.value, radix: 16, uppercase: true)) is not text",
            at: position, hint: "remove it")
          return nil
        }
        if scalar != " " { isIndentation = false }
        column += 1
      }
      previous = scalar
    }
  }

  /// What YAML calls printable, without the line separators that editors do not count as such.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
      0x10000...0x10FFFF:
      true
    default: false
    }
  }
}
