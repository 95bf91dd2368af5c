import MCTPFraming
import MCTPSimulation
import MCTPWire
import TestSupport
import Testing

@Suite("What a fault makes of a frame on a serial line")
struct SerialLineFaultsTests {
  /// Packets and damaged events, as a receiver counts them.
  struct Count: Equatable {
    var packets = 0
    var damaged = 0
  }

  private func count(_ lines: [[UInt8]], packetByteCountMax: Int = 68) -> Count {
    var deframer = SerialDeframer(packetByteCountMax: packetByteCountMax)
    var count = Count()
    func take(_ event: SerialDeframer.Event) {
      if event == .packet { count.packets += 1 } else { count.damaged += 1 }
    }
    for line in lines {
      var offset = 0
      while let event = deframer.next(line.span, offset: &offset, now: .zero) { take(event) }
    }
    while let event = deframer.expire(Instant.zero.advanced(byMs: 5000)) { take(event) }
    return count
  }

  private func frame(_ packet: [UInt8]) -> [UInt8] {
    var line = [UInt8](
      repeating: 0, count: SerialFrame.byteCountMax(packetByteCount: packet.count))
    var span = line.mutableSpan
    let count = (try? SerialFrame.encode(packet.span, packetByteCountMax: 255, into: &span)) ?? 0
    return Array(line.prefix(count))
  }

  /// Some of few bytes that mean something to a receiver, so that escapes and flags in the FCS are
  /// frequent.
  private func packet(_ maximum: Int, _ generator: inout SeededGenerator) -> [UInt8] {
    let isNasty = Bool.random(using: &generator)
    return [1, 10, 8, 0xC8]
      + (0..<Int.random(in: 1...maximum - 4, using: &generator)).map { _ in
        isNasty
          ? [0x7E, 0x7D, 0x01, 0x5E, 0x44].randomElement(using: &generator) ?? 0
          : UInt8.random(in: 0...255, using: &generator)
      }
  }

