// Answers, and what only looks like one.

public import MCTPWire

extension ControlRequester {
  /// Judges a packet for this router with TO = 0 that carries a control message.
  ///
  /// An answer has the instance ID, the command and the tag of its request and comes from the
  /// responder: by port and physical address, or for an endpoint behind a bridge by port and
  /// source EID. Whatever the bytes are, it returns; what is no answer is counted by kind and
  /// changes nothing else.
  ///
  /// - Parameters:
  ///   - packet: MCTP header on; borrowed for the call.
  ///   - address: the physical address of the device that sent it on this bus.
  public mutating func receive(
    _ packet: Span<UInt8>, on port: PortID, from address: PhysicalAddress, now: Instant
  ) -> ControlReception {
    tell(now)
    let index = Int(port.rawValue)
    guard index < ports.count else { return .mismatched(.unexpected) }
    guard let header = PacketHeader(packet), header.som, header.eom,
      !header.messageTag.tagOwner, header.source != .broadcast, !header.source.isReserved
    else { return mismatch(.malformed, index) }
    let body = packet.extracting(PacketHeader.byteCount..<packet.count)
    // Type byte, Rq/D/instance ID, command, completion code; never more than 64.
    guard body.count > ControlHeader.byteCount, body.count <= ControlBody.byteCountMax,
      body[0] == MessageTypeByte(.control).rawValue, let control = ControlHeader(body),
      !control.isRequest, !control.isDatagram
    else { return mismatch(.malformed, index) }

    let response = Response(header: header, control: control, port: port, address: address)
    guard let found = outstanding(control.instanceID, on: port) else {
      return unasked(response)
    }
    if let kind = mismatchKind(response, body, of: requests[found]) {
      let mayBeLate = kind == .responder || kind == .command
      return mayBeLate ? unasked(response, kind) : mismatch(kind, index)
    }
    return answer(found, response, body, now: now)
  }

  // MARK: Inside

  /// What a response says about itself.
  private struct Response {
    let header: PacketHeader
    let control: ControlHeader
    let port: PortID
    let address: PhysicalAddress
  }

  private mutating func mismatch(_ kind: ControlMismatch, _ port: Int) -> ControlReception {
    ports[port].counters.count(kind)
    return .mismatched(kind)
  }

  /// Instance IDs under way on one port differ, so there is one at most.
  private func outstanding(_ id: InstanceID, on port: PortID) -> Int? {
    requests.firstIndex {
      $0.isOutstanding && $0.destination.port == port && $0.instanceID == id
    }
  }

  private func mismatchKind(
    _ response: Response, _ body: Span<UInt8>, of request: PendingRequest
  ) -> ControlMismatch? {
    let source = response.header.source
    switch request.destination.responder {
    case .device(_, let address): if address != response.address { return .responder }
    case .endpoint(_, let eid):
      // A bridge's address is that of all who are behind it.
      if eid != source, !isFromRenamed(source, body, request) { return .responder }
    case .everyone: break
    }
    if response.control.command != request.command { return .command }
    if response.header.messageTag != request.tag.reply { return .tag }
    if !isSourceOf(request, source, body) { return .source }
    // Choice: destination 0 is tolerated; devices answer so while they set their EID.
    let destination = response.header.destination
    if destination != request.source, destination != .null { return .destination }
    return nil
  }

  /// True for an EID that the responder can answer from: none, the one that was asked, and for Set
  /// Endpoint ID also the one that is being set and the one that the answer says it has. The
  /// standard and its bindings differ on which; all four are met (DSP0236 1.3.3 §12,
  /// DSP0238 1.0.1 figure 2). Who is asked by address alone may have any.
  private func isSourceOf(_ request: PendingRequest, _ source: EID, _ body: Span<UInt8>) -> Bool {
    let asked = request.destination.eid
    if asked == .null || asked == .broadcast || source == .null || source == asked { return true }
    return isRenamed(source, body, request)
  }

  private func isRenamed(_ source: EID, _ body: Span<UInt8>, _ request: PendingRequest) -> Bool {
    guard request.command == .setEndpointID else { return false }
    // Body bytes: request 00 80 01 operation EID; response 00 00 01 code status EID pool.
    let asked = request.body.span
    if asked.count > 4, asked[4] == source.rawValue { return true }
    return body.count > 5 && body[5] == source.rawValue
  }

