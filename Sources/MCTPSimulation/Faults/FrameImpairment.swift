// A wire's faults at work: says of each frame in turn what happens to it.
//
// Owns: the generator that draws, the burst under way, the arrival of the last frame, the counts,
// those included of what no fault did: frames that a wire took and could not hand over. Life: one
// for each wire, or for each direction where both are used at once; `next` for each frame,
// `arrival` for each that arrives, `count` when a fate took effect. Without faults it draws
// nothing, so that a wire that turns quiet costs nothing.

public import MCTPWire

public struct FrameImpairment: Sendable {
  /// What is on the wire: which faults can hit it, see `FrameFaults`.
  public enum Kind: Hashable, Sendable {
    case i2cWrite
    case i3cWrite
    case i3cRead
    case i3cStatus
    case serial
  }

  /// What was done so far, in frames.
  public struct Counts: Hashable, Sendable {
    public var lost = 0
    public var duplicated = 0
    public var damaged = 0
    public var delayed = 0
    public var notAcknowledged = 0
    public var arbitrationsLost = 0
    public var held = 0
    public var interruptsLost = 0
    /// Frames that lack a byte.
    public var bytesLost = 0
    /// Frames with noise before them.
    public var noises = 0
    /// Frames that were taken and found no room: late ones and second copies.
    public var overruns = 0
    /// Frames that were on their way to somebody, or held there, when he left the wire or was
    /// restarted.
    public var gone = 0

    public init() {}
  }

  /// May change at any time. A burst ends with the faults that allow it; frames that are delayed
  /// stay so, and those behind them wait.
  public var faults: FrameFaults {
    didSet { adopt() }
  }
  public internal(set) var counts = Counts()

  private var generator: SeededGenerator
  private var burstRemaining: UInt32 = 0
  private var lastArrival = Instant.zero
  private var isPerfect = true

  public init(faults: FrameFaults = .none, seed: UInt64 = 0) {
    self.faults = faults
    generator = SeededGenerator(seed: seed)
    adopt()
  }

  private mutating func adopt() {
    if faults.burstPPM == 0 { burstRemaining = 0 }
    var quiet = FrameFaults.none
    quiet.burstFrameCount = faults.burstFrameCount
    quiet.holdMicroseconds = faults.holdMicroseconds
    isPerfect = faults == quiet
  }

  /// The fate of the next frame. At most one draw unless it is hit or delayed, none without faults.
  public mutating func next(_ kind: Kind) -> FrameFate {
    guard !isPerfect else { return .perfect }
    var fate = FrameFate(hit(kind))
    switch fate.hit {
    case .held: fate.holdNanoseconds = UInt64(faults.holdMicroseconds) * 1000
    case .damaged, .byteLost, .noise: fate.salt = generator.next()
    case .none, .lost, .duplicated, .notAcknowledged, .arbitrationLost: break
    }
    if faults.delayMaxMicroseconds > 0, fate.hit != .lost, kind == .i2cWrite || kind == .serial {
      fate.delayNanoseconds = generator.below(
        UInt64(faults.delayMaxMicroseconds) * 1000 + 1)
    }
    return fate
  }

  private mutating func hit(_ kind: Kind) -> FrameFate.Hit {
    let isWritten = kind != .i3cRead && kind != .i3cStatus
    if isWritten, burstRemaining > 0 {
      burstRemaining -= 1
      return .lost
    }
    var draw = drawPPM()
    func falls(in chance: UInt32) -> Bool {
      if draw < chance { return true }
      draw -= chance
      return false
    }
    if kind == .i2cWrite, falls(in: faults.arbitrationLossPPM) { return .arbitrationLost }
    if kind != .serial, falls(in: faults.nakPPM) { return .notAcknowledged }
    if falls(in: faults.holdPPM) { return .held }
    if isWritten {
      if falls(in: faults.lossPPM) { return .lost }
      if falls(in: faults.burstPPM) {
        burstRemaining = max(faults.burstFrameCount, 1) - 1
        return .lost
      }
    }
    if kind != .i3cStatus, falls(in: faults.damagePPM) { return .damaged }
    if isWritten, falls(in: faults.duplicatePPM) { return .duplicated }
    if kind == .serial {
      if falls(in: faults.byteLossPPM) { return .byteLost }
      if falls(in: faults.noisePPM) { return .noise }
    }
    return .none
  }

  /// When a frame with this fate arrives that would otherwise at `instant`: never before the one
  /// before it. Call it once a frame, in order.
  public mutating func arrival(of fate: FrameFate, at instant: Instant) -> Instant {
    guard fate.delayNanoseconds > 0 || lastArrival > instant else { return instant }
    lastArrival = max(lastArrival, instant.advanced(byNanoseconds: fate.delayNanoseconds))
    counts.delayed += 1
    return lastArrival
  }

  /// Whether the controller forgets the interrupt that it just acknowledged; counted.
  public mutating func losesInterrupt() -> Bool {
    guard faults.interruptLossPPM > 0, drawPPM() < faults.interruptLossPPM else { return false }
    counts.interruptsLost += 1
    return true
  }

  /// Counts a fate that took effect; delays and interrupts are counted where they are drawn.
  public mutating func count(_ hit: FrameFate.Hit) {
    switch hit {
    case .none: break
    case .lost: counts.lost += 1
    case .duplicated: counts.duplicated += 1
    case .damaged: counts.damaged += 1
    case .notAcknowledged: counts.notAcknowledged += 1
    case .arbitrationLost: counts.arbitrationsLost += 1
    case .held: counts.held += 1
    case .byteLost: counts.bytesLost += 1
    case .noise: counts.noises += 1
    }
  }

  private mutating func drawPPM() -> UInt32 { generator.number(0...999_999) }
}
