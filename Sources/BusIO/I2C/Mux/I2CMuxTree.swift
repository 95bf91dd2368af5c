// One I2C mux tree: the adapters (legs) behind one root adapter take turns.
//
// The kernel selects a leg for each transfer and knows nothing of what belongs together. A device
// answers later, by a write of its own to the root adapter's address (DSP0237 1.1.0: both sides
// transmit as controllers), and is not acknowledged when the mux has moved on meanwhile. So a leg
// that wrote a request holds the tree until the answer came or a bounded time passed.
//
// Owns: who has the turn, who waits in which order, which answers are awaited, and which leg last
// wrote to which address. It writes nothing itself: ports ask, write through their links and
// report. Nothing here allocates per packet.
//
// It helps where the mux stays where the last transfer left it (idle state "as is"): a mux that
// disconnects after every transfer lets no answer through, whoever waits for it.

internal import MCTPWire

/// The scheduler of one mux tree.
///
/// Life: made before its ports, then a leg for each of them; no leg ever goes, a port that is down
/// just asks for nothing. Everything happens on the loop's thread.
public final class I2CMuxTree {
  /// Choice: 300 ms, the lower bound of MT2 (DSP0237 1.1.0): a requester may try again
  /// then, so an answer is not to be hoped for any longer.
  public static let answerTimeoutMs: UInt32 = 300

  /// Choice: 1 s a turn while others wait: room for a request and an answer of many packets, and a
  /// leg among three still comes in before the usual message time-outs of several seconds.
  public static let turnMsMax: UInt32 = 1_000

  /// Choice: 10 ms. A packet that was not acknowledged is tried again in the same turn of the loop
  /// or not at all; this is longer than any such turn.
  static let retryMsMax: UInt32 = 10

  /// The turn of one leg, from its grant.
  struct Turn {
    let leg: Int
    let startedAt: Instant
    /// Since when another leg waits.
    var contestedAt: Instant?
    /// Granted, and nothing was written yet: the mux is still elsewhere.
    var isFresh = true
    var writing: I2CMuxPacket?
    /// `writing` opened an exchange.
    var isOpening = false
    /// Was not taken by its target and may be tried again until `retryUntil`.
    var failed: I2CMuxPacket?
    var retryUntil = Instant.zero

    /// When the leg must give way though it has not done.
    var end: Instant? { contestedAt?.advanced(byMs: I2CMuxTree.turnMsMax) }
  }

  struct Leg {
    /// On the root adapter itself: heard whatever the mux selects.
    let isRoot: Bool
    /// While it is in `waiting`.
    var waitingSince = Instant.zero
    /// Where its present write goes; kept of root legs only.
    var rootDestination: UInt8 = 0
    var counters = I2CMuxCounters()
  }

  static let noLeg = UInt8.max

  /// The root adapter, for people: `i2c-1`.
  public let name: String

  var legs: [Leg] = []
  /// In the order in which they began to wait.
  var waiting: [Int] = []
  var turn: Turn?
  var exchanges = I2CMuxExchanges()
  /// Which leg last wrote to each address.
  var lastWriters = [UInt8](repeating: I2CMuxTree.noLeg, count: 128)
  /// Where the mux was moved last.
  var lastTransmitter: Int?
  /// Of the last call that brought a time.
  private(set) var now = Instant.zero
  /// Lives with the links that read from it.
  weak var receiver: I2CMuxReceiver?

  public init(name: String) { self.name = name }

  /// A place in the tree for one port.
  ///
  /// - Parameter isRoot: the port's adapter is the root adapter itself. Its transfers move no mux
  ///   and its devices are always heard: it neither waits nor holds.
  /// - Precondition: there are fewer than 255 legs.
  public func makeLeg(portName: String, isRoot: Bool = false) -> I2CMuxLeg {
    precondition(legs.count < Int(I2CMuxTree.noLeg), "too many legs")
    legs.append(Leg(isRoot: isRoot))
    waiting.reserveCapacity(legs.count)
    return I2CMuxLeg(portName: portName, tree: self, index: legs.count - 1)
  }

  func counters(of leg: Int) -> I2CMuxCounters { legs[leg].counters }

  func note(_ time: Instant) { now = max(now, time) }

  /// True while a leg beside this one waits.
  func doOthersWait(beside leg: Int) -> Bool { waiting.contains { $0 != leg } }
}
