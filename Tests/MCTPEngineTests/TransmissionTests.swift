import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("Transmissions and retries", .spec("DSP0237 1.1.0, PN2"))
struct TransmissionTests {
  private let port = PortID(rawValue: 1)

  private func rig(queue: Int = 16) throws -> Rig {
    try Rig(
      EngineConfiguration(
        eidPolicy: .perPort, ports: [.test(0, eid: 8), .test(1, eid: 9, queue: queue)]),
      routes: [
        .test(0x20, port: 0, at: .i2c(0x40)), .test(0x30, port: 1, at: .i2c(0x42)),
        .test(0x31, port: 1, at: .i2c(0x43)),
      ])
  }

  private func numbered(_ number: Int, to destination: UInt8 = 0x30) -> [UInt8] {
    packet(0x20, to: destination, payload: [0x7E, UInt8(number)])
  }

  private func forward(_ rig: Rig, _ numbers: ClosedRange<Int>) {
    for number in numbers {
      let disposition = rig.receive(numbered(number), from: .i2c(0x40))
      #expect(disposition == .forwarded(port))
    }
  }

  static let retryable: [TransmissionResult] = [
    .addressNotAcknowledged, .dataNotAcknowledged, .arbitrationLost, .busBusy, .timedOut,
    .busError,
  ]

  @Test(
    "Thirteen attempts: the first and twelve retries, then the packet ends",
    arguments: retryable)
  func retriesExhausted(result: TransmissionResult) throws {
    let rig = try rig()
    forward(rig, 1...2)
    for attempt in 0..<13 {
      #expect(rig.queueDepth(1) == 2)
      let transmission = try #require(rig.nextTransmission(on: 1))
      #expect(transmission.failedAttempts == UInt8(attempt))
      #expect(transmission.destination == .i2c(0x42))
      #expect(rig.bytes(of: transmission) == numbered(1), "order is kept")
      rig.finish(result, on: 1)
    }
    #expect(rig.counters(1).attempts(result) == 13)
    #expect(rig.counters(1).egressDrops(.retriesExhausted) == 1)
    #expect(rig.counters(1).packetsOut == 0)
    #expect(rig.recentDrop()?.firstBytes.array == numbered(1))
    let next = try #require(rig.nextTransmission(on: 1))
    #expect(next.failedAttempts == 0, "the next packet starts anew")
    #expect(rig.bytes(of: next) == numbered(2))
  }

  @Test("A retry that succeeds is one packet out, and the order is that of arrival")
  func retrySucceeds() throws {
    let rig = try rig()
    forward(rig, 1...3)
    var out: [[UInt8]] = []
    for result in [.busBusy, .sent, .arbitrationLost, .timedOut, .sent, .sent]
      as [TransmissionResult]
    {
      let sent = try #require(rig.transmit(on: 1, result))
      if result == .sent { out.append(sent.bytes) }
    }
    #expect(out == (1...3).map { numbered($0) })
    #expect(rig.counters(1).packetsOut == 3)
    #expect(rig.counters(1).bytesOut == 18)
    #expect(rig.counters(1).attempts(.sent) == 3)
    #expect(rig.queueDepth(1) == 0)
  }

  @Test("A refused packet is not tried again")
  func refused() throws {
    let rig = try rig()
    forward(rig, 1...2)
    _ = rig.transmit(on: 1, .refused)
    #expect(rig.counters(1).egressDrops(.transmissionRefused) == 1)
    #expect(rig.transmit(on: 1)?.bytes == numbered(2))
  }

  @Test("With several in flight a failed packet ends at once: a retry would overtake others")
  func severalInFlight() throws {
    let rig = try rig()
    forward(rig, 1...3)
    for number in 1...2 {
      let transmission = try #require(rig.nextTransmission(on: 1))
      #expect(rig.bytes(of: transmission) == numbered(number))
    }
    #expect(rig.hasTransmission(on: 1))
    rig.finish(.timedOut, on: 1)
    #expect(rig.counters(1).egressDrops(.retriesExhausted) == 1)
    #expect(rig.recentDrop()?.firstBytes.array == numbered(1))
    // The other one is alone now, and is tried again before the third.
    rig.finish(.timedOut, on: 1)
    #expect(rig.drain(1).map(\.bytes) == [numbered(2), numbered(3)])
  }

  @Test("Packets in flight keep their bytes while others arrive and wait")
  func bytesInFlight() throws {
    let rig = try rig(queue: 3)
    forward(rig, 1...2)
    let transmission = try #require(rig.nextTransmission(on: 1))
    forward(rig, 3...3)
    #expect(rig.receive(numbered(4), from: .i2c(0x40)) == .dropped(.egressQueueFull))
    #expect(rig.bytes(of: transmission) == numbered(1))
    rig.finish(.sent, on: 1)
    #expect(rig.drain(1).map(\.bytes) == [numbered(2), numbered(3)])
  }

