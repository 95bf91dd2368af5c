import MCTPFraming
import MCTPSimulation
import MCTPWire
import TestSupport
import Testing

@Suite("An I3C wire that fails by chance")
struct VirtualI3CBusFaultTests {
  private let fan: UInt64 = 0x02AE_0000_0001

  private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

  /// 1 MHz, so that a clock is a microsecond.
  private func bus(_ change: (inout FrameFaults) -> Void) -> VirtualI3CBus {
    var faults = FrameFaults()
    change(&faults)
    return VirtualI3CBus(
      targets: [VirtualI3CTarget(provisionedID: fan)], clockHz: 1_000_000, seed: 3, faults: faults)
  }

  private func run(
    _ bus: inout VirtualI3CBus, _ transfer: VirtualI3CBus.Transfer, now: Instant = .zero
  ) -> VirtualI3CBus.Completion? {
    bus.start(transfer, to: 0x09, now: now)
    while bus.isTransferring, let next = bus.nextDeadline { bus.advance(to: next) }
    return bus.nextCompletion()
  }

  private func writes(_ bus: inout VirtualI3CBus) -> [[UInt8]] {
    var all: [[UInt8]] = []
    while let bytes = bus.nextWrite(to: fan) { all.append(bytes) }
    return all
  }

  @Test("Writes are lost, doubled and damaged though the controller sent them")
  func writeFaults() {
    var lost = bus { $0.lossPPM = 1_000_000 }
    #expect(run(&lost, .write([1, 2]))?.result == .sent)
    #expect(writes(&lost) == [])
    #expect(lost.impairment.counts.lost == 1)
    var twice = bus { $0.duplicatePPM = 1_000_000 }
    #expect(run(&twice, .write([1, 2]))?.result == .sent)
    #expect(writes(&twice) == [[1, 2], [1, 2]])
    var damaged = bus { $0.damagePPM = 1_000_000 }
    #expect(run(&damaged, .write([1, 2]))?.result == .sent)
    let arrived = writes(&damaged)
    #expect(arrived.count == 1 && arrived != [[1, 2]])
    #expect(damaged.impairment.counts.damaged == 1)
  }

  @Test("A read is damaged and never lost; what was read damaged is gone at the target")
  func readFaults() {
    var bus = bus { ($0.damagePPM, $0.lossPPM, $0.duplicatePPM) = (500_000, 500_000, 0) }
    var counts = (damaged: 0, whole: 0)
    for _ in 0..<100 {
      bus.queueRead(fan, frame: [5, 6, 7].span, now: .zero)
      let done = run(&bus, .read(byteCountMax: 69))
      #expect(done?.result == .sent && done?.bytes.count == 3)
      if done?.bytes == [5, 6, 7] { counts.whole += 1 } else { counts.damaged += 1 }
    }
    #expect(counts.damaged == bus.impairment.counts.damaged)
    #expect(counts.damaged > 30 && counts.whole > 30)
    #expect(bus.impairment.counts.lost == 0)
    bus.impairment.faults = .none
    #expect(run(&bus, .read(byteCountMax: 69))?.result == .addressNotAcknowledged)
  }

  @Test("A refusal and a held wire hit reads, writes and GETSTATUS, and no other common command")
  func refusalAndHold() {
    var nak = bus { $0.nakPPM = 1_000_000 }
    #expect(run(&nak, .write([1]))?.result == .addressNotAcknowledged)
    #expect(run(&nak, .directGet(.getStatus))?.result == .addressNotAcknowledged)
    #expect(run(&nak, .directGet(.getProvisionedID))?.result == .sent)
    #expect(run(&nak, .directSet(.disableEvents, [0]))?.result == .sent)
    #expect(nak.impairment.counts.notAcknowledged == 2)
    var held = bus { ($0.holdPPM, $0.holdMicroseconds) = (1_000_000, 300) }
    // 20 clocks.
    #expect(run(&held, .write([1]))?.at == at(320_000))
    #expect(writes(&held) == [[1]])
  }

  @Test("A lost interrupt comes again after 5 ms, also when the target's memory is full")
  func lostInterrupt() {
    var bus = bus { $0.interruptLossPPM = 1_000_000 }
    while bus.canQueueRead(fan) { bus.queueRead(fan, frame: [1].span, now: .zero) }
    bus.advance(to: at(20_000))
    #expect(bus.nextInterrupt() == nil)
    #expect(bus.nextDeadline == at(5_020_000))
    bus.impairment.faults = .none
    while let next = bus.nextDeadline { bus.advance(to: next) }
    #expect(bus.nextInterrupt()?.at == at(5_040_000))
    #expect(bus.impairment.counts.interruptsLost == 1)
  }

  @Test("A packet whose read was refused is announced again; one that was read is not")
  func refusedRead() {
    var bus = bus { $0.nakPPM = 1_000_000 }
    bus.queueRead(fan, frame: [1].span, now: .zero)
    bus.advance(to: at(20_000))
    #expect(bus.nextInterrupt() != nil)
    #expect(run(&bus, .read(byteCountMax: 69), now: at(20_000))?.result == .addressNotAcknowledged)
    bus.impairment.faults = .none
    while let next = bus.nextDeadline { bus.advance(to: next) }
    #expect(bus.nextInterrupt()?.at == at(5_040_000))
    bus.impairment.faults.nakPPM = 1_000_000
    _ = run(&bus, .read(byteCountMax: 69), now: at(6_000_000))
    bus.impairment.faults = .none
    #expect(run(&bus, .read(byteCountMax: 69), now: at(7_000_000))?.bytes == [1])
    while let next = bus.nextDeadline { bus.advance(to: next) }
    #expect(bus.nextInterrupt() == nil)
  }

