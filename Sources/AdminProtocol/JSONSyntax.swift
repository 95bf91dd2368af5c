/// Holds a line to the grammar of JSON (RFC 8259) before a decoder sees it.
///
/// FoundationEssentials' decoder is kept away from anything but JSON of small depth: in 6.3.1 it
/// traps on 512 open brackets, where it computes the place of the error past the end of the text.
///
/// Whatever the bytes are, `check` returns or throws. It never recurses and never allocates.
struct JSONSyntax: ~Escapable {
  /// What is wrong, and where.
  struct Failure: Error, Hashable {
    enum Problem: String {
      case notUTF8 = "not UTF-8"
      case notAnObject = "expected an object"
      case endsEarly = "the line ends inside a value"
      case unexpectedByte = "unexpected character"
      case controlCharacter = "unescaped control character in a string"
      case escape = "illegal escape in a string"
      case tooDeep = "nested too deeply"
      case trailingBytes = "more than one value"
    }
    let problem: Problem
    /// Bytes before the place.
    let offset: Int

    var text: String { "\(problem.rawValue) at byte \(offset)" }
  }

  private enum Expectation { case value, key, separator }

  private let bytes: Span<UInt8>
  private let nestingMax: Int
  private var offset = 0
  private var nesting = 0
  /// Bit n is set when the container at depth n is an object.
  private var objects: UInt64 = 0

  @_lifetime(copy bytes)
  private init(_ bytes: Span<UInt8>, nestingMax: Int) {
    precondition(nestingMax <= 64, "one bit a level")
    self.bytes = bytes
    self.nestingMax = nestingMax
  }

  /// Returns when `bytes` is exactly one JSON object, blanks around it allowed.
  static func check(
    _ bytes: Span<UInt8>, nestingMax: Int = AdminLimits.nestingMax
  ) throws(Failure) {
    guard (try? UTF8Span(validating: bytes)) != nil else {
      throw Failure(problem: .notUTF8, offset: 0)
    }
    var syntax = JSONSyntax(bytes, nestingMax: nestingMax)
    try syntax.run()
  }

  @_lifetime(self: copy self)
  private mutating func run() throws(Failure) {
    skipBlanks()
    guard peek == UInt8(ascii: "{") else { throw failure(.notAnObject) }
    var expectation = Expectation.value
    repeat {
      skipBlanks()
      switch expectation {
      case .value: expectation = try value()
      case .key:
        try string()
        skipBlanks()
        try take(UInt8(ascii: ":"))
        expectation = .value
      case .separator: expectation = try separator()
      }
    } while nesting > 0
    skipBlanks()
    guard offset == bytes.count else { throw failure(.trailingBytes) }
  }

  @_lifetime(self: copy self)
  private mutating func value() throws(Failure) -> Expectation {
    switch try next() {
    case UInt8(ascii: "{"): return try open(isObject: true)
    case UInt8(ascii: "["): return try open(isObject: false)
    case UInt8(ascii: "\""): try string()
    case UInt8(ascii: "t"): try literal("true")
    case UInt8(ascii: "f"): try literal("false")
    case UInt8(ascii: "n"): try literal("null")
    default: try number()
    }
    return .separator
  }

  @_lifetime(self: copy self)
  private mutating func open(isObject: Bool) throws(Failure) -> Expectation {
    guard nesting < nestingMax else { throw failure(.tooDeep) }
    let bit: UInt64 = 1 << UInt64(nesting)
    objects = isObject ? objects | bit : objects & ~bit
    nesting += 1
    offset += 1
    skipBlanks()
    guard peek != closingByte else {
      close()
      return .separator
    }
    return isObject ? .key : .value
  }

  @_lifetime(self: copy self)
  private mutating func separator() throws(Failure) -> Expectation {
    let byte = try next()
    if byte == closingByte {
      close()
      return .separator
    }
    guard byte == UInt8(ascii: ",") else { throw failure(.unexpectedByte) }
    offset += 1
    return isInObject ? .key : .value
  }

  @_lifetime(self: copy self)
  private mutating func close() {
    nesting -= 1
    offset += 1
  }

  private var isInObject: Bool { objects >> UInt64(nesting - 1) & 1 == 1 }
  private var closingByte: UInt8 { isInObject ? UInt8(ascii: "}") : UInt8(ascii: "]") }
}

// The leaves of the grammar.
extension JSONSyntax {
  @_lifetime(self: copy self)
  private mutating func string() throws(Failure) {
    try take(UInt8(ascii: "\""))
    while true {
      let byte = try next()
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        return
      case UInt8(ascii: "\\"): try escape()
      case 0x00..<0x20: throw failure(.controlCharacter)
      default: offset += 1
      }
    }
  }

  @_lifetime(self: copy self)
  private mutating func escape() throws(Failure) {
    offset += 1
    let byte = try next()
    guard byte == UInt8(ascii: "u") else {
      guard "\"\\/bfnrt".utf8.contains(byte) else { throw failure(.escape) }
      offset += 1
      return
    }
    let unit = try codeUnit()
    if 0xDC00...0xDFFF ~= unit { throw failure(.escape) }
    guard 0xD800...0xDBFF ~= unit else { return }
    // Half a surrogate pair is no character: the other half must follow.
    guard try next() == UInt8(ascii: "\\") else { throw failure(.escape) }
    offset += 1
    guard try next() == UInt8(ascii: "u"), 0xDC00...0xDFFF ~= (try codeUnit()) else {
      throw failure(.escape)
    }
  }

  /// `u` and four hex digits.
  @_lifetime(self: copy self)
  private mutating func codeUnit() throws(Failure) -> UInt32 {
    offset += 1
    var unit: UInt32 = 0
    for _ in 0..<4 {
      let byte = try next()
      switch byte {
      case 0x30...0x39: unit = unit << 4 | UInt32(byte - 0x30)
      case 0x41...0x46: unit = unit << 4 | UInt32(byte - 0x37)
      case 0x61...0x66: unit = unit << 4 | UInt32(byte - 0x57)
      default: throw failure(.escape)
      }
      offset += 1
    }
    return unit
  }

  @_lifetime(self: copy self)
  private mutating func number() throws(Failure) {
    if peek == UInt8(ascii: "-") { offset += 1 }
    if peek == UInt8(ascii: "0") { offset += 1 } else { try digits() }
    if peek == UInt8(ascii: ".") {
      offset += 1
      try digits()
    }
    if let byte = peek, byte | 0x20 == UInt8(ascii: "e") {
      offset += 1
      if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { offset += 1 }
      try digits()
    }
  }

  @_lifetime(self: copy self)
  private mutating func digits() throws(Failure) {
    guard 0x30...0x39 ~= (try next()) else { throw failure(.unexpectedByte) }
    while let byte = peek, 0x30...0x39 ~= byte { offset += 1 }
  }

  @_lifetime(self: copy self)
  private mutating func literal(_ word: StaticString) throws(Failure) {
    for index in 0..<word.utf8CodeUnitCount {
      try take(word.utf8Start[index])
    }
  }

  @_lifetime(self: copy self)
  private mutating func skipBlanks() {
    while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      offset += 1
    }
  }

  private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private func next() throws(Failure) -> UInt8 {
    guard offset < bytes.count else { throw failure(.endsEarly) }
    return bytes[offset]
  }

  @_lifetime(self: copy self)
  private mutating func take(_ byte: UInt8) throws(Failure) {
    guard try next() == byte else { throw failure(.unexpectedByte) }
    offset += 1
  }

  private func failure(_ problem: Failure.Problem) -> Failure {
    Failure(problem: problem, offset: offset)
  }
}
