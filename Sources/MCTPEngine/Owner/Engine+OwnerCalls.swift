// Requests that the owner makes, and what their outcomes lead to.

internal import MCTPWire

/// How a request ended without an answer that can be used.
enum ControlFailure {
  /// Another completion code than SUCCESS, or a body that is none.
  case refused(CompletionCode)
  case silent

  var isRefusal: Bool {
    if case .refused = self { return true }
    return false
  }
}

extension Engine {
  /// Starts a request for a record. If it cannot be taken now, the job comes up again later.
  mutating func ask(
    _ request: some ControlRequest, _ job: OwnerJob, of index: Int, now: Instant
  ) {
    let endpoint = owner.endpoints[index]
    var options = ControlRequestOptions(priority: .normal)
    var eid = EID.null
    switch job {
    case .probe:
      options.priority = .low
      if endpoint.isDirect {
        options.endsWhenUndelivered = endpoint.origin == .scanned
      } else {
        eid = endpoint.eid
      }
    case .check:
      // By physical address where there is one: the device may have lost its EID.
      options.priority = .low
      if !endpoint.isDirect { eid = endpoint.eid }
    case .setEID: break
    default: if endpoint.work.isAssigned || !endpoint.isDirect { eid = endpoint.eid }
    }
    do throws(ControlStartError) {
      let ticket = try owner.requester.start(
        request,
        to: ControlDestination(
          port: endpoint.port, address: endpoint.address, eid: eid,
          isBehindBridge: !endpoint.isDirect),
        source: sourceEID(on: endpoint.port), options: options, now: now)
      owner.calls.append(
        OwnerCall(ticket: ticket, endpoint: endpoint.number, port: endpoint.port, job: job))
      owner.endpoints[index].work.isBusy = true
    } catch {
      // Full: what is under way ends within seconds.
      postpone(job, at: index, to: now.advanced(byMs: 1000))
    }
  }

  /// Lets a job come up again at `due`.
  mutating func postpone(_ job: OwnerJob, at index: Int, to due: Instant) {
    switch job {
    case .routingUpdate: owner.endpoints[index].work.updateDue = due
    case .routingTable: owner.endpoints[index].work.tableDue = due
    case .check: owner.endpoints[index].work.checkDue = due
    case .poolInformation where owner.endpoints[index].work.job != .poolInformation:
      owner.endpoints[index].work.poolCheckDue = due
    default:
      owner.endpoints[index].work.job = job
      owner.endpoints[index].work.due = due
    }
  }

  /// Puts the packets that are due into the queues of their ports.
  mutating func sendRequests(_ now: Instant) {
    var bytes = InlineArray<68, UInt8>(repeating: 0)
    while true {
      var span = bytes.mutableSpan
      guard let transmission = owner.requester.nextTransmission(into: &span, now: now) else {
        return
      }
      let packet = bytes.span.extracting(first: transmission.byteCount)
      if send(packet, on: transmission.port, to: transmission.address, now: now) == nil {
        owner.readyPorts |= 1 << UInt32(transmission.port.rawValue)
      } else {
        owner.requester.undelivered(
          on: transmission.port, address: transmission.address, now: now)
      }
    }
  }

  /// True when a control response was the owner's to take.
  mutating func takeOwnerResponse(
    _ packet: Span<UInt8>, on port: PortID, from address: PhysicalAddress, now: Instant
  ) -> Bool {
    guard owner.isActive else { return false }
    switch owner.requester.receive(packet, on: port, from: address, now: now) {
    case .matched, .late, .duplicate: return true
    // It may be the answer to a request of the shell's.
    case .mismatched: return false
    }
  }

  // MARK: Outcomes

  mutating func finishCalls(_ now: Instant) {
    while let outcome = owner.requester.nextOutcome() {
      guard let position = owner.calls.firstIndex(where: { $0.ticket == outcome.ticket }) else {
        continue
      }
      let call = owner.calls.remove(at: position)
      guard let index = owner.index(of: call.endpoint) else { continue }
      owner.endpoints[index].work.isBusy = false
      // What was overtaken by another course of events has no say any more.
      let isOvertaken = owner.endpoints[index].work.isOvertaken
      owner.endpoints[index].work.isOvertaken = false
      guard !isOvertaken, isWanted(call.job, at: index) else { continue }
      clear(call.job, at: index)
      switch outcome.result {
      case .answered(let answer):
        owner.endpoints[index].lastContact = now
        answered(call.job, answer, at: index, now: now)
      case .refused(let code):
        owner.endpoints[index].lastContact = now
        failed(call.job, .refused(code), at: index, now: now)
      case .timedOut, .undelivered: failed(call.job, .silent, at: index, now: now)
      case .portDown, .sent, .broadcastEnded: break
      }
    }
  }

