internal import MCTPSimulation
internal import MCTPWire

/// What a run did, in numbers.
public struct WorldTotals: Hashable, Sendable {
  /// Packets that routers took from their ports, and that their ports put on wires.
  public var packetsIn: UInt64 = 0
  public var packetsOut: UInt64 = 0
  /// Requests of the plan's traffic, by how they ended.
  public var requestsSent: UInt64 = 0
  public var requestsAnswered: UInt64 = 0
  public var requestsUnanswered: UInt64 = 0
  /// Answers that were not what was asked; a violation only in the last roll call.
  public var answersMixed: UInt64 = 0
  /// From the end of the faults until a roll call began that everybody answered; 0 before.
  public var recoveryMs: UInt64 = 0
  /// Frames, by what their wire did to them.
  public var framesLost: UInt64 = 0
  public var framesDuplicated: UInt64 = 0
  public var framesDamaged: UInt64 = 0
  public var framesDelayed: UInt64 = 0
  public var framesNotAcknowledged: UInt64 = 0
  public var arbitrationsLost: UInt64 = 0
  public var framesHeld: UInt64 = 0
  public var interruptsLost: UInt64 = 0
  public var bytesLost: UInt64 = 0
  public var noises: UInt64 = 0
  public var overruns: UInt64 = 0
  public var framesGone: UInt64 = 0

  public init() {}

  mutating func add(_ counts: FrameImpairment.Counts) {
    framesLost += UInt64(counts.lost)
    framesDuplicated += UInt64(counts.duplicated)
    framesDamaged += UInt64(counts.damaged)
    framesDelayed += UInt64(counts.delayed)
    framesNotAcknowledged += UInt64(counts.notAcknowledged)
    arbitrationsLost += UInt64(counts.arbitrationsLost)
    framesHeld += UInt64(counts.held)
    interruptsLost += UInt64(counts.interruptsLost)
    bytesLost += UInt64(counts.bytesLost)
    noises += UInt64(counts.noises)
    overruns += UInt64(counts.overruns)
    framesGone += UInt64(counts.gone)
  }
}

/// The time of a world, and those who see what happens in it.
final class WorldClock {
  var now = Instant.zero
  let observers: [any WorldObserver]
  var totals = WorldTotals()
  /// Devices whose `DeviceNews` has something, each once, in any order.
  var devicesWithNews: [Int] = []
  /// The first thing that went wrong and that no observer sees by itself.
  private(set) var violation: Violation?

  init(observers: [any WorldObserver]) { self.observers = observers }

  /// Something went wrong, here or at an observer.
  var hasViolation: Bool {
    if violation != nil { return true }
    for index in observers.indices where observers[index].hasViolation { return true }
    return false
  }

  func fail(_ invariant: String, _ text: String) {
    if violation == nil { violation = Violation(invariant, at: now, text) }
  }
}
