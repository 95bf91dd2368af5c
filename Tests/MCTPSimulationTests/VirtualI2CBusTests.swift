import MCTPSimulation
import MCTPWire
import TestSupport
import Testing

@Suite("One I2C wire with several controllers")
struct VirtualI2CBusTests {
  typealias Node = VirtualI2CBus.Node

  /// Every write so far, in order of end: who, how, when in nanoseconds.
  private func finish(_ bus: inout VirtualI2CBus) -> [VirtualI2CBus.Completion] {
    var all: [VirtualI2CBus.Completion] = []
    while let next = bus.nextDeadline {
      bus.advance(to: next)
      while let done = bus.nextCompletion() { all.append(done) }
    }
    return all
  }

  private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

  @Test("A 73-byte frame at 100 kHz takes 659 clocks: 6.59 ms", .spec("DSP0237 1.1.0 §6.3"))
  func timing() {
    var bus = VirtualI2CBus(clockHz: 100_000)
    let router = bus.attach(address: 0x10)
    let device = bus.attach(address: 0x1D)
    let frame = [0x3A] + [UInt8](repeating: 0x55, count: 72)
    bus.startWrite(router, frame: frame.span, now: at(1000))
    #expect(bus.nextDeadline == at(6_591_000))
    bus.advance(to: at(6_590_999))
    #expect(bus.nextCompletion() == nil)
    #expect(bus.nextReception(of: device) == nil)
    #expect(bus.isWriting(router) == true)
    bus.advance(to: at(6_591_000))
    let done = bus.nextCompletion()
    #expect(done?.result == .sent)
    #expect(done?.controller == router)
    #expect(done?.at == at(6_591_000))
    #expect(bus.nextReception(of: device) == frame)
    #expect(bus.nextReception(of: device) == nil)
    #expect(bus.isWriting(router) == false)
    #expect(bus.nextDeadline == nil)
  }

  @Test(
    "Of two that start at one instant the one with the lower byte wins, the other knows at that byte",
    arguments: [
      // first frame, second frame, whether the first wins, clocks until the other knows
      ("20 0f 05 43", "3a 0f 05 21", true, 10),
      ("3a 0f 05 21", "20 0f 05 43", false, 10),
      ("20 0f 06 21", "20 0f 05 ff", false, 28),
      ("20 0f 05 3b", "20 0f 05 43", true, 37),
      ("20 0f 05 43", "20 0f 05 3b", false, 37),
      ("20 0f 7f", "20 0f 80", true, 28),
      ("20 0f 05", "20 0f 05 43", true, 29),
    ])
  func arbitration(_ first: String, _ second: String, _ firstWins: Bool, _ clocks: UInt64) {
    var bus = VirtualI2CBus(clockHz: 1_000_000)
    let left = bus.attach(address: nil)
    let right = bus.attach(address: nil)
    let low = bus.attach(address: 0x10)
    let high = bus.attach(address: 0x1D)
    bus.startWrite(left, frame: hex(first).span, now: at(0))
    bus.startWrite(right, frame: hex(second).span, now: at(0))
    let done = finish(&bus)
    #expect(done.count == 2)
    let won = done.first { $0.result == .sent }
    let lost = done.first { $0.result == .arbitrationLost }
    #expect(won?.controller == (firstWins ? left : right))
    #expect(lost?.controller == (firstWins ? right : left))
    #expect(lost?.at == at(clocks * 1000))
    let winning = hex(firstWins ? first : second)
    let received = [bus.nextReception(of: low), bus.nextReception(of: high)].compactMap { $0 }
    #expect(received == [winning])
  }

  @Test("Equal frames from two controllers go out as one")
  func equalFrames() {
    var bus = VirtualI2CBus()
    let left = bus.attach(address: nil)
    let right = bus.attach(address: nil)
    let target = bus.attach(address: 0x10)
    bus.startWrite(left, frame: hex("20 0f 05").span, now: at(0))
    bus.startWrite(right, frame: hex("20 0f 05").span, now: at(0))
    #expect(finish(&bus).map(\.result) == [.sent, .sent])
    #expect(bus.nextReception(of: target) == hex("20 0f 05"))
    #expect(bus.nextReception(of: target) == nil)
  }

  @Test("A refusal before the first difference is both controllers'")
  func sharedRefusal() {
    var bus = VirtualI2CBus(clockHz: 1_000_000)
    let left = bus.attach(address: nil)
    let right = bus.attach(address: nil)
    bus.startWrite(left, frame: hex("3a 0f 05 21").span, now: at(0))
    bus.startWrite(right, frame: hex("3a 0f 05 43").span, now: at(0))
    let done = finish(&bus)
    #expect(done.map(\.result) == [.addressNotAcknowledged, .addressNotAcknowledged])
    #expect(done.map(\.at) == [at(11_000), at(11_000)])
  }

