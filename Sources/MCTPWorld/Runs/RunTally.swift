internal import MCTPWire

/// Sums over many runs, in any order: parts that several processes made can be added up.
public struct RunTally: Sendable {
  public var runs = 0
  /// Virtual time of all runs, ns.
  public var virtualNanoseconds: UInt64 = 0
  public var totals = WorldTotals()
  /// Those in which every device answered before the end: `totals.recoveryMs` is of them.
  public private(set) var recoveredRuns: UInt64 = 0
  /// The longest that a board took to be whole again, ms.
  public private(set) var recoveryMsMax: UInt64 = 0
  /// Of all runs with their numbers; the order does not matter.
  public private(set) var hash: UInt64 = 0
  /// How often each kind was drawn.
  private(set) var drawn = [Int](repeating: 0, count: FaultKind.allCases.count)

  public init() {}

  /// - Parameter number: of the run among all.
  public mutating func add(_ outcome: RunOutcome, of plan: DrawnPlan, number: UInt64) {
    runs += 1
    virtualNanoseconds += outcome.lasted.nanoseconds
    totals.add(outcome.totals)
    if outcome.totals.recoveryMs > 0 { recoveredRuns += 1 }
    recoveryMsMax = max(recoveryMsMax, outcome.totals.recoveryMs)
    hash &+= RunTally.mixed(outcome.hash ^ RunTally.mixed(number))
    for fault in plan.faultsLeft { drawn[fault.kind.index] += 1 }
  }

  /// Drawn faults by kind, those that were drawn at all.
  public var drawnFaults: [(kind: FaultKind, count: Int)] {
    FaultKind.allCases.map { ($0, drawn[$0.index]) }.filter { $0.1 > 0 }
  }

  /// Numbers that `init(numbers:)` reads, for another process.
  public var numbers: [UInt64] {
    [UInt64(runs), recoveredRuns, virtualNanoseconds, hash, recoveryMsMax] + totals.numbers
      + drawn.map { UInt64($0) }
  }

  /// Nil for numbers of another version.
  public init?(numbers: [UInt64]) {
    let totalsCount = WorldTotals().numbers.count
    guard numbers.count == 5 + totalsCount + FaultKind.allCases.count else { return nil }
    runs = Int(truncatingIfNeeded: numbers[0])
    recoveredRuns = numbers[1]
    virtualNanoseconds = numbers[2]
    hash = numbers[3]
    recoveryMsMax = numbers[4]
    totals.add(numbers: Array(numbers[5..<5 + totalsCount]))
    drawn = numbers[(5 + totalsCount)...].map { Int(truncatingIfNeeded: $0) }
  }

  public mutating func add(_ other: RunTally) {
    runs += other.runs
    recoveredRuns += other.recoveredRuns
    virtualNanoseconds += other.virtualNanoseconds
    totals.add(other.totals)
    recoveryMsMax = max(recoveryMsMax, other.recoveryMsMax)
    hash &+= other.hash
    for index in drawn.indices { drawn[index] += other.drawn[index] }
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

extension WorldTotals {
  /// Every counter of the totals, in one place for `add` and `numbers`.
  private static var counters: [WritableKeyPath<WorldTotals, UInt64>] {
    [
      \.packetsIn, \.packetsOut, \.requestsSent, \.requestsAnswered, \.requestsUnanswered,
      \.answersMixed, \.recoveryMs, \.framesLost, \.framesDuplicated, \.framesDamaged,
      \.framesDelayed,
      \.framesNotAcknowledged, \.arbitrationsLost, \.framesHeld, \.interruptsLost, \.bytesLost,
      \.noises, \.overruns, \.framesGone,
    ]
  }

  var numbers: [UInt64] { WorldTotals.counters.map { self[keyPath: $0] } }

  mutating func add(_ other: WorldTotals) { add(numbers: other.numbers) }

  mutating func add(numbers: [UInt64]) {
    for (counter, number) in zip(WorldTotals.counters, numbers) { self[keyPath: counter] += number }
  }
}

extension WorldTotals {
  /// What wires did to frames, each kind with its name.
  public var frameFaults: [(name: String, count: UInt64)] {
    [
      ("lost", framesLost), ("duplicated", framesDuplicated), ("damaged", framesDamaged),
      ("delayed", framesDelayed), ("not-acknowledged", framesNotAcknowledged),
      ("arbitration-lost", arbitrationsLost), ("held", framesHeld),
      ("interrupt-lost", interruptsLost), ("byte-lost", bytesLost), ("noise", noises),
      ("overrun", overruns), ("gone", framesGone),
    ]
  }
}

extension FaultKind {
  fileprivate var index: Int { FaultKind.allCases.firstIndex(of: self) ?? 0 }
}
