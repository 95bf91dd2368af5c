import MCTPEndpoint
import MCTPWire
import TestSupport
import Testing

@Suite("CRC-32C and the message integrity check", .spec("DSP0236 1.3.3 §8.9"))
struct CRC32CTests {
  /// A body of message type 4; its last four bytes are the check, least significant byte first.
  let vector = hex("84 08 00 00 01 00 00 00 00 00 00 00 00 00 00 00 D2 D4 77 36")

  func isValid(_ body: [UInt8]) -> Bool { CRC32C.isValid(body.span) }

  @Test("The check value of 123456789 is E3069283")
  func checkValue() {
    var crc = CRC32C()
    crc.update(Array("123456789".utf8).span)
    #expect(crc.value == 0xE306_9283)
    var empty = CRC32C()
    empty.update([UInt8]().span)
    #expect(empty.value == 0)
  }

  @Test("Any cut of the bytes gives the same check")
  func cuts() {
    for cut in 0...9 {
      let bytes = Array("123456789".utf8)
      var crc = CRC32C()
      crc.update(Array(bytes[..<cut]).span)
      crc.update(Array(bytes[cut...]).span)
      #expect(crc.value == 0xE306_9283)
    }
  }

  @Test("A good NVMe-MI body is valid, and no single flipped bit is")
  func flips() {
    #expect(isValid(vector))
    for bit in 0..<(vector.count * 8) {
      var damaged = vector
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!isValid(damaged))
    }
  }

  @Test("A body shorter than the check is not valid", arguments: 0..<4)
  func short(count: Int) {
    #expect(!isValid([UInt8](repeating: 0, count: count)))
  }

  @Test("A single NVMe-MI packet with a good check is delivered, with a bad one dropped")
  func single() {
    var reassembler = Reassembler()
    #expect(reassembler.take(packet(0xC8, vector)).completed?.type == .nvmeMI)
    var damaged = vector
    damaged[19] ^= 1
    let reception = reassembler.take(packet(0xC8, damaged))
    #expect(reception.dropReason == .messageIntegrity)
    #expect(reception.ended == nil)
    let message = bytes(reassembler.message)
    #expect(message.isEmpty)
  }

  @Test("The check covers the body over all packets; a wrong one loses them all")
  func several() {
    var reassembler = Reassembler()
    _ = reassembler.take(packet(0x88, Array(vector[..<10])))
    #expect(reassembler.take(packet(0x58, Array(vector[10...]))).completed?.byteCount == 20)
    _ = reassembler.take(packet(0x88, Array(vector[..<10])))
    var rest = Array(vector[10...])
    rest[0] ^= 0x80
    let reception = reassembler.take(packet(0x58, rest))
    #expect(reception.dropReason == .messageIntegrity)
    #expect(reception.loss == Loss(.messageIntegrity, 1))
    #expect(reassembler.assemblyCount == 0)
  }

  @Test("A bad single packet reports the assembly that it superseded")
  func supersedes() {
    var reassembler = Reassembler()
    _ = reassembler.take(packet(0x88, body(64)))
    let reception = reassembler.take(packet(0xC8, [0x84, 1, 2]))
    #expect(reception.dropReason == .messageIntegrity)
    #expect(reception.loss == Loss(.supersededByStart, 1))
  }

  @Test("NVMe-MI without IC and other types with IC are not checked here")
  func others() {
    var reassembler = Reassembler()
    #expect(reassembler.take(packet(0xC8, [0x04, 0x08])).completed?.type == .nvmeMI)
    #expect(reassembler.take(packet(0xC8, [0x85, 0x00])).completed?.type == .spdm)
  }
}
