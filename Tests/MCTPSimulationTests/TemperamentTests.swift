import MCTPEndpoint
import MCTPSimulation
import MCTPWire
import TestSupport
import Testing

@Suite("A simulated device with a temperament")
struct TemperamentTests {
  private func endpoint(
    _ eid: EID = EID(9), type: GetEndpointID.EIDType = .dynamic, seed: UInt64 = 0,
    _ change: (inout Temperament) -> Void = { _ in }
  ) -> SimulatedEndpoint {
    let endpoint = SimulatedEndpoint(
      SimulatedEndpointConfiguration(eid: eid, bridgeAddress: .i2c(0x10), eidType: type),
      seed: seed)
    change(&endpoint.temperament)
    return endpoint
  }

  private func ms(_ value: UInt32) -> Instant { Instant.zero.advanced(byMs: value) }

  private func packets(_ endpoint: SimulatedEndpoint, _ now: Instant = .zero) -> [String] {
    var all: [String] = []
    while let packet = endpoint.nextPacket(now: now) { all.append(hexText(packet.bytes)) }
    return all
  }

  /// Get Endpoint ID with an instance ID and the tag of the same number.
  private func ask(_ endpoint: SimulatedEndpoint, _ number: UInt8 = 0, _ now: Instant = .zero) {
    endpoint.receive(
      [1, 0, 8, 0xC8 | number, 0, 0x80 | number, 2].span, from: .i2c(0x10), now: now)
  }

  @Test("One that never answers obeys and stays silent")
  func never() {
    let endpoint = endpoint { $0.answers = .never }
    endpoint.receive(hex("01 00 08 c8 00 80 01 00 42").span, from: .i2c(0x10), now: .zero)
    #expect(packets(endpoint) == [])
    #expect(endpoint.eid == EID(0x42))
    #expect(endpoint.dropCounts == [:])
    endpoint.temperament = .good
    ask(endpoint)
    #expect(packets(endpoint) == ["01 08 42 c0 00 00 02 00 42 00 00"])
  }

