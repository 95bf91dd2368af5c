import MCTPFraming
import TestSupport
import Testing

private func decode(_ transfer: [UInt8], address: UInt8, isRead: Bool) -> Result<
  [UInt8], FrameError
> {
  do throws(FrameError) {
    return .success(
      try I3CFrame(decoding: transfer.span, dynamicAddress: address, isRead: isRead).packet.array)
  } catch {
    return .failure(error)
  }
}

private func encode(_ packet: [UInt8], address: UInt8, isRead: Bool, room: Int = 300)
  throws(FrameError) -> [UInt8]
{
  var buffer = [UInt8](repeating: 0xEE, count: room)
  var span = buffer.mutableSpan
  let count = try I3CFrame.encode(
    packet.span, dynamicAddress: address, isRead: isRead, into: &span)
  return Array(buffer[..<count])
}

extension Result where Success == [UInt8] {
  fileprivate var isPacket: Bool {
    if case .success = self { return true }
    return false
  }
}

@Suite("I3CFrame", .spec("DSP0233"))
struct I3CFrameTests {
  /// `write 0x09: packet`.
  private struct Expectation {
    let isRead: Bool
    let address: UInt8
    let result: String

    init(_ text: String) throws {
      let words = text.split { $0 == " " || $0 == ":" }
      try #require(words.count == 3)
      isRead = words[0] == "read"
      address = try #require(UInt8(words[1].dropFirst(2), radix: 16))
      result = String(words[2])
    }
  }

  @Test("The vectors decode as they say, and good ones encode to the same bytes")
  func vectors() throws {
    let vectors = testVectors("i3c")
    #expect(vectors.count == 13)
    for vector in vectors {
      let expected = try Expectation(vector.expectation)
      let decoded = decode(vector.bytes, address: expected.address, isRead: expected.isRead)
      if expected.result == "packet" {
        let packet = Array(vector.bytes.dropLast())
        #expect(decoded == .success(packet), "\(vector.name)")
        let encoded = try encode(packet, address: expected.address, isRead: expected.isRead)
        #expect(encoded == vector.bytes, "\(vector.name)")
      } else {
        let error = try #require(FrameError(reasonName: expected.result))
        #expect(decoded == .failure(error), "\(vector.name)")
      }
    }
  }

  @Test("The PEC of an interrupt's mandatory byte starts from the address byte, as of a read")
  func interruptPEC() throws {
    for vector in testVectors("i3c") where vector.name.hasPrefix("C10") {
      let address = try Expectation(vector.expectation).address
      #expect(PEC.update(PEC.update(0, address << 1 | 1), vector.bytes[0]) == vector.bytes[1])
    }
  }

  @Test("A transfer is good only from its own address and in its own direction")
  func addressAndDirection() throws {
    let packet = hex("01 08 0a c0 00 00 02 00 0a 00 00")
    let transfer = try encode(packet, address: 0x09, isRead: true)
    for address in UInt8(0)...0x7F {
      for isRead in [false, true] {
        let isSame = address == 0x09 && isRead
        #expect(decode(transfer, address: address, isRead: isRead).isPacket == isSame)
      }
    }
  }

  @Test("Every packet size from 4 to 256 makes the transfer of the definition and comes back")
  func roundTrip() throws {
    var random = SeededGenerator(seed: 5)
    for count in 4...256 {
      let packet = random.bytes(count)
      for (isRead, seed) in [(false, 0x12), (true, 0x13)] as [(Bool, UInt8)] {
        let transfer = try encode(packet, address: 0x09, isRead: isRead)
        #expect(transfer == packet + [referencePEC([seed] + packet)])
        #expect(decode(transfer, address: 0x09, isRead: isRead) == .success(packet))
      }
    }
  }

  @Test("The longest transfer a 16-bit length can announce is taken, one byte more is not")
  func longest() throws {
    let packet = [UInt8](repeating: 0x5A, count: 65534)
    let transfer = try encode(packet, address: 0x09, isRead: false, room: 65536)
    #expect(transfer.count == 65535)
    #expect(decode(transfer, address: 0x09, isRead: false) == .success(packet))
    #expect(decode(transfer + [0], address: 0x09, isRead: false) == .failure(.tooLong))
    #expect(throws: FrameError.tooLong) {
      try encode(packet + [0], address: 0x09, isRead: false, room: 65537)
    }
  }

  @Test("Packets of under 4 bytes and buffers a byte too small are refused")
  func refused() {
    #expect(throws: FrameError.tooShort) { try encode([1, 0, 0], address: 9, isRead: false) }
    #expect(throws: FrameError.tooLong) {
      try encode([1, 0, 0, 0], address: 9, isRead: false, room: 4)
    }
    #expect(throws: Never.self) { try encode([1, 0, 0, 0], address: 9, isRead: false, room: 5) }
  }

  @Test("No part of a vector and no vector with a flipped bit is a frame")
  func truncationsAndFlips() throws {
    for vector in testVectors("i3c") where vector.expectation.hasSuffix("packet") {
      let expected = try Expectation(vector.expectation)
      for bit in 0..<(8 * vector.bytes.count) {
        var transfer = vector.bytes
        transfer[bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(!decode(transfer, address: expected.address, isRead: expected.isRead).isPacket)
      }
      for count in 0..<vector.bytes.count {
        let part = Array(vector.bytes[..<count])
        let decoded = decode(part, address: expected.address, isRead: expected.isRead)
        // One part in 256 has a PEC by chance: nothing but the PEC says where a transfer ends.
        let byChance =
          count >= 5
          && referencePEC([expected.address << 1 | (expected.isRead ? 1 : 0)] + part) == 0
        #expect(decoded.isPacket == byChance, "\(vector.name), \(count) bytes")
      }
    }
  }

  @Test("Random bytes end in a value, and in a packet exactly when the PEC is right")
  func randomBytes() {
    var random = SeededGenerator(seed: 6)
    var packets = 0
    for _ in 0..<200_000 {
      let transfer = random.bytes(Int.random(in: 0...24, using: &random))
      let isRight = transfer.count >= 5 && referencePEC([0x12] + transfer) == 0
      let isPacket = decode(transfer, address: 0x09, isRead: false).isPacket
      if isPacket { packets += 1 }
      if isPacket != isRight { Issue.record("\(hexText(transfer))") }
    }
    #expect(packets > 0)
  }
}
