import MCTPSimulation
import MCTPWire
import TestSupport
import Testing

@Suite("An I2C wire that fails by chance")
struct VirtualI2CBusFaultTests {
  private let frame = hex("3a 0f 08 21 01 00 08 c8 00 80 02 56")

  private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

  private func faults(_ change: (inout FrameFaults) -> Void) -> FrameFaults {
    var faults = FrameFaults()
    change(&faults)
    return faults
  }

  private func finish(_ bus: inout VirtualI2CBus) -> [VirtualI2CBus.Completion] {
    var all: [VirtualI2CBus.Completion] = []
    while let next = bus.nextDeadline {
      bus.advance(to: next)
      while let done = bus.nextCompletion() { all.append(done) }
    }
    return all
  }

  private func receptions(_ bus: inout VirtualI2CBus, _ node: VirtualI2CBus.Node) -> [[UInt8]] {
    var all: [[UInt8]] = []
    while let reception = bus.nextReception(of: node) { all.append(reception) }
    return all
  }

  /// One write at 1 MHz: how it ended, what arrived, what was counted.
  private func write(_ faults: FrameFaults) -> (
    done: VirtualI2CBus.Completion?, received: [[UInt8]], counts: FrameImpairment.Counts
  ) {
    var bus = VirtualI2CBus(clockHz: 1_000_000, seed: 2, faults: faults)
    let router = bus.attach(address: 0x10)
    let device = bus.attach(address: 0x1D)
    bus.startWrite(router, frame: frame.span, now: .zero)
    let done = finish(&bus)
    return (done.first, receptions(&bus, device), bus.impairment.counts)
  }

  @Test("A write that is not acknowledged or loses arbitration ends so, and nobody gets it")
  func refusals() {
    let nak = write(faults { $0.nakPPM = 1_000_000 })
    #expect(nak.done?.result == .addressNotAcknowledged)
    #expect(nak.done?.at == at(11_000))
    #expect(nak.received == [])
    #expect(nak.counts.notAcknowledged == 1)
    let lost = write(faults { $0.arbitrationLossPPM = 1_000_000 })
    #expect(lost.done?.result == .arbitrationLost)
    #expect(lost.received == [])
    #expect(lost.counts.arbitrationsLost == 1)
  }

  @Test("Two equal frames are one on the wire: the first one's fault hits both")
  func equalFrames() {
    for isFirst in [true, false] {
      var bus = VirtualI2CBus(clockHz: 1_000_000)
      let first = bus.attach(address: 0x10)
      let second = bus.attach(address: 0x11)
      let device = bus.attach(address: 0x1D)
      bus.arm(.init(nakEvery: 1), on: isFirst ? first : second)
      bus.startWrite(first, frame: frame.span, now: .zero)
      bus.startWrite(second, frame: frame.span, now: .zero)
      let done = finish(&bus)
      #expect(done.map(\.controller) == [first, second])
      #expect(done.allSatisfy { $0.result == (isFirst ? .addressNotAcknowledged : .sent) })
      #expect(receptions(&bus, device) == (isFirst ? [] : [frame]))
    }
  }

  @Test("A held wire delays the write's beginning; others wait meanwhile")
  func hold() {
    var bus = VirtualI2CBus(
      clockHz: 1_000_000,
      faults: faults { ($0.holdPPM, $0.holdMicroseconds) = (1_000_000, 500) })
    let router = bus.attach(address: 0x10)
    let device = bus.attach(address: 0x1D)
    bus.startWrite(router, frame: frame.span, now: .zero)
    bus.impairment.faults = .none
    // 12 bytes, 110 clocks.
    #expect(bus.nextDeadline == at(610_000))
    bus.startWrite(device, frame: hex("20 0f 01 23").span, now: at(100_000))
    #expect(finish(&bus).map(\.at) == [at(610_000), at(648_000)])
    #expect(bus.impairment.counts.held == 1)
  }

  @Test("A lost frame was acknowledged, a doubled one comes twice, a damaged one keeps its address")
  func deliveries() {
    let lost = write(faults { $0.lossPPM = 1_000_000 })
    #expect(lost.done?.result == .sent)
    #expect(lost.received == [])
    #expect(lost.counts.lost == 1)
    let twice = write(faults { $0.duplicatePPM = 1_000_000 })
    #expect(twice.done?.result == .sent)
    #expect(twice.received == [frame, frame])
    #expect(twice.counts.duplicated == 1)
    let damaged = write(faults { $0.damagePPM = 1_000_000 })
    #expect(damaged.done?.result == .sent)
    #expect(damaged.received.count == 1)
    #expect(damaged.received.first != frame)
    #expect(damaged.received.first?.first == 0x3A)
    #expect(damaged.counts.damaged == 1)
    #expect(write(.none).received == [frame])
  }