  @Test("One that answers twice sends the same message twice")
  func twice() {
    let endpoint = endpoint { $0.answers = .twice }
    ask(endpoint)
    // The packet sequence number goes on.
    #expect(
      packets(endpoint) == [
        "01 08 09 c0 00 00 02 00 09 00 00", "01 08 09 d0 00 00 02 00 09 00 00",
      ])
  }

  @Test("Each third request gets no answer")
  func notEach() {
    let endpoint = endpoint { $0.answers = .notEach(3) }
    let answered = (0..<9).map { _ in
      ask(endpoint)
      return !packets(endpoint).isEmpty
    }
    #expect(answered == [true, true, false, true, true, false, true, true, false])
  }

  @Test("Late answers leave in order, each at its time, also when the delay shrinks meanwhile")
  func late() {
    let endpoint = endpoint { $0.answerDelayMs = 500 }
    ask(endpoint, 1, ms(0))
    ask(endpoint, 2, ms(100))
    endpoint.temperament.answerDelayMs = 0
    ask(endpoint, 3, ms(150))
    #expect(packets(endpoint, ms(150)) == [])
    #expect(endpoint.nextDeadline == ms(500))
    endpoint.advance(to: ms(499))
    #expect(packets(endpoint, ms(499)) == [])
    endpoint.advance(to: ms(500))
    #expect(packets(endpoint, ms(500)).map { $0.prefix(11) } == ["01 08 09 c1"])
    #expect(endpoint.nextDeadline == ms(600))
    endpoint.advance(to: ms(600))
    #expect(
      packets(endpoint, ms(600)).map { $0.prefix(11) } == ["01 08 09 d2", "01 08 09 e3"])
    #expect(endpoint.nextDeadline == nil)
  }

  @Test("Answers beyond the thirty-second that waits are dropped and counted")
  func lateBound() {
    let endpoint = endpoint { $0.answerDelayMs = 10 }
    for _ in 0..<40 { ask(endpoint) }
    #expect(endpoint.dropCounts == [.egressQueueFull: 8])
    endpoint.advance(to: ms(10))
    #expect(packets(endpoint, ms(10)).count == 32)
  }

  @Test("An answer that finds no room counts as one, however long its request; so at a restart")
  func answersWithoutRoom() {
    let endpoint = SimulatedEndpoint(
      SimulatedEndpointConfiguration(
        eid: EID(9),
        limits: EndpointLimits(
          reassembly: ReassemblyLimits(memoryBytesMax: 65_536, assembliesMax: 8),
          tags: TagLimits(peersMax: 16, waitingMax: 32), outboundBytesMax: 65_536,
          exchangesMax: 1)))
    let body = [0x7E] + [UInt8](repeating: 5, count: 149)
    for tag: UInt8 in 0..<3 {
      // As V27: 64, 64 and 22 bytes.
      for (flags, range) in [(0x88, 0..<64), (0x18, 64..<128), (0x68, 128..<150)] {
        let packet = [1, 9, 8, UInt8(flags) | tag] + body[range]
        endpoint.receive(packet.span, from: .none, now: .zero)
      }
    }
    #expect(endpoint.dropCounts == [.egressQueueFull: 2])
    #expect(endpoint.nextPacket(now: .zero) != nil)
    endpoint.restart(now: .zero)
    #expect(endpoint.dropCounts == [.egressQueueFull: 2, .portDown: 1])
  }

  @Test("A dynamic EID is forgotten again and again; a static one is there after it")
  func forgets() {
    let plain = endpoint(.null) { $0.forgetsEIDEveryMs = 100 }
    let fixed = endpoint(EID(20), type: .staticSupported) { $0.forgetsEIDEveryMs = 100 }
    for device in [plain, fixed] {
      for round: UInt32 in 1...3 {
        device.receive(
          hex("01 00 08 c8 00 80 01 00 42").span, from: .none, now: ms(100 * round - 50))
        #expect(device.eid == EID(0x42))
        _ = packets(device, ms(100 * round - 50))
        #expect(device.nextDeadline == ms(100 * round))
        device.advance(to: ms(100 * round))
        #expect(device.eid == device.configuration.eid)
      }
    }
    #expect(plain.eid == .null)
    #expect(fixed.eid == EID(20))
  }

  @Test(
    "A wrong EID is told in Set and Get Endpoint ID only, and is always assignable",
    arguments: [(0x42, 3, "45"), (0xFE, 1, "08"), (0x08, 246, "fe"), (0x42, 0, "42")]
      as [(UInt8, UInt8, String)])
  func reportsAnother(_ given: UInt8, _ offset: UInt8, _ told: String) {
    let endpoint = endpoint(.null) { $0.reportedEIDOffset = offset }
    ask(endpoint)
    #expect(packets(endpoint) == ["01 08 00 c0 00 00 02 00 00 00 00"])
    endpoint.receive([1, 0, 8, 0xC8, 0, 0x80, 1, 0, given].span, from: .none, now: .zero)
    let own = hexText([given])
    #expect(packets(endpoint) == ["01 08 \(own) d0 00 00 01 00 00 \(told) 00"])
    #expect(endpoint.eid == EID(given))
    ask(endpoint)
    #expect(packets(endpoint) == ["01 08 \(own) e0 00 00 02 00 \(told) 00 00"])
  }

  @Test("A flood is numbered packets of 64 bytes at its rate, which leaves room for answers")
  func flood() {
    let endpoint = endpoint {
      $0.floodPerSecond = 100
      $0.floodDestination = EID(30)
    }
    var sent: [[UInt8]] = []
    while let next = endpoint.nextDeadline, next <= ms(1000) {
      endpoint.advance(to: next)
      while let packet = endpoint.nextPacket(now: next) { sent.append(packet.bytes) }
    }
    #expect(sent.count == 100)
    #expect(
      sent.allSatisfy { $0.count == 68 && $0.prefix(3) == [1, 30, 9] && $0[3] & 0xF8 == 0xC8 })
    #expect(sent.map { Int($0[7]) << 8 | Int($0[8]) } == Array(1...100))
    #expect(endpoint.packetsOut == 100)
    endpoint.advance(to: ms(1010))
    ask(endpoint, 0, ms(1010))
    #expect(packets(endpoint, ms(1010)).map { $0.prefix(8) } == ["01 08 09", "01 1e 09"])
  }

  @Test("A flood that the wire does not take does not add up, and asks for no time")
  func slowWire() {
    let endpoint = endpoint { $0.floodPerSecond = 1000 }
    endpoint.advance(to: ms(500))
    #expect(endpoint.nextDeadline == nil)
    #expect(packets(endpoint, ms(500)).count == 1)
    #expect(endpoint.nextDeadline == ms(501))
    endpoint.temperament = .good
    #expect(endpoint.nextDeadline == nil)
    #expect(packets(endpoint, ms(1000)) == [])
  }

  @Test("A flood that is taken a little late keeps its beat; a period late, it begins anew")
  func beat() {
    let endpoint = endpoint { $0.floodPerSecond = 100 }
    #expect(packets(endpoint, ms(14)).count == 1)
    #expect(endpoint.nextDeadline == ms(20))
    #expect(packets(endpoint, ms(29)).count == 1)
    #expect(endpoint.nextDeadline == ms(30))
    #expect(packets(endpoint, ms(40)).count == 1)
    #expect(endpoint.nextDeadline == ms(50))
    #expect(packets(endpoint, ms(75)).count == 1)
    #expect(endpoint.nextDeadline == ms(85))
  }

  @Test("A garbage sender's packets are of 0 to 72 bytes, some plausible, and the seed's own")
  func garbage() {
    func run(_ seed: UInt64) -> [[UInt8]] {
      let endpoint = endpoint(seed: seed) { $0.garbagePerSecond = 1000 }
      return (1...2000).map { endpoint.nextPacket(now: ms($0))?.bytes ?? [0xEE] }
    }
    let packets = run(1)
    #expect(packets.map(\.count).max() == 72)
    #expect(packets.map(\.count).min() == 0)
    let plausible = packets.count { $0.count > 4 && $0[0] == 1 && $0[2] == 9 }
    #expect((800...1100).contains(plausible))
    #expect(packets == run(1))
    #expect(packets != run(2))
  }

  @Test("A restart takes EID, assemblies, late answers and instance IDs; requests fail, each once")
  func restart() throws {
    let endpoint = endpoint(.null) { $0.answerDelayMs = 50 }
    endpoint.receive(hex("01 00 08 c8 00 80 01 00 42").span, from: .none, now: .zero)
    // The first of several packets.
    endpoint.receive(
      ([1, 0x42, 8, 0x88] + [UInt8](repeating: 0x7E, count: 64)).span,
      from: .none, now: .zero)
    #expect(endpoint.heldPacketCount == 1)
    let first = try endpoint.ping(EID(30), now: .zero)
    let second = try endpoint.ping(EID(31), now: .zero)
    #expect(packets(endpoint).map { $0.suffix(8) } == ["00 81 02", "00 82 02"])
    endpoint.restart(now: ms(20))
    #expect(endpoint.eid == .null)
    #expect(endpoint.heldPacketCount == 0)
    // The packet, and the answer to Set Endpoint ID that was kept back.
    #expect(endpoint.dropCounts == [.portDown: 2])
    #expect(endpoint.nextOutcome() == .failed(first, .portDown))
    #expect(endpoint.nextOutcome() == .failed(second, .portDown))
    #expect(endpoint.nextOutcome() == nil)
    #expect(endpoint.nextDeadline == nil)
    endpoint.advance(to: ms(60))
    #expect(packets(endpoint, ms(60)) == [])
    let third = try endpoint.ping(EID(30), now: ms(60))
    #expect(third != first && third != second)
    #expect(packets(endpoint, ms(60)).map { $0.suffix(8) } == ["00 81 02"])
    endpoint.advance(to: ms(1060))
    #expect(endpoint.nextOutcome() == .timedOut(third))
  }
}
