import Testing

@testable import RouterControl

@Suite("TextTable")
struct TextTableTests {
  @Test("Numbers stand right, words left, and no line ends in blanks")
  func alignment() {
    var table = TextTable(
      columns: [.right("N"), .left("NAME"), .optional("NOTE"), .left("LAST")], emptyText: "none")
    table.rows = [["7", "long name", nil, "x"], ["1234", "é", nil, nil], ["", "", nil, ""]]
    #expect(
      table.text(isBold: false)
        == "   N  NAME       LAST\n   7  long name  x\n1234  é          -\n\n")
  }

  @Test("An optional column appears with its first value")
  func optionalColumn() {
    var table = TextTable(columns: [.left("A"), .optional("B")], emptyText: "none")
    table.rows = [["1", nil], ["2", "x"]]
    #expect(table.text(isBold: false) == "A  B\n1  -\n2  x\n")
  }

  @Test("Only the heading is bold")
  func bold() {
    var table = TextTable(columns: [.left("A")], emptyText: "none")
    table.rows = [["x"]]
    #expect(table.text(isBold: true) == "\u{1B}[1mA\u{1B}[0m\nx\n")
  }

  @Test("An empty table says so in words, never in bold")
  func empty() {
    let table = TextTable(columns: [.left("A")], emptyText: "Nothing here.")
    #expect(table.text(isBold: true) == "Nothing here.\n")
  }

  @Test("Control characters in cells do not reach the terminal")
  func controlCharacters() {
    var table = TextTable(columns: [.left("A")], emptyText: "none")
    table.rows = [["a\u{1B}[31mb\nc\u{9B}d\u{7F}"]]
    #expect(table.text(isBold: false) == "A\na?[31mb?c?d?\n")
  }
}

@Suite("Quantities")
struct QuantitiesTests {
  @Test(
    "Microseconds become milliseconds",
    arguments: [(0, "0.000"), (7, "0.007"), (1843, "1.843"), (1_000_050, "1000.050")]
      as [(UInt64, String)])
  func millisecondText(value: UInt64, text: String) {
    #expect(milliseconds(value) == text)
  }

  @Test(
    "Milliseconds become seconds, rounded to a tenth",
    arguments: [
      (0, "0.0"), (49, "0.0"), (50, "0.1"), (4250, "4.3"), (4249, "4.2"), (99_950, "100.0"),
      (.max, "18446744073709551.6"),
    ] as [(UInt64, String)])
  func secondText(value: UInt64, text: String) {
    #expect(seconds(value) == text)
  }

  @Test(
    "Long times name their units",
    arguments: [
      (999, "0 s"), (1_000, "1 s"), (61_000, "1 min 1 s"), (3_600_000, "1 h 0 min 0 s"),
      (93_784_005, "1 d 2 h 3 min 4 s"),
    ] as [(UInt64, String)])
  func durationText(value: UInt64, text: String) {
    #expect(duration(value) == text)
  }

  @Test(
    "EIDs are read as people write them",
    arguments: [
      ("9", 9), ("0x1d", 29), ("0XFF", 255), ("0", 0), ("007", 7), ("256", nil), ("0x100", nil),
      ("", nil), ("0x", nil), ("-1", nil), ("+1", nil), ("0x+1", nil), ("9 ", nil), ("x9", nil),
      ("٩", nil), ("1.0", nil),
    ] as [(String, UInt8?)])
  func eids(text: String, value: UInt8?) {
    #expect(eid(fromText: text) == value)
  }
}
