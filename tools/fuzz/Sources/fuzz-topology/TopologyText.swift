import Fuzzing
import Topology

/// Whatever a topology file holds, it loads or is refused with at least one error; all that is said
/// has a place inside the text, and reading it again says the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  fuzz(start, count) { bytes in
    let text = Array(bytes)
    switch (parse(text), parse(text)) {
    case (.success(let first), .success(let second)):
      precondition(first == second, "the same text gave two topologies")
      precondition(first.warnings == second.warnings, "the same text gave other warnings")
      precondition(
        !first.ports.isEmpty && first.ports.count <= TopologyLimits.portCountMax,
        "a number of ports that no router has")
      check(first.warnings, text)
      precondition(
        first.warnings.allSatisfy { $0.severity == .warning }, "an error in what was loaded")
    case (.failure(let first), .failure(let second)):
      precondition(first == second, "the same text was refused for other reasons")
      precondition(!first.errors.isEmpty, "refused without an error")
      check(first.diagnostics, text)
    default: preconditionFailure("the same text was loaded and refused")
    }
  }
}

private func parse(_ text: [UInt8]) -> Result<Topology, TopologyError> {
  do throws(TopologyError) {
    return .success(try Topology.parse(text, fileName: "t"))
  } catch {
    return .failure(error)
  }
}

private func check(_ diagnostics: [Diagnostic], _ text: [UInt8]) {
  precondition(
    diagnostics.count <= TopologyLimits.diagnosticCountMax, "more said than anybody reads")
  // No line has more columns than the text has bytes, and each break is at least one byte.
  for (index, diagnostic) in diagnostics.enumerated() {
    guard let position = diagnostic.position else {
      // The line that says how many more there are has none.
      precondition(
        index == TopologyLimits.diagnosticCountMax - 1, "an error without a place")
      continue
    }
    precondition(
      position.line >= 1 && position.line <= text.count + 1 && position.column >= 1
        && position.column <= text.count + 1, "a place outside the text")
    precondition(!diagnostic.message.isEmpty, "an error without words")
    precondition(
      !diagnostic.message.utf8.contains(0x0A) && !diagnostic.message.utf8.contains(0x0D),
      "a message of several lines")
    precondition(diagnostic.description.utf8.count < 4096, "a message that nobody reads")
  }
}
