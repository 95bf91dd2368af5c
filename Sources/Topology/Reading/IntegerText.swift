/// A whole number as topology files write it.
enum IntegerText {
  case value(UInt64)
  case problem(String, hint: String)

  /// Decimal without leading zeros, or hexadecimal with `0x`. Everything that YAML's editions or
  /// people read differently is a problem with a hint. Whatever the text is, it returns.
  init(_ text: String) {
    let digits = Array(text.utf8)
    guard digits.count <= 40 else {
      self = .problem("\(quoted(text)) is too long for a number", hint: "shorten it")
      return
    }
    if let prefixed = IntegerText.prefixed(text) {
      self = prefixed
    } else if !digits.isEmpty, digits.allSatisfy({ 0x30...0x39 ~= $0 }) {
      self = IntegerText.decimal(text)
    } else if digits.contains(UInt8(ascii: "_")), IntegerText.isNumber(text.filter { $0 != "_" }) {
      let plain = text.filter { $0 != "_" }
      self = .problem("\(quoted(text)) is not a number here", hint: "write \(quoted(plain))")
    } else if text.first == "+", IntegerText.isNumber(String(text.dropFirst())) {
      self = .problem(
        "\(quoted(text)) has a sign", hint: "write \(quoted(String(text.dropFirst())))")
    } else if text.first == "-", IntegerText.isNumber(String(text.dropFirst())) {
      self = .problem("\(quoted(text)) is negative", hint: "no number here is below 0")
    } else if Double(text) != nil {
      self = .problem("\(quoted(text)) is not a whole number", hint: "write it without point or e")
    } else if digits.count <= 12, !digits.isEmpty, UInt64(text, radix: 16) != nil {
      self = .problem(
        "\(quoted(text)) is not a number", hint: "hexadecimal begins with 0x: `0x\(text)`")
    } else {
      self = .problem(
        "\(quoted(text)) is not a number", hint: "a decimal number, or hexadecimal with 0x")
    }
  }

  private static func isNumber(_ text: String) -> Bool {
    guard let first = text.utf8.first, 0x30...0x39 ~= first else { return false }
    if case .value = IntegerText(text) { return true }
    return false
  }

  private static func decimal(_ text: String) -> IntegerText {
    if text.utf8.count > 1, text.first == "0" {
      var choices: [String] = []
      if let decimal = UInt64(text) { choices.append("\(decimal)") }
      if let octal = UInt64(text, radix: 8) { choices.append("\(octal) if it is octal") }
      return .problem(
        "\(quoted(text)) is ambiguous: decimal for some readers, octal for others",
        hint: choices.isEmpty
          ? "write it without leading zeros" : "write " + choices.joined(separator: ", or "))
    }
    guard let value = UInt64(text) else {
      return .problem("\(quoted(text)) is too large", hint: "no number here needs 64 bits")
    }
    return .value(value)
  }

  /// Nil without a `0x`, `0o` or `0b` and a digit behind it.
  private static func prefixed(_ text: String) -> IntegerText? {
    let prefix = text.prefix(2).lowercased()
    let rest = String(text.dropFirst(2))
    // UInt64 would take a sign here.
    guard let first = rest.utf8.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-")
    else { return nil }
    switch prefix {
    case "0x":
      guard rest.utf8.allSatisfy(isHexDigit) else { return nil }
      guard let value = UInt64(rest, radix: 16) else {
        return .problem("\(quoted(text)) is too large", hint: "no number here needs 64 bits")
      }
      return .value(value)
    case "0o", "0b":
      guard let value = UInt64(rest, radix: prefix == "0o" ? 8 : 2) else { return nil }
      return .problem(
        "\(quoted(text)) is neither decimal nor hexadecimal",
        hint: "write \(value) or \(hexadecimal(value))")
    default: return nil
    }
  }
}

private func isHexDigit(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
    UInt8(ascii: "A")...UInt8(ascii: "F"):
    true
  default: false
  }
}
