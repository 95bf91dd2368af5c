public import MCTPWire

/// How a simulated device differs from a good one. The default does not.
public struct Temperament: Hashable, Sendable {
  public enum Answers: Hashable, Sendable {
    case always
    case never
    /// Every answer is sent twice.
    case twice
    /// Each n-th request gets no answer, 2 or more.
    case notEach(UInt32)
  }

  public var answers = Answers.always
  /// Answers leave so much later.
  public var answerDelayMs: UInt32 = 0
  /// Forgets its EID so often, as a device does whose firmware restarts; nil never.
  public var forgetsEIDEveryMs: UInt32?
  /// Reports another EID than it was given: the true one plus this, in Set and Get Endpoint ID.
  public var reportedEIDOffset: UInt8 = 0
  /// Packets a second that nobody asked for, to `floodDestination`, one way; 0 is none.
  public var floodPerSecond: UInt32 = 0
  public var floodDestination = EID.null
  /// Packets of random bytes a second; 0 is none.
  public var garbagePerSecond: UInt32 = 0
  /// Frames of random bytes a second: they never become packets; 0 is none.
  public var garbageFramesPerSecond: UInt32 = 0

  public init() {}

  public static let good = Temperament()
}
