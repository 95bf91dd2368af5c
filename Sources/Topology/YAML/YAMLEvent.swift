/// What libyaml's parser reports, as values: nothing of it points into the parser.
struct YAMLEvent {
  enum Kind {
    case streamStart
    case streamEnd
    case documentStart
    case documentEnd
    case alias
    case scalar(String, isPlain: Bool)
    case sequenceStart
    case sequenceEnd
    case mappingStart
    case mappingEnd
  }

  let kind: Kind
  let position: SourcePosition
  let hasAnchor: Bool
  let hasTag: Bool
}

/// Where and why libyaml gave up.
struct YAMLSyntaxError: Error {
  let message: String
  let position: SourcePosition
  /// What libyaml was doing, for example "while parsing a block mapping".
  let context: String?
  let contextPosition: SourcePosition?
}
