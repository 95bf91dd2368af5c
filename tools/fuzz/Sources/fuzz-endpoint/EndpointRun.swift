// One message endpoint and its books. Lives for one input.

import Fuzzing
import MCTPEndpoint
import MCTPWire

struct EndpointRun: ~Copyable {
  var choices: Choices
  var endpoint: MessageEndpoint
  let limits: EndpointLimits
  var now = Instant.zero
  private var packetsIn = 0
  private var packetsEnded = 0
  private var shadow: ShadowAssembler
  var outbox = Outbox()
  var lastTicket: RequestTicket?
  var lastMessage: Message?
  /// What this endpoint sent last: an answer to it may be made.
  var lastSent: [UInt8] = []
  var lastPeer: Peer?
  /// Tells bodies apart.
  var bodyCount = 0

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
    shadow = ShadowAssembler(limits.reassembly)
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
    precondition(!outbox.hasOpenRequests, "a request without an end")
    check()
  }

  private func check() {
    precondition(
      packetsIn == packetsEnded + endpoint.heldPacketCount, "the packets do not add up")
    precondition(endpoint.heldPacketCount == shadow.heldPacketCount, "other packets are held")
    precondition(endpoint.exchangeCount <= limits.exchangesMax, "more exchanges than may be")
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
    return [0x01, destination, source, flags] + body(type, count)
  }

  /// The packet that answers what was sent last, or that nearly does.
  private mutating func answer() -> [UInt8] {
    guard lastSent.count >= 5 else { return structuredPacket() }
    let shape = choices.byte()
    let source = lastSent[1] == 0 || lastSent[1] == 0xFF ? 9 : lastSent[1]
    let flags: UInt8 = (shape & 0xF0) ^ 0xC0 | lastSent[3] & 0x07
    return [0x01, lastSent[2], source, flags] + body(lastSent[4], 1 + Int(shape & 0x0F) * 7)
  }

  /// All bodies of three bytes or more differ, and so do their pieces.
  mutating func body(_ type: UInt8, _ count: Int) -> [UInt8] {
    bodyCount += 1
    let number = bodyCount
    return (0..<count).map { index in
      switch index {
      case 0: type
      case 1: UInt8(truncatingIfNeeded: number >> 8)
      default: UInt8(truncatingIfNeeded: number + index * 3)
      }
    }
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
    let expected = expectation(of: packet, from: origin, local)
    precondition(
      delivery.ended.map { ShadowAssembler.Ended($0) } == expected.ended, "another assembly ended")
    if let ended = delivery.ended { packetsEnded += ended.packetCount }
    switch delivery.outcome {
    case .incomplete: precondition(expected.outcome == .held, "held against the rules")
    case .message(let message):
      precondition(message.isTagOwner, "a response that nobody asked for")
      lastMessage = message
      take(message, expected.outcome)
    case .response(let message, let ticket):
      take(message, expected.outcome)
      precondition(
        outbox.isAwaited(packet, from: origin, by: ticket), "a response to another request")
      // A broadcast request stays open for further answers.
      if !outbox.isBroadcast(ticket) { outbox.close(ticket) }
    case .dropped(let reason):
      // How long a tag rests is not followed here: a late response is as good as one that is
      // none.
      let found = reason == .responseUnexpected ? .unexpectedTag : reason
      precondition(expected.outcome == .dropped(found), "dropped against the rules")
      packetsEnded += 1
    }
    if case .message = expected.outcome { return }
    precondition(endpoint.message.count == 0, "bytes of no message")
    if let ticket = delivery.failedRequest {
      precondition(
        outbox.isAwaited(packet, from: origin, by: ticket), "a failure of another request")
      outbox.close(ticket)
    }
  }

  /// What must become of a packet (DSP0236 1.3.3 §8.7): first the header, then whether anybody
  /// waits for a response, then the assembly.
  private mutating func expectation(
    of packet: [UInt8], from origin: PacketOrigin, _ local: EID?
  ) -> (outcome: ShadowAssembler.Outcome, ended: ShadowAssembler.Ended?) {
    guard packet.count >= 4 else { return (.dropped(.packetTooShort), nil) }
    let (destination, source) = (packet[1], packet[2])
    if packet[0] & 0x0F != 1 { return (.dropped(.headerVersion), nil) }
    if source == 0xFF || 1...7 ~= source { return (.dropped(.sourceEIDIllegal), nil) }
    if 1...7 ~= destination { return (.dropped(.destinationEIDIllegal), nil) }
    if let local, local != .null, destination != 0, destination != 0xFF,
      destination != local.rawValue
    {
      return (.dropped(.destinationUnroutable), nil)
    }
    if packet[3] & 0x08 == 0, !outbox.isAwaited(packet, from: origin) {
      return (.dropped(.unexpectedTag), nil)
    }
    return shadow.receive(packet, from: origin, now: now)
  }

  private mutating func take(_ message: Message, _ expected: ShadowAssembler.Outcome) {
    precondition(message.packetCount >= 1, "a message without packets")
    let bytes = Array(endpoint.message)
    precondition(expected == .message(bytes), "another message than its packets make")
    precondition(
      bytes.count == message.byteCount && bytes[0] == message.typeByte.rawValue,
      "a message of another size or type")
    packetsEnded += message.packetCount
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
      case .assemblyEnded(let ended):
        shadow.expire(ended, now: now)
        packetsEnded += ended.packetCount
      case .requestTimedOut(let ticket, let answerCount):
        precondition(answerCount == 0 || outbox.isBroadcast(ticket), "answered, and timed out")
        outbox.close(ticket)
      case .sendAbandoned(let peer):
        outbox.abandon(peer, stallMs: limits.sendStallMs, now: now)
      }
    }
    if let deadline = endpoint.nextDeadline {
      precondition(deadline > now, "a deadline that has passed")
    }
  }

  private mutating func cancel() {
    guard let ticket = lastTicket else { return }
    endpoint.cancel(ticket, now: now)
    if outbox.isOpen(ticket) { outbox.close(ticket) }
  }
}
