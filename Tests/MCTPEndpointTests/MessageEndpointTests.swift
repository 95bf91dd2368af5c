import MCTPEndpoint
import MCTPWire
import TestSupport
import Testing

@Suite("MessageEndpoint: requests and their responses", .spec("DSP0236 1.3.3 §8"))
struct MessageEndpointTests {
  let peer = Peer(local: EID(8), remote: EID(9))
  let get = hex("00 80 02")
  let answer = hex("00 00 02 00 09 00 00")

  @Test("A request leaves with a tag of its own and its response comes back with the ticket")
  func roundTrip() throws {
    var endpoint = MessageEndpoint()
    let ticket = try endpoint.ask(get, peer)
    #expect(endpoint.drain() == [hex("01 09 08 C8 00 80 02")])
    let delivery = endpoint.take(hex("01 08 09 C0") + answer)
    guard case .response(let message, let to) = delivery.outcome else {
      Issue.record("\(delivery)")
      return
    }
    #expect(to == ticket)
    #expect(message.byteCount == 7)
    let body = bytes(endpoint.message)
    #expect(body == answer)
    #expect(endpoint.exchangeCount == 0)
    #expect(endpoint.nextDeadline == nil)
    // The tag is gone with the response: a second one is nobody's.
    let second = endpoint.take(hex("01 08 09 C0") + answer)
    #expect(second.outcome == .dropped(.unexpectedTag))
    let gone = bytes(endpoint.message)
    #expect(gone.isEmpty)
  }

