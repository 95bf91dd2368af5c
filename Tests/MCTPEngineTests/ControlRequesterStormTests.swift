import MCTPEngine
import MCTPWire
import TestSupport
import Testing

private typealias Asker = ControlRequesterRig

@Suite("Control requests never become a storm", .spec("DSP0236 1.3.3 §11"))
struct ControlRequesterStormTests {
  let port = PortID(rawValue: 0)

  /// Packets that leave port 0 in so many milliseconds while 40 silent devices are asked again and
  /// again, each as soon as it has timed out.
  private func packets(_ rig: ControlRequesterRig, inMs duration: UInt64) throws -> Int {
    var count = 0
    let end = rig.ms + duration
    for address in 0x10..<0x38 as Range<UInt8> { _ = try rig.start(to: Asker.device(0, address)) }
    while rig.ms < end {
      count += rig.drain().count
      while let outcome = rig.outcome() { _ = try rig.start(to: outcome.destination) }
      rig.pass(5)
    }
    return count
  }

  @Test("A port's budget holds for all who are silent on it")
  func portBudget() throws {
    let rig = Asker(ports: [
      .init(
        binding: .smbus, outstandingMax: 8, budget: ControlBudget(burst: 10, perSecond: 10))
    ])
    let count = try packets(rig, inMs: 20_000)
    // 200 by rate, 10 by burst; repetitions of 8 requests may be ahead of the budget.
    #expect(count <= 200 + 10 + 8 * 2)
    #expect(count >= 190)
  }

  @Test("A silent device is asked ever more slowly, an answer or a sign of life ends that")
  func peerBudget() throws {
    let rig = Asker(peerBudget: ControlBudget(burst: 4, perSecond: 10))
    func ask(forMs duration: UInt64) throws -> Int {
      var count = 0
      for _ in 0..<(duration / 5) {
        if rig.requester.openCount == 0 { _ = try rig.start(to: Asker.device(0, 0x1D)) }
        count += rig.drain().count
        while rig.outcome() != nil {}
        rig.pass(5)
      }
      return count
    }
    _ = try ask(forMs: 20_000)
    let slow = try ask(forMs: 40_000)
    // A 16th of 10 a second, in threes.
    #expect(slow >= 20 && slow <= 29)
    while rig.requester.openCount > 0 {
      _ = rig.drain()
      while rig.outcome() != nil {}
      rig.pass(1)
    }
    rig.requester.responderAppeared(.device(port, .i2c(0x1D)))
    _ = try rig.start(to: Asker.device(0, 0x1D))
    #expect(rig.next() != nil)
  }

  @Test("Every repetition that MN1 wants leaves, whatever the budget")
  func repetitionsBorrow() throws {
    let rig = Asker(
      ports: [.init(binding: .smbus, budget: ControlBudget(burst: 1, perSecond: 1))],
      peerBudget: ControlBudget(burst: 1, perSecond: 1))
    _ = try rig.start(to: Asker.device(0, 0x1D))
    _ = try rig.start(to: Asker.device(0, 0x1E))
    let begin = rig.ms
    var times: [UInt64] = []
    while rig.ms < begin + 3100 {
      for _ in rig.drain() { times.append(rig.ms - begin) }
      rig.pass(1)
    }
    // Three at once of the first; the second waits until they are paid for.
    #expect(times == [0, 300, 600, 3000])
  }

