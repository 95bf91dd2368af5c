/// An invariant that did not hold on a small board.
public struct ExhaustiveViolation: Hashable, Sendable {
  /// One word with hyphens; `SmallWorld+Checks` and `SmallWorld+Calm` say what each means.
  public let invariant: String
  public let text: String
}

/// A violation and the shortest way to it.
public struct ExhaustiveFinding: Hashable, Sendable {
  public let violation: ExhaustiveViolation
  public let choices: [Int]
  /// Found by letting the end of the path come to rest.
  public let isAtEnd: Bool
  /// How often the same was found; the others are no shorter.
  public internal(set) var count: Int
}

/// What a search saw.
public struct ExhaustiveReport: Sendable {
  /// Steps from the start within which everything was tried.
  public internal(set) var depth = 0
  /// The depth that was asked for was reached, and nothing was left out.
  public internal(set) var isComplete = false
  public internal(set) var states = 0
  /// Ways that led to a state that had been seen.
  public internal(set) var folded = 0
  public internal(set) var transitions = 0
  /// States at the last depth.
  public internal(set) var leaves = 0
  /// Of those, how many were followed to their rest.
  public internal(set) var calmRuns = 0
  /// Of the tables that grow with the states.
  public internal(set) var tableBytes = 0
  /// New states of each depth.
  public internal(set) var layers: [Int] = []
  /// Shortest first.
  public internal(set) var findings: [ExhaustiveFinding] = []
}
