import MCTPEngine
import MCTPWire
import TestSupport
import Testing

private typealias Asker = ControlRequesterRig

@Suite("Control requests of a bus owner", .spec("DSP0236 1.3.3 §11"))
struct ControlRequesterTests {
  static let vectors = testVectors("control")

  func vector(_ name: String) throws -> [UInt8] {
    try #require(Self.vectors.first { $0.name == name }).bytes
  }

  @Test("The worked example: X's ten requests are these bytes, and the answers are taken")
  func workedExample() throws {
    // Port 0 is bus 1 (EID 11), port 1 is bus 2 (EID 8); addresses as in the example, 7 bits.
    let rig = Asker()
    let (a, b, c, d, y, z) =
      (0x31, 0x32, 0x35, 0x36, 0x33, 0x34) as (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8)
    func set(_ eid: UInt8) -> SetEndpointID.Request { .init(operation: .set, eid: EID(eid)) }
    func give(_ count: UInt8, _ first: UInt8) -> AllocateEndpointIDs.Request {
      .init(operation: .allocate, eidCount: count, firstEID: EID(first))
    }
    let steps: [(name: Int, request: any ControlRequest, port: UInt8, address: UInt8, eid: UInt8)] =
      [
        (1, set(9), 1, c, 0), (3, set(10), 1, d, 0), (5, set(12), 0, a, 0), (7, set(13), 0, b, 0),
        (9, set(14), 0, y, 0), (11, set(17), 0, z, 0), (13, give(2, 15), 0, y, 14),
        (15, give(2, 18), 0, z, 17),
      ]
    for step in steps {
      let ticket = try rig.start(
        step.request, to: Asker.device(step.port, step.address, eid: step.eid),
        source: step.port == 1 ? 8 : 11)
      let sent = try #require(rig.next())
      #expect(sent.packet == (try vector("E\(step.name)")))
      #expect(sent.about.address == .i2c(step.address))
      let response = try vector("E\(step.name + 1)")
      #expect(rig.receive(response, on: step.port, from: step.address) == .matched(ticket))
      let outcome = try #require(rig.outcome())
      #expect(outcome.ticket == ticket && outcome.isLast && outcome.transmissions == 1)
      #expect(outcome.result.answer?.source == EID(response[2]))
    }
  }

