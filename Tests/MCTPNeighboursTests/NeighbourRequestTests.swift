import MCTPNeighbours
import TestSupport
import Testing

@Suite("Requests of neighbours")
struct NeighbourRequestTests {
  @Test("A request is answered by its peer and tag, and by no other message")
  func answered() {
    let device = Bench.device(eid: 9)
    let ticket = device.request([1, 2, 3], to: 20, timeoutMs: 1_000, now: 0) ?? 0
    #expect(device.drain() == [hex("01 14 09 C8 01 02 03")])
    for other in ["01 09 15 C0 01 02 03", "01 09 14 C1 01 02 03", "01 0A 14 C0 01 02 03"] {
      _ = device.hear(other)
    }
    #expect(device.nextOutcome() == nil)
    _ = device.hear("01 09 14 C0 01 02 04")
    #expect(device.nextOutcome() == .answered(ticket, by: 20, body: [1, 2, 4]))
    _ = device.hear("01 09 14 C0 01 02 04")
    #expect(device.nextOutcome() == nil)
  }

  @Test("An answer may begin with any sequence number")
  func sequence() {
    let device = Bench.device(eid: 0x5D)
    var last: UInt32 = 0
    for _ in 0..<5 { last = device.request([1], to: 13, timeoutMs: 100, now: 0) ?? 0 }
    _ = device.hear("01 5D 0D F4 01 93 7D CD 36")
    #expect(device.nextOutcome() == .answered(last, by: 13, body: hex("01 93 7D CD 36")))
  }

  @Test("Eight tags a peer; one whose time is up rests for six seconds")
  func tags() {
    let device = Bench.device(eid: 9)
    for _ in 0..<8 {
      #expect(device.request([1], to: 20, timeoutMs: 500, now: 0) != nil)
      #expect(device.request([1], to: 21, timeoutMs: 60_000, now: 0) != nil)
    }
    #expect(device.request([1], to: 20, timeoutMs: 500, now: 0) == nil)
    #expect(Set(device.drain().map { [$0[1], $0[3]] }).count == 16)
    device.advance(to: 500 * Bench.millisecond)
    var tickets: [UInt32] = []
    while case .timedOut(let ticket) = device.nextOutcome() { tickets.append(ticket) }
    #expect(tickets == [1, 3, 5, 7, 9, 11, 13, 15])
    #expect(device.request([1], to: 20, timeoutMs: 500, now: Bench.second) == nil)
    #expect(device.request([1], to: 20, timeoutMs: 500, now: 6_500 * Bench.millisecond) != nil)
  }

  @Test("Without an EID it asks nobody; a restart ends what is under way")
  func ends() {
    #expect(Bench.device().request([1], to: 20, timeoutMs: 5, now: 0) == nil)
    let device = Bench.device(eid: 9)
    let ticket = device.request([1], to: 20, timeoutMs: 5, now: 0) ?? 0
    device.restart(now: 1)
    #expect(device.nextOutcome() == .failed(ticket))
    #expect(device.drain(1).isEmpty)
  }

  @Test("An answer to a question is not taken for that to a request of the same tag")
  func questionAndRequest() {
    let owner = Bench.owner(.init(grants: [.init(address: 0x30, eid: 20)]))
    #expect(owner.drain() == [hex("01 00 08 C8 00 80 02")])
    let ticket = owner.request([1, 7], to: 20, timeoutMs: 1_000, now: 0) ?? 0
    #expect(owner.drain() == [hex("01 14 08 C8 01 07")])
    let next = owner.hear("01 08 14 C0 00 00 02 00 14 10 00", from: 0x30)
    #expect(next == [hex("01 00 08 C9 00 81 01 00 14")])
    #expect(owner.nextOutcome() == nil)
    _ = owner.hear("01 08 14 C0 01 07", from: 0x30)
    #expect(owner.nextOutcome() == .answered(ticket, by: 20, body: [1, 7]))
  }

  @Test("Long messages of several tags take turns; own packets go to the router, as they are")
  func turns() {
    let bridge = Bench.bridge(children: 0)
    _ = bridge.hear("01 00 08 C8 00 80 01 00 0E", from: 0x30)
    let long = [UInt8](repeating: 1, count: 128)
    _ = bridge.request(long, to: 20, timeoutMs: 100, now: 0)
    _ = bridge.request(long, to: 20, timeoutMs: 100, now: 0)
    bridge.send(packet: [1, 2, 3, 4, 5], to: 0x44)
    var said: [Neighbour.Outgoing] = []
    while let out = bridge.nextPacket(now: 0) { said.append(out) }
    #expect(said.map { $0.packet[3] } == [0x88, 0x89, 4, 0x58, 0x59])
    #expect(said.map(\.to) == [0x30, 0x30, 0x44, 0x30, 0x30])
  }

  @Test("The same seed gives the same neighbour, another seed another one")
  func determinism() {
    func packets(_ seed: UInt64) -> [[UInt8]] {
      var habits = NeighbourHabits()
      habits.garbagePerSecond = 100
      habits.asksEveryMs = 50
      let device = Neighbour(
        NeighbourConfiguration(name: "d", medium: .serial, eid: 9), habits: habits, seed: seed)
      return (0..<2_000).flatMap { device.drain(UInt64($0) * Bench.millisecond) }
    }
    #expect(packets(1) == packets(1))
    #expect(packets(1) != packets(2))
  }

  @Test("Whatever the bytes are, all three roles take them and go on")
  func anything() {
    let neighbours = [
      Bench.device(eid: 9), Bench.bridge(children: 3),
      Bench.owner(.init(grants: [.init(address: 0x30, eid: 20, poolFirst: 21, poolCount: 2)])),
    ]
    var state: UInt64 = 7
    func random() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
    for round in 0..<20_000 {
      var packet = (0..<Int(random() % 72)).map { _ in UInt8(random() & 0xFF) }
      if packet.count > 8, round % 2 == 0 {
        packet[0] = 1
        packet[1] = random() % 2 == 0 ? 0 : 9
        packet[4] = 0
        packet[6] = UInt8(random() % 0x16)
      }
      for neighbour in neighbours {
        let now = UInt64(round) * Bench.millisecond
        neighbour.receive(packet, from: round % 3 == 0 ? 0x44 : 0x30, now: now)
        #expect(neighbour.drain(now).allSatisfy { $0.count >= 4 && $0.count <= 68 })
        _ = neighbour.allComplaints()
      }
    }
  }
}
