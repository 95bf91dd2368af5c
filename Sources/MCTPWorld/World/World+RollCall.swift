internal import MCTPSimulation
internal import MCTPWire
internal import Topology

/// Everybody who must be reachable is asked by somebody else, one after the other.
struct RollCall {
  /// Between an answer and the next request. Choice: one at a time, because all at once would fill
  /// the queues of a small board, and that is no fault of its.
  static let spacingMs: UInt32 = 5
  static let requestTimeoutMs: UInt32 = 2000
  /// Between the end of one that failed and the next.
  static let intervalMs: UInt32 = 1500
  /// Between two rounds of the last one.
  static let roundIntervalMs: UInt32 = 200
  /// Between the end of the faults and the first: the longest delay of an answer (4 s), and a
  /// health check with its repetitions after it.
  static let graceMs: UInt32 = 8000

  let purpose: WorldTraffic.Purpose
  var startedAt: Instant
  /// Bodies made before it; what arrives of them may be late.
  var bodyCountBefore: UInt32 = 0
  /// Who has still to be asked by whom.
  var pairs: [(sender: Int, target: Int)]
  /// When the next one is; nil while an answer is waited for, and when all were asked.
  var nextAt: Instant?
}

extension World {
  /// Choice: an eighth of the traffic while the board recovers: enough to disturb, and a run is
  /// mostly that.
  private static let quietSlowdown: UInt32 = 8

  /// Choice: one run in eight waits for the whole of its time, so that what goes wrong late is
  /// seen; the others end when everybody has answered.
  ///
  /// Drawn, not counted: the runner deals seeds to scenarios in turn, and each scenario must get
  /// patient ones.
  private var isPatient: Bool {
    var generator = SeededGenerator(seed: ~plan.seed)
    return generator.next() % 8 == 0
  }

  /// False when the run is over.
  func enterNextPhase() -> Bool {
    switch phase {
    case .troubled:
      phase = .quiet
      calm()
      traffic.slowDown(by: Self.quietSlowdown)
      phaseEndsAt = plan.quietFrom.advanced(byMs: plan.recoveryMs)
      planRehearsal()
      return true
    case .quiet:
      phase = .lastCall
      traffic.stop(at: now)
      startLastCall()
      return violation == nil
    case .lastCall:
      for request in traffic.requests where request.purpose == .lastCall {
        clock.fail("recovery", describe(request, "is unanswered at the end"))
      }
      return false
    }
  }

  /// Switches off all that goes wrong.
  private func calm() {
    for index in plan.board.wires.indices {
      let wire = wires.wire(index)
      if wire.faults != .none { perform(.faults(wire: index, .none)) }
      if wire.isCut { perform(.mend(wire: index)) }
    }
    for index in devices.indices where devices[index].endpoint.temperament != .good {
      perform(.temperament(device: index, .good))
    }
    for (index, router) in routers.enumerated() {
      for port in router.part.topology.ports where !router.isPresent(port.id) {
        perform(.portUp(router: index, port: port.id))
      }
      if router.life == nil { perform(.start(router: index, keepsLeases: true)) }
    }
    settle()
  }

  /// Asks when the last one failed long enough ago; who has no EID need not be asked.
  ///
  /// Choice: not before a device that answers late has said everything that it was asked before
  /// `quietFrom`, and the bus owner has judged that: it may call it down until then.
  private func planRehearsal() {
    let at = max(
      now.advanced(byMs: RollCall.intervalMs), plan.quietFrom.advanced(byMs: RollCall.graceMs))
    rollCall = RollCall(purpose: .rehearsal, startedAt: at, pairs: [], nextAt: at)
  }

  private func startLastCall() {
    let required = requiredDevices()
    for index in required where !devices[index].endpoint.eid.isAssignable {
      let ms = now.nanoseconds(since: plan.quietFrom) / 1_000_000
      clock.fail("recovery", "\(devices[index].part.name) has no EID \(ms) ms after the faults")
      return
    }
    guard haveOwnEIDs(required) else { return }
    rollCall = RollCall(
      purpose: .lastCall, startedAt: now, bodyCountBefore: traffic.bodyCount, pairs: [],
      nextAt: nil)
    waitOrStartRound()
  }

