internal import MCTPEndpoint
internal import MCTPSimulation
internal import MCTPWire

// Requests between devices, and what they came to.
extension World {
  func sendOne() {
    traffic.plan(after: now)
    let pair = traffic.traffic.pair
    let candidates = devices.indices.filter {
      isPresent($0) && devices[$0].eid.isAssignable
        && (pair == nil || $0 == pair?.first || $0 == pair?.second)
    }
    guard let sender = traffic.draw(candidates.filter(canBegin)) else { return }
    let others = candidates.filter {
      isOutside($0, of: sender) && network(of: $0) == network(of: sender)
    }
    guard let target = traffic.draw(others) else { return }
    let types = devices[target].echoedTypes
    request(
      RollCall.Call(
        sender: sender, target: target, byteCount: traffic.drawByteCount(),
        messageType: traffic.draw(types) ?? 0x7E), purpose: .traffic,
      timeoutMs: RollCall.requestTimeoutMs)
  }

  /// Lets one device ask another; false when it cannot send now.
  @discardableResult
  func request(
    _ call: RollCall.Call, purpose: WorldTraffic.Purpose, timeoutMs: UInt32
  ) -> Bool {
    let (sender, target) = (call.sender, call.target)
    let body = traffic.body(
      for: target, from: sender, messageType: call.messageType, byteCount: call.byteCount)
    let eid = devices[target].eid
    let ticket: RequestTicket
    do {
      ticket = try begin(body, from: sender, to: eid, of: target, timeoutMs: timeoutMs)
    } catch {
      if purpose == .lastCall {
        clock.fail(
          "recovery",
          "\(name(of: sender)) cannot send to \(devices[target].part.name) (EID \(eid)): \(error)")
      }
      return false
    }
    traffic.began(
      WorldTraffic.Request(
        ticket: ticket, sender: sender, target: target, eid: eid, body: body, purpose: purpose,
        timeoutMs: timeoutMs))
    clock.totals.requestsSent += 1
    if sender < devices.count { touch(sender) }
    return true
  }

  private func begin(
    _ body: [UInt8], from sender: Int, to eid: EID, of target: Int, timeoutMs: UInt32
  ) throws -> RequestTicket {
    guard sender < devices.count else {
      let router = sender - devices.count
      guard let life = routers[router].life else { throw CannotSend.dead }
      for observer in clock.observers { observer.ownRequestBegan(router: router) }
      return try life.request(body, to: eid, network: network(of: target), timeoutMs: timeoutMs)
    }
    guard let ticket = devices[sender].request(body, to: eid, timeoutMs: timeoutMs, now: now) else {
      throw CannotSend.noTagOrMemory
    }
    return ticket
  }

  private enum CannotSend: Error {
    case dead
    case noTagOrMemory
  }

  private func name(of sender: Int) -> String {
    sender < devices.count
      ? devices[sender].part.name : plan.board.routers[sender - devices.count].name
  }

  /// What devices took and what their requests came to.
  func collect() {
    for router in routers {
      guard let life = router.life else { continue }
      for outcome in life.takeOutcomes() { end(outcome, of: router.index) }
    }
    guard !clock.devicesWithNews.isEmpty else { return }
    // In the order of the board: what is found wrong first is what is told.
    let told = clock.devicesWithNews.sorted()
    clock.devicesWithNews.removeAll(keepingCapacity: true)
    for device in told.lazy.map({ self.devices[$0] }) {
      if device.news.hasOutcome {
        while let outcome = device.nextOutcome() { end(outcome, of: device.index) }
      }
      if phase == .lastCall, let call = rollCall {
        for body in device.news.echoed {
          guard let target = WorldTraffic.target(of: body), target != device.index,
            WorldTraffic.number(of: body) > call.bodyCountBefore
          else { continue }
          clock.fail(
            "misdelivery",
            "\(device.part.name) got a request for \(devices[target].part.name)")
        }
      }
      device.news.clear()
    }
  }

  private func end(_ outcome: OwnOutcome, of router: Int) {
    let sender = devices.count + router
    switch outcome {
    case .answered(let ticket, _, let body): end(.answered(ticket, body: body), of: sender)
    case .timedOut(let ticket): end(WorldDevice.Outcome.timedOut(ticket), of: sender)
    case .lost(let ticket, let reason): end(.failed(ticket, "\(reason)"), of: sender)
    }
  }

  private func end(_ outcome: WorldDevice.Outcome, of sender: Int) {
    switch outcome {
    case .answered(let ticket, let body):
      guard let request = traffic.end(ticket, of: sender) else { return }
      clock.totals.requestsAnswered += 1
      tellEnd(request, isAnswered: true)
      if body != request.body { mixed(request, body) }
      endCall(request, isAnswered: true)
    case .timedOut(let ticket), .failed(let ticket, _):
      guard let request = traffic.end(ticket, of: sender) else { return }
      clock.totals.requestsUnanswered += 1
      if case .timedOut = outcome { tellEnd(request, isAnswered: false) }
      if request.purpose == .lastCall {
        clock.fail("recovery", describe(request, words(outcome, request)))
      }
      endCall(request, isAnswered: false)
    }
  }

  private func tellEnd(_ request: WorldTraffic.Request, isAnswered: Bool) {
    guard request.sender < devices.count else { return }
    for observer in clock.observers {
      observer.requestEnded(
        from: request.sender, to: request.target, byteCount: request.body.count,
        isAnswered: isAnswered)
    }
  }

  /// An answer is not what was asked. With sequence numbers of two bits, a message that lacks four
  /// packets passes for whole, and packets of two messages, or random ones, for one: while things
  /// go wrong that is counted. Every single packet that crosses a router is checked all the same.
  private func mixed(_ request: WorldTraffic.Request, _ body: [UInt8]) {
    clock.totals.answersMixed += 1
    // A device that was slow may still answer what it was asked before the last roll call.
    let isLate =
      WorldTraffic.target(of: body) != nil
      && WorldTraffic.number(of: body) <= rollCall?.bodyCountBefore ?? 0
    if request.purpose == .lastCall, !isLate {
      clock.fail(
        "damaged-message",
        describe(
          request, "came back as \(body.count) bytes, \(hexText(body.span, countMax: 24))"))
    }
  }

  private func words(
    _ outcome: WorldDevice.Outcome, _ request: WorldTraffic.Request
  ) -> String {
    switch outcome {
    case .answered: "was answered"
    case .timedOut: "was not answered within \(request.timeoutMs) ms"
    case .failed(_, let error): "could not be sent: \(error)"
    }
  }

  func describe(_ request: WorldTraffic.Request, _ what: String) -> String {
    let eid = request.sender < devices.count ? " (EID \(devices[request.sender].eid))" : ""
    return "the request of \(name(of: request.sender))\(eid) to "
      + "\(devices[request.target].part.name) (EID \(request.eid)), \(request.body.count) "
      + "bytes of type \(request.body[0]), \(what)"
  }
}
