import MCTPWire

/// What became of the requests on one port. Each started request ends as one of the seven kinds
/// that follow, or is open.
public struct ControlRequesterCounters: Hashable, Sendable {
  public internal(set) var started: UInt64 = 0
  public internal(set) var answered: UInt64 = 0
  public internal(set) var refused: UInt64 = 0
  public internal(set) var timedOut: UInt64 = 0
  public internal(set) var undelivered: UInt64 = 0
  public internal(set) var endedByPort: UInt64 = 0
  /// Datagrams that left, and broadcasts whose time was over.
  public internal(set) var unanswerable: UInt64 = 0
  public internal(set) var cancelled: UInt64 = 0

  /// Packets, repetitions included.
  public internal(set) var transmissions: UInt64 = 0
  public internal(set) var retransmissions: UInt64 = 0
  /// Answers ERROR_NOT_READY that were taken for "later".
  public internal(set) var notReady: UInt64 = 0
  /// Packets that their bus could not deliver.
  public internal(set) var undeliveredPackets: UInt64 = 0
  public internal(set) var broadcastAnswers: UInt64 = 0
  /// Answers to broadcasts for which there was no room, because outcomes were not taken.
  public internal(set) var broadcastAnswersLost: UInt64 = 0

  public internal(set) var late: UInt64 = 0
  public internal(set) var duplicates: UInt64 = 0
  /// One number a kind, by raw value.
  private var mismatches = [UInt64](repeating: 0, count: 8)

  public init() {}

  public func mismatched(_ kind: ControlMismatch) -> UInt64 { mismatches[Int(kind.rawValue)] }

  mutating func count(_ kind: ControlMismatch) { mismatches[Int(kind.rawValue)] += 1 }

  mutating func countEnd(_ result: ControlResult) {
    switch result {
    case .answered: answered += 1
    case .refused: refused += 1
    case .timedOut: timedOut += 1
    case .undelivered: undelivered += 1
    case .portDown: endedByPort += 1
    case .sent, .broadcastEnded: unanswerable += 1
    }
  }
}