  @Test("A port that goes down ends what waits; what is in flight ends when it is reported")
  func goesDown() throws {
    for (result, reason) in [
      (.portDown, .portDown), (.addressNotAcknowledged, .portDown),
      (.refused, .transmissionRefused),
      (.sent, nil),
    ] as [(TransmissionResult, DropReason?)] {
      let rig = try rig()
      forward(rig, 1...3)
      _ = try #require(rig.nextTransmission(on: 1))
      rig.setUp(1, false)
      #expect(rig.queueDepth(1) == 1)
      #expect(rig.counters(1).egressDrops(.portDown) == 2)
      #expect(!rig.hasTransmission(on: 1))
      #expect(rig.receive(numbered(4), from: .i2c(0x40)) == .dropped(.portDown))
      rig.finish(result, on: 1)
      #expect(rig.queueDepth(1) == 0)
      let counters = rig.counters(1)
      #expect(counters.egressDrops(.portDown) == (reason == .portDown ? 3 : 2))
      #expect(
        counters.egressDrops(.transmissionRefused) == (reason == .transmissionRefused ? 1 : 0))
      #expect(counters.packetsOut == (reason == nil ? 1 : 0))
      #expect(counters.egressDrops(.retriesExhausted) == 0)
      rig.setUp(1, true)
      forward(rig, 5...5)
      #expect(rig.drain(1).map(\.bytes) == [numbered(5)])
    }
  }

  @Test("A packet that waits for its retry ends with the port")
  func goesDownBetweenAttempts() throws {
    let rig = try rig()
    forward(rig, 1...1)
    _ = rig.transmit(on: 1, .busBusy)
    rig.setUp(1, false)
    #expect(rig.queueDepth(1) == 0)
    #expect(rig.counters(1).egressDrops(.portDown) == 1)
    rig.setUp(1, true)
    #expect(rig.transmit(on: 1) == nil)
  }

  @Test("A port that came back while a packet was in flight goes on with it")
  func comesBack() throws {
    let rig = try rig()
    forward(rig, 1...1)
    _ = try #require(rig.nextTransmission(on: 1))
    rig.setUp(1, false)
    rig.setUp(1, true)
    forward(rig, 2...2)
    rig.finish(.busBusy, on: 1)
    #expect(rig.drain(1).map(\.bytes) == [numbered(1), numbered(2)])
  }

  @Test("The drops of a port that went down stand in the ring")
  func ringOfPortDown() throws {
    let rig = try rig()
    forward(rig, 1...3)
    rig.setUp(1, false)
    let kept = Set((0..<rig.recentDropCount).compactMap { rig.recentDrop($0)?.firstBytes.array })
    #expect(kept == Set((1...3).map { numbered($0) }))
    #expect(rig.recentDrop()?.direction == .egress)
    #expect(rig.recentDrop()?.address == .i2c(0x42))
  }

  @Test("A new engine's ports are down until they are told to be up")
  func startsDown() throws {
    var engine = Engine(EngineConfiguration(ports: [.test(0, eid: 8)]))
    let isUp = engine.isUp(PortID(rawValue: 0))
    #expect(!isUp)
    let reason = engine.send(
      packet(8, to: 9).span, on: PortID(rawValue: 0), to: .none, now: .zero)
    #expect(reason == .portDown)
  }

  @Test("What starts here is queued, or refused with its reason", arguments: [1, 2, 5])
  func send(depth: Int) throws {
    let rig = try rig(queue: depth)
    let largest = packet(9, to: 0x30, payload: [UInt8](repeating: 4, count: 64))
    for _ in 0..<depth { #expect(rig.send(largest, on: 1, to: .i2c(0x42)) == nil) }
    #expect(rig.send(largest, on: 1, to: .i2c(0x42)) == .egressQueueFull)
    #expect(rig.send(largest + [4], on: 1, to: .i2c(0x42)) == .transmissionUnitExceeded)
    rig.setUp(0, false)
    #expect(rig.send(largest, on: 0, to: .i2c(0x40)) == .portDown)
    #expect(
      rig.drain(1) == Array(repeating: .init(destination: .i2c(0x42), bytes: largest), count: depth)
    )
    #expect(rig.counters(1).originated == UInt64(depth + 2))
    #expect(rig.counters(1).enqueued == UInt64(depth + 2))
    #expect(rig.counters(1).queueDepthHighWater == depth)
    #expect(rig.counters(0).originated == 1)
  }

  @Test("The high water mark stays when the water falls")
  func highWater() throws {
    let rig = try rig()
    forward(rig, 1...3)
    #expect(rig.drain(1).count == 3)
    forward(rig, 4...4)
    #expect(rig.counters(1).queueDepthHighWater == 3)
    for _ in 0..<4 { #expect(rig.send(numbered(5), on: 1, to: .i2c(0x42)) == nil) }
    #expect(rig.counters(1).queueDepthHighWater == 5)
    #expect(rig.drain(1).count == 5)
    #expect(rig.send(numbered(6), on: 1, to: .i2c(0x42)) == nil)
    #expect(rig.counters(1).queueDepthHighWater == 5)
  }

  @Test("Queues of every depth keep order over many turns of their ring", arguments: 1...9)
  func ringOrder(depth: Int) throws {
    let rig = try rig(queue: depth)
    var random = SplitMix64(seed: UInt64(depth))
    var (next, expected) = (0, 0)
    for _ in 0..<400 {
      if random.below(2) == 0 {
        let disposition = rig.receive(numbered(next % 256), from: .i2c(0x40))
        if next - expected < depth {
          #expect(disposition == .forwarded(port))
          next += 1
        } else {
          #expect(disposition == .dropped(.egressQueueFull))
        }
      } else {
        let sent = rig.transmit(on: 1)
        #expect(sent?.bytes == (next > expected ? numbered(expected % 256) : nil))
        if sent != nil { expected += 1 }
      }
      #expect(rig.queueDepth(1) == next - expected)
    }
    #expect(expected > depth * 3)
  }
}
