import MCTPFraming
import MCTPSimulation
import MCTPWire
import TestSupport
import Testing

@Suite("A device that sends frames that are no packets")
struct GarbageFrameTests {
  private func endpoint(_ bridge: PhysicalAddress) -> SimulatedEndpoint {
    let endpoint = SimulatedEndpoint(
      SimulatedEndpointConfiguration(eid: EID(9), bridgeAddress: bridge), seed: 12)
    endpoint.temperament.garbageFramesPerSecond = 1000
    return endpoint
  }

  private func at(_ ms: Int) -> Instant { Instant.zero.advanced(byMs: UInt32(ms)) }

  @Test("On I2C they are writes to the bridge that it refuses, for different reasons")
  func i2c() {
    var device = SimulatedI2CDevice(endpoint(.i2c(0x10)), address: 0x1D, isFair: false)
    let bridge = SimulatedI2CDevice(
      SimulatedEndpoint(SimulatedEndpointConfiguration()), address: 0x10)
    for ms in 1...10_000 {
      guard let frame = device.nextFrame(now: at(ms)) else { continue }
      device.finishWrite(.sent)
      #expect(frame.first == 0x20)
      bridge.receive(frame.span, now: at(ms))
    }
    #expect(bridge.endpoint.packetsIn == 0)
    let drops = bridge.endpoint.dropCounts
    #expect(drops.values.reduce(0, +) == 10_000)
    for reason: DropReason in [.frameTooShort, .frameNotMCTP, .frameIntegrity] {
      #expect(drops[reason, default: 0] > 500)
    }
  }

  @Test("One that nobody takes is given up and is no packet that was dropped")
  func givenUp() {
    var device = SimulatedI2CDevice(endpoint(.i2c(0x10)), address: 0x1D)
    #expect(device.nextFrame(now: at(1)) != nil)
    device.endpoint.temperament = .good
    for _ in 0..<9 { device.finishWrite(.addressNotAcknowledged) }
    #expect(device.nextFrame(now: at(2)) == nil)
    #expect(device.endpoint.dropCounts == [:])
  }

  @Test("On I3C the controller reads bytes that are no packet")
  func i3c() {
    let device = SimulatedI3CDevice(
      endpoint(.none), target: VirtualI3CTarget(provisionedID: 0x02AE_0000_0001))
    var count = 0
    for ms in 1...10_000 {
      guard let bytes = device.nextRead(dynamicAddress: 9, now: at(ms)) else { continue }
      count += 1
      do throws(FrameError) {
        _ = try I3CFrame(decoding: bytes.span, dynamicAddress: 9, isRead: true)
        Issue.record("a packet: \(hexText(bytes))")
      } catch {
        #expect(error == .tooShort || error == .integrity)
      }
    }
    #expect(count == 10_000)
  }

  @Test(
    "On a serial line each counts once, between frames as after hurt ones", arguments: [68, 255])
  func serial(_ packetByteCountMax: Int) {
    var sender = SimulatedSerialDevice(endpoint(.none))
    let receiverEnd = SimulatedEndpoint(SimulatedEndpointConfiguration(eid: EID(10)))
    var receiver = SimulatedSerialDevice(receiverEnd, packetByteCountMax: packetByteCountMax)
    let good = hex("7e 01 07 01 00 08 c8 00 80 02 2b c1 7e")
    let hits: [FrameFate.Hit] = [.none, .damaged, .byteLost, .noise]
    var (packets, damaged) = (0, 0)
    for ms in 1...4000 {
      let garbage = sender.nextBytes(now: at(ms)) ?? []
      #expect(garbage.count > 2)
      damaged += 1
      // A wire that fails does not make a packet of it either.
      let hurt = SerialLineFaults.bytes(of: garbage, FrameFate(.damaged, salt: UInt64(ms)))
      receiver.receive((ms % 2 == 0 ? garbage : hurt ?? garbage).span, now: at(ms))
      let hit = hits[ms % 4]
      let line = SerialLineFaults.bytes(of: good, FrameFate(hit, salt: UInt64(ms))) ?? []
      receiver.receive(line.span, now: at(ms))
      if hit == .none || hit == .noise { packets += 1 }
      if hit != .none { damaged += 1 }
      while receiver.nextBytes(now: at(ms)) != nil {}
    }
    #expect(receiverEnd.packetsIn == packets)
    receiver.advance(to: at(100_000))
    #expect(receiverEnd.dropCounts.values.reduce(0, +) == damaged)
  }

  @Test("A restarted device on a serial line forgets the piece of a frame that it had")
  func serialRestart() {
    let endpoint = SimulatedEndpoint(SimulatedEndpointConfiguration(eid: EID(10)))
    var device = SimulatedSerialDevice(endpoint)
    device.receive(hex("7e 01 07 01 00").span, now: .zero)
    device.restart(now: .zero)
    let deadline = device.nextDeadline
    #expect(deadline == nil)
    device.receive(hex("7e 01 07 01 00 08 c8 00 80 02 2b c1 7e").span, now: .zero)
    #expect(endpoint.packetsIn == 1)
    #expect(endpoint.dropCounts == [:])
  }

  @Test("A device on a busy bus floods what room it leaves, and the segment's time goes on")
  func segment() {
    let talker = endpoint(.i2c(0x10))
    talker.temperament.floodPerSecond = 100_000
    talker.temperament.floodDestination = EID(30)
    var segment = SimulatedI2CSegment(
      routerAddress: 0x10, devices: [SimulatedI2CDevice(talker, address: 0x1D, isFair: false)])
    segment.advance(to: at(1000))
    // 73 bytes at 100 kHz are 6.59 ms: 151 in a second, and the router's 31 places fill up before.
    var count = 0
    while segment.nextFrame() != nil { count += 1 }
    #expect(count == 31)
    talker.temperament = .good
    segment.advance(to: at(2000))
    #expect(segment.nextDeadline == nil)
  }
}
