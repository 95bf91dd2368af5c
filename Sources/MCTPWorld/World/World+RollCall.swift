internal import MCTPSimulation
internal import MCTPWire
internal import Topology

// Who is asked by whom when nothing goes wrong any more, and what must come of it.
extension World {
  /// Choice: one run in eight waits for the whole of its time, so that what goes wrong late is
  /// seen; the others end when everybody has answered.
  ///
  /// Drawn, not counted: the runner deals seeds to scenarios in turn, and each scenario must get
  /// patient ones.
  private var isPatient: Bool {
    var generator = SeededGenerator(seed: ~plan.seed)
    return generator.next() % 8 == 0
  }

  /// Asks when the last one failed long enough ago; who has no EID need not be asked.
  ///
  /// Choice: not before a device that answers late has said everything that it was asked before
  /// `quietFrom`, and the bus owner has judged that: it may call it down until then.
  func planRehearsal() {
    let at = max(
      now.advanced(byMs: RollCall.intervalMs), plan.quietFrom.advanced(byMs: RollCall.graceMs))
    rollCall = RollCall(purpose: .rehearsal, startedAt: at, nextAt: at)
  }

  func startLastCall() {
    let required = requiredDevices()
    for index in required where !devices[index].eid.isAssignable {
      let ms = now.nanoseconds(since: plan.quietFrom) / 1_000_000
      clock.fail("recovery", "\(devices[index].part.name) has no EID \(ms) ms after the faults")
      return
    }
    guard haveOwnEIDs(required) else { return }
    rollCall = RollCall(
      purpose: .lastCall, startedAt: now, bodyCountBefore: traffic.bodyCount, nextAt: nil)
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
      let eid = devices[index].eid
      let other = required[..<position].first {
        devices[$0].eid == eid && network(of: $0) == network(of: index)
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
    call.round = RollCall.Round(rawValue: call.roundCount % RollCall.Round.allCases.count) ?? .plain
    call.calls = calls(of: requiredDevices(), call.round)
    call.width = call.round == .together ? requestsAtOnceMax : 1
    call.nextAt = call.calls.isEmpty ? nil : now
    rollCall = call
    let roundMs = call.calls.reduce(UInt32(RollCall.requestTimeoutMs)) {
      $0 + RollCall.spacingMs + timeoutMs(of: $1)
    }
    phaseEndsAt = max(
      call.startedAt.advanced(byMs: plan.cleanMs),
      call.calls.isEmpty ? now : now.advanced(byMs: roundMs))
  }

  func callNext() {
    if rollCall?.purpose == .lastCall, rollCall?.calls.isEmpty == true, rollCall?.underWay == 0 {
      waitOrStartRound()
      // Still waiting, or nobody is to be asked: when it goes on is said.
      guard rollCall?.calls.isEmpty == false else { return }
    }
    guard var call = rollCall else { return }
    if call.purpose == .rehearsal, call.startedAt == now, call.calls.isEmpty {
      let required = requiredDevices()
      guard required.allSatisfy({ devices[$0].eid.isAssignable }) else {
        return planRehearsal()
      }
      call.calls = calls(of: required, .plain)
      guard !call.calls.isEmpty else {
        rollCall = nil
        return
      }
    }
    guard !call.calls.isEmpty else {
      rollCall?.nextAt = nil
      return
    }
    let next = call.calls.removeFirst()
    call.underWay += 1
    let hasRoom = call.underWay < call.width && !call.calls.isEmpty
    call.nextAt = hasRoom ? now.advanced(byMs: RollCall.spacingMs) : nil
    rollCall = call
    if !request(next, purpose: call.purpose, timeoutMs: timeoutMs(of: next)) {
      endCall(isAnswered: false)
    }
  }

  /// A request has ended, perhaps one of the roll call.
  func endCall(_ request: WorldTraffic.Request, isAnswered: Bool) {
    if request.purpose == rollCall?.purpose { endCall(isAnswered: isAnswered) }
  }

  private func endCall(isAnswered: Bool) {
    guard var call = rollCall else { return }
    call.underWay -= 1
    rollCall = call
    switch call.purpose {
    case .traffic: break
    case .rehearsal where !isAnswered: planRehearsal()
    case _ where !call.calls.isEmpty: rollCall?.nextAt = now.advanced(byMs: RollCall.spacingMs)
    case _ where call.underWay > 0: break
    case .rehearsal:
      rollCall = nil
      let taken = call.startedAt.nanoseconds(since: plan.quietFrom)
      clock.totals.recoveryMs = taken / 1_000_000
      if !isPatient { phaseEndsAt = now }
    case .lastCall:
      rollCall?.roundCount += 1
      let cleanEnd = call.startedAt.advanced(byMs: plan.cleanMs)
      let next = now.advanced(byMs: RollCall.roundIntervalMs)
      if next < cleanEnd || call.roundCount + 1 < RollCall.Round.allCases.count {
        rollCall?.nextAt = next
        phaseEndsAt = max(cleanEnd, next.advanced(byMs: 1))
      } else {
        phaseEndsAt = max(cleanEnd, now)
      }
    }
  }
}
