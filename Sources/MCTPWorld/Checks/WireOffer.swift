internal import MCTPWire

/// How much of what each wire carries the traffic offers it.
///
/// Beyond half of it requests wait at devices, which no port sees, and may go unanswered although
/// nobody did anything to them.
struct WireOffer {
  private static let percentMax = 50
  /// How long what was offered may still wait at a device: its memory, 64 KiB, at 9 KB a second.
  private static let drainMs: UInt32 = 8000
  private static let never = Instant(nanoseconds: .max)

  private let board: Board
  private var traffic: Traffic
  /// By wire: until when it is loaded.
  private var loadedUntil: [Instant]

  init(_ board: Board, _ traffic: Traffic) {
    self.board = board
    self.traffic = traffic
    loadedUntil = board.wires.map { _ in .zero }
    change(to: traffic.requestsPerSecond, at: .zero)
  }

  mutating func note(_ event: WorldEvent, at now: Instant) {
    if case .load(let requestsPerSecond) = event { change(to: requestsPerSecond, at: now) }
  }

  func isLoaded(_ wire: Int, at now: Instant) -> Bool { now < loadedUntil[wire] }

  private mutating func change(to requestsPerSecond: UInt32, at now: Instant) {
    traffic.requestsPerSecond = requestsPerSecond
    for (wire, percent) in board.loadPercents(of: traffic).enumerated() {
      if percent > Self.percentMax {
        loadedUntil[wire] = Self.never
      } else if loadedUntil[wire] == Self.never {
        loadedUntil[wire] = now.advanced(byMs: Self.drainMs)
      }
    }
  }
}
