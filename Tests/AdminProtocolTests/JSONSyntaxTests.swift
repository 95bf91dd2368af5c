import Testing

@testable import AdminProtocol

@Suite("JSONSyntax")
struct JSONSyntaxTests {
  private func failure(_ text: String) -> JSONSyntax.Failure? {
    do {
      try JSONSyntax.check(bytes(text).span)
      return nil
    } catch {
      return error
    }
  }

  @Test(
    "Objects that RFC 8259 allows pass",
    arguments: [
      "{}", " {} ", "{\"\":{}}", "\t{\r\"a\" : [ ] ,\n\"b\":[1,-0,0.5,1e9,1E+9,-12.25e-3]}",
      "{\"a\":true,\"b\":false,\"c\":null}", "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"}",
      "{\"a\":\"\\ud83d\\udEA6\",\"b\":\"\u{1F6A6}\u{7F}\"}", "{\"a\":1,\"a\":2}",
      "{\"a\":[[],[{}],{\"b\":[]}]}",
    ])
  func accepts(text: String) {
    #expect(failure(text) == nil)
  }

  @Test(
    "Everything else is refused at the right byte",
    arguments: [
      ("", .notAnObject, 0), ("  ", .notAnObject, 2), ("[]", .notAnObject, 0),
      ("\"{}\"", .notAnObject, 0), ("\u{FEFF}{}", .notAnObject, 0), ("{", .endsEarly, 1),
      ("{\"a\"", .endsEarly, 4), ("{\"a", .endsEarly, 3), ("{\"a\":", .endsEarly, 5),
      ("{\"a\":1", .endsEarly, 6), ("{\"a\":[1", .endsEarly, 7), ("{\"a\":tr", .endsEarly, 7),
      ("{a:1}", .unexpectedByte, 1), ("{,}", .unexpectedByte, 1),
      ("{\"a\":1,}", .unexpectedByte, 7),
      ("{\"a\" 1}", .unexpectedByte, 5), ("{\"a\":01}", .unexpectedByte, 6),
      ("{\"a\":+1}", .unexpectedByte, 5), ("{\"a\":1.}", .unexpectedByte, 7),
      ("{\"a\":.5}", .unexpectedByte, 5), ("{\"a\":1e}", .unexpectedByte, 7),
      ("{\"a\":-}", .unexpectedByte, 6), ("{\"a\":[1,]}", .unexpectedByte, 8),
      ("{\"a\":[1}", .unexpectedByte, 7), ("{\"a\":1]", .unexpectedByte, 6),
      ("{\"a\":truE}", .unexpectedByte, 8), ("{\"a\":nan}", .unexpectedByte, 6),
      ("{\"a\":1 2}", .unexpectedByte, 7), ("{\"a\":'x'}", .unexpectedByte, 5),
      ("{\"a\\x\":1}", .escape, 4), ("{\"\\u12g4\":1}", .escape, 6),
      ("{\"\\ud800\":1}", .escape, 8), ("{\"\\ud800\\n\":1}", .escape, 9),
      ("{\"\\ud800\\u0041\":1}", .escape, 14), ("{\"\\udc00\":1}", .escape, 8),
      ("{\"a\n\":1}", .controlCharacter, 3), ("{\"\u{0}\":1}", .controlCharacter, 2),
      ("{}{}", .trailingBytes, 2), ("{} x", .trailingBytes, 3),
    ] as [(String, JSONSyntax.Failure.Problem, Int)])
  func refuses(text: String, problem: JSONSyntax.Failure.Problem, offset: Int) {
    #expect(failure(text) == JSONSyntax.Failure(problem: problem, offset: offset))
  }

  @Test(
    "Bytes that are not UTF-8 are refused",
    arguments: [
      [0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82],
    ] as [[UInt8]])
  func notUTF8(sequence: [UInt8]) {
    let line = bytes("{\"") + sequence + bytes("\":1}")
    #expect(throws: JSONSyntax.Failure(problem: .notUTF8, offset: 0)) {
      try JSONSyntax.check(line.span)
    }
  }
}
