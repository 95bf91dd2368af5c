// One message endpoint and its books. Lives for one input.

import Fuzzing
import MCTPEndpoint
import MCTPWire

struct EndpointRun: ~Copyable {
  private var choices: Choices
  private var endpoint: MessageEndpoint
  private let limits: EndpointLimits
  private var now = Instant.zero
  private var packetsIn = 0
  private var packetsEnded = 0
  private var lastTicket: RequestTicket?
  private var lastMessage: Message?
  /// What this endpoint sent last: an answer to it may be made.
  private var lastSent: [UInt8] = []
  private var lastPeer: Peer?
  /// Requests that are neither answered, failed, timed out nor cancelled.
  private var openTickets: [RequestTicket] = []

  init(_ choices: Choices) {
    var choices = choices
    let limits = EndpointLimits(
      reassembly: ReassemblyLimits(
        memoryBytesMax: choices.one(of: [512, 1024, 2048, 4096]),
        assembliesMax: choices.one(of: [1, 2, 4]),
        messageBytesMax: choices.one(of: [64, 200, 1024, 65_536])),
      tags: TagLimits(
        peersMax: choices.one(of: [1, 2, 8]), waitingMax: choices.one(of: [1, 4])),
      outboundBytesMax: choices.one(of: [256, 1024]), exchangesMax: choices.one(of: [1, 4, 16]))
    self.limits = limits
    self.choices = choices
    endpoint = MessageEndpoint(limits: limits)
  }

  mutating func run() {
    while !choices.isAtEnd {
      switch choices.below(10) {
      case 0, 1: receive(structuredPacket())
      case 2: receive(choices.bytes(choices.below(90)))
      case 3: receive(answer())
      case 4: request()
      case 5: respond()
      case 6: transmit()
      case 7: passTime()
      case 8: passTime(toDeadline: true)
      default: cancel()
      }
      check()
    }
    // Silence ends everything that is under way.
    for _ in 0..<4 { passTime(ms: 61_000) }
    precondition(endpoint.heldPacketCount == 0, "packets held for ever")
    precondition(endpoint.exchangeCount == 0, "exchanges open for ever")
    precondition(openTickets.isEmpty, "a request without an end")
    check()
  }

  private func check() {
    precondition(
      packetsIn == packetsEnded + endpoint.heldPacketCount, "the packets do not add up")
    precondition(endpoint.exchangeCount <= limits.exchangesMax, "more exchanges than may be")
    precondition(
      endpoint.message.count <= limits.reassembly.memoryBytesMax / 2, "a message above its bound")
    if endpoint.heldPacketCount > 0 || endpoint.exchangeCount > 0 {
      precondition(endpoint.nextDeadline != nil, "nothing will end what is under way")
    }
  }

  // MARK: In

  private static let eids: [UInt8] = [8, 9, 10, 0, 0xFF, 3, 0x20]

  private mutating func structuredPacket() -> [UInt8] {
    let source = choices.one(of: Self.eids)
    let flags = choices.byte()
    let shape = choices.byte()
    let count = [0, 1, 4, 63, 64, 65, 128, 250][Int(shape & 7)]
    let type: UInt8 = [0x7E, 0x00, 0x84, 0x04][Int(shape >> 3 & 3)]
    let destination: UInt8 = shape & 0x80 == 0 ? 8 : choices.one(of: Self.eids)
    var packet = [0x01, destination, source, flags]
    if count > 0 { packet += [type] + [UInt8](repeating: shape, count: count - 1) }
    return packet
  }

  /// The packet that answers what was sent last, or that nearly does.
  private mutating func answer() -> [UInt8] {
    guard lastSent.count >= 5 else { return structuredPacket() }
    let shape = choices.byte()
    let source = lastSent[1] == 0 || lastSent[1] == 0xFF ? 9 : lastSent[1]
    let flags: UInt8 = (shape & 0xF0) ^ 0xC0 | lastSent[3] & 0x07
    return [0x01, lastSent[2], source, flags, lastSent[4]]
      + [UInt8](repeating: shape, count: Int(shape & 0x0F) * 7)
  }

  private mutating func receive(_ packet: [UInt8]) {
    let place = choices.byte()
    var origin = PacketOrigin(
      network: place & 0x40 == 0 ? 1 : 2, port: PortID(rawValue: place & 1),
      address: .i2c(0x1D + (place >> 1 & 1)))
    if place & 0x80 == 0, let peer = lastPeer,
      case .physical(let port, let address) = peer.nextHop
    {
      origin = PacketOrigin(network: peer.network, port: port, address: address)
    }
    let local: EID? = [nil, EID(8), .null, EID(9)][Int(place >> 4 & 3)]
    packetsIn += 1
    let delivery = endpoint.receive(packet.span, from: origin, localEID: local, now: now)
    if let ended = delivery.ended { take(ended) }
    switch delivery.outcome {
    case .incomplete: precondition(endpoint.message.count == 0, "bytes of no message")
    case .message(let message): take(message)
    case .response(let message, let ticket):
      take(message)
      precondition(openTickets.contains(ticket), "an answer to what is not open")
      // A broadcast request stays open for further answers.
      if !isBroadcast(ticket) { close(ticket) }
    case .dropped(let reason):
      precondition(!reason.isFrameReason, "a packet that ended as a frame")
      packetsEnded += 1
      precondition(endpoint.message.count == 0, "bytes of a packet that was dropped")
    }
    if let ticket = delivery.failedRequest { close(ticket) }
  }

