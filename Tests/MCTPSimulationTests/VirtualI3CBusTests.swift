import MCTPSimulation
import MCTPWire
import TestSupport
import Testing

@Suite("One I3C bus with one controller")
struct VirtualI3CBusTests {
  private let fan: UInt64 = 0x02AE_0000_0001
  private let disk: UInt64 = 0x02AE_0000_0002

  private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

  /// 1 MHz, so that a clock is a microsecond.
  private func bus(_ targets: [VirtualI3CTarget]) -> VirtualI3CBus {
    VirtualI3CBus(targets: targets, clockHz: 1_000_000, seed: 3)
  }

  /// Runs one transfer to its end.
  private func run(
    _ bus: inout VirtualI3CBus, _ transfer: VirtualI3CBus.Transfer, to address: UInt8
  ) -> VirtualI3CBus.Completion? {
    bus.start(transfer, to: address, now: .zero)
    while bus.isTransferring, let next = bus.nextDeadline { bus.advance(to: next) }
    return bus.nextCompletion()
  }

  private func settle(_ bus: inout VirtualI3CBus) {
    while let next = bus.nextDeadline { bus.advance(to: next) }
  }

  private func interrupts(_ bus: inout VirtualI3CBus) -> [UInt8?] {
    var bytes: [UInt8?] = []
    while let interrupt = bus.nextInterrupt() { bytes.append(interrupt.mandatoryByte) }
    return bytes
  }

  @Test("Dynamic addresses follow the provisioned IDs from 0x09; a late target gets the next free")
  func addresses() {
    var bus = bus([
      VirtualI3CTarget(provisionedID: disk), VirtualI3CTarget(provisionedID: fan),
    ])
    #expect(bus.dynamicAddress(of: fan) == 0x09)
    #expect(bus.dynamicAddress(of: disk) == 0x0A)
    let before = bus.generation
    #expect(bus.attach(VirtualI3CTarget(provisionedID: 5)) == 0x0B)
    #expect(bus.attach(VirtualI3CTarget(provisionedID: 5)) == nil)
    bus.detach(fan)
    #expect(bus.generation > before)
    #expect(bus.dynamicAddress(of: fan) == nil)
    #expect(bus.attach(VirtualI3CTarget(provisionedID: 6)) == 0x09)
    #expect(bus.targets.map(\.dynamicAddress) == [0x09, 0x0A, 0x0B])
  }

