import MCTPEndpoint
import MCTPWire
import TestSupport
import Testing

@Suite("MessageEndpoint: what is late, cut, stuck or given up", .spec("DSP0236 1.3.3 §8"))
struct MessageEndpointTimeTests {
  let peer = Peer(local: EID(8), remote: EID(9))
  let get = hex("00 80 02")
  let answer = hex("00 00 02 00 09 00 00")

  @Test("A request nobody answers times out once, and its late answer is told apart")
  func late() throws {
    var endpoint = MessageEndpoint()
    let ticket = try endpoint.ask(get, peer, timeoutMs: 300)
    _ = endpoint.drain(at: ms(50))
    #expect(endpoint.nextDeadline == ms(350))
    #expect(endpoint.events(at: ms(349)).isEmpty)
    #expect(endpoint.events(at: ms(350)) == [.requestTimedOut(ticket, answerCount: 0)])
    #expect(endpoint.nextDeadline == nil)
    #expect(
      endpoint.take(hex("01 08 09 C0") + answer, at: ms(400)).outcome
        == .dropped(.responseUnexpected))
    #expect(
      endpoint.take(hex("01 08 09 C0") + answer, at: ms(401)).outcome == .dropped(.unexpectedTag))
  }

  @Test("The tag of a request that timed out rests, so that a late answer meets no other request")
  func resting() throws {
    var endpoint = MessageEndpoint()
    for _ in 0..<8 { _ = try endpoint.ask(get, peer, timeoutMs: 100) }
    #expect(endpoint.drain().count == 8)
    #expect(endpoint.events(at: ms(100)).count == 8)
    let ninth = try endpoint.ask(get, peer, at: ms(100))
    #expect(endpoint.drain(at: ms(100)).isEmpty)
    #expect(endpoint.take(hex("01 08 09 C3") + answer).outcome == .dropped(.responseUnexpected))
    #expect(endpoint.drain(at: ms(101)).map { $0[3] & 0x0F } == [0x0B])
    #expect(endpoint.events(at: ms(1101)) == [.requestTimedOut(ninth, answerCount: 0)])
    let after = try endpoint.ask(get, peer, at: ms(1101))
    #expect(endpoint.nextDeadline == ms(6100))
    #expect(endpoint.events(at: ms(6100)).isEmpty)
    #expect(endpoint.drain(at: ms(6100)).count == 1)
    #expect(endpoint.events(at: ms(7100)) == [.requestTimedOut(after, answerCount: 0)])
  }

  @Test("A request that gets no tag in time times out, and its place in the queue is free")
  func waitsTooLong() throws {
    var endpoint = MessageEndpoint()
    for _ in 0..<8 { _ = try endpoint.ask(get, peer, timeoutMs: 60_000) }
    #expect(endpoint.drain().count == 8)
    let ninth = try endpoint.ask(get, peer, at: ms(10))
    #expect(endpoint.drain(at: ms(11)).isEmpty)
    #expect(endpoint.events(at: ms(6010)) == [.requestTimedOut(ninth, answerCount: 0)])
    #expect(endpoint.exchangeCount == 8)
  }

  @Test("Nothing is kept when nobody takes the packets")
  func stalled() throws {
    var endpoint = MessageEndpoint(
      limits: EndpointLimits(outboundBytesMax: 256, exchangesMax: 2))
    try endpoint.send(body(200).span, to: peer, now: .zero)
    #expect(throws: SendError.memoryExhausted) {
      try endpoint.send(body(10).span, to: peer, now: .zero)
    }
    #expect(endpoint.events(at: ms(6000)) == [.sendAbandoned(peer)])
    try endpoint.send(body(200).span, to: peer, now: ms(6000))
    #expect(endpoint.drain(at: ms(6001)).count == 4)
    #expect(endpoint.exchangeCount == 0)
  }

  @Test("An unfinished message of a peer is a deadline, and ends then")
  func unfinished() {
    var endpoint = MessageEndpoint()
    #expect(endpoint.nextDeadline == nil)
    // SOM, TO = 1: nothing of our own is under way.
    #expect(endpoint.take(packet(0x88, body(64)), at: ms(10)).outcome == .incomplete)
    let end = ms(10).advanced(byMs: endpoint.limits.reassembly.timeoutMs)
    #expect(endpoint.nextDeadline == end)
    #expect(endpoint.events(at: end).count == 1)
    #expect(endpoint.nextDeadline == nil && endpoint.heldPacketCount == 0)
  }

  @Test("A response under way is not timed out while its packets come")
  func slowResponse() throws {
    var endpoint = MessageEndpoint()
    let ticket = try endpoint.ask(get, peer, timeoutMs: 100)
    _ = endpoint.drain()
    _ = endpoint.take(packet(0x80, body(64)), at: ms(90))
    #expect(endpoint.events(at: ms(3000)).isEmpty)
    _ = endpoint.take(packet(0x10, body(64)), at: ms(6000))
    #expect(endpoint.events(at: ms(11_000)).isEmpty)
    let end = endpoint.take(packet(0x60, [1]), at: ms(11_000))
    guard case .response(_, ticket) = end.outcome else {
      Issue.record("\(end)")
      return
    }
  }

  @Test("A response that stops half-way ends with its packets counted and the request timed out")
  func cutResponse() throws {
    var endpoint = MessageEndpoint()
    let ticket = try endpoint.ask(get, peer, timeoutMs: 100)
    _ = endpoint.drain()
    _ = endpoint.take(packet(0x80, body(64)), at: ms(90))
    let events = endpoint.events(at: ms(6090))
    #expect(events.count == 2)
    guard case .assemblyEnded(let ended)? = events.first else {
      Issue.record("\(events)")
      return
    }
    #expect(Loss(ended.reason, ended.packetCount) == Loss(.assemblyTimeout, 1))
    #expect(events.last == .requestTimedOut(ticket, answerCount: 0))
  }

  @Test("A response that breaks fails its request at once; what follows is late")
  func brokenResponse() throws {
    var endpoint = MessageEndpoint()
    let ticket = try endpoint.ask(get, peer)
    _ = endpoint.drain()
    _ = endpoint.take(packet(0x80, body(64)))
    let gap = endpoint.take(packet(0x20, body(64)))
    #expect(gap.outcome == .dropped(.outOfSequence))
    #expect(gap.failedRequest == ticket)
    #expect(gap.ended?.packetCount == 1)
    #expect(endpoint.take(packet(0x30, body(64))).outcome == .dropped(.responseUnexpected))
    #expect(endpoint.take(packet(0x40, [1])).outcome == .dropped(.responseUnexpected))
    #expect(endpoint.take(packet(0x40, [1])).outcome == .dropped(.unexpectedTag))
    #expect(endpoint.events(at: ms(60_000)).isEmpty)
  }

  @Test("A stray middle packet does not fail the request")
  func stray() throws {
    var endpoint = MessageEndpoint()
    _ = try endpoint.ask(get, peer)
    _ = endpoint.drain()
    let stray = endpoint.take(packet(0x10, body(64)))
    #expect(stray.outcome == .dropped(.unexpectedPacket))
    #expect(stray.failedRequest == nil)
    #expect(endpoint.exchangeCount == 1)
  }

  @Test("A cancelled request is silent, before and after it was sent")
  func cancel() throws {
    var endpoint = MessageEndpoint()
    let unsent = try endpoint.ask(get, peer)
    endpoint.cancel(unsent, now: .zero)
    #expect(endpoint.drain().isEmpty)
    let sent = try endpoint.ask(get, peer)
    #expect(endpoint.drain().count == 1)
    endpoint.cancel(sent, now: .zero)
    #expect(
      endpoint.take(hex("01 08 09 C1") + answer).outcome == .dropped(.responseUnexpected))
    #expect(endpoint.events(at: ms(60_000)).isEmpty)
    #expect(endpoint.exchangeCount == 0)
  }
}