  @Test(
    "A restarted controller can have everything announced again; a restarted target has nothing")
  func restarts() {
    var bus = bus { _ in }
    bus.queueRead(fan, frame: [1].span, now: .zero)
    bus.advance(to: at(20_000))
    #expect(bus.nextInterrupt() != nil)
    bus.announceAgain(now: at(30_000))
    bus.advance(to: at(50_000))
    #expect(bus.nextInterrupt() != nil)
    _ = run(&bus, .write([1]), now: at(60_000))
    bus.clear(fan)
    #expect(writes(&bus) == [])
    bus.announceAgain(now: at(100_000))
    #expect(bus.nextDeadline == nil)
    #expect(run(&bus, .read(byteCountMax: 69), now: at(100_000))?.result == .addressNotAcknowledged)
  }

  @Test("What a target held and had to send is gone when it leaves or is restarted, and counted")
  func gone() {
    var bus = bus { _ in }
    _ = run(&bus, .write([1]))
    bus.queueRead(fan, frame: [2].span, now: at(100_000))
    bus.clear(fan)
    #expect(bus.impairment.counts.gone == 2)
    bus.queueRead(fan, frame: [3].span, now: at(200_000))
    bus.detach(fan)
    #expect(bus.impairment.counts.gone == 3)
    bus.attach(VirtualI3CTarget(provisionedID: fan))
    bus.start(.write([4]), to: 0x09, now: at(300_000))
    bus.detach(fan)
    while let next = bus.nextDeadline { bus.advance(to: next) }
    // A target refuses no data in I3C, so that the controller does not hear of it.
    #expect(bus.nextCompletion()?.result == .sent)
    #expect(bus.impairment.counts.gone == 4)
  }

  @Test("A held read takes nothing that its target sends after a restart")
  func readOverRestart() {
    // Without interrupts: nothing but the read is on the wire.
    var bus = VirtualI3CBus(
      targets: [VirtualI3CTarget(provisionedID: fan, bcr: VirtualI3CTarget.silentBCR)],
      clockHz: 1_000_000)
    bus.impairment.faults.holdPPM = 1_000_000
    bus.impairment.faults.holdMicroseconds = 300
    bus.queueRead(fan, frame: [1, 1].span, now: .zero)
    bus.start(.read(byteCountMax: 69), to: 0x09, now: .zero)
    bus.impairment.faults = .none
    bus.advance(to: at(100_000))
    bus.clear(fan)
    bus.queueRead(fan, frame: [2, 2, 2].span, now: at(100_000))
    // 29 clocks after the hold.
    bus.advance(to: at(329_000))
    let done = bus.nextCompletion()
    #expect(done?.result == .addressNotAcknowledged && done?.bytes == [])
    #expect(done?.at == at(329_000))
    #expect(run(&bus, .read(byteCountMax: 69), now: at(400_000))?.bytes == [2, 2, 2])
    #expect(bus.impairment.counts.gone == 1)
  }

  @Test("A held transfer does nothing to another target that has got the address meanwhile")
  func anotherAtTheAddress() {
    let other: UInt64 = 0x02AE_0000_0002
    var bus = bus { ($0.holdPPM, $0.holdMicroseconds) = (1_000_000, 300) }
    bus.start(.write([1]), to: 0x09, now: .zero)
    bus.detach(fan)
    #expect(bus.attach(VirtualI3CTarget(provisionedID: other)) == 0x09)
    bus.advance(to: at(320_000))
    #expect(bus.nextCompletion()?.result == .sent)
    #expect(bus.nextWrite(to: other) == nil)
    #expect(bus.impairment.counts.gone == 1)
    bus.impairment.faults = .none
    // Common commands are never held.
    bus.start(.directSet(.setMaxWriteLength, [0, 20]), to: 0x09, now: at(400_000))
    bus.detach(other)
    bus.attach(VirtualI3CTarget(provisionedID: fan))
    bus.advance(to: at(500_000))
    #expect(bus.targets.map(\.target.maxWriteByteCount) == [69])
  }

  @Test("A damaged write is never a packet, also when it was damaged before")
  func certainty() {
    // PEC over 0x12 and the packet, wrong in one bit.
    var buffer = [UInt8](repeating: 0, count: 8)
    var span = buffer.mutableSpan
    _ = try? I3CFrame.encode(
      hex("01 0a 08 c8 00 80 02").span, dynamicAddress: 0x09, isRead: false, into: &span)
    var bad = buffer
    bad[7] ^= 0x04
    for original in [buffer, bad] {
      var bus = bus { $0.damagePPM = 1_000_000 }
      let device = SimulatedI3CDevice(
        SimulatedEndpoint(SimulatedEndpointConfiguration(eid: EID(10))),
        target: VirtualI3CTarget(provisionedID: fan))
      for _ in 0..<20_000 {
        _ = run(&bus, .write(original))
        for bytes in writes(&bus) { device.receive(bytes.span, dynamicAddress: 9, now: .zero) }
      }
      #expect(device.endpoint.packetsIn == 0)
      #expect(device.endpoint.dropCounts == [.frameIntegrity: 20_000])
    }
  }
}