  @Test("A full bus never gives an address one bit from the broadcast address")
  func reservedAddresses() {
    var bus = VirtualI3CBus()
    var given: [UInt8] = []
    for id in 1...200 {
      if let address = bus.attach(VirtualI3CTarget(provisionedID: UInt64(id))) {
        given.append(address)
      }
    }
    #expect(given.first == 0x09)
    #expect(given.last == 0x77)
    for reserved: UInt8 in [0x3E, 0x5E, 0x6E, 0x76] { #expect(!given.contains(reserved)) }
    #expect(given.count == 0x77 - 0x09 + 1 - 4)
  }

  @Test("A private write of 69 bytes takes 632 clocks and reaches its target")
  func write() {
    var bus = bus([VirtualI3CTarget(provisionedID: fan)])
    let bytes = [UInt8](0..<69)
    bus.start(.write(bytes), to: 0x09, now: at(500))
    #expect(bus.nextDeadline == at(632_500))
    bus.advance(to: at(632_499))
    #expect(bus.nextWrite(to: fan) == nil)
    bus.advance(to: at(632_500))
    #expect(bus.nextCompletion()?.result == .sent)
    #expect(bus.nextWrite(to: fan) == bytes)
    #expect(bus.nextDeadline == nil)
  }

  @Test("69 bytes at 12.5 MHz take 50.56 µs")
  func timing() {
    var bus = VirtualI3CBus(targets: [VirtualI3CTarget(provisionedID: fan)])
    bus.start(.write([UInt8](0..<69)), to: 0x09, now: .zero)
    #expect(bus.nextDeadline == at(50_560))
  }

  @Test("What exceeds the maximum write length is lost")
  func writeTooLong() {
    var bus = bus([VirtualI3CTarget(provisionedID: fan, maxWriteByteCount: 10)])
    #expect(run(&bus, .write([UInt8](0..<12)), to: 0x09)?.result == .sent)
    #expect(bus.nextWrite(to: fan) == [UInt8](0..<10))
  }

  @Test("An absent target, an empty target's read and a full target's write are not acknowledged")
  func notAcknowledged() {
    var bus = bus([])
    bus.attach(VirtualI3CTarget(provisionedID: fan), framesMax: 1)
    #expect(run(&bus, .write([1]), to: 0x0A)?.result == .addressNotAcknowledged)
    #expect(run(&bus, .read(byteCountMax: 69), to: 0x09)?.result == .addressNotAcknowledged)
    #expect(run(&bus, .write([1]), to: 0x09)?.result == .sent)
    #expect(run(&bus, .write([2]), to: 0x09)?.result == .addressNotAcknowledged)
    #expect(bus.nextWrite(to: fan) == [1])
    let first = bus.queueRead(fan, frame: [1].span, now: .zero)
    let second = bus.queueRead(fan, frame: [2].span, now: .zero)
    #expect(first)
    #expect(!second)
  }

  @Test("One interrupt announces one packet; the next follows the read", .spec("DSP0233"))
  func pendingRead() {
    var bus = bus([VirtualI3CTarget(provisionedID: fan)])
    bus.queueRead(fan, frame: [1, 1].span, now: .zero)
    #expect(bus.nextDeadline == at(20_000))
    bus.queueRead(fan, frame: [2, 2, 2].span, now: at(1000))
    settle(&bus)
    #expect(interrupts(&bus) == [0xAE])
    let first = run(&bus, .read(byteCountMax: 69), to: 0x09)
    #expect(first?.bytes == [1, 1])
    #expect(first?.at == at(20_000 + 29_000))
    settle(&bus)
    #expect(interrupts(&bus) == [0xAE])
    #expect(run(&bus, .read(byteCountMax: 69), to: 0x09)?.bytes == [2, 2, 2])
    settle(&bus)
    #expect(interrupts(&bus) == [])
    #expect(run(&bus, .read(byteCountMax: 69), to: 0x09)?.result == .addressNotAcknowledged)
  }

  @Test("A lost interrupt is made good by the next packet's")
  func lostInterrupt() {
    var bus = bus([VirtualI3CTarget(provisionedID: fan)])
    bus.arm(.init(loseInterruptEvery: 1), on: fan)
    bus.queueRead(fan, frame: [1].span, now: .zero)
    settle(&bus)
    #expect(interrupts(&bus) == [])
    bus.arm(.init(), on: fan)
    bus.queueRead(fan, frame: [2].span, now: at(20_000_000))
    settle(&bus)
    #expect(interrupts(&bus) == [0xAE])
    #expect(run(&bus, .read(byteCountMax: 69), to: 0x09)?.bytes == [1])
    settle(&bus)
    #expect(interrupts(&bus) == [0xAE])
    #expect(run(&bus, .read(byteCountMax: 69), to: 0x09)?.bytes == [2])
  }

  @Test("Of two interrupts the lower address goes first, and both before the controller")
  func interruptArbitration() {
    var bus = bus([
      VirtualI3CTarget(provisionedID: fan), VirtualI3CTarget(provisionedID: disk),
    ])
    bus.start(.write([1]), to: 0x09, now: .zero)
    bus.queueRead(disk, frame: [1].span, now: .zero)
    bus.queueRead(fan, frame: [2].span, now: .zero)
    bus.advance(to: at(20_000))
    #expect(bus.nextCompletion()?.at == at(20_000))
    bus.start(.write([2]), to: 0x09, now: at(20_000))
    settle(&bus)
    let first = bus.nextInterrupt()
    #expect(first?.dynamicAddress == 0x09)
    #expect(first?.mandatoryByte == 0xAE)
    #expect(first?.at == at(40_000))
    let second = bus.nextInterrupt()
    #expect(second?.dynamicAddress == 0x0A)
    #expect(second?.mandatoryByte == 0xAE)
    #expect(second?.at == at(60_000))
    #expect(bus.nextCompletion()?.at == at(80_000))
  }

  @Test("A target without interrupts says with GETSTATUS that a packet waits", .spec("DSP0233"))
  func polling() {
    var bus = bus([VirtualI3CTarget(provisionedID: fan, bcr: 0)])
    #expect(run(&bus, .directGet(.getStatus), to: 0x09)?.bytes == [0, 0])
    bus.queueRead(fan, frame: [7].span, now: .zero)
    #expect(bus.nextDeadline == nil)
    #expect(run(&bus, .directGet(.getStatus), to: 0x09)?.bytes == [0, 1])
    #expect(run(&bus, .read(byteCountMax: 69), to: 0x09)?.bytes == [7])
    #expect(run(&bus, .directGet(.getStatus), to: 0x09)?.bytes == [0, 0])
  }

  @Test("Targets answer for their ID, characteristics and lengths, and take new lengths")
  func characteristics() {
    var bus = bus([
      VirtualI3CTarget(provisionedID: fan, maxReadByteCount: 300, maxWriteByteCount: 258)
    ])
    #expect(
      run(&bus, .directGet(.getProvisionedID), to: 0x09)?.bytes == hex("02 ae 00 00 00 01"))
    #expect(run(&bus, .directGet(.getDeviceCharacteristics), to: 0x09)?.bytes == [0xCC])
    #expect(run(&bus, .directGet(.getBusCharacteristics), to: 0x09)?.bytes == [0x06])
    #expect(run(&bus, .directGet(.getMaxReadLength), to: 0x09)?.bytes == hex("01 2c 01"))
    #expect(run(&bus, .directGet(.getMaxWriteLength), to: 0x09)?.bytes == hex("01 02"))
    _ = run(&bus, .directSet(.setMaxReadLength, hex("00 45 01")), to: 0x09)
    _ = run(&bus, .directSet(.setMaxWriteLength, hex("00 46")), to: 0x09)
    #expect(bus.targets.first?.target.maxReadByteCount == 69)
    #expect(bus.targets.first?.target.maxWriteByteCount == 70)
  }

