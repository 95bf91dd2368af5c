import BusIO
import MCTPSimulation
import MCTPWire
import RouterDaemon
import TestSupport
import Testing

@Suite("Ports over simulated buses")
struct SimulatedBusTests {
  /// Devices 9 at 0x1d and 12 at 0x1e on I2C; 20 with interrupts and 21 without on I3C.
  private let i2c: SimulatedI2CLink
  private let i3c: SimulatedI3CLink
  private let bridge: SimulatedBridge
  private let fan, disk, card, polled: SimulatedEndpoint
  private let cardID: UInt64 = 0x02AE_0000_0001
  private let polledID: UInt64 = 0x02AE_0000_0002

  init() {
    func endpoint(_ eid: UInt8, _ bridgeAddress: PhysicalAddress) -> SimulatedEndpoint {
      SimulatedEndpoint(
        SimulatedEndpointConfiguration(eid: EID(eid), bridgeAddress: bridgeAddress))
    }
    fan = endpoint(9, .i2c(0x10))
    disk = endpoint(12, .i2c(0x10))
    card = endpoint(20, .none)
    polled = endpoint(21, .none)
    i2c = SimulatedI2CLink(
      SimulatedI2CSegment(
        routerAddress: 0x10,
        devices: [
          SimulatedI2CDevice(fan, address: 0x1D), SimulatedI2CDevice(disk, address: 0x1E),
        ], clockHz: 400_000))
    i3c = SimulatedI3CLink(
      SimulatedI3CSegment(devices: [
        SimulatedI3CDevice(card, target: VirtualI3CTarget(provisionedID: cardID)),
        SimulatedI3CDevice(polled, target: VirtualI3CTarget(provisionedID: polledID, bcr: 0)),
      ]))
    bridge = SimulatedBridge([
      I2CPort(id: PortID(rawValue: 0), ownAddress: 0x10, link: i2c),
      I3CPort(id: PortID(rawValue: 1), link: i3c),
    ])
    bridge.routes = [
      9: .init(port: 0, address: .i2c(0x1D)), 12: .init(port: 0, address: .i2c(0x1E)),
      20: .init(port: 1, address: .i3c(cardID)), 21: .init(port: 1, address: .i3c(polledID)),
    ]
  }

  private func ms(_ value: UInt32) -> Instant { Instant.zero.advanced(byMs: value) }

  private func answers(_ endpoint: SimulatedEndpoint) -> [[UInt8]] {
    var bodies: [[UInt8]] = []
    while let outcome = endpoint.nextOutcome() {
      guard case .answered(_, _, let body, _) = outcome else { continue }
      bodies.append(body)
    }
    return bodies
  }

  /// Makes a device do something, as the daemon does for its client.
  private func command(
    _ endpoint: SimulatedEndpoint, _ body: (SimulatedEndpoint) throws -> Void
  ) throws {
    try i2c.withSegment(now: bridge.now) { (_: inout SimulatedI2CSegment) throws in
      try i3c.withSegment(now: bridge.now) { (_: inout SimulatedI3CSegment) throws in
        try body(endpoint)
      }
    }
  }

  @Test("The router asks a device on I2C and gets its answer")
  func asks() {
    bridge.send(hex("01 09 08 c8 00 80 02"), on: 0, to: .i2c(0x1D))
    bridge.run(until: ms(50))
    #expect(bridge.log == ["port 0 ends 9 to 8"])
    #expect(fan.packetsIn == 1)
    #expect(fan.dropCounts == [:])
  }

