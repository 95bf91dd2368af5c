import MCTPFraming
import TestSupport
import Testing

private func encode(
  _ packet: [UInt8], most: Int = 68, room: Int = 600, at offset: Int = 0
) throws(FrameError) -> [UInt8] {
  var buffer = [UInt8](repeating: 0xEE, count: room)
  var span = buffer.mutableSpan
  let count = try SerialFrame.encode(
    packet.span, packetByteCountMax: most, into: &span, at: offset)
  return Array(buffer[offset..<(offset + count)])
}

@Suite("SerialFrame", .spec("DSP0253"))
struct SerialFrameTests {
  @Test("The packets of the vectors encode to the vectors' bytes")
  func vectors() throws {
    for vector in testVectors("serial") where vector.expectation == "packet" {
      let packet = try #require(naivePacket(vector.bytes), "\(vector.name)")
      #expect(try encode(packet) == vector.bytes, "\(vector.name)")
    }
  }

  @Test("Every packet size, with few, many and only escapes, makes the frame of the definition")
  func everySize() throws {
    var random = SeededGenerator(seed: 9)
    for count in 4...255 {
      let plain = random.bytes(count)
      let mixed = plain.map { $0 & 1 == 0 ? 0x7D + ($0 >> 1 & 1) : $0 }
      let special = plain.map { 0x7D + ($0 & 1) }
      for packet in [plain, mixed, special] {
        let frame = try encode(packet, most: 255)
        if frame != referenceSerialFrame(packet) { Issue.record("\(hexText(packet))") }
        if SerialFrame.byteCount(of: packet.span) != frame.count { Issue.record("size \(count)") }
      }
      #expect(try encode(special, most: 255).count == 6 + 2 * count)
      #expect(SerialFrame.byteCountMax(packetByteCount: count) == 6 + 2 * count)
    }
  }

  @Test("Each byte value is escaped or not at each place of a word")
  func everyPlace() throws {
    for place in 0..<16 {
      for value in UInt8.min...UInt8.max {
        var packet = [UInt8](repeating: 0x7C, count: 16)
        packet[place] = value
        if try encode(packet) != referenceSerialFrame(packet) {
          Issue.record("\(value) at \(place)")
        }
      }
    }
  }

  @Test("Limits: 4 bytes, the port's maximum, 255, and the room to the last byte")
  func limits() throws {
    let packet: [UInt8] = [1, 9, 8, 0x7E]
    #expect(throws: FrameError.tooShort) { try encode([1, 9, 8]) }
    #expect(throws: FrameError.tooLong) { try encode([UInt8](repeating: 1, count: 69)) }
    #expect(try encode([UInt8](repeating: 1, count: 68)).count == 74)
    #expect(throws: FrameError.tooLong) { try encode([UInt8](repeating: 1, count: 256), most: 999) }
    #expect(try encode(packet, room: 11).count == 11)
    #expect(throws: FrameError.tooLong) { try encode(packet, room: 10) }
    #expect(try encode(packet, room: 31, at: 20) == referenceSerialFrame(packet))
    #expect(throws: FrameError.tooLong) { try encode(packet, room: 30, at: 20) }
    #expect(throws: FrameError.tooLong) { try encode(packet, room: 0) }
  }

  @Test("A frame written behind another leaves it alone")
  func behindAnother() throws {
    var buffer = [UInt8](repeating: 0xEE, count: 40)
    var span = buffer.mutableSpan
    let packet = hex("01 09 08 c0")
    let first = try SerialFrame.encode(packet.span, into: &span)
    let second = try SerialFrame.encode(packet.span, into: &span, at: first)
    #expect(
      Array(buffer[..<(first + second)])
        == referenceSerialFrame(packet) + referenceSerialFrame(packet))
    #expect(buffer[(first + second)...].allSatisfy { $0 == 0xEE })
  }

  @Test("The wake-up bytes for a Linux receiver are the 88 that were found to work")
  func wakePreamble() {
    #expect(
      SerialFrame.wakePreamble.array
        == [UInt8](repeating: 0xFF, count: 80) + hex("7e 01 01 7d 01 7e 01 7e"))
  }
}

/// The packet of a whole frame, by the definition; nil when it is none.
func naivePacket(_ frame: [UInt8]) -> [UInt8]? {
  guard frame.count >= 10, frame.first == 0x7E, frame[1] == 1, frame.last == 0x7E else {
    return nil
  }
  var packet: [UInt8] = []
  var isEscaped = false
  for byte in frame[3..<(frame.count - 3)] {
    if isEscaped {
      packet.append(byte ^ 0x20)
      isEscaped = false
    } else if byte == 0x7D {
      isEscaped = true
    } else {
      packet.append(byte)
    }
  }
  return referenceSerialFrame(packet) == frame ? packet : nil
}
