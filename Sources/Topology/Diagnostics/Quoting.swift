/// `text` in back quotes for a message: cut at 40 characters, control characters written out, so
/// that a file can neither flood the terminal nor send it escape sequences.
func quoted(_ text: String) -> String {
  var result = "`"
  var count = 0
  for scalar in text.unicodeScalars {
    guard count < 40 else {
      result += "…"
      break
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      result += "\\u{\(String(scalar.value, radix: 16))}"
    default: result.unicodeScalars.append(scalar)
    }
    count += 1
  }
  return result + "`"
}

/// `0x` and at least two lower-case digits.
func hexadecimal(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return "0x" + (digits.count < 2 ? "0" : "") + digits
}

/// `a`, `b` or `c`.
func alternatives(_ words: [String], separator: String = "or") -> String {
  let marked = words.map { "`\($0)`" }
  guard let last = marked.last, marked.count > 1 else { return marked.first ?? "" }
  return marked.dropLast().joined(separator: ", ") + " \(separator) " + last
}
