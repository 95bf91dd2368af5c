// One I2C wire with several controllers and targets: who gets the bus, who acknowledges, how long
// it takes. MCTP over SMBus has write transfers only (DSP0237 1.1.0 §6), so there are no reads.
//
// Owns: the attached nodes, the transfer on the wire, the writes that wait for the bus, frames that
// are late, and what targets received and nobody collected. Life: `attach` the nodes; then
// `startWrite` and `advance(to:)` with times that never go back; after either, collect
// `nextCompletion` and `nextReception` until nil and read `nextDeadline` again. No clock and no
// randomness of its own.

public import MCTPWire

public struct VirtualI2CBus: ~Copyable, Sendable {
  /// One device on the wire.
  public struct Node: Hashable, Sendable {
    let index: Int
  }

  /// What goes wrong with the writes that one node starts; 0 is never, n is each n-th write.
  public struct Faults: Hashable, Sendable {
    /// The address is not acknowledged, as if the target were absent.
    public var nakEvery = 0
    /// Arbitration is lost in the first byte to a controller nobody sees.
    public var arbitrationLostEvery = 0
    /// One bit after the address byte arrives flipped.
    public var corruptEvery = 0

    public init(nakEvery: Int = 0, arbitrationLostEvery: Int = 0, corruptEvery: Int = 0) {
      self.nakEvery = nakEvery
      self.arbitrationLostEvery = arbitrationLostEvery
      self.corruptEvery = corruptEvery
    }
  }

  /// How a write ended. Each started write has exactly one.
  public struct Completion: Hashable, Sendable {
    public let controller: Node
    public let result: TransmissionResult
    public let at: Instant
  }

  struct Member {
    /// 7-bit; nil for a controller that is no target.
    var address: UInt8?
    var frameByteCountMax: Int
    var receptionsMax: Int
    var isAttached = true
    var isReachable = true
    var isWriting = false
    var receptions: [[UInt8]] = []
    var faults = Faults()
    var nakCounter = FaultCounter()
    var arbitrationCounter = FaultCounter()
    var corruptCounter = FaultCounter()

    var isOnWire: Bool { isAttached && isReachable }
  }

  /// A frame that a target acknowledged and has not got yet.
  struct LateFrame {
    let at: Instant
    let frame: [UInt8]
    var targets: [Int]
    let copyCount: Int
  }

  /// Largest SMBus frame: address, command, count, 255 bytes, PEC (DSP0237 1.1.0 §6.3).
  public static let frameByteCountMax = 259
  /// Choice: so many frames are late at once; one more overruns. `FrameFaults` allows delays of an
  /// hour, in which a wire takes a million frames.
  static let lateFramesMax = 1024

  /// What the wire does to every write on it, whoever starts it, beside what `arm` does.
  public var impairment: FrameImpairment
  /// Frames that wait for `nextReception`, of all nodes.
  public internal(set) var receptionCount = 0

  let clock: BusClock
  var generator: SeededGenerator
  var members: [Member] = []
  var transfer: Transfer?
  var waiting: [Write] = []
  /// In order of time.
  var late: [LateFrame] = []
  /// Writes of nodes that are not reachable, in order of time.
  private var apart: [Completion] = []
  private var completions: [Completion] = []
  private var time = Instant.zero
  /// Since when nothing is on the wire; nil while something is.
  public internal(set) var idleSince: Instant? = .zero

  /// - Parameters:
  ///   - clockHz: bus clocks a second, 1 to 100 million.
  ///   - seed: chooses the bits that `Faults.corruptEvery` flips, and what `faults` hit.
  ///   - faults: of the whole wire, as `impairment.faults`.
  public init(clockHz: Int = 100_000, seed: UInt64 = 0, faults: FrameFaults = .none) {
    clock = BusClock(rateHz: clockHz)
    generator = SeededGenerator(seed: seed)
    // Another sequence than the generator's own.
    impairment = FrameImpairment(faults: faults, seed: ~seed)
  }

  /// Puts a node on the wire.
  ///
  /// - Parameters:
  ///   - address: its 7-bit target address; nil for a controller that only writes. Two nodes may
  ///     have one address: both acknowledge and both receive, as on the wire.
  ///   - frameByteCountMax: the longest frame its buffer takes, address byte and PEC included.
  ///   - receptionsMax: how many frames it holds before it refuses the next.
  public mutating func attach(
    address: UInt8?, frameByteCountMax: Int = VirtualI2CBus.frameByteCountMax,
    receptionsMax: Int = 16
  ) -> Node {
    members.append(
      Member(
        address: address.map { $0 & 0x7F }, frameByteCountMax: frameByteCountMax,
        receptionsMax: receptionsMax))
    return Node(index: members.count - 1)
  }