  @Test("Row 10: Y's answer says that it needs a pool of two")
  func decoded() throws {
    let rig = Asker()
    _ = try rig.start(
      SetEndpointID.Request(operation: .set, eid: EID(14)), to: Asker.device(0, 0x33))
    let packet = try #require(rig.next()).packet
    _ = rig.receive(Asker.answer(packet, source: 14, [0x01, 0x0E, 0x02]), from: 0x33)
    let answer = try #require(rig.outcome()?.result.answer)
    let response = try answer.decode(as: SetEndpointID.Response.self)
    #expect(response.allocation == .poolRequired && response.poolSize == 2)
    #expect(throws: WireError.invalidValue) {
      try answer.decode(as: AllocateEndpointIDs.Response.self)
    }
  }

  @Test("A repetition is the same bytes, MT2 later, MN1 times; then it has timed out")
  func repetitions() throws {
    let rig = Asker()
    let ticket = try rig.start(to: Asker.device(0, 0x1D))
    let first = try #require(rig.next())
    #expect(!first.about.isRetry)
    for _ in 0..<2 {
      #expect(rig.requester.nextDeadline?.nanoseconds == (rig.ms + 300) * 1_000_000)
      rig.pass(299)
      #expect(rig.next() == nil)
      rig.pass(1)
      let again = try #require(rig.next())
      #expect(again.packet == first.packet && again.about.isRetry)
      #expect(again.about.ticket == ticket)
      #expect(rig.next() == nil)
    }
    rig.pass(299)
    #expect(rig.outcome() == nil)
    rig.pass(1)
    let outcome = try #require(rig.outcome())
    #expect(outcome.result.word == "timedOut" && outcome.transmissions == 3)
    #expect(rig.drain().isEmpty && rig.requester.nextDeadline == nil)
    #expect(!rig.requester.isOpen(ticket))
  }

  @Test(
    "MT2 is the binding's minimum; bindings without a text of their own have that of SMBus",
    arguments: [
      (BindingType.smbus, 300), (.pcieVDM, 126), (.serial, 300), (.i3c, 300), (.usb, 300),
    ] as [(BindingType, UInt64)])
  func timing(binding: BindingType, mt2: UInt64) throws {
    let rig = Asker(ports: [.init(binding: binding)])
    _ = try rig.start(to: Asker.device(0, 0x1D))
    _ = rig.next()
    rig.pass(mt2 - 1)
    #expect(rig.next() == nil)
    rig.pass(1)
    #expect(rig.next() != nil)
  }

  @Test("No repetition leaves later than MT4 after the first transmission")
  func expiry() throws {
    let rig = Asker(ports: [.init(binding: .smbus, responseTimeoutMs: 3000)], jitterMs: 500)
    _ = try rig.start(to: Asker.device(0, 0x1D))
    let begin = rig.ms
    var times: [UInt64] = []
    while rig.requester.openCount > 0, times.count < 10 {
      if rig.next() != nil { times.append(rig.ms - begin) }
      if let deadline = rig.requester.nextDeadline {
        rig.ms = max(rig.ms, (deadline.nanoseconds + 999_999) / 1_000_000)
        rig.requester.advance(to: rig.now)
      }
    }
    #expect(times.count == 3 && times.allSatisfy { $0 <= 6000 })
    // Whoever slept longer than MT4 gives up instead.
    _ = try rig.start(to: Asker.device(0, 0x1E))
    _ = rig.next()
    rig.pass(6001)
    #expect(rig.next() == nil)
    while let outcome = rig.outcome() { #expect(outcome.result.word == "timedOut") }
    #expect(rig.requester.openCount == 0)
  }

  @Test("Chance makes the wait longer, never shorter, and the same seed gives the same waits")
  func jitter() throws {
    func waits(_ seed: UInt64) throws -> [UInt64] {
      var found: [UInt64] = []
      for address in 0x10...0x20 as ClosedRange<UInt8> {
        let rig = Asker(jitterMs: 30, seed: seed &* 1000 &+ UInt64(address))
        _ = try rig.start(to: Asker.device(0, address))
        _ = rig.next()
        let deadline = try #require(rig.requester.nextDeadline)
        found.append(deadline.nanoseconds(since: rig.now))
      }
      return found
    }
    let first = try waits(1)
    #expect(first.allSatisfy { $0 >= 300_000_000 && $0 <= 330_000_000 })
    #expect(Set(first).count > 5)
    #expect(first == (try waits(1)))
    #expect(first != (try waits(2)))
  }

  @Test("A responder is asked one thing at a time, several responders at once")
  func oneAtATime() throws {
    let rig = Asker()
    let first = try rig.start(to: Asker.device(0, 0x1D))
    let second = try rig.start(GetEndpointUUID.Request(), to: Asker.device(0, 0x1D, eid: 20))
    let other = try rig.start(to: Asker.device(0, 0x1E))
    let packet = try #require(rig.next())
    #expect(packet.about.ticket == first)
    #expect(rig.next()?.about.ticket == other)
    #expect(rig.next() == nil)
    #expect(
      rig.receive(Asker.answer(packet.packet, source: 0, [20, 0, 0]), from: 0x1D)
        == .matched(first))
    #expect(rig.next()?.about.ticket == second)
  }

  @Test("An endpoint behind a bridge is another responder than the bridge, known by its EID")
  func behindBridge() throws {
    let rig = Asker()
    let bridge = try rig.start(to: Asker.device(0, 0x33, eid: 14))
    var far = Asker.device(0, 0x33, eid: 16)
    far.isBehindBridge = true
    let behind = try rig.start(to: far)
    let toBridge = try #require(rig.next()).packet
    let toFar = try #require(rig.next()).packet
    #expect(toFar[1] == 16)
    let stranger = Asker.answer(toFar, source: 17, [16, 0, 0])
    #expect(rig.receive(stranger, from: 0x33) == .mismatched(.responder))
    #expect(
      rig.receive(Asker.answer(toFar, source: 16, [16, 0, 0]), from: 0x33) == .matched(behind))
    #expect(
      rig.receive(Asker.answer(toBridge, source: 14, [14, 0x10, 0]), from: 0x33) == .matched(bridge)
    )
  }

  @Test("A port asks as many responders as it may, the whole router 32")
  func parallel() throws {
    let rig = Asker(ports: [
      .init(binding: .smbus, outstandingMax: 2), .init(binding: .smbus, outstandingMax: 8),
    ])
    for address in 0x10..<0x20 as Range<UInt8> {
      _ = try rig.start(to: Asker.device(0, address))
      _ = try rig.start(to: Asker.device(1, address))
    }
    let packets = rig.drain()
    #expect(packets.count == 10)
    #expect(rig.requester.outstandingCount(on: PortID(rawValue: 0)) == 2)
    #expect(rig.requester.outstandingCount(on: PortID(rawValue: 1)) == 8)
    let small = Asker(outstandingMax: 3)
    for address in 0x10..<0x18 as Range<UInt8> { _ = try small.start(to: Asker.device(0, address)) }
    #expect(small.drain().count == 3)
  }

  @Test("The highest priority goes first, the oldest of each before the others")
  func priority() throws {
    let rig = Asker()
    let low = try rig.start(to: Asker.device(0, 0x10), options: .init(priority: .low))
    let normal = try rig.start(to: Asker.device(0, 0x11))
    let next = try rig.start(to: Asker.device(0, 0x12))
    let high = try rig.start(to: Asker.device(0, 0x13), options: .init(priority: .high))
    for ticket in [high, normal, next, low] { #expect(rig.next()?.about.ticket == ticket) }
  }

  @Test("What is not due yet waits, and the deadline says until when")
  func notBefore() throws {
    let rig = Asker()
    let due = rig.now.advanced(byMs: 50)
    _ = try rig.start(to: Asker.device(0, 0x10), options: .init(notBefore: due))
    #expect(rig.next() == nil)
    #expect(rig.requester.nextDeadline == due)
    rig.pass(50)
    #expect(rig.next() != nil)
  }

  @Test("A new request has a new instance ID; one is not used anew to a responder within MT4")
  func instanceIDs() throws {
    let rig = Asker(ports: [
      .init(binding: .smbus, budget: ControlBudget(burst: 1000, perSecond: 1000))
    ])
    var seen: Set<UInt8> = []
    // 28 to 31 are left to those who ask beside it.
    for _ in 0..<28 {
      _ = try rig.start(to: Asker.device(0, 0x1D))
      let packet = try #require(rig.next()).packet
      #expect(seen.insert(packet[5] & 0x1F).inserted)
      #expect(packet[5] & 0x1F < 28)
      _ = rig.receive(Asker.answer(packet, source: 20, [20, 0, 0]), from: 0x1D)
      _ = rig.outcome()
    }
    let begin = rig.ms
    _ = try rig.start(to: Asker.device(0, 0x1D))
    #expect(rig.next() == nil)
    // Another responder has seen none of them.
    _ = try rig.start(to: Asker.device(0, 0x1E))
    #expect(rig.next() != nil)
    var sent: [UInt8]?
    while sent == nil, rig.ms < begin + 20_000 {
      let deadline = try #require(rig.requester.nextDeadline)
      rig.ms = max(rig.ms + 1, (deadline.nanoseconds + 999_999) / 1_000_000)
      while let (packet, about) = rig.next() {
        if about.address == .i2c(0x1D) { sent = packet }
      }
    }
    #expect(sent != nil)
    #expect(rig.ms - begin >= 6000 && rig.ms - begin <= 7500)
  }

  @Test("After a round of the port's instance IDs those that a responder has seen are left out")
  func instanceIDRound() throws {
    let rig = Asker(ports: [
      .init(binding: .smbus, budget: ControlBudget(burst: 1000, perSecond: 1000))
    ])
    // 0 to the first device, 1 to 27 to the other one: none is left but those of people.
    var ids: [UInt8] = []
    for round in 0..<29 {
      let address: UInt8 = round == 0 || round == 28 ? 0x1D : 0x1E
      _ = try rig.start(to: Asker.device(0, address))
      let packet = try #require(rig.next()).packet
      ids.append(packet[5] & 0x1F)
      _ = rig.receive(Asker.answer(packet, source: 20, [20, 0, 0]), from: address)
      _ = rig.outcome()
    }
    #expect(ids == Array(0...27) + [1])
  }

  @Test("ERROR_NOT_READY is asked anew after 300 ms with another instance ID, so often")
  func notReady() throws {
    let rig = Asker(notReadyMax: 2)
    let ticket = try rig.start(
      GetRoutingTableEntries.Request(handle: 0), to: Asker.device(0, 0x33, eid: 14))
    var ids: Set<UInt8> = []
    for round in 0..<3 {
      let packet = try #require(rig.next()).packet
      ids.insert(packet[5])
      #expect(
        rig.receive(Asker.answer(packet, source: 14, code: 4), from: 0x33) == .matched(ticket))
      if round == 2 { break }
      #expect(rig.outcome() == nil)
      // Somebody else's question to the same device does not wait.
      if round == 0 {
        _ = try rig.start(to: Asker.device(0, 0x33))
        let other = try #require(rig.next()).packet
        _ = rig.receive(Asker.answer(other, source: 14, [14, 0x10, 0]), from: 0x33)
        #expect(rig.outcome()?.result.word == "answered")
      }
      rig.pass(299)
      #expect(rig.next() == nil)
      rig.pass(1)
    }
    #expect(ids.count == 3)
    let outcome = try #require(rig.outcome())
    #expect(outcome.result.word == "refused 4" && outcome.transmissions == 3)
    #expect(rig.requester.counters(of: PortID(rawValue: 0)).notReady == 2)
  }

  @Test("Another completion code refuses; what follows it is ignored")
  func refused() throws {
    let rig = Asker()
    _ = try rig.start(GetEndpointUUID.Request(), to: Asker.device(0, 0x1D))
    let packet = try #require(rig.next()).packet
    _ = rig.receive(Asker.answer(packet, source: 0, code: 5, [1, 2, 3]), from: 0x1D)
    #expect(rig.outcome()?.result.word == "refused 5")
  }

  @Test("A datagram leaves once, is marked, and ends")
  func datagram() throws {
    let rig = Asker()
    _ = try rig.start(
      DiscoveryNotify.Request(), to: Asker.device(0, 0x10), source: 0,
      options: .init(isDatagram: true))
    #expect(rig.drain() == [hex("01 00 00 C8 00 C0 0D")])
    #expect(rig.outcome()?.result.word == "sent")
    #expect(rig.requester.nextDeadline == nil)
  }

  @Test("A broadcast takes every answer until MT2 is over, and nobody else is asked meanwhile")
  func broadcast() throws {
    let rig = Asker()
    let before = try rig.start(to: Asker.device(0, 0x10))
    let first = try #require(rig.next()).packet
    let ticket = try rig.start(
      PrepareForEndpointDiscovery.Request(), to: .broadcast(on: PortID(rawValue: 0)))
    let after = try rig.start(to: Asker.device(0, 0x11))
    let elsewhere = try rig.start(to: Asker.device(1, 0x11))
    #expect(rig.next()?.about.ticket == elsewhere)
    #expect(rig.next() == nil)
    #expect(rig.receive(Asker.answer(first, source: 0, [0, 0, 0]), from: 0x10) == .matched(before))
    _ = rig.outcome()
    let packet = try #require(rig.next()).packet
    // V34 with the instance ID and tag that are next.
    #expect(packet == hex("01 FF 08 C9 00 81 0B"))
    #expect(rig.next() == nil)
    for address in [0x20, 0x21] as [UInt8] {
      #expect(rig.receive(Asker.answer(packet, source: 0), from: address) == .matched(ticket))
      let outcome = try #require(rig.outcome())
      #expect(!outcome.isLast && outcome.result.answer?.address == .i2c(address))
    }
    rig.pass(300)
    // The other port's request is due once more at the same time.
    let left = rig.drain()
    #expect(left.count == 2)
    let end = try #require(rig.outcome())
    #expect(end.ticket == ticket && end.isLast && end.result.word == "broadcastEnded")
    #expect(rig.requester.isOpen(after))
  }
}