  @Test("Disabled interrupts wait until they are enabled")
  func eventControl() {
    var bus = bus([VirtualI3CTarget(provisionedID: fan)])
    _ = run(&bus, .directSet(.disableEvents, [1]), to: 0x09)
    bus.queueRead(fan, frame: [7].span, now: .zero)
    settle(&bus)
    #expect(interrupts(&bus) == [])
    _ = run(&bus, .directSet(.enableEvents, [1]), to: 0x09)
    settle(&bus)
    #expect(interrupts(&bus) == [0xAE])
  }

  @Test("Each armed fault hits each n-th transfer and no other")
  func faults() {
    var bus = bus([VirtualI3CTarget(provisionedID: fan)])
    bus.arm(.init(nakEvery: 2), on: fan)
    #expect(
      (0..<4).map { _ in run(&bus, .write([1]), to: 0x09)?.result }
        == [.sent, .addressNotAcknowledged, .sent, .addressNotAcknowledged])
    while bus.nextWrite(to: fan) != nil {}
    bus.arm(.init(corruptEvery: 2), on: fan)
    let flipped = (0..<4).map { _ in
      _ = run(&bus, .write([0, 0]), to: 0x09)
      return (bus.nextWrite(to: fan) ?? []).reduce(0) { $0 + $1.nonzeroBitCount }
    }
    #expect(flipped == [0, 1, 0, 1])
  }
}