  @Test("A damaged frame is never a packet at its device, also when it was damaged before")
  func certainty() {
    // The PEC is wrong in one bit: some bursts would put it right.
    var bad = frame
    bad[11] ^= 0x10
    for original in [frame, bad] {
      var bus = VirtualI2CBus(
        clockHz: 1_000_000, seed: 8, faults: faults { $0.damagePPM = 1_000_000 })
      let router = bus.attach(address: 0x10)
      let node = bus.attach(address: 0x1D)
      let device = SimulatedI2CDevice(
        SimulatedEndpoint(SimulatedEndpointConfiguration(eid: EID(10))), address: 0x1D)
      for step: UInt64 in 0..<20_000 {
        bus.startWrite(router, frame: original.span, now: at(step * 1_000_000))
        bus.advance(to: at(step * 1_000_000 + 500_000))
        for frame in receptions(&bus, node) { device.receive(frame.span, now: .zero) }
      }
      #expect(device.endpoint.packetsIn == 0)
      #expect(device.endpoint.dropCounts.values.reduce(0, +) == 20_000)
    }
  }

  @Test("Late frames arrive in order after their writes ended, within the delay")
  func late() {
    var bus = VirtualI2CBus(
      clockHz: 1_000_000, seed: 6, faults: faults { $0.delayMaxMicroseconds = 2000 })
    let router = bus.attach(address: 0x10)
    let device = bus.attach(address: 0x1D, receptionsMax: 100)
    var ended: [Instant] = []
    var arrived: [(UInt8, Instant)] = []
    var number: UInt8 = 0
    bus.startWrite(router, frame: [0x3A, 0].span, now: .zero)
    while let next = bus.nextDeadline {
      bus.advance(to: next)
      for frame in receptions(&bus, device) { arrived.append((frame[1], next)) }
      guard let done = bus.nextCompletion() else { continue }
      ended.append(done.at)
      number += 1
      if number < 50 { bus.startWrite(router, frame: [0x3A, number].span, now: done.at) }
    }
    #expect(arrived.map(\.0) == Array(0..<50))
    #expect(zip(arrived, ended).allSatisfy { $0.1 >= $1 && $0.1 <= $1.advanced(byMs: 2) })
    #expect(zip(arrived, ended).count { $0.1 > $1 } > 40)
    #expect(ended.last == at(50 * 20_000))
  }

  @Test("A late or doubled frame that finds no room is lost and counted")
  func overrun() {
    var bus = VirtualI2CBus(clockHz: 1_000_000, faults: faults { $0.duplicatePPM = 1_000_000 })
    let router = bus.attach(address: 0x10)
    let device = bus.attach(address: 0x1D, receptionsMax: 1)
    bus.startWrite(router, frame: [0x3A, 1].span, now: .zero)
    _ = finish(&bus)
    #expect(receptions(&bus, device) == [[0x3A, 1]])
    #expect(bus.impairment.counts.overruns == 1)
    bus.impairment = FrameImpairment(faults: faults { $0.delayMaxMicroseconds = 1000 }, seed: 1)
    for number: UInt8 in 2...3 {
      bus.startWrite(router, frame: [0x3A, number].span, now: at(1_000_000))
      while bus.isWriting(router), let next = bus.nextDeadline { bus.advance(to: next) }
    }
    _ = finish(&bus)
    #expect(receptions(&bus, device) == [[0x3A, 2]])
    #expect(bus.impairment.counts.overruns == 1)
  }

  @Test("A wire keeps 1024 late frames; what is late beyond them is lost and counted")
  func lateBound() {
    // The first delay is 36 minutes on average, and nobody overtakes it.
    var bus = VirtualI2CBus(
      clockHz: 1_000_000, seed: 3, faults: faults { $0.delayMaxMicroseconds = .max })
    let router = bus.attach(address: 0x10)
    let device = bus.attach(address: 0x1D, receptionsMax: 2000)
    for number: UInt64 in 0..<1100 {
      bus.advance(to: at(number * 20_000))
      bus.startWrite(router, frame: [0x3A, 1].span, now: at(number * 20_000))
    }
    _ = finish(&bus)
    #expect(receptions(&bus, device).count == 1024)
    #expect(bus.impairment.counts.overruns == 76)
    #expect(bus.impairment.counts.delayed == 1100)
  }

