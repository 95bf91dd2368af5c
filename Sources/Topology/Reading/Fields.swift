/// The keys of one mapping that are known; the others have been reported.
struct Fields {
  let shape: MappingShape
  /// Where the mapping begins.
  let position: SourcePosition
  fileprivate let entries: [String: YAMLEntry]

  /// True when the file has the key, whatever its value.
  func has(_ key: String) -> Bool { entries[key] != nil }

  func value(_ key: String) -> YAMLNode? { entries[key]?.value }

  /// Of the key; of the mapping when the key is absent.
  func keyPosition(_ key: String) -> SourcePosition { entries[key]?.keyPosition ?? position }

  /// Of the key's value; of the mapping when the key is absent.
  func valuePosition(_ key: String) -> SourcePosition { entries[key]?.value.position ?? position }
}

extension FieldReader {
  /// The fields of `node`; nil when it is no mapping. Reports unknown and missing keys.
  mutating func fields(_ node: YAMLNode, _ shape: MappingShape) -> Fields? {
    guard case .mapping(let found) = node.content else {
      if !node.isRefused {
        diagnostics.error(
          "\(shape.title) must be a mapping, not \(node.kindName)", at: node.position,
          hint: "with the keys " + alternatives(shape.keys.map(\.name), separator: "and"))
      }
      return nil
    }
    var entries: [String: YAMLEntry] = [:]
    let names = shape.keys.map(\.name)
    let given = Set(found.map(\.key))
    for entry in found {
      if shape[entry.key] != nil {
        entries[entry.key] = entry
      } else {
        diagnostics.error(
          "unknown key \(quoted(entry.key)) in \(shape.title)", at: entry.keyPosition,
          hint: diagnostics.isFull
            ? nil
            : hint(
              unknown: entry.key, known: names,
              preferred: names.filter { !given.contains($0) }))
      }
    }
    for key in shape.keys where key.isRequired && entries[key.name] == nil {
      diagnostics.error("\(shape.title) needs `\(key.name)`", at: node.position)
    }
    return Fields(shape: shape, position: node.position, entries: entries)
  }

  /// The elements of a list; empty when the key is absent or no list. Reports wrong counts.
  mutating func elements(_ fields: Fields, _ name: String) -> [YAMLNode] {
    guard let node = fields.value(name), let key = fields.shape[name],
      case .list(_, let counts) = key.value
    else { return [] }
    guard case .sequence(let elements) = node.content else {
      if node.isNull {
        diagnostics.error(
          "`\(name)` has no elements", at: node.position,
          hint: counts.lowerBound > 0 ? "begin each with `- `" : "remove the key or write `[]`")
      } else if !node.isRefused {
        diagnostics.error(
          "`\(name)` must be a list, not \(node.kindName)", at: node.position,
          hint: "begin each element with `- `")
      }
      return []
    }
    if elements.count < counts.lowerBound {
      diagnostics.error("`\(name)` needs at least \(counts.lowerBound) element", at: node.position)
    }
    if elements.count > counts.upperBound {
      diagnostics.error(
        "`\(name)` has \(elements.count) elements; at most \(counts.upperBound) are allowed",
        at: elements[counts.upperBound].position)
    }
    return Array(elements.prefix(counts.upperBound))
  }

  /// What an unknown word was meant to be, or what there is to choose from.
  ///
  /// - Parameter preferred: those of `known` that are not already given.
  func hint(unknown word: String, known: [String], preferred: [String] = []) -> String {
    if let nearest = nearestWord(to: word, among: preferred) ?? nearestWord(to: word, among: known)
    {
      return "did you mean `\(nearest)`?"
    }
    if word.lowercased() == "mtu", known.contains("transmission-unit") {
      return "`transmission-unit` is the payload without the packet header: an MTU of 68 is 64"
    }
    return "known here: " + alternatives(known, separator: "and")
  }
}
