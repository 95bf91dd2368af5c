public import MCTPWire

/// An invariant that did not hold.
public struct Violation: Hashable, Sendable {
  /// The kind, one word with hyphens: what a reducer compares. What `InvariantChecker` finds is in
  /// its table; the world itself finds these:
  ///
  /// | | What does not hold |
  /// |---|---|
  /// | `recovery` | once faults are over, everybody has an EID and answers, until the run ends |
  /// | `misdelivery` | then a request reaches only the device that it names |
  /// | `damaged-message` | then an answer has the bytes of its request |
  /// | `ownership` | then no two devices of a network have one EID |
  /// | `livelock` | routers and wires come to rest at every instant |
  /// | `deadline` | what an engine wants to be called for is done when it is called |
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
