/// Collects diagnostics up to a bound, so that a hostile file cannot fill the memory with them.
struct DiagnosticList {
  private let fileName: String
  private var kept: [Diagnostic] = []
  private(set) var hasErrors = false
  private var leftOut = 0

  init(fileName: String) { self.fileName = fileName }

  /// True when what comes now is counted only: its hint need not be worked out.
  var isFull: Bool { kept.count >= TopologyLimits.diagnosticCountMax - 1 }

  mutating func error(_ message: String, at position: SourcePosition?, hint: String? = nil) {
    hasErrors = true
    add(.error, message, position, hint)
  }

  mutating func warning(_ message: String, at position: SourcePosition?, hint: String? = nil) {
    add(.warning, message, position, hint)
  }

  private mutating func add(
    _ severity: Diagnostic.Severity, _ message: String, _ position: SourcePosition?,
    _ hint: String?
  ) {
    let diagnostic = Diagnostic(
      fileName: fileName, position: position, severity: severity, message: message, hint: hint)
    // One place is kept for the line that says how many more there are.
    if !isFull {
      kept.append(diagnostic)
    } else {
      leftOut += 1
      // An error must stay visible: it takes the place of a warning.
      if severity == .error, let last = kept.lastIndex(where: { $0.severity == .warning }) {
        kept[last] = diagnostic
      }
    }
  }

  /// In order of position; problems of the file itself come first.
  var sorted: [Diagnostic] {
    var all = kept.enumerated().sorted { left, right in
      let start = SourcePosition(line: 0, column: 0)
      let leftPosition = left.element.position ?? start
      let rightPosition = right.element.position ?? start
      return leftPosition == rightPosition
        ? left.offset < right.offset : leftPosition < rightPosition
    }.map(\.element)
    if leftOut > 0 {
      all.append(
        Diagnostic(
          fileName: fileName, position: nil, severity: hasErrors ? .error : .warning,
          message: "\(leftOut) more, left out here", hint: nil))
    }
    return all
  }
}
