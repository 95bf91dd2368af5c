// Which faults a seed switches on, and how strong. A swarm: each seed first chooses the kinds that
// it may use at all, because faults of few kinds go deeper than a little of everything.

internal import MCTPSimulation
internal import MCTPWire

struct FaultDraw {
  private let scenario: Scenario
  /// With the devices that the seed made somebody else's.
  private let board: Board
  /// Devices of another make that the seed drew, ascending.
  let makes: [Int]
  private var generator: SeededGenerator

  init(_ scenario: Scenario, seed: UInt64) {
    self.scenario = scenario
    // The world's own generators begin with the plain seed.
    generator = SeededGenerator(seed: seed ^ 0x5EED_0FFA_0175_0001)
    makes = FaultDraw.makes(scenario, seed: seed)
    board = scenario.board.made(byOthers: makes)
  }

  /// The traffic of this run: none now and then, else a quarter to all of what the file says.
  mutating func traffic() -> Traffic {
    var traffic = scenario.traffic
    let full = traffic.requestsPerSecond
    let share = generator.number(25...100)
    let isNone = generator.number(1...16) == 1
    traffic.requestsPerSecond = isNone ? 0 : (full * share + 99) / 100
    return traffic
  }

  /// Who is of another make: in three runs of four where that may be, 5 to 60 % of all devices.
  private static func makes(_ scenario: Scenario, seed: UInt64) -> [Int] {
    var generator = SeededGenerator(seed: seed ^ 0x5EED_0FFA_0175_0002)
    let share = generator.number(5...60)
    guard scenario.kinds.contains(.otherMake), generator.number(0...3) > 0 else { return [] }
    return scenario.board.devices.indices.filter { device in
      // Drawn for each, so that one does not depend on the others.
      let isOther = generator.number(0...99) < share
      return isOther && scenario.board.devices[device].make == .ours
    }
  }

  /// As many as the file says of wires, devices and routers, and some habits of neighbours besides.
  mutating func faults() -> [DrawnFault] {
    let isCalm = generator.number(1...16) == 1
    let possible = scenario.kinds.filter { !$0.isHabit && !subjects(of: $0).isEmpty }
    let switchedOn = possible.filter { _ in generator.number(0...1) == 1 }
    let count = generator.number(
      UInt32(scenario.drawnCount.lowerBound)...UInt32(scenario.drawnCount.upperBound))
    guard !isCalm, scenario.drawnCount.upperBound > 0 else { return [] }
    let numbered = switchedOn.isEmpty ? 0 : Int(count)
    var faults = (0..<numbered).compactMap { fault($0 + 1, of: switchedOn) }
    let habits = scenario.kinds.filter { $0.isHabit && !subjects(of: $0).isEmpty }
      .filter { _ in generator.number(0...1) == 1 }
    let neighbours = board.devices.count { $0.neighbour != nil }
    let habitCount = Int(generator.number(0...UInt32(min(neighbours * 2, 8))))
    guard !habits.isEmpty else { return withOneThatStays(faults) }
    faults += (0..<habitCount).compactMap { fault(numbered + $0 + 1, of: habits) }
    return withOneThatStays(faults)
  }

  /// Choice: who must be served is known for one fault that stays, not for several at once.
  private func withOneThatStays(_ faults: [DrawnFault]) -> [DrawnFault] {
    var hasOne = false
    return faults.filter { fault in
      guard fault.kind == .stays else { return true }
      defer { hasOne = true }
      return !hasOne
    }
  }

  private mutating func fault(_ number: Int, of kinds: [FaultKind]) -> DrawnFault? {
    // Its own generator: how one fault is drawn does not depend on the others.
    var own = SeededGenerator(seed: generator.next())
    let kind = kinds[own.index(kinds.count)]
    return kind == .stays ? stayingFault(number, &own) : fault(number, kind, &own)
  }

  private func subjects(of kind: FaultKind) -> [Int] {
    switch kind.subject {
    case .wire: return board.wires.indices.filter { kind.applies(to: board.wires[$0].medium) }
    case .device:
      // Those that only the script inserts are the script's.
      return board.devices.indices.filter {
        board.devices[$0].isPresent && board.devices[$0].behind == nil
      }
    case .router: return Array(board.routers.indices)
    case .joint: return Array(board.joints.indices)
    case .board:
      // Who is of another make is drawn by itself.
      if kind == .overload { return scenario.traffic.requestsPerSecond > 0 ? [0] : [] }
      return kind == .stays ? [0] : []
    case .neighbour, .bridge, .owner:
      return board.devices.indices.filter {
        board.devices[$0].isPresent && kind.applies(to: board.devices[$0])
      }
    }
  }

  private func fault(
    _ number: Int, _ kind: FaultKind, _ own: inout SeededGenerator
  ) -> DrawnFault? {
    let subjects = subjects(of: kind)
    let subject = subjects[own.index(subjects.count)]
    var (from, until) = span(&own)
    if kind == .late {
      until = Instant.zero.advanced(byMs: own.number(1...UInt32(windowEndMs)))
      from = .zero
    }
    guard let effect = effect(kind, subject, &own) else { return nil }
    if effect.moment != nil { until = from }
    var stays = false
    if case .habits(_, let habits) = effect {
      // From power-on, or from some time on; to the end of the faults, or only for a while.
      if own.number(0...1) == 0 { from = .zero }
      if own.number(0...1) == 0 { until = scenario.quietFrom }
      // Whoever can be served all the same may be so for ever.
      stays = own.number(0...3) == 0 && habits.canBeServed
    }
    return DrawnFault(
      number: number, kind: kind, from: from, until: until, effect: effect, stays: stays)
  }

