// What a simulated device asks and sends by itself, and how that ends.

public import MCTPEndpoint
public import MCTPWire

extension SimulatedEndpoint {
  /// Asks another device for its EID (Get Endpoint ID): one round trip.
  public func ping(
    _ remote: EID, timeoutMs: UInt32 = 1000, now: Instant
  ) throws(SendError) -> RequestTicket {
    let type = MessageTypeByte(.control).rawValue
    instanceID = instanceID.next
    let body = [type, 0x80 | instanceID.rawValue, ControlCommand.getEndpointID.rawValue]
    return try request(body.span, to: remote, timeoutMs: timeoutMs, now: now)
  }

  /// Sends any message and waits for its response. The bytes are copied; they go to the bridge's
  /// address, which is where everything beyond the own bus is.
  ///
  /// - Parameters:
  ///   - body: type byte included.
  ///   - timeoutMs: from the last packet's leaving to the response's first packet.
  /// - Throws: `SendError` when the device's memory or tags are used up.
  public func request(
    _ body: Span<UInt8>, to remote: EID, timeoutMs: UInt32 = 1000, now: Instant
  ) throws(SendError) -> RequestTicket {
    time = max(time, now)
    isDeadlineKnown = false
    let ticket = try messages.request(
      body, to: bridged(remote), transmissionUnitBytes: configuration.transmissionUnitBytes,
      timeoutMs: timeoutMs, now: now)
    open.append(ticket)
    lastTicket = ticket.rawValue
    if !body.isEmpty, MessageTypeByte(rawValue: body[0]).type == .control {
      expected[ticket] = ControlHeader(body)
    }
    return outward(ticket)
  }

  /// Sends any message that nobody answers.
  public func send(_ body: Span<UInt8>, to remote: EID, now: Instant) throws(SendError) {
    time = max(time, now)
    isDeadlineKnown = false
    try messages.send(
      body, to: bridged(remote), transmissionUnitBytes: configuration.transmissionUnitBytes,
      now: now)
  }

  private func bridged(_ remote: EID) -> Peer {
    Peer(
      local: eid, remote: remote,
      nextHop: .physical(port: SimulatedEndpoint.port, address: configuration.bridgeAddress))
  }

  func finish(_ ticket: RequestTicket, with message: Message, body: [UInt8], now: Instant) {
    let request = expected[ticket]
    close(ticket)
    // A broadcast request would wait for more answers; any other has ended there too.
    messages.cancel(ticket, now: now)
    if let request {
      let answer = ControlHeader(body.span)
      guard message.type == .control, let answer, !answer.isRequest, !answer.isDatagram,
        answer.command == request.command, answer.instanceID == request.instanceID
      else {
        count(.responseUnexpected, packets: message.packetCount)
        report(.failed(outward(ticket), .responseUnexpected))
        return
      }
    }
    report(.answered(outward(ticket), by: message.terminus.source, body: body, at: now))
  }

  func fail(_ ticket: RequestTicket, _ reason: DropReason) {
    close(ticket)
    report(.failed(outward(ticket), reason))
  }

  /// Forgets what is known of a request that has ended.
  func close(_ ticket: RequestTicket) {
    expected[ticket] = nil
    if let index = open.firstIndex(of: ticket) { open.remove(at: index) }
  }

  /// The ticket as it is told, which no restart gives again.
  func outward(_ ticket: RequestTicket) -> RequestTicket {
    RequestTicket(rawValue: ticket.rawValue &+ ticketBase)
  }
}
