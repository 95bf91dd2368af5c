import MCTPEndpoint
import MCTPWire
import TestSupport
import Testing

@Suite("MessageEndpoint: packets that never reach assembly", .spec("DSP0236 1.3.3 §8.7"))
struct MessageEndpointPacketTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let packet: String
    let localEID: UInt8?
    let reason: DropReason?
    var testDescription: String { "\(packet) at \(localEID.map(String.init) ?? "any")" }
  }

  @Test(
    "Header rules, for single packets too",
    arguments: [
      Row(packet: "", localEID: 8, reason: .packetTooShort),
      Row(packet: "01 08 09", localEID: 8, reason: .packetTooShort),
      Row(packet: "01 08 09 C8", localEID: 8, reason: .packetTooShort),
      Row(packet: "00 08 09 C8 01", localEID: 8, reason: .headerVersion),
      Row(packet: "02 08 09 C8 01", localEID: 8, reason: .headerVersion),
      Row(packet: "F1 08 09 C8 01", localEID: 8, reason: nil),
      Row(packet: "01 08 FF C8 01", localEID: 8, reason: .sourceEIDIllegal),
      Row(packet: "01 08 01 C8 01", localEID: 8, reason: .sourceEIDIllegal),
      Row(packet: "01 08 07 C8 01", localEID: 8, reason: .sourceEIDIllegal),
      Row(packet: "01 01 09 C8 01", localEID: 8, reason: .destinationEIDIllegal),
      Row(packet: "01 07 09 C8 01", localEID: nil, reason: .destinationEIDIllegal),
      Row(packet: "01 0A 09 C8 01", localEID: 8, reason: .destinationUnroutable),
      Row(packet: "01 0A 09 88 01", localEID: 8, reason: .destinationUnroutable),
      Row(packet: "01 0A 09 C8 01", localEID: nil, reason: nil),
      Row(packet: "01 0A 09 C8 01", localEID: 0, reason: nil),
      Row(packet: "01 00 09 C8 01", localEID: 8, reason: nil),
      Row(packet: "01 FF 09 C8 01", localEID: 8, reason: nil),
      Row(packet: "01 08 00 C8 01", localEID: 8, reason: nil),
    ])
  func headers(row: Row) {
    var endpoint = MessageEndpoint()
    let delivery = endpoint.take(hex(row.packet), localEID: row.localEID.map { EID($0) })
    if let reason = row.reason {
      #expect(delivery.outcome == .dropped(reason))
    } else {
      guard case .message = delivery.outcome else {
        Issue.record("\(delivery)")
        return
      }
    }
  }

  @Test("Two endpoints over a bad line: the books balance and every request ends once")
  func soak() throws {
    var random = SeededGenerator(seed: 42)
    let limits = EndpointLimits(
      reassembly: ReassemblyLimits(memoryBytesMax: 8192, assembliesMax: 4, messageBytesMax: 1024),
      tags: TagLimits(peersMax: 2, waitingMax: 4), outboundBytesMax: 8192, exchangesMax: 16)
    var near = MessageEndpoint(limits: limits)
    var far = MessageEndpoint(limits: limits)
    let peer = Peer(local: EID(8), remote: EID(9))
    var now = Instant.zero
    var open: Set<RequestTicket> = []
    var (asked, answered, failed, timedOut) = (0, 0, 0, 0)
    var (received, counted) = (0, 0)
    func count(_ delivery: Delivery) {
      received += 1
      counted += delivery.ended?.packetCount ?? 0
      switch delivery.outcome {
      case .incomplete: break
      case .message(let message), .response(let message, _): counted += message.packetCount
      case .dropped: counted += 1
      }
    }
    for step in 0..<10_000 {
      let isQuiet = step >= 9_000
      if !isQuiet, step % 3 == 0,
        let ticket = try? near.ask(body(Int.random(in: 1...400, using: &random)), peer, at: now)
      {
        asked += 1
        open.insert(ticket)
      }
      for packet in near.drain(at: now) where UInt8.random(in: 0..<50, using: &random) > 0 {
        let delivery = far.take(packet, localEID: EID(9), at: now)
        count(delivery)
        guard case .message(let message) = delivery.outcome else { continue }
        let copy = bytes(far.message)
        try? far.respond(copy.span, to: message, from: EID(9), now: now)
      }
      for packet in far.drain(at: now) where UInt8.random(in: 0..<50, using: &random) > 0 {
        let delivery = near.take(packet, localEID: EID(8), at: now)
        count(delivery)
        if case .response(_, let ticket) = delivery.outcome {
          answered += 1
          #expect(open.remove(ticket) != nil)
        }
        if let ticket = delivery.failedRequest {
          failed += 1
          #expect(open.remove(ticket) != nil)
        }
      }
      for event in near.events(at: now) + far.events(at: now) {
        switch event {
        case .assemblyEnded(let ended): counted += ended.packetCount
        case .requestTimedOut(let ticket, _):
          timedOut += 1
          #expect(open.remove(ticket) != nil)
        case .sendAbandoned: Issue.record("somebody always takes the packets")
        }
      }
      guard received == counted + near.heldPacketCount + far.heldPacketCount else {
        Issue.record("the books are wrong after step \(step)")
        return
      }
      now = now.advanced(byMs: 20)
    }
    #expect(open.isEmpty)
    #expect(asked == answered + failed + timedOut)
    #expect(answered > 1000 && failed > 10 && timedOut > 10)
    #expect(near.exchangeCount == 0 && far.exchangeCount == 0)
    #expect(near.nextDeadline == nil && far.nextDeadline == nil)
  }

  @Test("Random bytes never stop it", arguments: [7])
  func randomBytes(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var endpoint = MessageEndpoint()
    var (received, counted) = (0, 0)
    for step in 0..<100_000 {
      if step % 50 == 0 {
        _ = try? endpoint.ask([1], Peer(local: EID(8), remote: EID(9)), at: ms(UInt32(step)))
        _ = endpoint.drain(at: ms(UInt32(step)))
      }
      var packet = (0..<Int.random(in: 0..<12, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      if packet.count > 3, step % 2 == 0 { packet.replaceSubrange(0..<3, with: [0x01, 8, 9]) }
      let delivery = endpoint.take(packet, at: ms(UInt32(step)))
      received += 1
      counted += delivery.ended?.packetCount ?? 0
      switch delivery.outcome {
      case .incomplete: break
      case .message(let message), .response(let message, _): counted += message.packetCount
      case .dropped: counted += 1
      }
      while let event = endpoint.nextEvent(now: ms(UInt32(step))) {
        if case .assemblyEnded(let ended) = event { counted += ended.packetCount }
      }
      guard received == counted + endpoint.heldPacketCount else {
        Issue.record("the books are wrong after packet \(step)")
        return
      }
    }
  }
}