  @Test("Who starts while the bus is busy waits for it, and those who waited contend")
  func waitsForBusFree() {
    var bus = VirtualI2CBus(clockHz: 1_000_000)
    let first = bus.attach(address: 0x10)
    let second = bus.attach(address: 0x11)
    let third = bus.attach(address: 0x12)
    // To 0x12: 4 bytes, 38 clocks, 38 µs.
    bus.startWrite(first, frame: hex("24 0f 01 21").span, now: at(0))
    bus.startWrite(second, frame: hex("20 0f 01 23").span, now: at(1))
    bus.startWrite(third, frame: hex("20 0f 01 25").span, now: at(20_000))
    let done = finish(&bus)
    #expect(done.map(\.controller) == [first, third, second])
    #expect(done.map(\.result) == [.sent, .arbitrationLost, .sent])
    // Both began at 38 µs; 0x23 and 0x25 differ in byte 3.
    #expect(done.map(\.at) == [at(38_000), at(75_000), at(76_000)])
    #expect(bus.nextReception(of: third) == hex("24 0f 01 21"))
    #expect(bus.nextReception(of: first) == hex("20 0f 01 23"))
  }

  @Test(
    "An absent target, the sender itself and a read are not acknowledged, after eleven clocks",
    .spec("DSP0237 1.1.0 §6.4"), arguments: ["3c 0f 05 21", "20 0f 05 21", "3b 0f 05 21"])
  func addressNotAcknowledged(_ frame: String) {
    var bus = VirtualI2CBus(clockHz: 1_000_000)
    let router = bus.attach(address: 0x10)
    _ = bus.attach(address: 0x1D)
    bus.startWrite(router, frame: hex(frame).span, now: at(0))
    let done = finish(&bus)
    #expect(done.map(\.result) == [.addressNotAcknowledged])
    #expect(done.map(\.at) == [at(11_000)])
  }

  @Test("A target without room refuses the first data byte, a short buffer the byte past its end")
  func dataNotAcknowledged() {
    var bus = VirtualI2CBus(clockHz: 1_000_000)
    let router = bus.attach(address: 0x10)
    let full = bus.attach(address: 0x1D, receptionsMax: 1)
    let short = bus.attach(address: 0x1E, frameByteCountMax: 4)
    bus.startWrite(router, frame: hex("3a 0f 05 21 01").span, now: at(0))
    #expect(finish(&bus).map(\.result) == [.sent])
    bus.startWrite(router, frame: hex("3a 0f 05 21 02").span, now: at(100_000))
    var done = finish(&bus)
    #expect(done.map(\.result) == [.dataNotAcknowledged])
    #expect(done.map(\.at) == [at(120_000)])
    #expect(bus.nextReception(of: full) == hex("3a 0f 05 21 01"))
    #expect(bus.nextReception(of: full) == nil)
    bus.startWrite(router, frame: hex("3c 0f 05 21 01 02").span, now: at(200_000))
    done = finish(&bus)
    #expect(done.map(\.result) == [.dataNotAcknowledged])
    #expect(done.map(\.at) == [at(247_000)])
    #expect(bus.nextReception(of: short) == nil)
    bus.startWrite(router, frame: hex("3c 0f 05 21").span, now: at(300_000))
    #expect(finish(&bus).map(\.result) == [.sent])
  }

  @Test("A device that leaves is not acknowledged until it is back")
  func comesAndGoes() {
    var bus = VirtualI2CBus()
    let router = bus.attach(address: 0x10)
    let device = bus.attach(address: 0x1D)
    var results: [TransmissionResult] = []
    for isThere in [true, false, true] {
      if isThere { bus.reattach(device) } else { bus.detach(device) }
      bus.startWrite(router, frame: hex("3a 0f 05 21").span, now: at(0))
      results += finish(&bus).map(\.result)
    }
    #expect(results == [.sent, .addressNotAcknowledged, .sent])
  }

  @Test("Each armed fault hits each n-th write and no other")
  func faults() {
    var bus = VirtualI2CBus(seed: 7)
    let router = bus.attach(address: 0x10)
    let device = bus.attach(address: 0x1D)
    func run(_ faults: VirtualI2CBus.Faults) -> [(TransmissionResult, [UInt8]?)] {
      bus.arm(faults, on: router)
      return (0..<4).map { _ in
        bus.startWrite(router, frame: hex("3a 0f 05 21 99").span, now: at(0))
        return (finish(&bus).first?.result ?? .refused, bus.nextReception(of: device))
      }
    }
    #expect(
      run(.init(nakEvery: 2)).map(\.0)
        == [.sent, .addressNotAcknowledged, .sent, .addressNotAcknowledged])
    #expect(
      run(.init(arbitrationLostEvery: 4)).map(\.0) == [.sent, .sent, .sent, .arbitrationLost])
    let corrupted = run(.init(corruptEvery: 2))
    #expect(corrupted.map(\.0) == [.sent, .sent, .sent, .sent])
    for (index, (_, frame)) in corrupted.enumerated() {
      let flipped = zip(frame ?? [], hex("3a 0f 05 21 99"))
        .map { ($0 ^ $1).nonzeroBitCount }
      #expect(flipped.reduce(0, +) == (index % 2 == 1 ? 1 : 0))
      #expect(flipped.first == 0)
    }
  }
}
