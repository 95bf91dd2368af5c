import MCTPSimulation
import MCTPWire
import TestSupport
import Testing

@Suite("The ledger of a traffic generator")
struct LoadLedgerTests {
  private let near = EID(10)
  private let far = EID(20)
  private let third = EID(30)

  private func ms(_ count: UInt64) -> Instant { Instant(nanoseconds: count * 1_000_000) }

  private func ledger(
    _ kind: LoadFlow.Kind = .oneWay, pacing: LoadFlow.Pacing = .window(8), bytes: Int = 100
  ) -> LoadLedger {
    LoadLedger(
      LoadPlan(
        flows: [
          LoadFlow(
            from: near, to: far, kind: kind, pacing: pacing, sizes: [.init(bytes: bytes)])
        ], seed: 7, lostAfterMs: 100))
  }

  /// The next bodies, all sent at `now`.
  private func send(_ count: Int, _ ledger: inout LoadLedger, now: Instant = .zero) -> [[UInt8]] {
    (0..<count).compactMap { _ in
      var body: [UInt8] = []
      return ledger.next(now: now, body: &body) == nil ? nil : body
    }
  }

  @Test("A message that comes whole is complete, with its time on the way")
  func completed() {
    var ledger = ledger()
    let bodies = send(1, &ledger, now: ms(5))
    #expect(bodies[0].count == 100)
    #expect(
      ledger.take(bodies[0], by: far, now: ms(8))
        == .completed(flow: 0, nanoseconds: 3_000_000))
    let counts = ledger.counts(ofFlow: 0)
    #expect(counts.sent == 1 && counts.completed == 1 && counts.completedBytes == 100)
    #expect(counts.lost == 0 && counts.reordered == 0 && ledger.openCount == 0)
  }

  @Test("What does not come in time is lost, and what comes then is late and stays lost")
  func lostAndLate() {
    var ledger = ledger()
    let bodies = send(2, &ledger)
    ledger.expire(now: Instant(nanoseconds: 99_999_999))
    #expect(ledger.total.lost == 0)
    ledger.expire(now: ms(100))
    #expect(ledger.total.lost == 2 && ledger.openCount == 0)
    #expect(ledger.take(bodies[1], by: far, now: ms(101)) == .late(flow: 0))
    #expect(ledger.total.late == 1 && ledger.total.lost == 2 && ledger.total.completed == 0)
  }

  @Test("A late message that nobody gave up yet is late all the same")
  func lateBeforeExpiry() {
    var ledger = ledger()
    let bodies = send(1, &ledger)
    #expect(ledger.take(bodies[0], by: far, now: ms(100)) == .late(flow: 0))
    #expect(ledger.total.lost == 1 && ledger.total.late == 1 && ledger.openCount == 0)
  }

  @Test("A message that comes again is a duplicate and completes nothing")
  func duplicate() {
    var ledger = ledger()
    let bodies = send(2, &ledger)
    _ = ledger.take(bodies[0], by: far, now: ms(1))
    #expect(ledger.take(bodies[0], by: far, now: ms(2)) == .duplicate(flow: 0))
    #expect(ledger.total.duplicated == 1 && ledger.total.completed == 1 && ledger.openCount == 1)
  }

  @Test("A message behind a later one is reordered; a gap alone is not")
  func reordered() {
    var ledger = ledger()
    let bodies = send(4, &ledger)
    _ = ledger.take(bodies[0], by: far, now: ms(1))
    _ = ledger.take(bodies[3], by: far, now: ms(1))
    #expect(ledger.total.reordered == 0)
    #expect(
      ledger.take(bodies[1], by: far, now: ms(1))
        == .completed(flow: 0, nanoseconds: 1_000_000))
    #expect(ledger.total.reordered == 1 && ledger.total.completed == 3)
  }

  @Test("Each changed byte is damage, and so is a byte less or more", arguments: [16, 23, 100])
  func damaged(bytes: Int) {
    var ledger = ledger(bytes: bytes)
    let body = send(1, &ledger)[0]
    for index in 3..<bytes {
      var changed = body
      changed[index] ^= 0x04
      let arrival = ledger.take(changed, by: far, now: ms(1))
      #expect(
        index < 16 ? arrival == .damaged(flow: nil) : arrival == .damaged(flow: 0), "byte \(index)")
    }
    for changed in [Array(body.dropLast()), body + [0]] {
      guard case .damaged = ledger.take(changed, by: far, now: ms(1)) else {
        Issue.record("\(changed.count) bytes pass for \(bytes)")
        return
      }
    }
    #expect(ledger.total.damaged == UInt64(bytes - 3 + 2))
    #expect(ledger.total.completed == 0 && ledger.openCount == 1)
  }

  @Test("A packet of another message inside a message is damage")
  func mixed() {
    var ledger = ledger(bytes: 192)
    let bodies = send(2, &ledger)
    let mixed = bodies[0].prefix(64) + bodies[1][64..<128] + bodies[0].suffix(64)
    #expect(ledger.take(Array(mixed), by: far, now: ms(1)) == .damaged(flow: 0))
  }

  @Test("A message at another endpoint than its destination is misdelivered")
  func misdelivered() {
    var ledger = ledger()
    let body = send(1, &ledger)[0]
    #expect(ledger.take(body, by: third, now: ms(1)) == .misdelivered(flow: 0))
    #expect(ledger.take(body, by: near, now: ms(1)) == .misdelivered(flow: 0))
    #expect(
      ledger.take(body, by: far, isResponse: true, now: ms(1)) == .misdelivered(flow: 0))
    #expect(ledger.total.misdelivered == 3 && ledger.openCount == 1)
  }

  @Test("A request is echoed at its destination and complete at its source")
  func echo() {
    var ledger = ledger(.echo)
    let body = send(1, &ledger)[0]
    #expect(ledger.take(body, by: far, now: ms(1)) == .echo(flow: 0))
    #expect(ledger.openCount == 1 && ledger.total.reached == 1)
    #expect(ledger.take(body, by: near, now: ms(1)) == .misdelivered(flow: 0))
    #expect(
      ledger.take(body, by: near, isResponse: true, now: ms(2))
        == .completed(flow: 0, nanoseconds: 2_000_000))
  }

  @Test("What is no load message, or one of another seed, is told apart")
  func foreign() {
    var ledger = ledger()
    _ = send(1, &ledger)
    #expect(ledger.take(hex("01 80 02"), by: far, now: .zero) == .foreign)
    #expect(ledger.take([UInt8](), by: far, now: .zero) == .foreign)
    var other = LoadLedger(LoadPlan(flows: [LoadFlow(from: near, to: far)], seed: 8))
    let body = send(1, &other)[0]
    #expect(ledger.take(body, by: far, now: .zero) == .damaged(flow: nil))
    // Of this seed, and never sent.
    var ahead: [UInt8] = []
    LoadBody(flow: 0, sequence: 5, byteCount: 100).write(to: &ahead, seed: 7)
    #expect(ledger.take(ahead, by: far, now: .zero) == .foreign)
    #expect(ledger.foreignCount == 3)
  }

  @Test("A window lets so many under way and no more; each end makes room for one")
  func window() {
    var ledger = ledger(pacing: .window(3))
    #expect(ledger.nextDeadline() == .zero)
    let bodies = send(10, &ledger)
    #expect(bodies.count == 3)
    #expect(ledger.nextDeadline() == ms(100))
    _ = ledger.take(bodies[1], by: far, now: ms(1))
    #expect(send(10, &ledger, now: ms(1)).count == 1)
    ledger.noteHurt(flow: 0, sequence: 0)
    #expect(send(10, &ledger, now: ms(2)).count == 1)
    ledger.expire(now: ms(101))
    #expect(ledger.total.lost == 3 && ledger.total.hurt == 1 && ledger.openCount == 1)
    #expect(send(10, &ledger, now: ms(101)).count == 2)
  }

  @Test("A hurt message is lost at once, and late if it comes after all")
  func hurt() {
    var ledger = ledger()
    let bodies = send(2, &ledger)
    _ = ledger.take(bodies[0], by: far, now: ms(1))
    ledger.noteHurt(flow: 0, sequence: 0)
    #expect(ledger.total.hurt == 0)
    ledger.noteHurt(flow: 0, sequence: 1)
    ledger.noteHurt(flow: 0, sequence: 1)
    ledger.noteHurt(flow: 0, sequence: 2)
    ledger.noteHurt(flow: 9, sequence: 0)
    #expect(ledger.total.hurt == 1 && ledger.total.lost == 1)
    #expect(ledger.take(bodies[1], by: far, now: ms(1)) == .late(flow: 0))
  }

  @Test("A rate sends evenly, and does not make up for more than a second")
  func rate() {
    var ledger = ledger(pacing: .rate(perSecond: 100))
    #expect(send(10, &ledger, now: ms(1000)).count == 1)
    #expect(ledger.nextDeadline() == ms(1010))
    #expect(send(10, &ledger, now: Instant(nanoseconds: 1_009_999_999)).count == 0)
    #expect(send(10, &ledger, now: ms(1035)).count == 3)
    #expect(send(1000, &ledger, now: ms(9000)).count == 101)
  }

  @Test("A source that takes nothing is asked for nothing, and flows take turns")
  func turns() {
    var ledger = LoadLedger(
      LoadPlan(flows: [
        LoadFlow(from: near, to: far), LoadFlow(from: third, to: far),
        LoadFlow(from: far, to: near),
      ]))
    var body: [UInt8] = []
    var flows: [UInt16] = []
    for _ in 0..<6 {
      guard let message = ledger.next(now: .zero, body: &body, where: { $0.source != third })
      else { break }
      flows.append(message.flow)
    }
    #expect(flows == [0, 2, 0, 2, 0, 2])
  }

  @Test("Sizes are drawn by their weights, and the same seed draws the same")
  func sizes() {
    let flow = LoadFlow(
      from: near, to: far, pacing: .window(4000),
      sizes: [.init(bytes: 16, weight: 3), .init(bytes: 200, weight: 1)])
    var first = LoadLedger(LoadPlan(flows: [flow], seed: 3))
    var second = LoadLedger(LoadPlan(flows: [flow], seed: 3))
    let bodies = send(4000, &first)
    #expect(bodies == send(4000, &second))
    let small = bodies.filter { $0.count == 16 }.count
    #expect(bodies.allSatisfy { $0.count == 16 || $0.count == 200 })
    #expect((2800...3200).contains(small), "\(small) of 4000, where 3000 are to be expected")
  }

  @Test("Thousands under way are all remembered, and at the end the books balance")
  func many() {
    var ledger = ledger(pacing: .window(5000), bytes: 16)
    let bodies = send(5000, &ledger)
    #expect(bodies.count == 5000)
    for index in stride(from: 0, to: 5000, by: 2) {
      _ = ledger.take(bodies[index], by: far, now: ms(1))
    }
    #expect(ledger.take(bodies[4000], by: far, now: ms(1)) == .duplicate(flow: 0))
    #expect(ledger.openCount == 2500)
    ledger.close()
    let total = ledger.total
    #expect(total.completed == 2500 && total.lost == 2500 && total.sent == 5000)
    #expect(ledger.nextDeadline { _ in false } == nil)
  }

  @Test("Of long ago, a message is late rather than new")
  func forgotten() {
    var ledger = ledger(pacing: .window(1), bytes: 16)
    let first = send(1, &ledger)[0]
    _ = ledger.take(first, by: far, now: .zero)
    for _ in 0..<5000 {
      for body in send(1, &ledger) { _ = ledger.take(body, by: far, now: .zero) }
    }
    #expect(ledger.take(first, by: far, now: .zero) == .late(flow: 0))
    #expect(ledger.total.completed == 5001 && ledger.total.duplicated == 0)
  }

  @Test("A forgotten message stays forgotten when more have to be remembered")
  func forgottenBeforeGrowth() {
    var ledger = ledger(pacing: .window(2000), bytes: 16)
    let first = send(1, &ledger)[0]
    ledger.noteHurt(flow: 0, sequence: 0)
    for _ in 0..<2100 {
      var body: [UInt8] = []
      _ = ledger.next(now: .zero, body: &body)
      _ = ledger.take(body, by: far, now: .zero)
    }
    #expect(ledger.take(first, by: far, now: .zero) == .late(flow: 0))
    // The ring of 2048 records doubles: 3301 messages were sent, and 4096 have room.
    #expect(send(1200, &ledger).count == 1200)
    #expect(ledger.take(first, by: far, now: .zero) == .late(flow: 0))
    #expect(ledger.total.late == 2 && ledger.total.duplicated == 0)
  }

  @Test("The highest rate is one message a nanosecond")
  func highestRate() {
    var ledger = ledger(pacing: .rate(perSecond: 1_000_000_000))
    #expect(send(10, &ledger, now: ms(2000)).count == 1)
    #expect(send(10, &ledger, now: Instant(nanoseconds: 2_000_000_003)).count == 3)
  }
}

extension LoadLedger {
  fileprivate mutating func take(
    _ body: [UInt8], by eid: EID, isResponse: Bool = false, now: Instant
  ) -> LoadArrival {
    received(body.span, by: eid, isResponse: isResponse, now: now)
  }
}
