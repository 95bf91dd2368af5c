import MCTPEndpoint
import MCTPWire
import TestSupport
import Testing

@Suite("Reassembler: the table of packets and states", .spec("DSP0236 1.3.3 §8.9"))
struct ReassemblerTests {
  let first = body(64)
  let second = [UInt8](repeating: 0xA2, count: 64)
  let third = [UInt8](repeating: 0xA3, count: 22)

  // Idle.

  @Test("A single packet is a message at once (V20)")
  func singlePacket() {
    var reassembler = Reassembler()
    let vector = hex("01 5D 0D F4 01 93 7D CD 36")
    let reception = reassembler.take(vector)
    #expect(reception.completed?.byteCount == 5)
    #expect(reception.completed?.packetCount == 1)
    #expect(reception.completed?.type == .pldm)
    #expect(reception.completed?.isTagOwner == false)
    #expect(reception.completed?.terminus.source == EID(0x0D))
    #expect(reception.completed?.terminus.destination == EID(0x5D))
    #expect(reception.completed?.terminus.messageTag == MessageTag(4, tagOwner: false))
    #expect(reception.ended == nil)
    let message = bytes(reassembler.message)
    #expect(message == hex("01 93 7D CD 36"))
    #expect(reassembler.assemblyCount == 0)
  }

  @Test("Start, middle and end packets make one message (V27)")
  func threePackets() {
    var reassembler = Reassembler()
    #expect(reassembler.take(packet(0x88, first)).outcome == .incomplete)
    #expect(reassembler.take(packet(0x18, second)).outcome == .incomplete)
    #expect(reassembler.heldPacketCount == 2)
    let end = reassembler.take(packet(0x68, third))
    #expect(end.completed?.byteCount == 150)
    #expect(end.completed?.packetCount == 3)
    let message = bytes(reassembler.message)
    #expect(message == first + second + third)
    #expect(reassembler.heldPacketCount == 0)
    #expect(reassembler.nextDeadline == nil)
  }

  @Test("A middle packet without a start is dropped", .spec("DSP0236 1.3.3 §8.7"))
  func middleWhileIdle() {
    var reassembler = Reassembler()
    let reception = reassembler.take(packet(0x18, second))
    #expect(reception.dropReason == .unexpectedPacket)
    #expect(reception.ended == nil)
    #expect(reassembler.assemblyCount == 0)
  }

  @Test("An end packet without a start is dropped", .spec("DSP0236 1.3.3 §8.7"))
  func endWhileIdle() {
    var reassembler = Reassembler()
    let reception = reassembler.take(packet(0x58, third))
    #expect(reception.dropReason == .unexpectedPacket)
    #expect(reception.ended == nil)
    let message = bytes(reassembler.message)
    #expect(message.isEmpty)
  }

  // Assembling.

  @Test("A single packet ends the assembly under way and is delivered")
  func singleWhileAssembling() {
    var reassembler = Reassembler()
    _ = reassembler.take(packet(0x88, first))
    _ = reassembler.take(packet(0x18, second))
    let reception = reassembler.take(packet(0xC8, [0x01, 0x02]))
    #expect(reception.completed?.packetCount == 1)
    #expect(reception.loss == Loss(.supersededByStart, 2))
    #expect(reception.ended?.byteCount == 128)
    let message = bytes(reassembler.message)
    #expect(message == [0x01, 0x02])
    #expect(reassembler.heldPacketCount == 0)
  }

  @Test("A new start packet ends the assembly and begins the next one")
  func startWhileAssembling() {
    var reassembler = Reassembler()
    _ = reassembler.take(packet(0x88, [UInt8](repeating: 0x11, count: 64)))
    let restart = reassembler.take(packet(0x88, first))
    #expect(restart.outcome == .incomplete)
    #expect(restart.loss == Loss(.supersededByStart, 1))
    let end = reassembler.take(packet(0x58, [UInt8](repeating: 0xEE, count: 10)))
    #expect(end.completed?.byteCount == 74)
    #expect(end.completed?.packetCount == 2)
    let message = bytes(reassembler.message)
    #expect(message == first + [UInt8](repeating: 0xEE, count: 10))
  }

  @Test("A middle packet out of sequence ends the assembly and is not used again")
  func middleOutOfSequence() {
    var reassembler = Reassembler()
    _ = reassembler.take(packet(0x88, first))
    let gap = reassembler.take(packet(0x28, second))
    #expect(gap.dropReason == .outOfSequence)
    #expect(gap.loss == Loss(.outOfSequence, 1))
    // The next in turn finds no assembly any more.
    #expect(reassembler.take(packet(0x18, second)).dropReason == .unexpectedPacket)
    #expect(reassembler.assemblyCount == 0)
  }

  @Test("A doubled packet ends the assembly: there is no duplicate detection")
  func duplicate() {
    var reassembler = Reassembler()
    _ = reassembler.take(packet(0x88, first))
    _ = reassembler.take(packet(0x18, second))
    let double = reassembler.take(packet(0x18, second))
    #expect(double.dropReason == .outOfSequence)
    #expect(double.loss == Loss(.outOfSequence, 2))
  }

  @Test("An end packet out of sequence ends the assembly")
  func endOutOfSequence() {
    var reassembler = Reassembler()
    _ = reassembler.take(packet(0x88, first))
    let reception = reassembler.take(packet(0x68, third))
    #expect(reception.dropReason == .outOfSequence)
    #expect(reception.loss == Loss(.outOfSequence, 1))
  }

