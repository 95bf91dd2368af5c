internal import AdminProtocol
internal import BusIO
internal import MCTPEndpoint
internal import MCTPEngine
internal import MCTPWire
internal import Topology

// Messages that start on this device: `router-ctl ping` and `router-ctl send`.
extension Router {
  /// What a client asked to send, whatever its form.
  struct OutboundRequest {
    let destination: EID
    let network: UInt8
    let from: EID?
    let body: [UInt8]
    let timeoutMs: Int
    let form: OwnExchanges.Waiting.Form
  }

  /// Starts an exchange; the reply line comes when it ends, or now when it cannot start.
  func begin(
    _ request: OutboundRequest, requestID: UInt32, for connection: AdminConnectionID
  ) -> [UInt8]? {
    let waiter = OwnExchanges.Waiting(
      connection: connection, requestID: requestID, form: request.form, startTime: now)
    do throws(AdminError) {
      if let from = request.from, !engine.isOwn(from, network: request.network) {
        try beginFromStation(request, from: from, waiter: waiter)
      } else {
        try beginFromHere(request, waiter: waiter)
      }
      return nil
    } catch {
      return AdminReplyLine.failure(id: requestID, error)
    }
  }

  private func beginFromHere(
    _ request: OutboundRequest, waiter: OwnExchanges.Waiting
  ) throws(AdminError) {
    guard !engine.isOwn(request.destination, network: request.network) else {
      throw AdminError(
        .invalidParameter, "EID \(request.destination) is this router's own",
        hint: "nothing would leave the router; see `router-ctl endpoints` for the others")
    }
    guard let entry = engine.entry(for: request.destination, network: request.network) else {
      throw AdminError(
        .unroutable,
        "no routing table entry holds EID \(request.destination) in network \(request.network)",
        hint: "see `router-ctl routes`; routes are in \(topology.fileName)")
    }
    guard engine.isUp(entry.port) else {
      throw AdminError(
        .portDown, "port \(name(of: entry.port)) is down", hint: "see `router-ctl ports`")
    }
    let peer = Peer(
      network: request.network, local: request.from ?? engine.sourceEID(on: entry.port),
      remote: request.destination)
    let limit = engine.configuration(of: entry.port).transmissionUnitBytes
    do throws(SendError) {
      try exchanges.request(
        request.body.span, to: peer,
        transmissionUnitBytes: min(limit, Int(entry.transmissionUnitBytes ?? .max)),
        timeoutMs: UInt32(request.timeoutMs), for: waiter, now: now)
    } catch { throw AdminError(error) }
  }

  private func beginFromStation(
    _ request: OutboundRequest, from: EID, waiter: OwnExchanges.Waiting
  ) throws(AdminError) {
    guard stations.hasDevice(eid: from, network: request.network) else {
      throw AdminError(
        .sourceNotOwn,
        "EID \(from) is neither this router's own nor that of a simulated device",
        hint: "leave out --from, or name an EID that `router-ctl endpoints` shows with a name")
    }
    do throws(SendError) {
      try stations.request(
        request.body.span, from: from, network: request.network, to: request.destination,
        timeoutMs: UInt32(request.timeoutMs), waiter: waiter, now: now)
    } catch { throw AdminError(error) }
  }

  /// Hands the packets of own messages to the engine, as many as the egress queues take.
  func sendOwnPackets() {
    withUnsafeTemporaryAllocation(
      of: UInt8.self, capacity: PacketHeader.byteCount + EngineLimits.transmissionUnitBytesMax
    ) { buffer in
      buffer.initialize(repeating: 0)
      var room = buffer.mutableSpan
      while let packet = exchanges.nextPacket(into: &room, now: now, where: { canSend(to: $0) }) {
        guard let (port, address) = nextHop(of: packet.peer) else { continue }
        _ = engine.send(
          room.span.extracting(first: packet.byteCount), on: port, to: address, now: now)
        dirtyPorts |= 1 << UInt32(port.rawValue)
      }
    }
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
    return engine.queueDepth(of: port) < engine.configuration(of: port).queueDepth
  }

  // MARK: Ends

  func finish(_ ticket: RequestTicket, with message: Message) {
    guard let waiter = exchanges.take(ticket) else { return }
    reply(to: waiter, body: exchanges.message, source: message.terminus.source, at: now)
  }

  func finishFailed(_ ticket: RequestTicket, _ outcome: Delivery.Outcome) {
    guard let waiter = exchanges.take(ticket) else { return }
    guard case .dropped(let reason) = outcome else { return }
    fail(
      waiter,
      AdminError(
        .notDelivered, "the response was lost on its way in: \(reason.explanation)",
        hint: "see `router-ctl drops`"))
  }

  func expireExchanges() {
    while let event = exchanges.nextEvent(now: now) {
      switch event {
      case .assemblyEnded(let ended): count(ended)
      case .sendAbandoned: break
      case .requestTimedOut(let ticket, _):
        guard let waiter = exchanges.take(ticket) else { continue }
        fail(waiter, .noAnswer)
      }
    }
  }

  /// Answers the clients whose simulated device has a result.
  func finishStationRequests() {
    while let (waiter, outcome) = stations.nextOutcome() {
      switch outcome {
      case .response(let body, let source, let time):
        reply(to: waiter, body: body, source: source, at: time)
      case .timedOut: fail(waiter, .noAnswer)
      case .lost(let reason):
        fail(
          waiter,
          AdminError(.notDelivered, "the response was lost at the device: \(reason.explanation)"))
      }
    }
  }

  private func fail(_ waiter: OwnExchanges.Waiting, _ error: AdminError) {
    admin?.reply(AdminReplyLine.failure(id: waiter.requestID, error), to: waiter.connection)
  }

  private func reply(
    to waiter: OwnExchanges.Waiting, body: [UInt8], source: EID, at time: Instant
  ) {
    let microseconds = time.nanoseconds(since: waiter.startTime) / 1000
    let line: [UInt8]
    switch waiter.form {
    case .message:
      line = AdminReplyLine.success(
        id: waiter.requestID,
        SendResult(
          source: source.rawValue, message: HexBytes(body), roundTripUs: microseconds))
    case .ping:
      guard body.count > 3, body[2] == ControlCommand.getEndpointID.rawValue else {
        fail(
          waiter,
          AdminError(.notDelivered, "EID \(source) answered with something else: \(HexBytes(body))")
        )
        return
      }
      line = AdminReplyLine.success(
        id: waiter.requestID,
        PingResult(
          responder: source.rawValue, roundTripUs: microseconds, completionCode: body[3]))
    }
    admin?.reply(line, to: waiter.connection)
  }

  func name(of port: PortID) -> String { topology.ports[Int(port.rawValue)].name }
}

extension AdminError {
  static let noAnswer = AdminError(
    .timedOut, "nothing came within the time-out",
    hint: "see `router-ctl drops` and `router-ctl explain`")

  init(_ error: SendError) {
    switch error {
    case .bodyEmpty: self.init(.invalidParameter, "the message is empty")
    case .memoryExhausted:
      self.init(.messageTooLong, "the message does not fit the memory that is free now")
    case .exchangesExhausted, .tagsExhausted:
      self.init(.busy, "too many requests are under way", hint: "try again when some are done")
    case .peerUnaddressable:
      self.init(.invalidParameter, "null and broadcast EIDs cannot be sent to from here")
    }
  }
}
