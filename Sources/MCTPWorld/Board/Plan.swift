public import MCTPWire

/// One run, completely: the same plan gives the same run, packet for packet.
public struct Plan: Sendable {
  public var board: Board
  /// Of every generator in the world.
  public var seed: UInt64
  /// What happens, in any order of time.
  public var events: [TimedEvent]
  public var traffic: Traffic
  /// From here on nothing goes wrong any more but what `staying` says: faults are off, every device
  /// that is present is good, a neighbour has the habits that the board gives it, cut wires are
  /// mended, routers run. The events of the plan's script go on being obeyed.
  public var quietFrom: Instant
  /// What goes on being wrong after `quietFrom`; each is among `events` too.
  public var staying: [WorldEvent]
  /// Devices that need not be reachable, by index, ascending: because of what stays, or because of
  /// habits that no router can serve.
  public var excused: [Int]
  /// From `quietFrom`: when every device that is present must answer another one. The last roll
  /// call begins earlier when all do earlier, but for one run in eight.
  public var recoveryMs: UInt32
  /// How long the last roll call takes at least: it goes round and round, and every request of it
  /// must be answered.
  public var cleanMs: UInt32

  public init(
    board: Board, seed: UInt64, events: [TimedEvent] = [], traffic: Traffic = Traffic(),
    quietFrom: Instant, staying: [WorldEvent] = [], excused: [Int] = [], recoveryMs: UInt32,
    cleanMs: UInt32 = 2000
  ) {
    self.board = board
    self.seed = seed
    self.events = events
    self.traffic = traffic
    self.quietFrom = quietFrom
    self.staying = staying
    self.excused = excused
    self.recoveryMs = recoveryMs
    self.cleanMs = cleanMs
  }

  /// Whether something goes on being wrong with this part after `quietFrom`.
  func stays(_ subject: WorldEvent.Subject) -> Bool {
    staying.contains { $0.subject == subject }
  }
}
