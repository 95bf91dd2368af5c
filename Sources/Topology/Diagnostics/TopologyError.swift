/// Why a topology was refused: every problem found, not only the first.
public struct TopologyError: Error, Hashable, Sendable {
  /// In order of position; at least one error, warnings among them. At most
  /// `TopologyLimits.diagnosticCountMax`.
  public let diagnostics: [Diagnostic]

  public var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }
  public var warnings: [Diagnostic] { diagnostics.filter { $0.severity == .warning } }
}

extension TopologyError: CustomStringConvertible {
  /// One diagnostic after the other, as compilers print them.
  public var description: String {
    diagnostics.map(\.description).joined(separator: "\n")
  }
}