  @Test("TO = 0 that nobody waits for is dropped", .spec("DSP0236 1.3.3 §8.7"))
  func unexpectedTag() throws {
    var endpoint = MessageEndpoint()
    #expect(endpoint.take(hex("01 08 09 C0") + answer).outcome == .dropped(.unexpectedTag))
    let ticket = try endpoint.ask(get, peer)
    _ = endpoint.drain()
    // Another tag, another source, another destination, another network.
    #expect(endpoint.take(hex("01 08 09 C1") + answer).outcome == .dropped(.unexpectedTag))
    #expect(endpoint.take(hex("01 08 0A C0") + answer).outcome == .dropped(.unexpectedTag))
    #expect(endpoint.take(hex("01 00 09 C0") + answer).outcome == .dropped(.unexpectedTag))
    #expect(
      endpoint.take(hex("01 08 09 C0") + answer, from: port(0, network: 2)).outcome
        == .dropped(.unexpectedTag))
    let right = endpoint.take(hex("01 08 09 C0") + answer)
    guard case .response(_, ticket) = right.outcome else {
      Issue.record("\(right)")
      return
    }
  }

  @Test("A request with the tag of ours in use is a message, not our response")
  func sameTagBothOwners() throws {
    var endpoint = MessageEndpoint()
    _ = try endpoint.ask(get, peer)
    _ = endpoint.drain()
    let theirs = endpoint.take(hex("01 08 09 C8 00 80 02"))
    guard case .message(let message) = theirs.outcome else {
      Issue.record("\(theirs)")
      return
    }
    try endpoint.respond(answer.span, to: message, from: EID(8), now: .zero)
    // Ours was sequence 0 to EID 9, so this one is 1.
    #expect(endpoint.drain() == [hex("01 09 08 D0") + answer])
    #expect(endpoint.exchangeCount == 1)
  }

  @Test("A request that had to wait for a tag does not come between the packets of an answer")
  func waitsForWhatIsUnderWay() throws {
    var endpoint = MessageEndpoint()
    // All eight tags are in use, and one more waits.
    for _ in 0..<9 { _ = try endpoint.ask(get, peer) }
    #expect(endpoint.drain().count == 8)
    let theirs = endpoint.take(hex("01 08 09 C8 00 80 02"))
    guard case .message(let message) = theirs.outcome else {
      Issue.record("\(theirs)")
      return
    }
    try endpoint.respond(body(140).span, to: message, from: EID(8), now: .zero)
    var left = 1
    let first = endpoint.drain { _ in
      left -= 1
      return left >= 0
    }
    // SOM of the answer, then an answer to one of theirs, which frees its tag.
    #expect(first.map { $0[3] & 0xC0 } == [0x80])
    guard case .response = endpoint.take(hex("01 08 09 C0") + answer).outcome else {
      Issue.record("no response")
      return
    }
    let rest = endpoint.drain()
    #expect(rest.map { $0[3] & 0xC8 } == [0x00, 0x40, 0xC8])
  }

  @Test("A response goes back to the physical address of the request, even to a null EID (V35)")
  func respondToNull() throws {
    var endpoint = MessageEndpoint()
    let delivery = endpoint.take(hex("01 00 00 C8 00 80 0D"), from: port(3, 0x42))
    guard case .message(let message) = delivery.outcome else {
      Issue.record("\(delivery)")
      return
    }
    try endpoint.respond(hex("00 00 0D 00").span, to: message, from: EID(8), now: .zero)
    var hops: [Peer.NextHop] = []
    let sent = endpoint.drain { peer in
      hops.append(peer.nextHop)
      return true
    }
    #expect(sent == [hex("01 00 08 C0 00 00 0D 00")])
    #expect(hops == [.physical(port: PortID(rawValue: 3), address: .i2c(0x42))])
  }

  @Test("A null-addressed request is answered from any EID at its address, and only there")
  func nullRequest() throws {
    var endpoint = MessageEndpoint()
    let device = Peer(
      local: EID(8), remote: .null,
      nextHop: .physical(port: PortID(rawValue: 0), address: .i2c(0x1D)))
    let ticket = try endpoint.ask(hex("00 80 01 00 42"), device)
    #expect(endpoint.drain() == [hex("01 00 08 C8 00 80 01 00 42")])
    let response = hex("01 08 42 C0 00 00 01 00 00 42 00")
    #expect(
      endpoint.take(response, from: port(0, 0x1E)).outcome == .dropped(.unexpectedTag))
    #expect(
      endpoint.take(response, from: port(1, 0x1D)).outcome == .dropped(.unexpectedTag))
    let right = endpoint.take(response, from: port(0, 0x1D))
    guard case .response(let message, ticket) = right.outcome else {
      Issue.record("\(right)")
      return
    }
    #expect(message.terminus.source == EID(0x42))
  }

  @Test("A broadcast request takes every answer until its time is up")
  func broadcast() throws {
    var endpoint = MessageEndpoint()
    let all = Peer(
      local: EID(8), remote: .broadcast,
      nextHop: .physical(port: PortID(rawValue: 0), address: .none))
    let ticket = try endpoint.ask(hex("00 87 0C"), all)
    #expect(endpoint.drain() == [hex("01 FF 08 C8 00 87 0C")])
    for (index, source) in [UInt8(0x00), 0x20, 0x21].enumerated() {
      let delivery = endpoint.take(
        [0x01, 0x08, source, 0xC0, 0x00, 0x07, 0x0C, 0x00], from: port(0, 0x30 + UInt8(index)))
      guard case .response(_, ticket) = delivery.outcome else {
        Issue.record("\(delivery)")
        return
      }
    }
    #expect(endpoint.events(at: ms(999)).isEmpty)
    #expect(endpoint.events(at: ms(1000)) == [.requestTimedOut(ticket, answerCount: 3)])
    #expect(endpoint.exchangeCount == 0)
  }

  @Test("Messages of several packets go both ways")
  func multiPacket() throws {
    var near = MessageEndpoint()
    var far = MessageEndpoint()
    let question = body(1000)
    let reply = body(5000, seed: 3)
    let ticket = try near.ask(question, peer, unit: 128)
    var result: Delivery?
    for packet in near.drain() {
      #expect(packet.count <= 132)
      let delivery = far.take(packet, localEID: EID(9))
      guard case .message(let message) = delivery.outcome else { continue }
      let body = bytes(far.message)
      #expect(body == question)
      try far.respond(reply.span, to: message, from: EID(9), now: .zero)
    }
    for packet in far.drain() { result = near.take(packet, localEID: EID(8)) }
    guard case .response(let message, ticket)? = result?.outcome else {
      Issue.record("\(String(describing: result))")
      return
    }
    #expect(message.packetCount == 79)
    let body = bytes(near.message)
    #expect(body == reply)
    #expect(near.exchangeCount == 0 && far.exchangeCount == 0)
  }

  @Test("A path that takes nothing holds up only its own messages")
  func blockedPath() throws {
    var endpoint = MessageEndpoint()
    let other = Peer(local: EID(8), remote: EID(10))
    try endpoint.send(body(100, seed: 1).span, to: peer, now: .zero)
    try endpoint.send(body(100, seed: 2).span, to: other, now: .zero)
    try endpoint.send(body(10, seed: 3).span, to: peer, now: .zero)
    #expect(endpoint.drain { $0.remote == EID(10) }.map { $0[1] } == [10, 10])
    let rest = endpoint.drain()
    #expect(rest.map { $0[1] } == [9, 9, 9])
    // In order, each with its own tag and the sequence numbers running on.
    #expect(rest.map { $0[3] } == [0x88, 0x58, 0xE9])
  }

  @Test("An unasked message frees its tag when it has left")
  func unasked() throws {
    var endpoint = MessageEndpoint()
    for _ in 0..<100 {
      try endpoint.send(get.span, to: peer, now: .zero)
      #expect(endpoint.drain().count == 1)
    }
    #expect(endpoint.take(hex("01 08 09 C0") + answer).outcome == .dropped(.unexpectedTag))
  }

  @Test("What cannot be sent is refused with its reason")
  func refusals() throws {
    var endpoint = MessageEndpoint(
      limits: EndpointLimits(tags: TagLimits(waitingMax: 1), exchangesMax: 10))
    #expect(throws: SendError.bodyEmpty) {
      try endpoint.send([UInt8]().span, to: peer, now: .zero)
    }
    #expect(throws: SendError.peerUnaddressable) {
      try endpoint.send(get.span, to: Peer(local: EID(8), remote: .null), now: .zero)
    }
    for _ in 0..<9 { _ = try endpoint.ask(get, peer) }
    #expect(throws: SendError.tagsExhausted) { try endpoint.ask(get, peer) }
    _ = try endpoint.ask(get, Peer(local: EID(8), remote: EID(10)))
    #expect(throws: SendError.exchangesExhausted) { try endpoint.ask(get, peer) }
  }
}