  @Test("A middle packet of another size ends the assembly", arguments: [63, 65, 0])
  func middleSize(count: Int) {
    var reassembler = Reassembler()
    _ = reassembler.take(packet(0x88, first))
    let reception = reassembler.take(packet(0x18, [UInt8](repeating: 1, count: count)))
    #expect(reception.dropReason == .transmissionUnitMismatch)
    #expect(reception.loss == Loss(.transmissionUnitMismatch, 1))
    #expect(reassembler.assemblyCount == 0)
  }

  @Test("An end packet may be as large as the start packet, not larger")
  func endSize() {
    var reassembler = Reassembler()
    _ = reassembler.take(packet(0x88, first))
    #expect(reassembler.take(packet(0x58, second)).completed?.byteCount == 128)
    _ = reassembler.take(packet(0x88, first))
    let reception = reassembler.take(packet(0x58, second + [0]))
    #expect(reception.dropReason == .transmissionUnitMismatch)
    #expect(reception.loss == Loss(.transmissionUnitMismatch, 1))
  }

  @Test("An empty end packet completes the message")
  func emptyEnd() {
    var reassembler = Reassembler()
    _ = reassembler.take(packet(0x88, first))
    #expect(reassembler.take(packet(0x58)).completed?.byteCount == 64)
    let message = bytes(reassembler.message)
    #expect(message == first)
  }

  @Test("A start packet below 64 bytes is taken")
  func smallStart() {
    var reassembler = Reassembler()
    _ = reassembler.take(packet(0x88, body(60)))
    let end = reassembler.take(packet(0x58, [1, 2, 3]))
    #expect(end.completed?.byteCount == 63)
  }

  @Test("Six seconds of silence end the assembly; a packet in time extends it")
  func timeout() {
    var reassembler = Reassembler()
    _ = reassembler.take(packet(0x88, first), at: ms(0))
    #expect(reassembler.nextDeadline == ms(6000))
    _ = reassembler.take(packet(0x18, second), at: ms(5999))
    #expect(reassembler.nextDeadline == ms(11_999))
    #expect(reassembler.expireNext(now: ms(11_998)) == nil)
    let ended = reassembler.expireNext(now: ms(11_999))
    #expect(ended?.reason == .assemblyTimeout)
    #expect(ended?.packetCount == 2)
    #expect(ended?.terminus.source == EID(0x09))
    #expect(reassembler.expireNext(now: ms(60_000)) == nil)
    #expect(reassembler.heldPacketCount == 0)
    #expect(reassembler.take(packet(0x68, third), at: ms(12_000)).dropReason == .unexpectedPacket)
  }

  @Test("A packet that finds its assembly too old ends it, whether or not it was polled")
  func lateWithoutPoll() {
    var reassembler = Reassembler()
    _ = reassembler.take(packet(0x88, first), at: ms(0))
    let late = reassembler.take(packet(0x58, third), at: ms(6000))
    #expect(late.dropReason == .unexpectedPacket)
    #expect(late.loss == Loss(.assemblyTimeout, 1))
    _ = reassembler.take(packet(0x88, first), at: ms(7000))
    let restart = reassembler.take(packet(0x88, first), at: ms(13_000))
    #expect(restart.outcome == .incomplete)
    #expect(restart.loss == Loss(.assemblyTimeout, 1))
  }

  // Sequence numbers.

  @Test(
    "Any starting sequence number counts on modulo four", .spec("DSP0236 1.3.3 §8.9"),
    arguments: [
      ([0xD0], 1), ([0x90, 0x60], 1), ([0x90, 0x20, 0x70], 1), ([0xB0, 0x40], 1),
      ([0x90, 0x70], 0),
    ] as [([UInt8], Int)])
  func sequences(flags: [UInt8], messages: Int) {
    var reassembler = Reassembler()
    var count = 0
    for flag in flags where reassembler.take(packet(flag, [0x01])).completed != nil { count += 1 }
    #expect(count == messages)
  }

  @Test("Every pair of sequence numbers: one more modulo four is next, all others are not")
  func sequencePairs() {
    for start in UInt8(0)..<4 {
      for next in UInt8(0)..<4 {
        var reassembler = Reassembler()
        _ = reassembler.take(packet(0x88 | start << 4, first))
        let reception = reassembler.take(packet(0x48 | next << 4, third))
        let isNext = [0: 1, 1: 2, 2: 3, 3: 0][start] == next
        #expect((reception.completed != nil) == isNext, "\(start) then \(next)")
      }
    }
  }

  // Before the assembly logic.

  @Test("Short packets and unknown versions leave the assembly alone", .spec("DSP0236 1.3.3 §8.7"))
  func packetDrops() {
    var reassembler = Reassembler()
    _ = reassembler.take(packet(0x88, first))
    for length in 0..<4 {
      let short = Array(packet(0x88, first).prefix(length))
      #expect(reassembler.take(short).dropReason == .packetTooShort)
    }
    #expect(reassembler.take(packet(0xC8)).dropReason == .packetTooShort)
    #expect(reassembler.take(packet(0x88)).dropReason == .packetTooShort)
    var version = packet(0x58, third)
    version[0] = 0x02
    #expect(reassembler.take(version).dropReason == .headerVersion)
    version[0] = 0xF1
    #expect(reassembler.take(version).completed?.byteCount == 86)
  }
}