  @Test(
    "Whatever follows what, each hurt frame and each noise counts once and no other frame is lost",
    arguments: [68, 255])
  func equation(_ packetByteCountMax: Int) {
    var generator = SeededGenerator(seed: 21)
    let hits: [FrameFate.Hit] = [.none, .lost, .duplicated, .damaged, .byteLost, .noise, .held]
    for round in 0..<300 {
      var lines: [[UInt8]] = []
      var expected = Count()
      for _ in 0..<20 {
        let bytes = frame(packet(packetByteCountMax, &generator))
        let hit = hits.randomElement(using: &generator) ?? .none
        guard let line = SerialLineFaults.bytes(of: bytes, FrameFate(hit, salt: generator.next()))
        else { continue }
        lines.append(line)
        switch hit {
        case .lost: break
        case .duplicated: expected.packets += 2
        case .damaged, .byteLost: expected.damaged += 1
        case .noise:
          (expected.packets, expected.damaged) = (expected.packets + 1, expected.damaged + 1)
        default: expected.packets += 1
        }
      }
      #expect(
        count(lines, packetByteCountMax: packetByteCountMax) == expected, "round \(round)")
    }
  }

  @Test("Frames whose FCS looks like flag, escape or revision keep the equation too")
  func awkwardChecks() {
    let next = frame(hex("01 00 08 c8 00 80 02"))
    var seen: Set<[UInt8]> = []
    // The last two bytes of the packet bring about every FCS once.
    for number in 0..<0x10000 {
      let packet = [1, 10, 8, 0xC8, 5, UInt8(number >> 8), UInt8(number & 0xFF)]
      let bytes = frame(packet)
      let check = Array(bytes[(bytes.count - 3)..<(bytes.count - 1)])
      let odd: [UInt8] = [0x7E, 0x7D, 0x01, 0x5E, 0x5D]
      guard check.allSatisfy({ odd.contains($0) }) else { continue }
      seen.insert(check)
      for hit: FrameFate.Hit in [.damaged, .byteLost] {
        for salt: UInt64 in 0..<20 {
          guard let line = SerialLineFaults.bytes(of: bytes, FrameFate(hit, salt: salt)) else {
            // The one frame that a receiver finds without either byte.
            #expect(hit == .byteLost && check == [0x7E, 0x7E])
            continue
          }
          let noisy = SerialLineFaults.bytes(of: next, FrameFate(.noise, salt: salt)) ?? []
          #expect(count([line, next]) == Count(packets: 1, damaged: 1))
          #expect(count([next, line, noisy]) == Count(packets: 2, damaged: 2))
          #expect(count([line, line]) == Count(packets: 0, damaged: 2))
          #expect(count([line, next], packetByteCountMax: 255) == Count(packets: 1, damaged: 1))
        }
      }
    }
    #expect(seen.count == 25)
  }

  @Test("A lost byte is one byte, noise is two to four bytes from a flag on")
  func sizes() {
    let good = frame(hex("01 0a 08 c8 7e 11 22 33 44 55"))
    var noises: Set<Int> = []
    for salt: UInt64 in 0..<200 {
      let short = SerialLineFaults.bytes(of: good, FrameFate(.byteLost, salt: salt)) ?? []
      #expect(short.count == good.count - 1)
      let bad = SerialLineFaults.bytes(of: good, FrameFate(.damaged, salt: salt)) ?? []
      #expect(bad.count == good.count)
      #expect(zip(bad, good).count { $0 != $1 } == 1)
      let noisy = SerialLineFaults.bytes(of: good, FrameFate(.noise, salt: salt)) ?? []
      #expect(noisy.first == 0x7E)
      #expect(Array(noisy.suffix(good.count)) == good)
      noises.insert(noisy.count - good.count)
    }
    #expect(noises == [2, 3, 4])
    for byteCount in 0..<8 {
      let bytes = [UInt8](repeating: 0x7E, count: byteCount)
      #expect(SerialLineFaults.bytes(of: bytes, FrameFate(.damaged)) == nil)
      #expect(SerialLineFaults.bytes(of: bytes, FrameFate(.byteLost)) == nil)
    }
  }

  @Test("The wire counts each frame that it delays, and lost ones are not late")
  func delays() {
    var faults = FrameFaults()
    (faults.lossPPM, faults.delayMaxMicroseconds) = (500_000, 1_000_000)
    var wire = FrameImpairment(faults: faults, seed: 4)
    let good = frame(hex("01 00 08 c8 00 80 02"))
    let lines = (0..<1000).map { _ in wire.nextOnLine(good) }
    #expect(wire.counts.delayed > 400)
    #expect(wire.counts.delayed == lines.count { $0.fate.delayNanoseconds > 0 })
    #expect(lines.allSatisfy { $0.bytes == ($0.fate.delayNanoseconds > 0 ? good : []) })
  }

  @Test("The wire counts what it did to frames")
  func counts() {
    var faults = FrameFaults()
    (faults.lossPPM, faults.damagePPM, faults.duplicatePPM) = (100_000, 100_000, 100_000)
    (faults.byteLossPPM, faults.noisePPM) = (100_000, 100_000)
    var wire = FrameImpairment(faults: faults, seed: 4)
    let good = frame(hex("01 00 08 c8 00 80 02"))
    let lines = (0..<1000).map { _ in wire.nextOnLine(good).bytes }
    let counts = wire.counts
    #expect(lines.count { $0.isEmpty } == counts.lost)
    #expect(lines.count { $0 == good + good } == counts.duplicated)
    #expect(lines.count { $0.count == good.count && $0 != good } == counts.damaged)
    #expect(lines.count { $0.count == good.count - 1 } == counts.bytesLost)
    #expect(counts.noises > 50)
    let intact = 1000 - counts.lost - counts.damaged - counts.bytesLost + counts.duplicated
    #expect(
      count(lines)
        == Count(
          packets: intact, damaged: counts.damaged + counts.bytesLost + counts.noises))
  }
}