  /// What the traffic asked has its end first: it takes room in queues. A device that left never
  /// hears of the end of its requests, so that the wait has one of its own.
  private func waitOrStartRound() {
    let isOpen = traffic.requests.contains { $0.purpose != .lastCall }
    guard isOpen, now < traffic.stoppedAt.advanced(byMs: 2 * RollCall.requestTimeoutMs) else {
      return startRound()
    }
    let next = now.advanced(byMs: RollCall.roundIntervalMs)
    rollCall?.startedAt = next
    rollCall?.nextAt = next
    phaseEndsAt = now.advanced(byMs: 2 * RollCall.requestTimeoutMs)
  }

  /// No device of a network has the EID of another one, whatever the routers' books say.
  private func haveOwnEIDs(_ required: [Int]) -> Bool {
    for (position, index) in required.enumerated() {
      let eid = devices[index].endpoint.eid
      let other = required[..<position].first {
        devices[$0].endpoint.eid == eid && network(of: $0) == network(of: index)
      }
      guard let other else { continue }
      clock.fail(
        "ownership",
        "\(devices[other].part.name) and \(devices[index].part.name) both have EID \(eid)")
      return false
    }
    return true
  }

  /// The last call goes round until the clean time is over, so that nothing of it passes unasked.
  private func startRound() {
    guard var call = rollCall else { return }
    call.pairs = pairs(of: requiredDevices())
    call.nextAt = call.pairs.isEmpty ? nil : now
    rollCall = call
    let roundMs = UInt32(call.pairs.count + 1) * (RollCall.spacingMs + RollCall.requestTimeoutMs)
    phaseEndsAt = max(
      call.startedAt.advanced(byMs: plan.cleanMs),
      call.pairs.isEmpty ? now : now.advanced(byMs: roundMs))
  }

  /// Each is asked by another one of its network; where nobody else may begin, it is not.
  private func pairs(of required: [Int]) -> [(sender: Int, target: Int)] {
    var pairs: [(sender: Int, target: Int)] = []
    for network in Set(required.map(network)).sorted() {
      let members = required.filter { self.network(of: $0) == network }
      let beginners = members.filter(canBegin)
      for (position, target) in members.enumerated() {
        // Half way round the board: more often from another bus than a neighbour.
        let opposite = members[(position + (members.count + 1) / 2) % members.count]
        let others = [opposite] + beginners[(position % max(beginners.count, 1))...] + beginners
        if let sender = others.first(where: { $0 != target && canBegin($0) }) {
          pairs.append((sender, target))
        }
      }
    }
    return pairs
  }

  func callNext() {
    if rollCall?.purpose == .lastCall, rollCall?.pairs.isEmpty == true {
      waitOrStartRound()
    }
    guard var call = rollCall else { return }
    if call.purpose == .rehearsal, call.startedAt == now, call.pairs.isEmpty {
      let required = requiredDevices()
      guard required.allSatisfy({ devices[$0].endpoint.eid.isAssignable }) else {
        return planRehearsal()
      }
      call.pairs = pairs(of: required)
      guard !call.pairs.isEmpty else {
        rollCall = nil
        return
      }
    }
    guard !call.pairs.isEmpty else { return }
    let (sender, target) = call.pairs.removeFirst()
    call.nextAt = nil
    rollCall = call
    if !request(from: sender, to: target, byteCount: 80, purpose: call.purpose) {
      endCall(isAnswered: false)
    }
  }

  /// A request has ended, perhaps one of the roll call.
  func endCall(_ request: WorldTraffic.Request, isAnswered: Bool) {
    if request.purpose == rollCall?.purpose { endCall(isAnswered: isAnswered) }
  }

  private func endCall(isAnswered: Bool) {
    guard let call = rollCall else { return }
    switch call.purpose {
    case .traffic: break
    case .rehearsal where !isAnswered: planRehearsal()
    case _ where !call.pairs.isEmpty: rollCall?.nextAt = now.advanced(byMs: RollCall.spacingMs)
    case .rehearsal:
      rollCall = nil
      let taken = call.startedAt.nanoseconds(since: plan.quietFrom)
      clock.totals.recoveryMs = taken / 1_000_000
      if !isPatient { phaseEndsAt = now }
    case .lastCall:
      let cleanEnd = call.startedAt.advanced(byMs: plan.cleanMs)
      let next = now.advanced(byMs: RollCall.roundIntervalMs)
      if next < cleanEnd {
        rollCall?.nextAt = next
      } else {
        phaseEndsAt = max(cleanEnd, now)
      }
    }
  }
}
