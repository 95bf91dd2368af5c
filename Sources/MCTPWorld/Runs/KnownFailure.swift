/// A defect of the product that a run shows and that is not mended yet.
///
/// It is bound to its cause twice: the run that shows it must go on failing in just that way, and
/// what causes it is not drawn for other runs, so that what they fail with is something else.
public struct KnownFailure: Hashable, Sendable {
  /// A short name, as reviews and issues call it.
  public let name: String
  /// One sentence: what goes wrong, and why.
  public let cause: String
  /// The scenario that shows it: a name below the folder of scenarios, without its ending.
  public let scenario: String
  public let seed: UInt64
  /// False: only what the script says.
  public let isDrawn: Bool
  /// What is violated, and words that its text must have.
  public let invariant: String
  public let text: String
  /// Kinds of faults that are not drawn while it is known.
  public let avoided: [String]

  /// True when `violation` is this failure and no other.
  public func explains(_ violation: Violation) -> Bool {
    violation.invariant == invariant && (text.isEmpty || violation.text.contains(text))
  }
}

/// The list of known failures. It may only shrink: its limit is a number in the file, and whoever
/// takes an entry off lowers it.
public struct KnownFailures: Sendable {
  public let entries: [KnownFailure]

  public static let none = KnownFailures(entries: [])

  /// Kinds of faults that no seed draws while the list is as it is.
  public var avoided: Set<String> { Set(entries.flatMap(\.avoided)) }

  /// Reads the list:
  ///
  ///     limit 2
  ///     H1 congestion is taken for loss, because own requests wait behind all transit
  ///       run known/congestion --seed 3
  ///       fails up bystander
  ///       avoid overload
  ///
  /// - Throws: everything that is wrong, with lines.
  public static func read(
    _ text: String, fileName: String
  ) throws(ScenarioError) -> KnownFailures {
    var reader = KnownFailureReader(fileName: fileName)
    for line in ScenarioLine.lines(of: text) {
      do throws(ScenarioProblem) {
        try reader.take(line)
      } catch { reader.problems.append(error) }
    }
    return try reader.finish()
  }
}
