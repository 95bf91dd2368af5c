/// A YAML value and where it stands. At most `TopologyLimits.depthMax` deep.
struct YAMLNode {
  enum Content {
    /// `isPlain` is false for text in quotes and for block text.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    case mapping([YAMLEntry])
    /// Already reported (an alias, say): stands for anything, causes no further diagnostics.
    case refused
  }

  let content: Content
  let position: SourcePosition
}

/// One key of a mapping, each at most once.
struct YAMLEntry {
  let key: String
  let keyPosition: SourcePosition
  let value: YAMLNode
}

extension YAMLNode {
  /// True for `key:` with nothing behind it, `~` and `null`.
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  var isRefused: Bool {
    guard case .refused = content else { return false }
    return true
  }

  /// The kind in words for a message.
  var kindName: String {
    switch content {
    case .scalar(let text, _): isNull ? "nothing" : quoted(text)
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .refused: "something"
    }
  }
}