  /// One fault that nobody mends, so that at least two devices must still be served; nil when none
  /// of a few is so.
  private func stayingFault(_ number: Int, _ own: inout SeededGenerator) -> DrawnFault? {
    let kinds = FaultDraw.stayingKinds.filter {
      scenario.kinds.contains($0) && !subjects(of: $0).isEmpty
    }
    let from = span(&own).from
    guard !kinds.isEmpty else { return nil }
    for _ in 0..<4 {
      let kind = kinds[own.index(kinds.count)]
      let subjects = subjects(of: kind)
      guard let effect = effect(kind, subjects[own.index(subjects.count)], &own) else { continue }
      let excused = board.excused(while: effect.states)
      guard board.devices.count >= excused.count + 2 else { continue }
      return DrawnFault(
        number: number, kind: .stays, from: from, until: scenario.quietFrom, effect: effect,
        stays: true, cause: kind)
    }
    return nil
  }

  private static let stayingKinds: [FaultKind] = [
    .cut, .loss, .damage, .hold, .nak, .noise, .silent, .slow, .moody, .liar, .forgetful, .garbage,
    .kill, .portDown, .refusesSet, .errorCode, .missing, .wrongSetting,
  ]

  private var windowEndMs: UInt64 { scenario.quietFrom.nanoseconds / 1_000_000 }

  /// Long and short ones alike: the length is the window halved zero to seven times, at random.
  private func span(_ own: inout SeededGenerator) -> (from: Instant, until: Instant) {
    let window = scenario.quietFrom.nanoseconds(since: scenario.faultsFrom)
    let longest = max(1, window >> UInt64(own.number(0...7)))
    let length = longest / 2 + own.below(longest / 2 + 1)
    let start = scenario.faultsFrom.advanced(byNanoseconds: own.below(window - length + 1))
    return (start, start.advanced(byNanoseconds: length))
  }

  private func effect(
    _ kind: FaultKind, _ subject: Int, _ own: inout SeededGenerator
  ) -> DrawnFault.Effect? {
    switch kind.subject {
    case .wire:
      return kind == .cut ? .cut(wire: subject) : .wire(subject, wireFaults(kind, &own))
    case .router:
      let keepsLeases = own.number(0...3) > 0
      let steps = own.number(0...2) == 0 ? Int(own.number(1...40)) : nil
      return .killed(router: subject, keepsLeases: keepsLeases, afterSteps: steps)
    case .joint:
      let joint = board.joints[subject]
      return .portDown(router: joint.router, port: joint.port)
    case .device:
      switch kind {
      case .restart: return .restart(device: subject)
      case .unplug, .late: return .absent(device: subject)
      default: return .temperament(device: subject, temperament(kind, &own))
      }
    case .board:
      // Half to three times what the busiest wire carries.
      let percent = own.number(50...300)
      return .load(
        board.requestsPerSecond(of: scenario.traffic, loadPercent: percent), percent: percent)
    case .neighbour, .bridge, .owner:
      return HabitDraw(board: board, device: subject).effect(kind, &own)
    }
  }

  private func wireFaults(_ kind: FaultKind, _ own: inout SeededGenerator) -> FrameFaults {
    var faults = FrameFaults.none
    // 0.05 % to 30 %, each magnitude as likely as the others.
    let chance = (own.number(500...1000) << own.number(0...8)) * 300 / 256
    switch kind {
    case .loss: faults.lossPPM = chance
    case .duplicate: faults.duplicatePPM = chance
    case .damage: faults.damagePPM = chance
    case .burst:
      faults.burstPPM = chance / 8
      faults.burstFrameCount = own.number(2...20)
    case .delay: faults.delayMaxMicroseconds = own.number(100...400) << own.number(0...10)
    case .nak: faults.nakPPM = chance
    case .arbitration: faults.arbitrationLossPPM = chance
    case .hold:
      faults.holdPPM = chance
      faults.holdMicroseconds = own.number(100...200) << own.number(0...8)
    case .interruptLoss: faults.interruptLossPPM = chance
    case .byteLoss: faults.byteLossPPM = chance
    case .noise: faults.noisePPM = chance
    default: break
    }
    return faults
  }

  private func temperament(_ kind: FaultKind, _ own: inout SeededGenerator) -> Temperament {
    var temperament = Temperament.good
    switch kind {
    case .silent: temperament.answers = .never
    case .slow: temperament.answerDelayMs = own.number(10...30) << own.number(0...7)
    case .twice: temperament.answers = .twice
    case .moody: temperament.answers = .notEach(own.number(2...10))
    case .forgetful: temperament.forgetsEIDEveryMs = own.number(200...5000)
    case .liar: temperament.reportedEIDOffset = UInt8(own.number(1...32))
    case .flood:
      temperament.floodPerSecond = own.number(10...300)
      // To whom: nobody in particular, an assignable EID, everybody on the bus.
      let pick = own.number(0...3)
      let eid = UInt8(own.number(8...40))
      temperament.floodDestination = pick == 0 ? .null : pick == 1 ? .broadcast : EID(eid)
    case .garbage: temperament.garbagePerSecond = own.number(5...100)
    case .garbageFrames: temperament.garbageFramesPerSecond = own.number(5...100)
    default: break
    }
    return temperament
  }
}