  @Test("The deadline is never past when nothing can leave: the loop would spin")
  func deadlines() throws {
    let rig = Asker(
      ports: [
        .init(binding: .smbus, budget: ControlBudget(burst: 2, perSecond: 20)),
        .init(binding: .serial, outstandingMax: 1),
      ], peerBudget: ControlBudget(burst: 1, perSecond: 4), jitterMs: 30)
    var random = SplitMix64(seed: 5)
    for _ in 0..<3000 {
      if random.below(3) == 0 {
        let destination =
          random.below(12) == 0
          ? ControlDestination.broadcast(on: PortID(rawValue: UInt8(random.below(2))))
          : Asker.device(UInt8(random.below(2)), UInt8(0x10 + random.below(6)))
        _ = try? rig.start(to: destination)
      }
      for packet in rig.drain() where random.below(3) == 0 {
        // Answered by whoever is there; wrong ones change nothing.
        _ = rig.receive(
          Asker.answer(packet, source: 0, [9, 0, 0]), on: UInt8(random.below(2)),
          from: UInt8(0x10 + random.below(6)))
      }
      while rig.outcome() != nil {}
      _ = rig.drain()
      if let deadline = rig.requester.nextDeadline { #expect(deadline > rig.now) }
      rig.pass(UInt64(random.below(60)))
    }
  }

  @Test(
    "A long random life: the books balance, and each ticket ends once",
    arguments: 1...6 as ClosedRange<UInt64>)
  func books(seed: UInt64) throws {
    let rig = Asker(
      ports: [
        .init(binding: .smbus, budget: ControlBudget(burst: 8, perSecond: 100)),
        .init(binding: .pcieVDM, outstandingMax: 8),
      ], requestMax: 24, outstandingMax: 10, peerMax: 24, jitterMs: 30, seed: seed)
    var random = SplitMix64(seed: seed)
    var open: Set<ControlTicket> = []
    var underway: [(packet: [UInt8], about: ControlTransmission)] = []
    var ends: [String: Int] = [:]
    for _ in 0..<6000 {
      switch random.below(12) {
      case 0..<4:
        let port = UInt8(random.below(2))
        var destination = Asker.device(port, UInt8(0x10 + random.below(30)))
        if random.below(4) == 0 { destination.eid = EID(UInt8(20 + random.below(4))) }
        if destination.eid != .null { destination.isBehindBridge = random.below(2) == 0 }
        if random.below(20) == 0 { destination = .broadcast(on: PortID(rawValue: port)) }
        let options = ControlRequestOptions(
          priority: random.below(2) == 0 ? .low : .high,
          endsWhenUndelivered: random.below(4) == 0, isDatagram: random.below(15) == 0)
        if let ticket = try? rig.start(to: destination, options: options) { open.insert(ticket) }
      case 4..<8:
        guard !underway.isEmpty else { break }
        let (packet, about) = underway.remove(at: random.below(underway.count))
        let code: UInt8 = [0, 0, 0, 4, 5][random.below(5)]
        let answer = Asker.answer(
          packet, source: packet[1] == 0xFF ? 0 : packet[1], code: code, [9, 0, 0])
        _ = rig.requester.receive(answer.span, on: about.port, from: about.address, now: rig.now)
      case 8:
        _ = rig.requester.receive(
          random.bytes(random.below(80)).span, on: port, from: .i2c(0x10), now: rig.now)
      case 9:
        if let ticket = open.randomElement(using: &random), random.below(3) == 0,
          rig.cancel(ticket)
        {
          open.remove(ticket)
          ends["cancelled", default: 0] += 1
        }
      case 10:
        if let last = underway.last, random.below(2) == 0 {
          rig.requester.undelivered(on: last.about.port, address: last.about.address, now: rig.now)
        } else if random.below(40) == 0 {
          rig.requester.portDown(port, now: rig.now)
        }
      default: rig.pass(UInt64(random.below(400)))
      }
      while let sent = rig.next() { underway.append(sent) }
      if underway.count > 20 { underway.removeFirst(10) }
      while random.below(3) > 0, let outcome = rig.outcome() {
        if outcome.isLast {
          #expect(open.remove(outcome.ticket) != nil, "ended twice, or never started")
          ends[outcome.result.word, default: 0] += 1
        }
      }
      #expect(rig.requester.outstandingCount(on: PortID(rawValue: 0)) <= 4)
      #expect(rig.requester.outstandingCount(on: PortID(rawValue: 1)) <= 8)
    }
    // Everything ends.
    for _ in 0..<2000 {
      rig.pass(50)
      _ = rig.drain()
      while let outcome = rig.outcome() { if outcome.isLast { open.remove(outcome.ticket) } }
    }
    #expect(open.isEmpty && rig.requester.openCount == 0)
    for index in 0..<2 as Range<UInt8> {
      let counters = rig.requester.counters(of: PortID(rawValue: index))
      let ended =
        counters.answered + counters.refused + counters.timedOut + counters.undelivered
        + counters.endedByPort + counters.unanswerable + counters.cancelled
      #expect(counters.started == ended && counters.started > 200)
    }
    for what in ["answered", "refused 5", "timedOut", "undelivered", "sent", "cancelled"] {
      #expect(ends[what, default: 0] > 0, "never \(what)")
    }
  }
}
