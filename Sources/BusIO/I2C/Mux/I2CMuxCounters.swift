internal import MCTPWire

/// What one leg of a mux tree counts. Times are kept in nanoseconds and shown in milliseconds.
struct I2CMuxCounters {
  private(set) var turns: UInt64 = 0
  var answered: UInt64 = 0
  /// Requests whose answer did not come while the tree was held for them.
  var expired: UInt64 = 0
  /// Received frames whose leg was guessed.
  var guessed: UInt64 = 0
  /// Waits longer than the longest turn beside waiting legs.
  private(set) var starved: UInt64 = 0

  private var hold: UInt64 = 0
  private var holdMax: UInt64 = 0
  private var wait: UInt64 = 0
  private var waitMax: UInt64 = 0

  mutating func countTurn() { turns &+= 1 }

  mutating func countHold(_ nanoseconds: UInt64) {
    hold &+= nanoseconds
    holdMax = max(holdMax, nanoseconds)
  }

  mutating func countWait(_ nanoseconds: UInt64) {
    wait &+= nanoseconds
    waitMax = max(waitMax, nanoseconds)
    if nanoseconds > UInt64(I2CMuxTree.turnMsMax) * 1_000_000 { starved &+= 1 }
  }

  var linkCounters: [LinkCounter] {
    [
      LinkCounter("mux-turns", turns),
      LinkCounter("mux-answered", answered),
      LinkCounter("mux-expired", expired),
      LinkCounter("mux-hold-ms", hold / 1_000_000),
      LinkCounter("mux-hold-max-ms", holdMax / 1_000_000),
      LinkCounter("mux-wait-ms", wait / 1_000_000),
      LinkCounter("mux-wait-max-ms", waitMax / 1_000_000),
      LinkCounter("mux-starved", starved),
      LinkCounter("mux-guessed", guessed),
    ]
  }
}
