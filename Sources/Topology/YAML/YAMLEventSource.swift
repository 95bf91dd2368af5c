// Owns the one libyaml parser and the bytes it reads: both are given back in `deinit`. Events are
// turned into values at once, so no libyaml object outlives a call of `next`.

internal import CLibYAML

/// The events of one YAML text, in order.
///
/// Whatever the bytes are, `next` returns or throws. After a throw or `.streamEnd` it must not be
/// called again.
struct YAMLEventSource: ~Copyable {
  // The parser keeps pointers to itself and to the input, so neither may move.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>

  /// Nil when there is no memory for a parser. The bytes are copied.
  init?(_ text: SourceText) {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      return nil
    }
    self.parser = parser
    input = .allocate(capacity: text.bytes.count)
    _ = input.initialize(from: text.bytes)
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, input.baseAddress, input.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    input.deallocate()
  }

  mutating func next() throws(YAMLSyntaxError) -> YAMLEvent {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
    defer { yaml_event_delete(&event) }
    return YAMLEventSource.value(of: event)
  }

  private static func value(of event: yaml_event_t) -> YAMLEvent {
    var hasAnchor = false
    var hasTag = false
    let kind: YAMLEvent.Kind
    switch event.type {
    case YAML_DOCUMENT_START_EVENT: kind = .documentStart
    case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
    case YAML_ALIAS_EVENT: kind = .alias
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      hasAnchor = scalar.anchor != nil
      hasTag = scalar.tag != nil
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      kind = .scalar(
        String(decoding: bytes, as: UTF8.self),
        isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
    case YAML_SEQUENCE_START_EVENT:
      hasAnchor = event.data.sequence_start.anchor != nil
      hasTag = event.data.sequence_start.tag != nil
      kind = .sequenceStart
    case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
    case YAML_MAPPING_START_EVENT:
      hasAnchor = event.data.mapping_start.anchor != nil
      hasTag = event.data.mapping_start.tag != nil
      kind = .mappingStart
    case YAML_MAPPING_END_EVENT: kind = .mappingEnd
    case YAML_STREAM_START_EVENT: kind = .streamStart
    // Also what a parser returns that has already reached its end.
    default: kind = .streamEnd
    }
    return YAMLEvent(
      kind: kind, position: position(event.start_mark), hasAnchor: hasAnchor, hasTag: hasTag)
  }

  private func syntaxError() -> YAMLSyntaxError {
    let parser = parser.pointee
    guard let problem = parser.problem else {
      return YAMLSyntaxError(
        message: parser.error == YAML_MEMORY_ERROR ? "out of memory" : "not YAML",
        position: YAMLEventSource.position(parser.mark), context: nil, contextPosition: nil)
    }
    let context = parser.context.map { String(cString: $0) }
    return YAMLSyntaxError(
      message: String(cString: problem),
      position: YAMLEventSource.position(
        parser.error == YAML_READER_ERROR ? parser.mark : parser.problem_mark),
      context: context,
      contextPosition: context == nil ? nil : YAMLEventSource.position(parser.context_mark))
  }

  private static func position(_ mark: yaml_mark_t) -> SourcePosition {
    SourcePosition(
      line: Int(clamping: mark.line) &+ 1, column: Int(clamping: mark.column) &+ 1)
  }
}