  private func isWanted(_ job: OwnerJob, at index: Int) -> Bool {
    let work = owner.endpoints[index].work
    switch job {
    case .routingUpdate: return work.updateDue != nil
    case .routingTable: return work.tableDue != nil
    case .check: return work.checkDue != nil
    case .poolInformation: return work.poolCheckDue != nil || work.job == job
    default: return work.job == job
    }
  }

  private mutating func clear(_ job: OwnerJob, at index: Int) {
    switch job {
    case .routingUpdate: owner.endpoints[index].work.updateDue = nil
    case .routingTable: owner.endpoints[index].work.tableDue = nil
    case .check: owner.endpoints[index].work.checkDue = nil
    case .poolInformation: owner.endpoints[index].work.poolCheckDue = nil
    default: break
    }
  }

  private mutating func answered(
    _ job: OwnerJob, _ answer: ControlAnswer, at index: Int, now: Instant
  ) {
    do throws(WireError) {
      switch job {
      case .probe: probeAnswered(index, try answer.decode(), now: now)
      case .check: checkAnswered(index, try answer.decode(), now: now)
      case .setEID: setEIDAnswered(index, try answer.decode(), now: now)
      case .allocate: allocateAnswered(index, try answer.decode(), now: now)
      case .poolInformation: poolInformationAnswered(index, try answer.decode(), now: now)
      case .routingUpdate: routingUpdateAnswered(index, now: now)
      case .routingTable: routingTableAnswered(index, try answer.decode(), now: now)
      case .uuid:
        let response: GetEndpointUUID.Response = try answer.decode()
        uuidAnswered(index, response.uuid, now: now)
      case .messageTypes:
        let response: GetMessageTypeSupport.Response = try answer.decode()
        takeTypes(index, response.types, now: now)
      case .vendorSets: vendorSetAnswered(index, try answer.decode(), now: now)
      case .versions: versionsAnswered(index, try answer.decode(), now: now)
      }
    } catch {
      if job == .messageTypes { note(.typesCountWrong, at: index) }
      failed(job, .refused(.errorInvalidLength), at: index, now: now)
    }
  }

  private mutating func takeTypes(
    _ index: Int, _ types: GetMessageTypeSupport.Response.Types, now: Instant
  ) {
    var list: [MessageType] = []
    for position in 0..<types.count { list.append(types[position]) }
    owner.endpoints[index].messageTypes = list
    askNext(index, after: .messageTypes, now: now)
  }

  /// No answer, or a refusal. Every optional question may end so; the set-up goes on.
  private mutating func failed(
    _ job: OwnerJob, _ failure: ControlFailure, at index: Int, now: Instant
  ) {
    switch job {
    case .probe: probeFailed(index, now: now)
    case .check: checkFailed(index, failure, now: now)
    case .setEID: setEIDFailed(index, failure, now: now)
    case .allocate: failure.isRefusal ? poolFailed(index, now: now) : fellSilent(index, now: now)
    case .poolInformation:
      if owner.endpoints[index].work.job != .poolInformation { return }
      // It does not say what it holds: it gets the pool anew.
      failure.isRefusal ? forcePool(index, now: now) : fellSilent(index, now: now)
    case .routingUpdate: routingUpdateFailed(index, failure, now: now)
    case .routingTable: routingTableFailed(index, failure, now: now)
    case .uuid:
      if failure.isRefusal { note(.noUUID, at: index) }
      uuidAnswered(index, nil, now: now)
    case .messageTypes:
      if failure.isRefusal { note(.noMessageTypes, at: index) }
      askNext(index, after: job, now: now)
    case .vendorSets: askNext(index, after: job, now: now)
    case .versions:
      if failure.isRefusal { note(.noVersions, at: index) }
      askNext(index, after: job, now: now)
    }
  }

  /// No answer in the middle of a set-up: it begins anew when the device answers again.
  mutating func fellSilent(_ index: Int, now: Instant) {
    if owner.endpoints[index].state == .up || owner.endpoints[index].state == .suspect {
      owner.endpoints[index].work.job = nil
      owner.endpoints[index].work.checkDue = now
      return
    }
    retry(index, .probe, now: now)
  }
}
