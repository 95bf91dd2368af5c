// Messages that start or end at the router itself: what `router-ctl ping` and `send` make of it.

public import MCTPEndpoint
internal import MCTPEngine
public import MCTPWire

/// What a request of the router itself came to.
public enum OwnOutcome: Hashable, Sendable {
  /// - body: type byte included.
  case answered(RequestTicket, from: EID, body: [UInt8])
  case timedOut(RequestTicket)
  /// The response was lost on its way in.
  case lost(RequestTicket, DropReason)

  public var ticket: RequestTicket {
    switch self {
    case .answered(let ticket, _, _), .timedOut(let ticket), .lost(let ticket, _): ticket
    }
  }
}

extension OwnOutcome {
  /// For people.
  var traceWords: String {
    switch self {
    case .answered(_, let source, let body): "EID \(source) answered with \(body.count) bytes"
    case .timedOut: "an own request was not answered"
    case .lost(_, let reason): "the answer to an own request was lost: \(reason.explanation)"
    }
  }
}

/// Why a request of the router itself did not begin.
enum OwnRequestError: Error, Hashable {
  case eidIsOwn
  case unroutable
  case portDown
  /// The router has no EID to ask from.
  case noEID
  case notTaken(SendError)
}

extension RouterLife {
  /// Asks an endpoint from this router, as a local program does.
  ///
  /// - Parameters:
  ///   - body: type byte included.
  ///   - timeoutMs: from the last packet's leaving to the response's first packet.
  func request(
    _ body: [UInt8], to eid: EID, network: UInt8 = 1, timeoutMs: UInt32 = 2_000
  ) throws(OwnRequestError) -> RequestTicket {
    guard !engine.isOwn(eid, network: network) else { throw .eidIsOwn }
    guard let entry = engine.entry(for: eid, network: network) else { throw .unroutable }
    guard engine.isUp(entry.port) else { throw .portDown }
    guard engine.sourceEID(on: entry.port).isAssignable else { throw .noEID }
    let limit = engine.configuration(of: entry.port).transmissionUnitBytes
    defer {
      messagesDeadline = messages.nextDeadline
      isNudged = true
    }
    do throws(SendError) {
      return try messages.request(
        body.span,
        to: Peer(network: network, local: engine.sourceEID(on: entry.port), remote: eid),
        transmissionUnitBytes: min(limit, Int(entry.transmissionUnitBytes ?? .max)),
        timeoutMs: timeoutMs, now: now)
    } catch { throw .notTaken(error) }
  }

  /// What became of requests since the last call, in order.
  func takeOutcomes() -> [OwnOutcome] {
    defer { outcomes.removeAll(keepingCapacity: true) }
    return outcomes
  }

  /// Hands the packets of own messages to the engine, as many as the egress queues take.
  func sendOwnPackets() {
    withUnsafeTemporaryAllocation(
      of: UInt8.self, capacity: PacketHeader.byteCount + EngineLimits.transmissionUnitBytesMax
    ) { buffer in
      buffer.initialize(repeating: 0)
      var room = buffer.mutableSpan
      while let packet = messages.nextPacket(into: &room, now: now, where: { canSend(to: $0) }) {
        guard let (port, address) = nextHop(of: packet.peer) else { continue }
        _ = engine.send(
          room.span.extracting(first: packet.byteCount), on: port, to: address, now: now)
        waiting |= 1 << UInt32(port.rawValue)
      }
    }
    messagesDeadline = messages.nextDeadline
  }

  private func nextHop(of peer: Peer) -> (PortID, PhysicalAddress)? {
    switch peer.nextHop {
    case .physical(let port, let address): return (port, address)
    case .routed:
      guard let entry = engine.entry(for: peer.remote, network: peer.network) else { return nil }
      return (entry.port, entry.address)
    }
  }

  private func canSend(to peer: Peer) -> Bool {
    guard let (port, _) = nextHop(of: peer), engine.isUp(port) else { return false }
    return engine.hasRoom(on: port)
  }

  /// A packet for the router itself, where nobody takes messages: one that is whole ends here, but
  /// for the answers to own requests.
  func deliver(_ packet: Span<UInt8>, from address: PhysicalAddress, on port: PortID) {
    let network = engine.configuration(of: port).network
    let origin = PacketOrigin(network: network, port: port, address: address)
    let delivery = messages.receive(packet, from: origin, localEID: nil, now: now)
    messagesDeadline = messages.nextDeadline
    if let ended = delivery.ended { count(ended) }
    tellEnd(of: delivery.outcome)
    switch delivery.outcome {
    case .incomplete: break
    case .response(let message, let ticket):
      end(.answered(ticket, from: message.terminus.source, body: copyOfMessage()))
    case .message(let message):
      engine.dropDelivered(
        .messageTypeUnsupported, packets: UInt64(message.packetCount), packet: packet, on: port,
        from: address, now: now)
    case .dropped(let reason):
      engine.dropDelivered(
        reason, packets: 1, packet: packet, on: port, from: address, now: now)
      if let ticket = delivery.failedRequest { end(.lost(ticket, reason)) }
    }
  }

  private func tellEnd(of outcome: Delivery.Outcome) {
    let reason: DropReason?
    switch outcome {
    case .incomplete: return
    case .response, .message: reason = nil
    case .dropped(let dropped): reason = dropped
    }
    for observer in clock.observers { observer.messageEnded(reason, router: index) }
  }

  func takeMessageEvents() {
    guard let deadline = messagesDeadline, deadline <= now else { return }
    while let event = messages.nextEvent(now: now) {
      switch event {
      case .assemblyEnded(let ended): count(ended)
      case .requestTimedOut(let ticket, _): end(.timedOut(ticket))
      case .sendAbandoned: break
      }
    }
    messagesDeadline = messages.nextDeadline
  }

  private func end(_ outcome: OwnOutcome) {
    outcomes.append(outcome)
    for observer in clock.observers { observer.ownRequestEnded(outcome, router: index) }
  }

  private func copyOfMessage() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(messages.message.count)
    for index in messages.message.indices { bytes.append(messages.message[index]) }
    return bytes
  }

  private func count(_ ended: EndedAssembly) {
    engine.dropDelivered(
      ended.reason, packets: UInt64(ended.packetCount), packet: Span(), on: ended.origin.port,
      from: ended.origin.address, now: now)
  }
}