  @Test("What a node held and what was on its way to it is gone when it leaves, and counted")
  func gone() {
    var bus = VirtualI2CBus(clockHz: 1_000_000)
    let router = bus.attach(address: 0x10)
    let device = bus.attach(address: 0x1D)
    bus.startWrite(router, frame: [0x3A, 1].span, now: .zero)
    bus.advance(to: at(20_000))
    #expect(bus.hasReception(device) == true)
    // The second is on the wire when its target leaves and comes back.
    bus.startWrite(router, frame: [0x3A, 2].span, now: at(20_000))
    bus.detach(device)
    bus.reattach(device)
    #expect(bus.impairment.counts.gone == 2)
    #expect(finish(&bus).map(\.result) == [.sent, .sent])
    #expect(receptions(&bus, device) == [])
    // The third is cut off on its way.
    bus.startWrite(router, frame: [0x3A, 3].span, now: at(100_000))
    bus.setReachable(device, false)
    _ = finish(&bus)
    #expect(bus.impairment.counts.gone == 3)
    bus.setReachable(device, true)
    bus.startWrite(router, frame: [0x3A, 4].span, now: at(200_000))
    _ = finish(&bus)
    #expect(receptions(&bus, device) == [[0x3A, 4]])
    #expect(bus.impairment.counts.gone == 3)
  }

  @Test("A late frame does not reach the next life of its target, and still reaches another")
  func lateAndGone() {
    var bus = VirtualI2CBus(
      clockHz: 1_000_000, seed: 6, faults: faults { $0.delayMaxMicroseconds = 100_000 })
    let router = bus.attach(address: 0x10)
    // Two with one address: both acknowledge, both receive.
    let device = bus.attach(address: 0x1D)
    let twin = bus.attach(address: 0x1D)
    bus.startWrite(router, frame: [0x3A, 1].span, now: .zero)
    bus.advance(to: at(20_000))
    #expect(bus.nextCompletion()?.result == .sent)
    #expect(bus.hasReception(device) == false)
    bus.detach(device)
    bus.reattach(device)
    _ = finish(&bus)
    #expect(receptions(&bus, device) == [])
    #expect(receptions(&bus, twin) == [[0x3A, 1]])
    #expect(bus.impairment.counts.gone == 1)
  }

  @Test("Behind a mux that is turned elsewhere nobody acknowledges, receives or is acknowledged")
  func unreachable() {
    var bus = VirtualI2CBus(clockHz: 1_000_000)
    let router = bus.attach(address: 0x10)
    let device = bus.attach(address: 0x1D)
    let other = bus.attach(address: 0x1E)
    bus.setReachable(device, false)
    bus.startWrite(router, frame: frame.span, now: .zero)
    #expect(finish(&bus).map(\.result) == [.addressNotAcknowledged])
    // Its own write disturbs nobody's.
    bus.startWrite(device, frame: hex("20 0f 01 23").span, now: at(100_000))
    bus.startWrite(other, frame: hex("20 0f 01 25").span, now: at(100_000))
    #expect(bus.isWriting(device) == true)
    let done = finish(&bus)
    #expect(done.map(\.controller) == [device, other])
    #expect(done.map(\.result) == [.addressNotAcknowledged, .sent])
    #expect(done.map(\.at) == [at(111_000), at(138_000)])
    #expect(receptions(&bus, router) == [hex("20 0f 01 25")])
    bus.setReachable(device, true)
    bus.startWrite(router, frame: frame.span, now: at(200_000))
    #expect(finish(&bus).map(\.result) == [.sent])
    #expect(receptions(&bus, device) == [frame])
  }

  @Test("A frame whose target is cut off before its end reaches nobody")
  func cutInTime() {
    var bus = VirtualI2CBus(clockHz: 1_000_000)
    let router = bus.attach(address: 0x10)
    let device = bus.attach(address: 0x1D)
    bus.startWrite(router, frame: frame.span, now: .zero)
    bus.setReachable(device, false)
    _ = finish(&bus)
    #expect(receptions(&bus, device) == [])
  }
}
