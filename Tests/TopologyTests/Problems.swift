import Testing
import Topology

/// A topology text with marks `»` in front of each place where a problem is to be reported, and
/// the problems in that order: the lines and columns that are expected can be seen in the text.
struct ProblemCase: Sendable, CustomTestStringConvertible {
  let title: String
  let text: String
  /// `error: message | hint`.
  let problems: [String]

  init(_ title: String, _ text: String, _ problems: [String]) {
    self.title = title
    self.text = text
    self.problems = problems
  }

  var testDescription: String { title }

  /// `line:column: error: message | hint`.
  var expected: [String] {
    var places: [String] = []
    var line = 1
    var column = 1
    for scalar in text.unicodeScalars {
      switch scalar {
      case "»": places.append("\(line):\(column)")
      case "\n":
        line += 1
        column = 1
      default: column += 1
      }
    }
    precondition(places.count == problems.count, "\(title): marks and problems differ in number")
    return zip(places, problems).map { "\($0): \($1)" }
  }

  var plainText: String { text.filter { $0 != "»" } }
}

/// Everything that is reported for `text`, in the form of `ProblemCase.expected`.
func problems(in text: String) -> [String] {
  problems(in: Array(text.utf8))
}

func problems(in bytes: [UInt8]) -> [String] {
  let diagnostics: [Diagnostic]
  do throws(TopologyError) {
    diagnostics = try Topology.parse(bytes, fileName: "test.yaml").warnings
  } catch {
    diagnostics = error.diagnostics
    #expect(!error.errors.isEmpty)
  }
  return diagnostics.map { diagnostic in
    var text = ""
    if let position = diagnostic.position { text += "\(position.line):\(position.column): " }
    text += "\(diagnostic.severity.rawValue): \(diagnostic.message)"
    if let hint = diagnostic.hint { text += " | \(hint)" }
    return text
  }
}

/// A router `r` with EID 8 and an I2C port `a`: correct as it stands, four lines.
let minimal = """
  version: 1
  router: { name: r, eid: 8 }
  ports:
    - { name: a, bus: i2c, device: simulated, address: 0x10 }

  """

/// A topology with these ports, the first in line 4.
func ports(_ ports: String...) -> String {
  "version: 1\nrouter: { name: r, eid: 8 }\nports:\n"
    + ports.map { "  - \($0)\n" }.joined()
}
