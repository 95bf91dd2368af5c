import Testing
import Topology

@Suite("Syntax problems of topologies")
struct SyntaxProblemsTests {
  static let cases = [
    ProblemCase(
      "Mapping value inside a value", "version: 1\nrouter: a»: b\n",
      [
        "error: mapping values are not allowed in this context | "
          + "check the indentation; text that contains `: ` needs quotes"
      ]),
    ProblemCase(
      "Key in the wrong column", "version: 1\nrouter:\n    name: r\n  »eid: 8\n",
      [
        "error: did not find expected key | "
          + "the keys of one block begin in the same column; this block begins at line 1"
      ]),
    ProblemCase(
      "Unclosed bracket", "version: 1\nports: [ »",
      [
        "error: did not find expected node content | "
          + "while parsing a flow node that begins at line 2"
      ]),
    ProblemCase(
      "Unclosed quote", "version: 1\nrouter: { name: \"r }\n»",
      [
        "error: found unexpected end of stream | "
          + "while scanning a quoted scalar that begins at line 2"
      ]),
    ProblemCase(
      "Line without a colon", "version: 1\nrouter\n»",
      ["error: could not find expected ':' | every key is followed by `: ` and its value"]),
    ProblemCase(
      "Every tab in the indentation", "version: 1\nrouter:\n»\tname: r\n »\teid: 8\n",
      [
        "error: tab in the indentation | indent with spaces",
        "error: tab in the indentation | indent with spaces",
      ]),
    ProblemCase(
      "Tab after a dash", "version: 1\nports:\n- »\tname: a\n",
      [
        "error: found character that cannot start any token | "
          + "a tab, or one of @ ` %: indent with spaces, put such text in quotes"
      ]),
    ProblemCase(
      "Duplicate keys", minimal + "»ports: []\nadmin: { socket: /a, »socket: /b }\n",
      [
        "error: key `ports` stands here twice | it is already given at line 3",
        "error: key `socket` stands here twice | it is already given at line 6",
      ]),
    ProblemCase(
      "Anchors and aliases", "version: 1\nrouter: »&r { name: r, eid: 8 }\nports: »*r\n",
      [
        "error: anchors are not supported | "
          + "remove the `&name` and write the values out where they are needed",
        "error: aliases are not supported | write the values out instead of `*name`",
      ]),
    ProblemCase(
      "Tags", "version: »!!int 1\n" + minimal.dropFirst("version: 1\n".count),
      ["error: tags are not supported | remove the `!tag`"]),
    ProblemCase(
      "Second document", minimal + "»---\nversion: 1\n",
      [
        "error: a second YAML document begins here | "
          + "one file is one topology: remove the `---` line or split the file"
      ]),
    ProblemCase(
      "List as key", minimal + "? »[a]\n: 1\n", ["error: a key must be a word, not a list"]),
    ProblemCase(
      "Nested too deep", "version: " + String(repeating: "[", count: 15) + "»[",
      ["error: nested more than 16 deep"]),
    ProblemCase(
      "Control character", "version: 1\n# »\u{1B}[31m\n",
      ["error: character U+1B is not text | remove it"]),
    ProblemCase(
      "Line separator that editors do not count", "version: 1\nrouter: { name: »\u{2028} }\n",
      ["error: character U+2028 is not text | remove it"]),
    ProblemCase(
      "Empty", "»",
      [
        "error: the topology is empty | it needs at least `version`, `router` and `ports`; "
          + "topologies/demo.yaml is an example"
      ]),
    ProblemCase(
      "Comments only", "»# nothing\n# here\n",
      [
        "error: the topology is empty | it needs at least `version`, `router` and `ports`; "
          + "topologies/demo.yaml is an example"
      ]),
    ProblemCase(
      "Not a mapping", "»- version: 1\n",
      [
        "error: a topology must be a mapping, not a list | with the keys `version`, `router`, "
          + "`admin`, `networks`, `ports`, `routes`, `devices` and `endpoints`"
      ]),
  ]

  @Test("A syntax problem is reported at its place", arguments: cases)
  func reported(_ problem: ProblemCase) {
    #expect(problems(in: problem.plainText) == problem.expected)
  }

  @Test("Invalid UTF-8 is reported at the first wrong byte")
  func invalidUTF8() {
    let wrong: [UInt8] = Array("version: 1\n# ü".utf8) + [0xC3, 0x28, 0x0A]
    #expect(
      problems(in: wrong) == ["2:4: error: not UTF-8 from here on | save the file as UTF-8"])
  }

  @Test("UTF-16 is recognised by its byte order mark", arguments: [[0xFF, 0xFE], [0xFE, 0xFF]])
  func utf16(_ mark: [UInt8]) {
    #expect(
      problems(in: mark + [0x76, 0x00]) == ["1:1: error: the text is UTF-16 | save it as UTF-8"])
  }

  @Test("A byte order mark and CRLF change nothing, columns included")
  func markAndLineEnds() throws {
    let crlf = minimal.replacing("\n", with: "\r\n")
    let plain = try Topology.parse(minimal, fileName: "a")
    #expect(try Topology.parse("\u{FEFF}" + crlf, fileName: "b") == plain)
    let wrong = "\u{FEFF}vresion: 1\r\nversion: 1\r\n" + crlf.dropFirst(11)
    #expect(
      problems(in: wrong) == [
        "1:1: error: unknown key `vresion` in a topology | did you mean `version`?"
      ])
  }

  @Test("A document start, flow style and quoted words are accepted")
  func harmlessStyles() throws {
    let plain = try Topology.parse(minimal, fileName: "a")
    let quoted = "%YAML 1.1\n---\n" + minimal.replacing("bus: i2c", with: "'bus': \"i2c\"")
    #expect(try Topology.parse(quoted, fileName: "b") == plain)
  }

  @Test("More than 1 MiB is refused before parsing")
  func tooLarge() {
    let text = minimal + String(repeating: "#", count: 1 << 20)
    #expect(
      problems(in: text) == [
        "error: larger than 1 MiB | a topology of 32 ports needs a few dozen kilobytes: "
          + "is this the right file?"
      ])
  }

  @Test("A flood of values is refused")
  func tooManyValues() {
    let text = "version: [" + String(repeating: "1,", count: 120_000) + "]"
    // The mapping, the key, the list and 99 997 numbers are 100 000 nodes.
    #expect(problems(in: text) == ["1:\(11 + 2 * 99_997): error: more than 100000 values"])
  }

  @Test("A flood of problems is cut, and says by how much")
  func tooManyProblems() throws {
    let text = minimal + (0..<300).map { "key\($0): 1\n" }.joined()
    let found = problems(in: text)
    #expect(found.count == 100)
    #expect(found.last == "error: 201 more, left out here")
    #expect(found.first?.hasPrefix("5:1: error: unknown key `key0`") == true)
  }
}