  private mutating func take(_ message: Message) {
    precondition(message.packetCount >= 1, "a message without packets")
    precondition(endpoint.message.count == message.byteCount, "a message of another size")
    precondition(endpoint.message[0] == message.typeByte.rawValue, "a message of another type")
    packetsEnded += message.packetCount
    if message.isTagOwner { lastMessage = message }
  }

  private mutating func take(_ ended: EndedAssembly) {
    precondition(ended.packetCount >= 1, "an assembly without packets")
    packetsEnded += ended.packetCount
  }

  // MARK: Out

  private var broadcasts: [RequestTicket] = []

  private func isBroadcast(_ ticket: RequestTicket) -> Bool { broadcasts.contains(ticket) }

  private mutating func close(_ ticket: RequestTicket) {
    guard let index = openTickets.firstIndex(of: ticket) else {
      preconditionFailure("an end of what is not open")
    }
    openTickets.remove(at: index)
  }

  private mutating func request() {
    let shape = choices.byte()
    let remote: UInt8 = [9, 10, 0, 0xFF][Int(shape & 3)]
    let hop: Peer.NextHop =
      shape & 4 == 0 ? .physical(port: PortID(rawValue: 0), address: .i2c(0x1D)) : .routed
    let peer = Peer(local: EID(8), remote: EID(remote), nextHop: hop)
    let count = [0, 1, 64, 65, 200, 256, 300, 1100][Int(shape >> 5)]
    let body = [UInt8](repeating: 0x7E, count: count)
    let unit = shape & 8 == 0 ? 64 : 128
    do throws(SendError) {
      if shape & 0x10 == 0 {
        let ticket = try endpoint.request(
          body.span, to: peer, transmissionUnitBytes: unit,
          timeoutMs: UInt32(choices.byte()) * 10, now: now)
        openTickets.append(ticket)
        if remote == 0xFF { broadcasts.append(ticket) }
        lastTicket = ticket
      } else {
        try endpoint.send(body.span, to: peer, transmissionUnitBytes: unit, now: now)
      }
    } catch {
      precondition((error == .bodyEmpty) == body.isEmpty, "an empty body, or not")
    }
  }

  private mutating func respond() {
    guard let message = lastMessage else { return }
    let body = [UInt8](repeating: message.typeByte.rawValue, count: 1 + choices.below(140))
    _ = try? endpoint.respond(body.span, to: message, from: EID(8), now: now)
  }

  private mutating func transmit() {
    let shape = choices.byte()
    var buffer = [UInt8](repeating: 0, count: 140)
    for _ in 0..<(1 + Int(shape & 7)) {
      var span = buffer.mutableSpan
      let sent = endpoint.nextPacket(into: &span, now: now) { peer in
        shape & 0x80 == 0 || peer.remote != EID(9)
      }
      guard let sent else { return }
      precondition(sent.byteCount > 4 && sent.byteCount <= 132, "a packet of an illegal size")
      lastSent = Array(buffer[..<sent.byteCount])
      lastPeer = sent.peer
      precondition(
        lastSent[0] == 1 && lastSent[1] == sent.peer.remote.rawValue
          && lastSent[2] == sent.peer.local.rawValue, "a header of another packet")
      precondition((lastSent[3] & 0x40 != 0) == sent.isEnd, "an end that is none")
    }
  }

  // MARK: Time

  private mutating func passTime(toDeadline: Bool = false) {
    if toDeadline, let deadline = endpoint.nextDeadline {
      passTime(to: max(now, deadline))
    } else {
      passTime(ms: UInt32(choices.byte()) * 37)
    }
  }

  private mutating func passTime(ms: UInt32) { passTime(to: now.advanced(byMs: ms)) }

  private mutating func passTime(to time: Instant) {
    now = time
    while let event = endpoint.nextEvent(now: now) {
      switch event {
      case .assemblyEnded(let ended): take(ended)
      case .requestTimedOut(let ticket, let answerCount):
        precondition(answerCount == 0 || isBroadcast(ticket), "answered, and timed out")
        close(ticket)
      case .sendAbandoned: break
      }
    }
    if let deadline = endpoint.nextDeadline {
      precondition(deadline > now, "a deadline that has passed")
    }
  }

  private mutating func cancel() {
    guard let ticket = lastTicket else { return }
    endpoint.cancel(ticket, now: now)
    openTickets.removeAll { $0 == ticket }
  }
}
