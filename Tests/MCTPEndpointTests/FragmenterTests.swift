import MCTPEndpoint
import MCTPWire
import TestSupport
import Testing

@Suite("Fragmenter and SequenceMemory", .spec("DSP0236 1.3.3 §8"))
struct FragmenterTests {
  func packets(_ body: [UInt8], unit: Int = 64, start: UInt8 = 0) -> [[UInt8]] {
    var fragmenter = Fragmenter(
      bodyByteCount: body.count, transmissionUnitBytes: unit, destination: EID(0x09),
      source: EID(0x08), messageTag: MessageTag(0, tagOwner: true), startingSequence: start)
    var buffer = [UInt8](repeating: 0xEE, count: unit + 4)
    var packets: [[UInt8]] = []
    while true {
      var span = buffer.mutableSpan
      guard let count = fragmenter.next(body.span, into: &span) else { break }
      packets.append(Array(buffer[..<count]))
    }
    #expect(fragmenter.isFinished)
    return packets
  }

  @Test("150 bytes at 64 are three packets (V27)")
  func three() {
    let body = body(150)
    let first: [UInt8] = hex("01 09 08 88") + body[0..<64]
    let second: [UInt8] = hex("01 09 08 18") + body[64..<128]
    let third: [UInt8] = hex("01 09 08 68") + body[128..<150]
    #expect(packets(body) == [first, second, third])
  }

  @Test("128 bytes at 64 are two packets, without an empty third (V28)")
  func two() {
    let body = body(128)
    let first: [UInt8] = hex("01 09 08 88") + body[0..<64]
    let second: [UInt8] = hex("01 09 08 58") + body[64..<128]
    #expect(packets(body) == [first, second])
  }

  @Test("A body of one transmission unit or less is one packet", arguments: [1, 63, 64])
  func one(count: Int) {
    let body = body(count)
    #expect(packets(body) == [hex("01 09 08 C8") + body])
  }

  @Test("The starting sequence number wraps modulo four")
  func wrap() {
    #expect(packets(body(200), start: 3).map { $0[3] } == [0xB8, 0x08, 0x18, 0x68])
  }

  @Test("What was split comes together again at every length and unit")
  func roundTrip() {
    var reassembler = Reassembler()
    for unit in [64, 100, 257] {
      for count in Array(1...140) + [255, 256, 257, 511, 512, 513, 4096] {
        let body = body(count, seed: unit)
        var delivered = 0
        for packet in packets(body, unit: unit, start: UInt8(count % 4)) {
          if reassembler.take(packet).completed?.byteCount == count { delivered += 1 }
        }
        let isSame = bytes(reassembler.message) == body
        #expect(isSame && delivered == 1, "\(count) bytes at \(unit)")
      }
    }
  }

  @Test("A message starts one after the last end packet to the same destination")
  func memory() {
    var memory = SequenceMemory()
    for eid in 0...255 { #expect(memory.start(for: EID(UInt8(eid))) == 0) }
    memory.noteEnd(0, to: EID(0x09))
    memory.noteEnd(3, to: EID(0x0A))
    memory.noteEnd(2, to: EID(0x0B))
    #expect(memory.start(for: EID(0x09)) == 1)
    #expect(memory.start(for: EID(0x0A)) == 0)
    #expect(memory.start(for: EID(0x0B)) == 3)
    #expect(memory.start(for: EID(0x08)) == 0)
    memory.noteEnd(1, to: EID(0x09))
    #expect(memory.start(for: EID(0x09)) == 2)
    #expect(memory.start(for: EID(0x0B)) == 3)
  }
}
