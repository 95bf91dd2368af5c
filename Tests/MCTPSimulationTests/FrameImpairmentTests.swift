import MCTPFraming
import MCTPSimulation
import MCTPWire
import TestSupport
import Testing

@Suite("What a wire does to frames")
struct FrameImpairmentTests {
  private func faults(_ change: (inout FrameFaults) -> Void) -> FrameFaults {
    var faults = FrameFaults()
    change(&faults)
    return faults
  }

  /// A fault at `chance`, where it hits, and what it does then.
  struct Row: Sendable {
    let fault: any WritableKeyPath<FrameFaults, UInt32> & Sendable
    let hit: FrameFate.Hit
    let kinds: [FrameImpairment.Kind]
  }

  static let rows = [
    Row(fault: \.lossPPM, hit: .lost, kinds: [.i2cWrite, .i3cWrite, .serial]),
    Row(fault: \.burstPPM, hit: .lost, kinds: [.i2cWrite, .i3cWrite, .serial]),
    Row(fault: \.duplicatePPM, hit: .duplicated, kinds: [.i2cWrite, .i3cWrite, .serial]),
    Row(fault: \.damagePPM, hit: .damaged, kinds: [.i2cWrite, .i3cWrite, .i3cRead, .serial]),
    Row(
      fault: \.nakPPM, hit: .notAcknowledged,
      kinds: [.i2cWrite, .i3cWrite, .i3cRead, .i3cStatus]),
    Row(fault: \.arbitrationLossPPM, hit: .arbitrationLost, kinds: [.i2cWrite]),
    Row(
      fault: \.holdPPM, hit: .held,
      kinds: [.i2cWrite, .i3cWrite, .i3cRead, .i3cStatus, .serial]),
    Row(fault: \.byteLossPPM, hit: .byteLost, kinds: [.serial]),
    Row(fault: \.noisePPM, hit: .noise, kinds: [.serial]),
    Row(fault: \.interruptLossPPM, hit: .none, kinds: []),
  ]

  @Test(
    "Each fault hits its media only, always at a million and as often as it says at 100000",
    arguments: rows)
  func chances(_ row: Row) {
    let all: [FrameImpairment.Kind] = [.i2cWrite, .i3cWrite, .i3cRead, .i3cStatus, .serial]
    for kind in all {
      let isHit = row.kinds.contains(kind)
      var always = FrameImpairment(faults: faults { $0[keyPath: row.fault] = 1_000_000 })
      #expect((0..<20).allSatisfy { _ in always.next(kind).hit == (isHit ? row.hit : .none) })
      var tenth = FrameImpairment(
        faults: faults {
          $0[keyPath: row.fault] = 100_000
          $0.burstFrameCount = 1
        }, seed: 5)
      let count = (0..<10_000).count { _ in tenth.next(kind).hit != .none }
      #expect(isHit ? (900...1100).contains(count) : count == 0)
    }
  }

  @Test("Without faults nothing is drawn: the next faults find the generator where it was")
  func quiet() {
    let some = faults { $0.damagePPM = 300_000 }
    var idle = FrameImpairment(seed: 9)
    for _ in 0..<100 { #expect(idle.next(.serial) == .perfect) }
    idle.faults = some
    var fresh = FrameImpairment(faults: some, seed: 9)
    let fates = (0..<100).map { _ in idle.next(.serial) }
    #expect(fates == (0..<100).map { _ in fresh.next(.serial) })
    #expect(fates.contains { $0.hit == .damaged })
  }

  @Test("A burst takes so many frames in a row; faults that are switched off end it")
  func burst() {
    var wire = FrameImpairment(
      faults: faults {
        $0.burstPPM = 20_000
        $0.burstFrameCount = 5
      }, seed: 1)
    var runs: [Int] = []
    var run = 0
    for _ in 0..<2000 {
      if wire.next(.i2cWrite).hit == .lost {
        run += 1
      } else if run > 0 {
        runs.append(run)
        run = 0
      }
    }
    #expect(runs.count > 10)
    // Two bursts may follow each other.
    #expect(runs.allSatisfy { $0 % 5 == 0 })
    while wire.next(.i2cWrite).hit != .lost {}
    wire.faults = .none
    #expect(wire.next(.i2cWrite).hit == .none)
  }

  @Test("Delayed frames keep their order, and wait behind a late one when faults are off")
  func delay() {
    var wire = FrameImpairment(faults: faults { $0.delayMaxMicroseconds = 10_000 }, seed: 3)
    var before = Instant.zero
    var delays: Set<UInt64> = []
    for step: UInt64 in 0..<500 {
      let sent = Instant(nanoseconds: step * 1_000_000)
      let fate = wire.next(.serial)
      #expect(fate.delayNanoseconds <= 10_000_000)
      delays.insert(fate.delayNanoseconds)
      let arrival = wire.arrival(of: fate, at: sent)
      #expect(arrival >= before && arrival >= sent.advanced(byNanoseconds: fate.delayNanoseconds))
      before = arrival
    }
    #expect(delays.count > 450)
    let late = wire.arrival(
      of: FrameFate(delayNanoseconds: 8_000_000), at: Instant(nanoseconds: 600_000_000))
    wire.faults = .none
    let next = wire.next(.serial)
    #expect(wire.arrival(of: next, at: Instant(nanoseconds: 601_000_000)) == late)
    #expect(
      wire.arrival(of: next, at: Instant(nanoseconds: 700_000_000))
        == Instant(nanoseconds: 700_000_000))
  }

  @Test("Damage is one to eight neighbouring bits behind what is kept; every PEC finds it")
  func damage() {
    let good = hex("3a 0f 08 21 01 00 08 c8 00 80 02 56")
    var widths: Set<Int> = []
    var touched: Set<Int> = []
    for salt: UInt64 in 0..<5000 {
      let bad = FrameFate(.damaged, salt: salt).flippingBits(of: good, keepFirst: 1)
      #expect(bad.count == good.count && bad[0] == good[0])
      var bits: [Int] = []
      for place in 0..<good.count * 8 {
        let difference = bad[place / 8] ^ good[place / 8]
        if difference & (0x80 >> UInt8(place % 8)) != 0 { bits.append(place) }
      }
      let (first, last) = (bits.first ?? 0, bits.last ?? 100)
      widths.insert(last - first + 1)
      touched.formUnion(bits)
      #expect(isRefused(bad))
    }
    #expect(widths == Set(1...8))
    #expect(touched == Set(8..<good.count * 8))
    #expect(FrameFate(.damaged, salt: 1).flippingBits(of: [0x3A], keepFirst: 1) == [0x3A])
  }

  private func isRefused(_ frame: [UInt8]) -> Bool {
    do throws(FrameError) {
      _ = try SMBusFrame(decoding: frame.span, ownAddress: 0x1D)
      return false
    } catch {
      return true
    }
  }
}