  @Test("Every device reaches every other across the bridge, with one and with many packets")
  func everyPair() throws {
    let all = [fan, disk, card, polled]
    let long = [0x7E] + (0..<500).map { UInt8(truncatingIfNeeded: $0) }
    for from in all {
      for to in all where to !== from {
        try command(from) {
          _ = try $0.ping(to.eid, now: bridge.now)
          _ = try $0.request(long.span, to: to.eid, now: bridge.now)
        }
        bridge.run(until: bridge.now.advanced(byMs: 400))
        let bodies = answers(from)
        #expect(bodies.count == 2, "\(from.eid.rawValue) to \(to.eid.rawValue)")
        #expect(bodies.contains { $0.count == 7 && $0[4] == to.eid.rawValue })
        #expect(bodies.contains(long))
      }
    }
    #expect(bridge.log == [])
    for endpoint in all { #expect(endpoint.dropCounts == [:]) }
  }

  @Test("All devices talk at once: arbitration is lost, nothing else is")
  func everybodyAtOnce() throws {
    let pairs = [(fan, disk), (disk, fan), (card, fan), (polled, disk), (fan, card)]
    let long = [0x7F] + (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    for (from, to) in pairs {
      try command(from) { _ = try $0.request(long.span, to: to.eid, now: bridge.now) }
    }
    bridge.run(until: ms(900))
    #expect(answers(fan) == [long, long])
    for endpoint in [disk, card, polled] { #expect(answers(endpoint) == [long]) }
    #expect(bridge.log == [])
    #expect(bridge.results[.arbitrationLost, default: 0] > 0)
  }

  @Test("A fault on the way costs retries, not messages")
  func retries() throws {
    let router = i2c.withSegment(now: .zero) { (segment: inout SimulatedI2CSegment) in
      segment.router
    }
    i2c.withSegment(now: .zero) { (segment: inout SimulatedI2CSegment) in
      segment.bus.arm(.init(nakEvery: 3), on: router)
    }
    let long = [0x7E] + (0..<300).map { UInt8(truncatingIfNeeded: $0) }
    try command(card) { _ = try $0.request(long.span, to: EID(9), now: bridge.now) }
    bridge.run(until: ms(500))
    #expect(answers(card) == [long])
    #expect(bridge.results[.addressNotAcknowledged] == 2)
  }

  @Test("A corrupted frame is dropped at the port and nowhere else")
  func corruption() throws {
    i2c.withSegment(now: .zero) { (segment: inout SimulatedI2CSegment) in
      guard let node = segment.node(at: 0x1D) else { return }
      segment.bus.arm(.init(corruptEvery: 1), on: node)
    }
    try command(fan) { _ = try $0.ping(EID(20), timeoutMs: 100, now: bridge.now) }
    bridge.run(until: ms(300))
    #expect(bridge.log.count == 1)
    #expect(bridge.log.first?.hasPrefix("port 0 damaged frame") ?? false)
    #expect(card.packetsIn == 0)
    let outcome = fan.nextOutcome()
    guard case .timedOut = outcome else {
      Issue.record("not timed out: \(String(describing: outcome))")
      return
    }
  }

  @Test("A lost interrupt delays a packet until the next; none is lost")
  func lostInterrupt() throws {
    i3c.withSegment(now: .zero) { (segment: inout SimulatedI3CSegment) in
      segment.bus.arm(.init(loseInterruptEvery: 2), on: cardID)
    }
    for _ in 0..<2 {
      try command(card) { _ = try $0.ping(EID(9), timeoutMs: 500, now: bridge.now) }
      bridge.run(until: bridge.now.advanced(byMs: 50))
    }
    #expect(answers(card).count == 1)
    i3c.withSegment(now: bridge.now) { (segment: inout SimulatedI3CSegment) in
      segment.bus.arm(.init(), on: cardID)
    }
    try command(card) { _ = try $0.ping(EID(9), timeoutMs: 500, now: bridge.now) }
    bridge.run(until: bridge.now.advanced(byMs: 50))
    #expect(answers(card).count == 2)
  }

  @Test("A device that leaves the I3C bus is not acknowledged, and answers when it is back")
  func comesAndGoes() throws {
    i3c.withSegment(now: .zero) { (segment: inout SimulatedI3CSegment) in
      segment.setPresent(false, cardID)
    }
    try command(fan) { _ = try $0.ping(EID(20), timeoutMs: 100, now: bridge.now) }
    bridge.run(until: ms(300))
    #expect(bridge.log == ["port 1 gives up: addressNotAcknowledged"])
    #expect(answers(fan) == [])
    i3c.withSegment(now: bridge.now) { (segment: inout SimulatedI3CSegment) in
      segment.setPresent(true, cardID)
    }
    try command(fan) { _ = try $0.ping(EID(20), timeoutMs: 100, now: bridge.now) }
    bridge.run(until: ms(600))
    #expect(answers(fan).count == 1)
  }

  @Test("Only a device without interrupts wakes an idle bus, at most 20 times a second")
  func idle() {
    bridge.run(until: ms(1000))
    let before = bridge.now
    // Each poll is a deadline for its start and one for its end.
    let wakeUps = bridge.run(until: before.advanced(byMs: 1000))
    #expect(wakeUps > 0)
    #expect(wakeUps <= 42)
    i3c.withSegment(now: bridge.now) { (segment: inout SimulatedI3CSegment) in
      segment.setPresent(false, polledID)
    }
    bridge.run(until: bridge.now.advanced(byMs: 100))
    #expect(bridge.run(until: bridge.now.advanced(byMs: 10_000)) == 0)
    for port in bridge.ports { #expect(port.nextDeadline == nil) }
  }
}
