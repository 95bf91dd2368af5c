internal import MCTPSimulation
internal import MCTPWire
internal import Topology

/// Everybody who must be reachable is asked by somebody else, one after the other.
struct RollCall {
  /// Between two requests.
  static let spacingMs: UInt32 = 20
  static let requestTimeoutMs: UInt32 = 2000
  /// Between the end of one that failed and the next.
  static let intervalMs: UInt32 = 1500
  /// Between the end of the faults and the first: the longest delay of an answer (4 s), and a
  /// health check with its repetitions after it.
  static let graceMs: UInt32 = 8000

  let purpose: WorldTraffic.Purpose
  let startedAt: Instant
  /// Bodies made before it; what arrives of them may be late.
  var bodyCountBefore: UInt32 = 0
  /// Who has still to be asked by whom.
  var pairs: [(sender: Int, target: Int)]
  /// When the next one is; nil when all were asked.
  var nextAt: Instant?
  var openCount = 0
  var hasFailed = false
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
      traffic.stop()
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
      perform(.faults(wire: index, .none))
      perform(.mend(wire: index))
    }
    for index in devices.indices { perform(.temperament(device: index, .good)) }
    for (index, router) in routers.enumerated() {
      for port in router.part.topology.ports {
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
    let pairs = pairs(of: required)
    let callMs = UInt32(pairs.count) * RollCall.spacingMs + 2 * RollCall.requestTimeoutMs
    rollCall = RollCall(
      purpose: .lastCall, startedAt: now, bodyCountBefore: traffic.bodyCount, pairs: pairs,
      nextAt: pairs.isEmpty ? nil : now)
    phaseEndsAt = now.advanced(byMs: max(plan.cleanMs, callMs))
  }

  /// Each asks another one of its network.
  private func pairs(of required: [Int]) -> [(sender: Int, target: Int)] {
    var pairs: [(sender: Int, target: Int)] = []
    for network in Set(required.map(network)).sorted() {
      let members = required.filter { self.network(of: $0) == network }
      for (position, sender) in members.enumerated() where canBegin(sender) {
        let target = members[(position + 1 + position % 2) % members.count]
        if target != sender { pairs.append((sender, target)) }
      }
    }
    return pairs
  }

  func callNext() {
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
    let (sender, target) = call.pairs.removeFirst()
    call.nextAt = call.pairs.isEmpty ? nil : now.advanced(byMs: RollCall.spacingMs)
    call.openCount += 1
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
    guard var call = rollCall else { return }
    call.openCount -= 1
    if !isAnswered { call.hasFailed = true }
    rollCall = call
    guard call.openCount == 0, call.nextAt == nil else { return }
    switch call.purpose {
    case .traffic: break
    case .rehearsal where call.hasFailed: planRehearsal()
    case .rehearsal:
      rollCall = nil
      let taken = call.startedAt.nanoseconds(since: plan.quietFrom)
      clock.totals.recoveryMs = taken / 1_000_000
      if !isPatient { phaseEndsAt = now }
    case .lastCall:
      let cleanEnd = call.startedAt.advanced(byMs: plan.cleanMs)
      phaseEndsAt = min(phaseEndsAt, max(cleanEnd, now))
    }
  }
}
