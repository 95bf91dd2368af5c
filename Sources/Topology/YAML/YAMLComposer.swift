/// Builds the tree of one YAML document.
///
/// Whatever the bytes are, `document` returns. Anchors, aliases, tags, second documents and
/// duplicate keys are reported and stepped over, so that the rest of the file is still checked;
/// a syntax error, too many nodes and too deep a nesting end the reading.
struct YAMLComposer: ~Copyable {
  private var source: YAMLEventSource
  private let end: SourcePosition
  private var nodeCount = 0
  private let indentationHint = "the keys of one block begin in the same column"

  /// Ends the reading; the reason has been reported.
  private struct GiveUp: Error {}

  /// The root of the only document; nil when there is none or the text could not be read to its
  /// end. The reasons are in `diagnostics` then.
  static func document(_ text: SourceText, _ diagnostics: inout DiagnosticList) -> YAMLNode? {
    guard let source = YAMLEventSource(text) else {
      diagnostics.error("out of memory", at: nil)
      return nil
    }
    var composer = YAMLComposer(source: source, end: text.end)
    do throws(GiveUp) {
      return try composer.stream(&diagnostics)
    } catch {
      return nil
    }
  }

  private init(source: consuming YAMLEventSource, end: SourcePosition) {
    self.source = source
    self.end = end
  }

  private mutating func stream(_ diagnostics: inout DiagnosticList) throws(GiveUp) -> YAMLNode? {
    var root: YAMLNode?
    while true {
      let event = try next(&diagnostics)
      switch event.kind {
      case .streamEnd:
        if root == nil { reportEmpty(&diagnostics) }
        return root
      case .documentStart:
        if root != nil {
          diagnostics.error(
            "a second YAML document begins here", at: event.position,
            hint: "one file is one topology: remove the `---` line or split the file")
          throw GiveUp()
        }
        root = try node(try next(&diagnostics), depth: 1, &diagnostics)
      default: continue
      }
    }
  }

  private func reportEmpty(_ diagnostics: inout DiagnosticList) {
    diagnostics.error(
      "the topology is empty", at: SourcePosition(line: 1, column: 1),
      hint: "it needs at least `version`, `router` and `ports`; topologies/demo.yaml is an example")
  }

  private mutating func node(
    _ event: YAMLEvent, depth: Int, _ diagnostics: inout DiagnosticList
  ) throws(GiveUp) -> YAMLNode {
    nodeCount += 1
    guard nodeCount <= TopologyLimits.nodeCountMax else {
      diagnostics.error("more than \(TopologyLimits.nodeCountMax) values", at: event.position)
      throw GiveUp()
    }
    guard depth <= TopologyLimits.depthMax else {
      diagnostics.error(
        "nested more than \(TopologyLimits.depthMax) deep", at: event.position)
      throw GiveUp()
    }
    if event.hasAnchor {
      diagnostics.error(
        "anchors are not supported", at: event.position,
        hint: "remove the `&name` and write the values out where they are needed")
    }
    if event.hasTag {
      diagnostics.error("tags are not supported", at: event.position, hint: "remove the `!tag`")
    }
    let content: YAMLNode.Content
    switch event.kind {
    case .scalar(let text, let isPlain): content = .scalar(text, isPlain: isPlain)
    case .sequenceStart: content = .sequence(try elements(depth: depth, &diagnostics))
    case .mappingStart: content = .mapping(try entries(depth: depth, &diagnostics))
    case .alias:
      diagnostics.error(
        "aliases are not supported", at: event.position,
        hint: "write the values out instead of `*name`")
      content = .refused
    case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
      diagnostics.error("a value is missing here", at: event.position)
      throw GiveUp()
    }
    return YAMLNode(content: content, position: event.position)
  }

  private mutating func elements(
    depth: Int, _ diagnostics: inout DiagnosticList
  ) throws(GiveUp) -> [YAMLNode] {
    var elements: [YAMLNode] = []
    while true {
      let event = try next(&diagnostics)
      if case .sequenceEnd = event.kind { return elements }
      elements.append(try node(event, depth: depth + 1, &diagnostics))
    }
  }

  private mutating func entries(
    depth: Int, _ diagnostics: inout DiagnosticList
  ) throws(GiveUp) -> [YAMLEntry] {
    var entries: [YAMLEntry] = []
    var first: [String: SourcePosition] = [:]
    while true {
      let event = try next(&diagnostics)
      if case .mappingEnd = event.kind { return entries }
      let key = try node(event, depth: depth + 1, &diagnostics)
      let value = try node(try next(&diagnostics), depth: depth + 1, &diagnostics)
      guard case .scalar(let text, _) = key.content else {
        if !key.isRefused {
          diagnostics.error("a key must be a word, not \(key.kindName)", at: key.position)
        }
        continue
      }
      if let earlier = first[text] {
        diagnostics.error(
          "key \(quoted(text)) stands here twice", at: key.position,
          hint: "it is already given at line \(earlier.line)")
        continue
      }
      first[text] = key.position
      entries.append(YAMLEntry(key: text, keyPosition: key.position, value: value))
    }
  }

  private mutating func next(_ diagnostics: inout DiagnosticList) throws(GiveUp) -> YAMLEvent {
    do throws(YAMLSyntaxError) {
      return try source.next()
    } catch {
      // libyaml counts one line more than there is when a text ends without a line break.
      diagnostics.error(error.message, at: min(error.position, end), hint: hint(for: error))
      throw GiveUp()
    }
  }

  /// libyaml's words are about its grammar; the hint says what people usually did.
  private func hint(for error: YAMLSyntaxError) -> String? {
    switch error.message {
    case "found character that cannot start any token":
      return "a tab, or one of @ ` %: indent with spaces, put such text in quotes"
    case "mapping values are not allowed in this context":
      return "check the indentation; text that contains `: ` needs quotes"
    case "did not find expected key", "did not find expected '-' indicator",
      "block sequence entries are not allowed in this context",
      "block mapping keys are not allowed in this context":
      guard let line = error.contextPosition.map({ min($0, end).line }) else {
        return indentationHint
      }
      return "\(indentationHint); this block begins at line \(line)"
    case "could not find expected ':'":
      return "every key is followed by `: ` and its value"
    default:
      guard let context = error.context, let line = error.contextPosition.map({ min($0, end).line })
      else { return nil }
      return "\(context) that begins at line \(line)"
    }
  }
}
