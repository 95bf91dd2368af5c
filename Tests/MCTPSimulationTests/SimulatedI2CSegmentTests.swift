import MCTPSimulation
import MCTPWire
import TestSupport
import Testing

@Suite("An I2C bus with simulated devices")
struct SimulatedI2CSegmentTests {
  private func endpoint(_ eid: UInt8, bridge: UInt8 = 0x10) -> SimulatedEndpoint {
    SimulatedEndpoint(
      SimulatedEndpointConfiguration(eid: EID(eid), bridgeAddress: .i2c(bridge)))
  }

  private func settle(_ segment: inout SimulatedI2CSegment, until limit: Instant) {
    while let next = segment.nextDeadline, next <= limit { segment.advance(to: next) }
  }

  @Test("Vector I1 is answered with I2", .spec("DSP0237 1.1.0 §6.3"))
  func answersI1() {
    var segment = SimulatedI2CSegment(
      routerAddress: 0x10, devices: [SimulatedI2CDevice(endpoint(0x0A), address: 0x1D)])
    segment.startWrite(hex("3a 0f 08 21 01 00 08 c8 00 80 02 56").span, now: .zero)
    settle(&segment, until: Instant.zero.advanced(byMs: 100))
    #expect(segment.nextResult() == .sent)
    let answer = segment.nextFrame().map(hexText)
    #expect(answer == "20 0f 0c 3b 01 08 0a c0 00 00 02 00 0a 00 00 b6")
    #expect(segment.nextFrame() == nil)
    #expect(segment.nextDeadline == nil)
    let hasNews = segment.hasNews
    #expect(!hasNews)
  }

  @Test("A frame for nobody and one with a wrong PEC are not answered; the latter is counted")
  func damaged() {
    let device = endpoint(0x0A)
    var segment = SimulatedI2CSegment(
      routerAddress: 0x10, devices: [SimulatedI2CDevice(device, address: 0x1D)])
    segment.startWrite(hex("3c 0f 08 21 01 00 08 c8 00 80 02 56").span, now: .zero)
    settle(&segment, until: Instant.zero.advanced(byMs: 100))
    #expect(segment.nextResult() == .addressNotAcknowledged)
    segment.startWrite(
      hex("3a 0f 08 21 01 00 08 c8 00 80 02 57").span, now: Instant.zero.advanced(byMs: 100))
    settle(&segment, until: Instant.zero.advanced(byMs: 200))
    #expect(segment.nextResult() == .sent)
    #expect(segment.nextFrame() == nil)
    #expect(device.dropCounts == [.frameIntegrity: 1])
  }

  @Test("A device repeats what is not taken eight times, then gives up", .spec("DSP0237 1.1.0"))
  func retries() throws {
    let device = endpoint(9, bridge: 0x33)
    var segment = SimulatedI2CSegment(
      routerAddress: 0x10, devices: [SimulatedI2CDevice(device, address: 0x1D)],
      clockHz: 1_000_000)
    _ = try device.ping(EID(8), timeoutMs: 100, now: .zero)
    segment.advance(to: .zero)
    var ends: [UInt64] = []
    while let next = segment.nextDeadline, next < Instant.zero.advanced(byMs: 1) {
      ends.append(next.nanoseconds)
      segment.advance(to: next)
    }
    // Nine attempts of eleven clocks, one after the other.
    #expect(ends == (1...9).map { $0 * 11_000 })
    #expect(device.dropCounts == [.retriesExhausted: 1])
  }

  @Test("A restart gives up a packet that waits to be repeated; one on the wire may still arrive")
  func restart() throws {
    let sender = endpoint(9)
    var device = SimulatedI2CDevice(sender, address: 0x1D)
    func begin() throws {
      try sender.send([0x7E].span, to: EID(8), now: .zero)
      let frame = device.nextFrame(now: .zero)
      #expect(frame?.prefix(7) == hex("20 0f 06 3b 01 08 09")[...])
    }
    try begin()
    device.finishWrite(.addressNotAcknowledged)
    device.restart(now: .zero)
    #expect(device.nextFrame(now: .zero) == nil)
    #expect(sender.dropCounts == [.portDown: 1])
    try begin()
    device.restart(now: .zero)
    device.finishWrite(.sent)
    #expect(sender.dropCounts == [.portDown: 1])
    try begin()
    device.restart(now: .zero)
    device.finishWrite(.addressNotAcknowledged)
    #expect(device.nextFrame(now: .zero) == nil)
    #expect(sender.dropCounts == [.portDown: 2])
  }

  @Test("A bus address that is not I2C's is refused and counted")
  func refused() throws {
    let device = SimulatedEndpoint(SimulatedEndpointConfiguration(eid: EID(9)))
    var segment = SimulatedI2CSegment(
      routerAddress: 0x10, devices: [SimulatedI2CDevice(device, address: 0x1D)])
    try device.send([0x7E].span, to: EID(8), now: .zero)
    segment.advance(to: .zero)
    #expect(device.dropCounts == [.transmissionRefused: 1])
  }

  @Test(
    "Fair devices let the router in after one turn each, unfair ones keep it out",
    arguments: [(true, 2), (false, 6)])
  func fairness(_ isFair: Bool, _ turnsBefore: Int) throws {
    let talkers = [endpoint(9), endpoint(12)]
    var segment = SimulatedI2CSegment(
      routerAddress: 0x10,
      devices: [
        SimulatedI2CDevice(talkers[0], address: 0x1D, isFair: isFair),
        SimulatedI2CDevice(talkers[1], address: 0x1E, isFair: isFair),
      ])
    // Three packets each, all to 0x10, which wins against the router's 0x1d.
    let body = [0x7E] + [UInt8](repeating: 0, count: 150)
    for talker in talkers { try talker.send(body.span, to: EID(30), now: .zero) }
    let frame = hex("3a 0f 05 21 01 09 08 c0 00")
    var framesBefore = 0
    segment.startWrite(frame.span, now: .zero)
    var isSent = false
    while !isSent, let next = segment.nextDeadline, next < Instant.zero.advanced(byMs: 200) {
      segment.advance(to: next)
      while segment.nextFrame() != nil { framesBefore += 1 }
      guard let result = segment.nextResult() else { continue }
      isSent = result == .sent
      if !isSent { segment.startWrite(frame.span, now: next) }
    }
    #expect(isSent)
    #expect(framesBefore == turnsBefore)
    settle(&segment, until: Instant.zero.advanced(byMs: 400))
    while segment.nextFrame() != nil { framesBefore += 1 }
    #expect(framesBefore == 6)
  }
}
