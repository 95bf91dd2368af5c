public import MCTPWire

/// An invariant that did not hold.
public struct Violation: Error, Hashable, Sendable {
  /// The kind, one word with hyphens: what a reducer compares.
  public var invariant: String
  public var at: Instant
  /// One line for people: where, what was seen, what should have been.
  public var text: String

  public init(_ invariant: String, at: Instant, _ text: String) {
    self.invariant = invariant
    self.at = at
    self.text = text
  }
}
