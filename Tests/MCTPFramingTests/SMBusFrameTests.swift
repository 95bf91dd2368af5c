import MCTPFraming
import MCTPWire
import TestSupport
import Testing

/// What a decoder made of a frame, as values.
enum Decoded: Equatable {
  case packet([UInt8], from: PhysicalAddress)
  case error(FrameError)

  var isPacket: Bool {
    if case .packet = self { return true }
    return false
  }
}

private func decode(_ frame: [UInt8], own: UInt8) -> Decoded {
  do throws(FrameError) {
    let decoded = try SMBusFrame(decoding: frame.span, ownAddress: own)
    return .packet(decoded.packet.array, from: decoded.source)
  } catch {
    return .error(error)
  }
}

private func encode(_ packet: [UInt8], to: UInt8, from: UInt8, room: Int = 259) throws(FrameError)
  -> [UInt8]
{
  var buffer = [UInt8](repeating: 0xEE, count: room)
  var span = buffer.mutableSpan
  let count = try SMBusFrame.encode(packet.span, to: to, from: from, into: &span)
  return Array(buffer[..<count])
}

@Suite("SMBusFrame", .spec("DSP0237 1.1.0 §6.2"))
struct SMBusFrameTests {
  /// `from 0x10 to 0x1d: packet`.
  private struct Expectation {
    let source: UInt8
    let own: UInt8
    let result: String

    init(_ text: String) throws {
      let words = text.split { $0 == " " || $0 == ":" }
      try #require(words.count == 5)
      source = try #require(UInt8(words[1].dropFirst(2), radix: 16))
      own = try #require(UInt8(words[3].dropFirst(2), radix: 16))
      result = String(words[4])
    }
  }

  @Test("The vectors decode as they say, and good ones encode to the same bytes")
  func vectors() throws {
    let vectors = testVectors("smbus")
    #expect(vectors.map(\.name) == (1...15).map { "I\($0)" })
    for vector in vectors {
      let expectation = try Expectation(vector.expectation)
      let decoded = decode(vector.bytes, own: expectation.own)
      if expectation.result == "packet" {
        let packet = Array(vector.bytes[4..<(vector.bytes.count - 1)])
        #expect(decoded == .packet(packet, from: .i2c(expectation.source)), "\(vector.name)")
        let encoded = try encode(packet, to: expectation.own, from: expectation.source)
        #expect(encoded == vector.bytes, "\(vector.name)")
      } else {
        let error = try #require(FrameError(reasonName: expectation.result))
        #expect(decoded == .error(error), "\(vector.name)")
      }
    }
  }

  @Test("Every packet size from 4 to 254 makes the frame of the definition and comes back")
  func roundTrip() throws {
    var random = SeededGenerator(seed: 3)
    for count in 4...254 {
      let packet = random.bytes(count)
      let frame = try encode(packet, to: 0x1D, from: 0x10)
      #expect(frame == referenceSMBusFrame(packet, to: 0x1D, from: 0x10))
      #expect(decode(frame, own: 0x1D) == .packet(packet, from: .i2c(0x10)))
    }
  }

  @Test("Packets of under 4 or over 254 bytes, and buffers a byte too small, are refused")
  func refused() {
    #expect(throws: FrameError.tooShort) { try encode([1, 0, 0], to: 0x1D, from: 0x10) }
    let long = [UInt8](repeating: 0, count: 255)
    #expect(throws: FrameError.tooLong) { try encode(long, to: 0x1D, from: 0x10, room: 300) }
    let packet: [UInt8] = [1, 9, 8, 0xC0]
    #expect(throws: FrameError.tooLong) { try encode(packet, to: 0x1D, from: 0x10, room: 8) }
    #expect(throws: FrameError.tooLong) { try encode(packet, to: 0x1D, from: 0x10, room: 0) }
    #expect(throws: Never.self) { try encode(packet, to: 0x1D, from: 0x10, room: 9) }
  }

  @Test("A frame to another address, a read, or a source without its bit or of our own is refused")
  func addresses() {
    let packet: [UInt8] = [1, 9, 8, 0xC0]
    func frame(_ destination: UInt8, _ source: UInt8) -> [UInt8] {
      let bytes = [destination, 0x0F, 5, source] + packet
      return bytes + [referencePEC(bytes)]
    }
    #expect(decode(frame(0x20, 0x3B), own: 0x10) == .packet(packet, from: .i2c(0x1D)))
    #expect(decode(frame(0x22, 0x3B), own: 0x10) == .error(.address))
    #expect(decode(frame(0x21, 0x3B), own: 0x10) == .error(.address))
    #expect(decode(frame(0x00, 0x3B), own: 0x10) == .error(.address))
    #expect(decode(frame(0x20, 0x3A), own: 0x10) == .error(.address))
    #expect(decode(frame(0x20, 0x21), own: 0x10) == .error(.address))
  }

  @Test("A byte count that is not the frame's is refused although the PEC is right")
  func byteCounts() {
    for count in 0...255 as ClosedRange<UInt8> {
      let bytes: [UInt8] = [0x20, 0x0F, count, 0x3B, 1, 9, 8, 0xC0, 0x7E, 0x00]
      let decoded = decode(bytes + [referencePEC(bytes)], own: 0x10)
      // The source address and the six bytes of the packet.
      #expect(count == 7 ? decoded.isPacket : decoded == .error(.length), "byte count \(count)")
    }
  }

  @Test("The first check that fails names the error")
  func order() {
    // Each frame is wrong in everything that is checked later too.
    #expect(decode(hex("22 0e 99 3a 01 09 08 c0"), own: 0x10) == .error(.tooShort))
    #expect(decode([UInt8](repeating: 0x0E, count: 260), own: 0x10) == .error(.tooLong))
    #expect(decode(hex("22 0e 99 3a 01 09 08 c0 55"), own: 0x10) == .error(.notMCTP))
    #expect(decode(hex("22 0f 99 3a 01 09 08 c0 55"), own: 0x10) == .error(.length))
    #expect(decode(hex("22 0f 05 3a 01 09 08 c0 55"), own: 0x10) == .error(.integrity))
  }

  @Test("No part of a frame is a frame")
  func truncations() throws {
    for vector in testVectors("smbus") {
      let own = try Expectation(vector.expectation).own
      for count in 0..<vector.bytes.count {
        #expect(!decode(Array(vector.bytes[..<count]), own: own).isPacket)
      }
    }
  }

  @Test("A frame with one flipped bit is refused, whichever bit")
  func flippedBits() throws {
    for vector in testVectors("smbus") where vector.expectation.hasSuffix("packet") {
      let own = try Expectation(vector.expectation).own
      for bit in 0..<(8 * vector.bytes.count) {
        var frame = vector.bytes
        frame[bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(!decode(frame, own: own).isPacket, "\(vector.name), bit \(bit)")
      }
    }
  }

  @Test("Random bytes end in a value, and in a packet only with a right PEC and addresses")
  func randomBytes() {
    var random = SeededGenerator(seed: 4)
    var packets = 0
    for _ in 0..<200_000 {
      var frame = random.bytes(Int.random(in: 0...40, using: &random))
      // Half of them look right at the front, so that the later checks are reached.
      if frame.count >= 4, Bool.random(using: &random) {
        (frame[0], frame[1], frame[2]) = (0x20, 0x0F, UInt8(frame.count - 4))
      }
      guard case .packet(let packet, let source) = decode(frame, own: 0x10) else { continue }
      packets += 1
      #expect(
        frame == referenceSMBusFrame(packet, to: 0x10, from: UInt8(source.value)))
    }
    #expect(packets > 0)
  }
}
