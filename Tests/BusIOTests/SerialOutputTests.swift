import MCTPWire
import TestSupport
import Testing

@testable import BusIO

@Suite struct SerialOutputTests {
  // S1 and S2 of serial.hex, 13 and 14 bytes on the line.
  private static let packets = [hex("01 00 08 c8 00 80 02"), hex("01 09 08 c0 7e 7d")]
  private static let frames =
    hex("7e 01 07 01 00 08 c8 00 80 02 2b c1 7e")
    + hex("7e 01 06 01 09 08 c0 7d 5e 7d 5d dd 45 7e")

  @Test("A packet is sent when its last byte was taken, not one byte before", arguments: 0...27)
  func finishing(takenByteCount: Int) {
    var output = SerialOutput(byteCountMax: 1_000, packetByteCountMax: 68)
    for packet in Self.packets { output.append(packet.span) }
    #expect(Array(output.pending) == Self.frames)
    output.take(takenByteCount)
    #expect(Array(output.pending) == Array(Self.frames[takenByteCount...]))
    var results: [TransmissionResult] = []
    while let result = output.popFinished() { results.append(result) }
    let sentCount = takenByteCount < 13 ? 0 : takenByteCount < 27 ? 1 : 2
    #expect(results.count == sentCount)
    while let result = output.popAbandoned() { results.append(result) }
    #expect(results.count == 2)
    #expect(results.filter { $0 == .sent }.count == sentCount)
    #expect(output.pending.count == 0)
  }

  @Test("A place that the line has taken is used again, and the order stays", arguments: 1...60)
  func reuse(step: Int) {
    // Room for one frame of any content and little more.
    var output = SerialOutput(byteCountMax: 170, packetByteCountMax: 68)
    var queued = 0
    var taken: [UInt8] = []
    var finished = 0
    while taken.count < 20 * Self.frames.count {
      while output.hasRoom {
        let packet = Self.packets[queued % 2]
        output.append(packet.span)
        queued += 1
      }
      let count = min(step, output.pending.count)
      taken += output.pending.prefix(count)
      output.take(count)
      while let result = output.popFinished() {
        #expect(result == .sent)
        finished += 1
      }
      #expect(finished == taken.count / 27 * 2 + (taken.count % 27 >= 13 ? 1 : 0))
    }
    #expect(taken == (0..<taken.count).map { Self.frames[$0 % 27] })
  }

  @Test("Many tiny packets end credit by number, and answers keep their order round the ring")
  func packetBound() {
    var output = SerialOutput(byteCountMax: 100_000, packetByteCountMax: 68)
    for round in 0..<3 {
      var count = 0
      while output.hasRoom {
        let packet = count % 3 == round ? [1] : Self.packets[0]
        output.append(packet.span)
        count += 1
      }
      #expect(count == 256)
      output.take(output.pending.count)
      for index in 0..<count {
        #expect(output.popFinished() == (index % 3 == round ? .refused : .sent))
      }
      #expect(output.popFinished() == nil)
    }
  }
}
