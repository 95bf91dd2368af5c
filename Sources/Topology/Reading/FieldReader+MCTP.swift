internal import MCTPWire

// Values of the standard: EIDs, UUIDs, physical addresses, message types.

extension FieldReader {
  mutating func eid(_ fields: Fields, _ name: String) -> Located<EID>? {
    integer(fields, name, hint: reservedEIDHint).map {
      Located(value: EID(UInt8(truncatingIfNeeded: $0.value)), position: $0.position)
    }
  }

  private func reservedEIDHint(_ value: UInt64) -> String? {
    switch value {
    case 0: "0 is the null EID, for endpoints that have none yet"
    case 1...7: "EIDs 1 to 7 are reserved"
    case 255: "255 is the broadcast EID"
    default: nil
    }
  }

  /// `9`, or `20-27`, both ends included.
  mutating func eids(_ fields: Fields, _ name: String) -> Located<ClosedRange<EID>>? {
    fields.value(name).flatMap { eids($0, called: "`\(name)`") }
  }

  mutating func eids(_ node: YAMLNode, called name: String) -> Located<ClosedRange<EID>>? {
    guard let scalar = scalar(node, called: name, expecting: "an EID or a range `first-last`")
    else { return nil }
    var ends: [EID] = []
    for part in scalar.text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false) {
      switch IntegerText(String(part)) {
      case .value(let value) where TopologyKeys.eidValues.contains(value):
        ends.append(EID(UInt8(truncatingIfNeeded: value)))
      case .value(let value):
        diagnostics.error(
          "EIDs must be 8 to 254, not \(value)", at: scalar.position,
          hint: reservedEIDHint(value))
        return nil
      case .problem(let message, let hint):
        let isNumeric = part.contains { $0.isNumber }
        diagnostics.error(
          "\(name): " + (isNumeric ? message : "\(quoted(scalar.text)) is no EID and no range"),
          at: scalar.position,
          hint: isNumeric ? hint : "one EID, or `first-last` without blanks: `20-27`")
        return nil
      }
    }
    guard let first = ends.first, let last = ends.last else { return nil }
    guard first <= last else {
      diagnostics.error(
        "the range \(first.rawValue)-\(last.rawValue) runs backwards", at: scalar.position,
        hint: "write `\(last.rawValue)-\(first.rawValue)`")
      return nil
    }
    return Located(value: first...last, position: scalar.position)
  }

  mutating func uuid(_ fields: Fields, _ name: String) -> Located<EndpointUUID>? {
    guard let scalar = scalar(fields, name, expecting: "a UUID") else { return nil }
    guard let uuid = EndpointUUID(scalar.text) else {
      diagnostics.error(
        "\(quoted(scalar.text)) is not a UUID", at: scalar.position,
        hint: "32 hexadecimal digits in groups of 8-4-4-4-12; `uuidgen` makes one")
      return nil
    }
    guard uuid != .nil else {
      diagnostics.error(
        "the nil UUID means that the device has none", at: scalar.position,
        hint: "leave `\(name)` out, or make one with `uuidgen`")
      return nil
    }
    return Located(value: uuid, position: scalar.position)
  }

  /// Ascending, each once.
  mutating func messageTypes(_ fields: Fields, _ name: String) -> [MessageType] {
    var types: Set<MessageType> = []
    for node in elements(fields, name) {
      guard let type = messageType(node) else { continue }
      if !types.insert(type).inserted {
        diagnostics.warning("message type is listed twice", at: node.position)
      }
    }
    return types.sorted { $0.rawValue < $1.rawValue }
  }

  private mutating func messageType(_ node: YAMLNode) -> MessageType? {
    guard
      let scalar = scalar(node, called: "a message type", expecting: "a name or a number")
    else { return nil }
    if let type = MessageType(name: scalar.text), type != .control { return type }
    guard scalar.isPlain, let first = scalar.text.utf8.first, 0x30...0x39 ~= first else {
      let isControl = scalar.text == MessageType.control.name
      diagnostics.error(
        isControl
          ? "`control` is always announced" : "unknown message type \(quoted(scalar.text))",
        at: node.position,
        hint: isControl
          ? "leave it out" : hint(unknown: scalar.text, known: TopologyKeys.messageTypeNames))
      return nil
    }
    guard let number = number(node, called: "a message type") else { return nil }
    guard TopologyKeys.messageTypeValues.contains(number) else {
      diagnostics.error(
        "a message type must be 1 to 127, not \(number)", at: node.position,
        hint: number == 0 ? "0 is control, which is always announced" : nil)
      return nil
    }
    return MessageType(rawValue: UInt8(truncatingIfNeeded: number))
  }
}