  /// Takes a node off the wire: it acknowledges nothing, and what it held and what was on its way
  /// to it is gone. A write of its own that is under way still ends.
  public mutating func detach(_ node: Node) {
    members[node.index].isAttached = false
    let held = members[node.index].receptions.count
    members[node.index].receptions = []
    receptionCount -= held
    impairment.counts.gone += held
    forgetUnderWay(to: node)
  }

  /// Puts a detached node back, with nothing received.
  public mutating func reattach(_ node: Node) { members[node.index].isAttached = true }

  /// Connects a node or cuts it off, as a mux does with a leg: it acknowledges nothing, receives
  /// nothing, keeps what it held, and finds no acknowledgement. On the wire its writes take no
  /// time then, but one that is under way keeps its place and ends without an acknowledgement
  /// unless its target took it already.
  public mutating func setReachable(_ node: Node, _ isReachable: Bool) {
    members[node.index].isReachable = isReachable
  }

  public mutating func arm(_ faults: Faults, on node: Node) {
    members[node.index].faults = faults
  }

  /// True while a write that `controller` started has no result yet.
  public func isWriting(_ controller: Node) -> Bool { members[controller.index].isWriting }

  /// Begins one write transfer, or queues it until the bus is free.
  ///
  /// Controllers that begin at one instant contend: at the first byte that differs the lowest
  /// value wins, because a 0 on the wire beats a 1. Writes that waited for the same transfer to
  /// end begin at one instant.
  ///
  /// - Parameters:
  ///   - controller: has no other write under way.
  ///   - frame: address byte first, PEC last; at least one byte, copied.
  ///   - now: not before any time given earlier.
  public mutating func startWrite(_ controller: Node, frame: Span<UInt8>, now: Instant) {
    precondition(frame.count > 0, "a write begins with an address byte")
    precondition(!isWriting(controller), "one write at a time a controller")
    advance(to: now)
    members[controller.index].isWriting = true
    guard members[controller.index].isReachable else {
      apart.append(
        Completion(
          controller: controller, result: .addressNotAcknowledged,
          at: clock.instant(2 + 9, after: time)))
      return
    }
    let write = nextWrite(of: controller, Array(copying: frame))
    guard let current = transfer else {
      begin([write], at: time)
      return
    }
    if current.start == time {
      begin(current.writes + [write], at: time)
    } else {
      waiting.append(write)
    }
  }

  /// Moves the wire on to `now`; earlier times change nothing.
  public mutating func advance(to now: Instant) {
    time = max(time, now)
    while let at = apart.first?.at, at <= time { complete(apart.removeFirst()) }
    advanceTransfers()
    deliverLate(until: time)
  }

  private mutating func advanceTransfers() {
    while let end = transfer?.end {
      while let done = transfer?.takeOutcome(until: time) { complete(done) }
      guard end <= time, let current = transfer else { return }
      deliverLate(until: current.end)
      deliver(current)
      transfer = nil
      idleSince = current.end
      guard !waiting.isEmpty else { return }
      let writes = waiting
      waiting = []
      begin(writes, at: current.end)
    }
  }

  private mutating func complete(_ completion: Completion) {
    members[completion.controller.index].isWriting = false
    completions.append(completion)
  }

  /// When something on the wire ends or arrives next; nil while it is idle.
  public var nextDeadline: Instant? {
    var earliest = transfer?.end
    if let at = transfer?.nextOutcomeAt, earliest.map({ at < $0 }) ?? true { earliest = at }
    if let at = late.first?.at, earliest.map({ at < $0 }) ?? true { earliest = at }
    if let at = apart.first?.at, earliest.map({ at < $0 }) ?? true { earliest = at }
    return earliest
  }

  /// The oldest result that was not collected.
  public mutating func nextCompletion() -> Completion? {
    completions.isEmpty ? nil : completions.removeFirst()
  }

  /// True when `nextReception` has a frame.
  public func hasReception(_ target: Node) -> Bool { !members[target.index].receptions.isEmpty }

  /// The oldest frame that `target` holds: address byte first, PEC last.
  public mutating func nextReception(of target: Node) -> [UInt8]? {
    guard !members[target.index].receptions.isEmpty else { return nil }
    receptionCount -= 1
    return members[target.index].receptions.removeFirst()
  }
}
