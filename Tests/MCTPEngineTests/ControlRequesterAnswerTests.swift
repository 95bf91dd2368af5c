import MCTPEngine
import MCTPWire
import TestSupport
import Testing

private typealias Asker = ControlRequesterRig

@Suite("What is an answer to a control request, and what is not", .spec("DSP0236 1.3.3 §11"))
struct ControlRequesterAnswerTests {
  let port = PortID(rawValue: 0)

  @Test(
    "Set Endpoint ID is answered from the old EID, the new one, the asked one or none",
    .spec("DSP0236 1.3.3 §12, command 0x01"),
    arguments: [
      // Asked by the null EID: any. Asked at 40 to become 41: 40, 41, none, and what it says.
      (0, 41, true), (0, 40, true), (0, 0, true), (0, 99, true), (40, 40, true), (40, 41, true),
      (40, 0, true), (40, 50, true), (40, 99, false),
    ] as [(UInt8, UInt8, Bool)])
  func setEndpointIDSource(asked: UInt8, source: UInt8, isAnswer: Bool) throws {
    let rig = Asker()
    let ticket = try rig.start(
      SetEndpointID.Request(operation: .set, eid: EID(41)), to: Asker.device(0, 0x1D, eid: asked))
    let packet = try #require(rig.next()).packet
    // The device says that it has EID 50.
    let reception = rig.receive(Asker.answer(packet, source: source, [0, 50, 0]), from: 0x1D)
    #expect(reception == (isAnswer ? .matched(ticket) : .mismatched(.source)))
  }

  @Test("Another command is answered from the asked EID or none")
  func otherSource() throws {
    for (source, isAnswer) in [(40, true), (0, true), (41, false)] as [(UInt8, Bool)] {
      let rig = Asker()
      let ticket = try rig.start(to: Asker.device(0, 0x1D, eid: 40))
      let packet = try #require(rig.next()).packet
      let reception = rig.receive(Asker.answer(packet, source: source, [40, 0, 0]), from: 0x1D)
      #expect(reception == (isAnswer ? .matched(ticket) : .mismatched(.source)))
    }
  }

  /// One change to a good answer (01 08 28 C0 00 00 02 00 28 00 00), and what it is then.
  static let changes: [(name: String, index: Int, value: UInt8, kind: ControlMismatch)] = [
    ("IC set", 4, 0x80, .malformed), ("another type", 4, 0x01, .malformed),
    ("a request", 5, 0x80, .malformed), ("a datagram", 5, 0x40, .malformed),
    ("no start", 3, 0x40, .malformed), ("no end", 3, 0x80, .malformed),
    ("TO = 1", 3, 0xC8, .malformed), ("from everybody", 2, 0xFF, .malformed),
    ("from a reserved EID", 2, 0x07, .malformed), ("another instance ID", 5, 0x01, .instanceID),
    ("another command", 6, 0x03, .command), ("another tag", 3, 0xC1, .tag),
    ("from another EID", 2, 0x29, .source), ("to another EID", 1, 0x09, .destination),
  ]

  @Test("One wrong field is no answer, is counted by its kind, and the right one still comes")
  func wrongFields() throws {
    for change in Self.changes {
      let rig = Asker()
      let ticket = try rig.start(to: Asker.device(0, 0x1D, eid: 0x28))
      let request = try #require(rig.next()).packet
      let good = Asker.answer(request, source: 0x28, [0x28, 0, 0])
      #expect(good == hex("01 08 28 C0 00 00 02 00 28 00 00"))
      var bad = good
      bad[change.index] = change.value
      #expect(rig.receive(bad, from: 0x1D) == .mismatched(change.kind), "\(change.name)")
      #expect(rig.requester.counters(of: port).mismatched(change.kind) == 1, "\(change.name)")
      #expect(rig.receive(good, from: 0x1E) == .mismatched(.responder))
      #expect(rig.receive(good, on: 1, from: 0x1D) == .mismatched(.unexpected))
      #expect(rig.outcome() == nil)
      #expect(rig.receive(good, from: 0x1D) == .matched(ticket), "\(change.name)")
    }
  }

  @Test("Any length of any packet is judged, never more than a control message taken")
  func lengths() throws {
    let rig = Asker()
    _ = try rig.start(to: Asker.device(0, 0x1D))
    let good = Asker.answer(try #require(rig.next()).packet, source: 9, [9, 0, 0])
    for count in 0..<8 {
      #expect(
        rig.receive(Array(good.prefix(count)), from: 0x1D) == .mismatched(.malformed), "\(count)")
    }
    let long = good + [UInt8](repeating: 0, count: 69 - good.count)
    #expect(rig.receive(long, from: 0x1D) == .mismatched(.malformed))
    #expect(rig.requester.openCount == 1)
  }

