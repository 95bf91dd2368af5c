/// Reads single values by their shapes and reports what does not fit.
///
/// Every function returns nil for an absent key without a default, and for a wrong value, which
/// has been reported then; `Fields.has` tells the two apart.
struct FieldReader {
  var diagnostics: DiagnosticList

  /// The scalar at `name`; nil when absent. Reports null, lists and mappings.
  mutating func scalar(
    _ fields: Fields, _ name: String, expecting expected: @autoclosure () -> String
  ) -> (text: String, isPlain: Bool, position: SourcePosition)? {
    guard let node = fields.value(name) else { return nil }
    return scalar(node, called: "`\(name)`", expecting: expected())
  }

  mutating func scalar(_ node: YAMLNode, called name: String, expecting expected: String)
    -> (text: String, isPlain: Bool, position: SourcePosition)?
  {
    if node.isRefused { return nil }
    guard case .scalar(let text, let isPlain) = node.content, !node.isNull else {
      diagnostics.error(
        node.isNull ? "\(name) has no value" : "\(name) must be \(expected), not \(node.kindName)",
        at: node.position, hint: node.isNull ? "it must be \(expected)" : nil)
      return nil
    }
    return (text, isPlain, node.position)
  }

  /// - Parameters:
  ///   - key: the shape to read by when a port's bus narrows it; the mapping's own otherwise.
  ///   - hint: what to say about a number that is out of range.
  mutating func integer(
    _ fields: Fields, _ name: String, as key: KeyShape? = nil, isHexadecimal: Bool = false,
    hint: (UInt64) -> String? = { _ in nil }
  ) -> Located<UInt64>? {
    guard let key = key ?? fields.shape[name] else { return nil }
    guard let node = fields.value(name) else {
      guard case .integer(let value) = key.defaultValue else { return nil }
      return Located(value: value, position: fields.position)
    }
    guard let value = number(node, called: "`\(name)`") else { return nil }
    let text = isHexadecimal ? hexadecimal(value) : "\(value)"
    switch key.value {
    case .integer(let range) where !range.contains(value):
      let bounds = [range.lowerBound, range.upperBound].map {
        isHexadecimal ? hexadecimal($0) : "\($0)"
      }
      diagnostics.error(
        "`\(name)` must be \(bounds[0]) to \(bounds[1]), not \(text)", at: node.position,
        hint: hint(value))
      return nil
    case .zeroOr(let range) where value != 0 && !range.contains(value):
      diagnostics.error(
        "`\(name)` must be 0 or \(range.lowerBound) to \(range.upperBound), not \(value)",
        at: node.position, hint: hint(value))
      return nil
    case .integerChoice(let choices) where !choices.contains(value):
      diagnostics.error(
        "`\(name)` must be \(alternatives(choices.map { "\($0)" })), not \(text)",
        at: node.position, hint: hint(value))
      return nil
    default: return Located(value: value, position: node.position)
    }
  }

  /// Any number that fits 64 bits.
  mutating func number(_ node: YAMLNode, called name: String) -> UInt64? {
    guard let scalar = scalar(node, called: name, expecting: "a number") else { return nil }
    guard scalar.isPlain else {
      diagnostics.error(
        "\(name) must be a number, not text", at: node.position, hint: "remove the quotes")
      return nil
    }
    switch IntegerText(scalar.text) {
    case .value(let value): return value
    case .problem(let message, let hint):
      diagnostics.error("\(name): \(message)", at: node.position, hint: hint)
      return nil
    }
  }

  /// One of the words of the key's shape.
  mutating func word(_ fields: Fields, _ name: String) -> Located<String>? {
    guard let key = fields.shape[name], case .word(let words) = key.value else { return nil }
    guard fields.has(name) else {
      guard case .word(let value) = key.defaultValue else { return nil }
      return Located(value: value, position: fields.position)
    }
    guard let scalar = scalar(fields, name, expecting: alternatives(words)) else { return nil }
    guard words.contains(scalar.text) else {
      diagnostics.error(
        "`\(name)` must be \(alternatives(words)), not \(quoted(scalar.text))",
        at: scalar.position,
        hint: nearestWord(to: scalar.text, among: words).map { "did you mean `\($0)`?" })
      return nil
    }
    return Located(value: scalar.text, position: scalar.position)
  }

  mutating func word<Word: RawRepresentable<String>>(
    _ fields: Fields, _ name: String, as type: Word.Type
  ) -> Located<Word>? {
    guard let word = word(fields, name), let value = Word(rawValue: word.value) else { return nil }
    return Located(value: value, position: word.position)
  }

  mutating func boolean(_ fields: Fields, _ name: String) -> Located<Bool>? {
    guard let key = fields.shape[name] else { return nil }
    guard fields.has(name) else {
      guard case .boolean(let value) = key.defaultValue else { return nil }
      return Located(value: value, position: fields.position)
    }
    guard let scalar = scalar(fields, name, expecting: "`true` or `false`") else { return nil }
    guard scalar.isPlain, let value = Bool(scalar.text) else {
      diagnostics.error(
        "`\(name)` must be `true` or `false`, not \(quoted(scalar.text))", at: scalar.position,
        hint: scalar.isPlain
          ? "editions of YAML disagree about other words" : "remove the quotes")
      return nil
    }
    return Located(value: value, position: scalar.position)
  }

  mutating func name(_ fields: Fields, _ name: String) -> Located<String>? {
    guard let scalar = scalar(fields, name, expecting: "a name") else { return nil }
    let bytes = scalar.text.utf8
    guard let first = bytes.first, isLetter(first), bytes.allSatisfy(isNameByte),
      bytes.count <= TopologyLimits.nameByteCountMax
    else {
      diagnostics.error(
        "\(quoted(scalar.text)) is not a name", at: scalar.position,
        hint: "a letter, then letters, digits, `.`, `_` and `-`; at most "
          + "\(TopologyLimits.nameByteCountMax) characters")
      return nil
    }
    return Located(value: scalar.text, position: scalar.position)
  }

  mutating func path(_ fields: Fields, _ name: String, byteCountMax: Int) -> Located<String>? {
    guard let scalar = scalar(fields, name, expecting: "a path") else { return nil }
    guard scalar.text.utf8.first == UInt8(ascii: "/") else {
      diagnostics.error(
        "`\(name)` must be an absolute path, not \(quoted(scalar.text))", at: scalar.position,
        hint: "begin it with `/`")
      return nil
    }
    guard scalar.text.utf8.count <= byteCountMax else {
      diagnostics.error(
        "`\(name)` has \(scalar.text.utf8.count) bytes; at most \(byteCountMax) are allowed",
        at: scalar.position)
      return nil
    }
    guard scalar.text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
    else {
      diagnostics.error("`\(name)` contains control characters", at: scalar.position)
      return nil
    }
    return Located(value: scalar.text, position: scalar.position)
  }

  /// As `TopologyKeys.linkNamePattern`; words of the format are not looked for.
  func isLinkName(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first) else { return false }
    return text.utf8.allSatisfy(isNameByte)
      && text.utf8.count <= TopologyLimits.linkNameByteCountMax
  }

  private func isLetter(_ byte: UInt8) -> Bool {
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
  }

  private func isNameByte(_ byte: UInt8) -> Bool {
    isLetter(byte) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
      || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
  }
}
