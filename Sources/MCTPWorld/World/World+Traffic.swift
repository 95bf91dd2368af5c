internal import MCTPEndpoint
internal import MCTPSimulation
internal import MCTPWire

// Requests between devices, and what they came to.
extension World {
  func sendOne() {
    traffic.plan(after: now)
    let candidates = devices.indices.filter {
      devices[$0].isPresent && devices[$0].endpoint.eid.isAssignable
    }
    guard let sender = traffic.draw(candidates.filter(canBegin)) else { return }
    let others = candidates.filter { $0 != sender && network(of: $0) == network(of: sender) }
    guard let target = traffic.draw(others) else { return }
    request(from: sender, to: target, byteCount: traffic.drawByteCount(), purpose: .traffic)
  }

  /// Lets one device ask another; false when it cannot send now.
  @discardableResult
  func request(
    from sender: Int, to target: Int, byteCount: Int, purpose: WorldTraffic.Purpose
  ) -> Bool {
    let body = traffic.body(for: target, from: sender, byteCount: byteCount)
    let eid = devices[target].endpoint.eid
    do throws(SendError) {
      let ticket = try devices[sender].endpoint.request(
        body.span, to: eid, timeoutMs: RollCall.requestTimeoutMs, now: now)
      traffic.began(
        WorldTraffic.Request(
          ticket: ticket, sender: sender, target: target, eid: eid, body: body,
          purpose: purpose))
      clock.totals.requestsSent += 1
      touch(sender)
      return true
    } catch {
      if purpose == .lastCall {
        clock.fail("recovery", "\(devices[sender].part.name) cannot send: \(error)")
      }
      return false
    }
  }

  /// What devices took and what their requests came to.
  func collect() {
    guard !clock.devicesWithNews.isEmpty else { return }
    // In the order of the board: what is found wrong first is what is told.
    let told = clock.devicesWithNews.sorted()
    clock.devicesWithNews.removeAll(keepingCapacity: true)
    for device in told.lazy.map({ self.devices[$0] }) {
      if device.news.hasOutcome {
        while let outcome = device.endpoint.nextOutcome() { end(outcome, device) }
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

  private func end(_ outcome: SimulatedEndpoint.Outcome, _ device: WorldDevice) {
    switch outcome {
    case .answered(let ticket, _, let body, _):
      guard let request = traffic.end(ticket, of: device.index) else { return }
      clock.totals.requestsAnswered += 1
      if body != request.body { mixed(request, body) }
      endCall(request, isAnswered: true)
    case .timedOut(let ticket), .failed(let ticket, _):
      guard let request = traffic.end(ticket, of: device.index) else { return }
      clock.totals.requestsUnanswered += 1
      if request.purpose == .lastCall {
        clock.fail("recovery", describe(request, words(outcome)))
      }
      endCall(request, isAnswered: false)
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

  private func words(_ outcome: SimulatedEndpoint.Outcome) -> String {
    switch outcome {
    case .answered: "was answered"
    case .timedOut: "was not answered within \(RollCall.requestTimeoutMs) ms"
    case .failed(_, let error): "could not be sent: \(error)"
    }
  }

  func describe(_ request: WorldTraffic.Request, _ what: String) -> String {
    let sender = devices[request.sender]
    return "the request of \(sender.part.name) (EID \(sender.endpoint.eid)) to "
      + "\(devices[request.target].part.name) (EID \(request.eid)) \(what)"
  }
}