  @Test("An answer to destination EID 0 is taken")
  func nullDestination() throws {
    let rig = Asker()
    let ticket = try rig.start(to: Asker.device(0, 0x1D))
    var answer = Asker.answer(try #require(rig.next()).packet, source: 9, [9, 0, 0])
    answer[1] = 0
    #expect(rig.receive(answer, from: 0x1D) == .matched(ticket))
  }

  @Test("The first of two answers to a repeated request is taken, the second counted")
  func duplicate() throws {
    let rig = Asker()
    let ticket = try rig.start(to: Asker.device(0, 0x1D))
    let packet = try #require(rig.next()).packet
    rig.pass(300)
    _ = rig.next()
    let answer = Asker.answer(packet, source: 9, [9, 0, 0])
    #expect(rig.receive(answer, from: 0x1D) == .matched(ticket))
    #expect(rig.receive(answer, from: 0x1D) == .duplicate)
    #expect(rig.requester.counters(of: port).duplicates == 1)
  }

  @Test("An answer after the time-out is late: counted at port and peer, and not taken")
  func late() throws {
    let rig = Asker()
    _ = try rig.start(to: Asker.device(0, 0x1D))
    let packet = try #require(rig.next()).packet
    for _ in 0..<3 {
      rig.pass(300)
      _ = rig.next()
    }
    #expect(rig.outcome()?.result.word == "timedOut")
    let answer = Asker.answer(packet, source: 9, [9, 0, 0])
    // The next request to the same device is not confused by it.
    let next = try rig.start(to: Asker.device(0, 0x1D))
    let second = try #require(rig.next()).packet
    #expect(rig.receive(answer, from: 0x1D) == .late)
    #expect(rig.receive(Asker.answer(second, source: 9, [9, 0, 0]), from: 0x1D) == .matched(next))
    #expect(rig.requester.counters(of: port).late == 1)
    #expect(rig.requester.peer(.device(port, .i2c(0x1D)))?.lateAnswers == 1)
  }

  @Test("A cancelled request has no outcome, and its responder is left alone for its time")
  func cancel() throws {
    let rig = Asker()
    let waiting = try rig.start(
      to: Asker.device(0, 0x1C), options: .init(notBefore: rig.now.advanced(byMs: 5)))
    let ticket = try rig.start(to: Asker.device(0, 0x1D))
    let packet = try #require(rig.next()).packet
    #expect(rig.cancel(ticket))
    #expect(!rig.cancel(ticket))
    #expect(rig.cancel(waiting))
    _ = try rig.start(to: Asker.device(0, 0x1D))
    #expect(rig.next() == nil)
    let answered = rig.copy()
    #expect(answered.receive(Asker.answer(packet, source: 9, [9, 0, 0]), from: 0x1D) == .late)
    #expect(answered.outcome() == nil)
    #expect(answered.next() != nil)
    rig.pass(300)
    #expect(rig.next()?.about.isRetry == false)
    #expect(rig.outcome() == nil)
  }

  @Test("What its bus cannot deliver is repeated, unless the request says otherwise")
  func undelivered() throws {
    let rig = Asker()
    _ = try rig.start(to: Asker.device(0, 0x1D))
    _ = try rig.start(to: Asker.device(0, 0x1E), options: .init(endsWhenUndelivered: true))
    _ = rig.drain()
    for address in [0x1D, 0x1E, 0x1F] as [UInt8] {
      rig.requester.undelivered(on: port, address: .i2c(address), now: rig.now)
    }
    let scan = try #require(rig.outcome())
    #expect(scan.result.word == "undelivered" && scan.destination.address == .i2c(0x1E))
    #expect(rig.outcome() == nil)
    for _ in 0..<2 {
      rig.pass(300)
      #expect(rig.drain().count == 1)
      rig.requester.undelivered(on: port, address: .i2c(0x1D), now: rig.now)
    }
    let outcome = try #require(rig.outcome())
    #expect(outcome.result.word == "undelivered" && outcome.transmissions == 3)
    #expect(rig.requester.counters(of: port).undeliveredPackets == 4)
  }

  @Test("A port that goes down ends its requests, not those of others")
  func portDown() throws {
    let rig = Asker()
    _ = try rig.start(to: Asker.device(0, 0x1D))
    _ = try rig.start(to: Asker.device(0, 0x1D))
    let other = try rig.start(to: Asker.device(1, 0x1D))
    _ = rig.drain()
    rig.requester.portDown(port, now: rig.now)
    #expect(rig.outcome()?.result.word == "portDown" && rig.outcome()?.result.word == "portDown")
    #expect(rig.outcome() == nil)
    #expect(rig.requester.isOpen(other) && rig.requester.openCount == 1)
  }

  @Test("What cannot be asked is refused at the start, and nothing changes")
  func startErrors() throws {
    let rig = Asker(requestMax: 2, peerMax: 2)
    func error(_ destination: ControlDestination) -> ControlStartError? {
      #expect(throws: ControlStartError.self) { _ = try rig.start(to: destination) }
    }
    #expect(error(Asker.device(2, 0x1D)) == .unknownPort)
    #expect(error(Asker.device(0, 0x1D, eid: 7)) == .destinationIllegal)
    for eid in [0, 0xFF] as [UInt8] {
      var behind = Asker.device(0, 0x1D, eid: eid)
      behind.isBehindBridge = true
      #expect(error(behind) == .destinationIllegal)
    }
    _ = try rig.start(to: Asker.device(0, 1), options: .init(isDatagram: true))
    _ = try rig.start(to: Asker.device(0, 2))
    #expect(error(Asker.device(0, 3)) == .full)
    _ = rig.drain()
    // An outcome that nobody takes keeps its place.
    #expect(error(Asker.device(0, 3)) == .full)
    _ = rig.outcome()
    _ = try rig.start(to: Asker.device(0, 3))
    #expect(rig.requester.peerCount == 2)
  }
}
