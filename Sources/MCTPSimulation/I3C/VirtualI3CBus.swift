// One I3C bus with one controller: private transfers, in-band interrupts, GETSTATUS.
//
// Owns: the targets with what they want to send and what they received, the transfer on the wire
// and what the controller did not collect yet. Life: `attach` and `detach` at any time; targets
// use `queueRead`, `nextWrite`; the controller uses `start`, `nextCompletion`,
// `nextInterrupt`. `advance(to:)` moves time on; read `nextDeadline` after every call.
// Implements what DSP0233 needs of the bus: the pending-read rule and the polling mode.

public import MCTPWire

public struct VirtualI3CBus: ~Copyable, Sendable {
  /// What goes wrong with one target's transfers; 0 is never, n is each n-th.
  public struct Faults: Hashable, Sendable {
    /// The target does not acknowledge its address.
    public var nakEvery = 0
    /// One bit of the data arrives flipped.
    public var corruptEvery = 0
    /// The controller acknowledges an interrupt and forgets it.
    public var loseInterruptEvery = 0

    public init(nakEvery: Int = 0, corruptEvery: Int = 0, loseInterruptEvery: Int = 0) {
      self.nakEvery = nakEvery
      self.corruptEvery = corruptEvery
      self.loseInterruptEvery = loseInterruptEvery
    }
  }

  /// What the controller does to the target at a dynamic address.
  public enum Transfer: Hashable, Sendable {
    case write([UInt8])
    case read(byteCountMax: Int)
    case directGet(I3CCommonCommand)
    case directSet(I3CCommonCommand, [UInt8])
  }

  /// How a transfer ended. Each started transfer has exactly one.
  public struct Completion: Hashable, Sendable {
    public let result: TransmissionResult
    /// What a read or a get brought.
    public let bytes: [UInt8]
    public let at: Instant
  }

  public struct Interrupt: Hashable, Sendable {
    public let dynamicAddress: UInt8
    /// `mctpMandatoryByte`: a virtual target interrupts for nothing else.
    public let mandatoryByte: UInt8
    public let at: Instant
  }

  /// The mandatory byte that announces an MCTP packet (DSP0233).
  public static let mctpMandatoryByte: UInt8 = 0xAE
  /// Choice: dynamic addresses are given from here upward, the lowest provisioned ID first, as
  /// the address assignment's own arbitration orders targets.
  public static let firstDynamicAddress: UInt8 = 0x09
  /// Choice: an announced packet that is not read for so long may be announced again with the
  /// next one; without it one lost interrupt would silence a target for good.
  public static let announcementStaleMs: UInt32 = 5

  struct Member {
    var target: VirtualI3CTarget
    var dynamicAddress: UInt8
    /// Another one after each `attach` and `clear`, of all targets: an address is given again.
    var life: Int
    var framesMax: Int
    var faults = Faults()
    var nakCounter = FaultCounter()
    var corruptCounter = FaultCounter()
    var interruptCounter = FaultCounter()
    var interruptsEnabled = true
    /// An interrupt waits for the bus.
    var wantsInterrupt = false
    /// When the oldest outgoing frame was announced and acknowledged.
    var announcedAt: Instant?
    /// When the target announces again what the wire's faults kept from being read.
    var reannounceAt: Instant?
    var outgoing: [[UInt8]] = []
    var incoming: [[UInt8]] = []
  }

  enum Activity {
    case transfer(Completion, effect: Effect)
    case interrupt(Interrupt, isLost: Bool)

    var end: Instant {
      switch self {
      case .transfer(let completion, _): completion.at
      case .interrupt(let interrupt, _): interrupt.at
      }
    }
  }

  /// What a transfer does to its target when it ends, if that target lives so long.
  enum Effect {
    case none
    case write(life: Int, [UInt8], copyCount: Int)
    case read(life: Int)
    case set(life: Int, I3CCommonCommand, [UInt8])
  }

  /// What the wire does to every transfer and interrupt on it, beside what `arm` does.
  public var impairment: FrameImpairment
  /// Private writes that wait for `nextWrite`, of all targets.
  public internal(set) var heldWriteCount = 0

  let clock: BusClock
  var generator: SeededGenerator
  /// In order of dynamic address.
  var members: [Member] = []
  var activity: Activity?
  var waiting: (transfer: Transfer, address: UInt8)?
  private var completions: [Completion] = []
  private var interrupts: [Interrupt] = []
  var time = Instant.zero
  /// No `reannounceAt` of a member is earlier.
  var reannounceNext: Instant?
  var lifeCount = 0
  /// Changes whenever a target comes, goes or changes its lengths.
  public internal(set) var generation = 0

  /// - Parameters:
  ///   - clockHz: bus clocks a second, 1 to 100 million.
  ///   - seed: chooses the bits that `Faults.corruptEvery` flips, and what `faults` hit.
  ///   - faults: of the whole wire, as `impairment.faults`.
  public init(
    targets: [VirtualI3CTarget] = [], clockHz: Int = 12_500_000, seed: UInt64 = 0,
    faults: FrameFaults = .none
  ) {
    clock = BusClock(rateHz: clockHz)
    generator = SeededGenerator(seed: seed)
    // Another sequence than the generator's own.
    impairment = FrameImpairment(faults: faults, seed: ~seed)
    for target in targets.sorted(by: { $0.provisionedID < $1.provisionedID }) { attach(target) }
  }

  // MARK: The controller's side

  /// The targets that are there, in order of dynamic address.
  public var targets: [(target: VirtualI3CTarget, dynamicAddress: UInt8)] {
    members.map { ($0.target, $0.dynamicAddress) }
  }

  /// True from `start` until its completion is on the wire's end.
  public var isTransferring: Bool {
    if case .transfer = activity { return true }
    return waiting != nil
  }

  /// Begins a transfer as soon as the bus is free; interrupts that wait go first.
  ///
  /// - Parameter now: not before any time given earlier. Only while `isTransferring` is false.
  public mutating func start(_ transfer: Transfer, to dynamicAddress: UInt8, now: Instant) {
    advance(to: now)
    precondition(!isTransferring, "one transfer at a time")
    waiting = (transfer, dynamicAddress)
    useFreeBus(at: time)
  }

  public mutating func nextCompletion() -> Completion? {
    completions.isEmpty ? nil : completions.removeFirst()
  }

  public mutating func nextInterrupt() -> Interrupt? {
    interrupts.isEmpty ? nil : interrupts.removeFirst()
  }

  // MARK: Time

  /// Moves the bus on to `now`; earlier times change nothing.
  public mutating func advance(to now: Instant) {
    time = max(time, now)
    while let current = activity, current.end <= time {
      activity = nil
      switch current {
      case .transfer(let completion, let effect):
        completions.append(
          apply(effect)
            ? completion
            : Completion(result: .addressNotAcknowledged, bytes: [], at: completion.at))
      case .interrupt(let interrupt, let isLost):
        if !isLost { interrupts.append(interrupt) }
      }
      useFreeBus(at: current.end)
    }
    if let next = reannounceNext, next <= time { reannounce() }
  }

  /// When what is on the wire ends or a target announces again; nil while the bus is idle.
  public var nextDeadline: Instant? {
    guard let end = activity?.end else { return reannounceNext }
    return reannounceNext.map { min($0, end) } ?? end
  }
}