  /// An endpoint behind a bridge that answers Set Endpoint ID from its new EID or from none.
  private func isFromRenamed(
    _ source: EID, _ body: Span<UInt8>, _ request: PendingRequest
  ) -> Bool {
    request.command == .setEndpointID && (source == .null || isRenamed(source, body, request))
  }

  /// No request waits for it: is it the late or repeated answer to the last one?
  private mutating func unasked(
    _ response: Response, _ kind: ControlMismatch? = nil
  ) -> ControlReception {
    let port = Int(response.port.rawValue)
    var isAsked = false
    for index in peers.indices {
      switch peers[index].responder {
      case .device(let peerPort, let address):
        guard peerPort == response.port, address == response.address else { continue }
      case .endpoint(let peerPort, let eid):
        guard peerPort == response.port, eid == response.header.source else { continue }
      case .everyone(let peerPort):
        guard peerPort == response.port else { continue }
      }
      let expiry = ports[port].timing.instanceIDExpiryMsMax
      if let finished = peers[index].finished, finished.instanceID == response.control.instanceID,
        finished.command == response.control.command,
        clock <= finished.time.advanced(byMs: expiry)
      {
        if finished.wasAnswered {
          ports[port].counters.duplicates += 1
          return .duplicate
        }
        peers[index].lateAnswers += 1
        ports[port].counters.late += 1
        return .late
      }
      if requests.contains(where: { $0.peer == index && $0.isOutstanding }) { isAsked = true }
    }
    return mismatch(kind ?? (isAsked ? .instanceID : .unexpected), port)
  }

  /// The answer to an outstanding request.
  private mutating func answer(
    _ index: Int, _ response: Response, _ body: Span<UInt8>, now: Instant
  ) -> ControlReception {
    let request = requests[index]
    let port = request.portIndex
    let roundTrip = now.nanoseconds(since: request.lastSent)
    let code = CompletionCode(rawValue: body[ControlHeader.byteCount])
    peers[request.peer].countAnswer(roundTrip: roundTrip)
    if request.isBroadcast {
      keepBroadcastAnswer(request, result(code, response, body), roundTrip: roundTrip)
      return request.isCancelled ? .late : .matched(request.ticket)
    }
    rememberEnd(of: index, wasAnswered: true)
    if request.isCancelled {
      remove(index)
      peers[request.peer].lateAnswers += 1
      ports[port].counters.late += 1
      return .late
    }
    if code == .errorNotReady, request.notReadyCount < notReadyCountMax {
      // Choice: asked anew with another instance ID, because a responder that remembers its answer
      // would repeat "not ready" to a repetition. Others may ask meanwhile.
      ports[port].counters.notReady += 1
      requests[index].notReadyCount += 1
      requests[index].notBefore = now.advanced(byMs: notReadyDelayMs)
      return .matched(request.ticket)
    }
    finish(index, result(code, response, body), roundTrip: roundTrip)
    return .matched(request.ticket)
  }

  private func result(
    _ code: CompletionCode, _ response: Response, _ body: Span<UInt8>
  ) -> ControlResult {
    guard code == .success else { return .refused(code) }
    var copy = ControlBody()
    do throws(WireError) {
      try copy.append(body)
    } catch {
      preconditionFailure("the body was measured before")
    }
    return .answered(
      ControlAnswer(body: copy, source: response.header.source, address: response.address))
  }

  private mutating func keepBroadcastAnswer(
    _ request: PendingRequest, _ result: ControlResult, roundTrip: UInt64
  ) {
    if request.isCancelled { return }
    ports[request.portIndex].counters.broadcastAnswers += 1
    // The requests that are open have their places for outcomes; answers to broadcasts share as
    // many more.
    guard outcomes.count < 2 * requestCountMax else {
      ports[request.portIndex].counters.broadcastAnswersLost += 1
      return
    }
    outcomes.append(
      ControlOutcome(
        ticket: request.ticket, command: request.command, destination: request.destination,
        result: result, isLast: false, transmissions: request.transmissionsOfAll,
        roundTripNanoseconds: roundTrip))
  }
}
