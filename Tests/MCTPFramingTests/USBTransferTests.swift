import MCTPFraming
import TestSupport
import Testing

/// The packets of a transfer and the error that ended it, if one did.
private func decode(_ bytes: [UInt8], _ version: USBTransfer.Version) -> (
  packets: [[UInt8]], error: FrameError?
) {
  var transfer = USBTransfer(bytes.span, version: version)
  var packets: [[UInt8]] = []
  while true {
    do throws(FrameError) {
      guard let packet = try transfer.next() else { return (packets, nil) }
      packets.append(packet.array)
    } catch {
      do throws(FrameError) {
        if try transfer.next() != nil { Issue.record("a packet behind an error") }
      } catch { Issue.record("a second error in one transfer") }
      return (packets, error)
    }
  }
}

private func encode(
  _ packets: [[UInt8]], _ version: USBTransfer.Version, room: Int = 512
) throws(FrameError) -> [UInt8] {
  var buffer = [UInt8](repeating: 0xEE, count: room)
  var end = 0
  do {
    var span = buffer.mutableSpan
    for packet in packets {
      end += try USBTransfer.encode(packet.span, version: version, into: &span, at: end)
    }
  }
  return Array(buffer[..<end])
}

@Suite("USBTransfer", .spec("DSP0283"))
struct USBTransferTests {
  /// What a version's reader makes of it: the part `v1.0: 5 5` or `v1.1: frameLength`.
  private static func expectation(
    _ text: String, _ version: USBTransfer.Version
  ) throws -> (sizes: [Int], error: FrameError?) {
    let name =
      switch version {
      case .v10: "v1.0"
      case .v11: "v1.1"
      }
    let part = try #require(
      text.split(separator: ";").first { $0.contains(name) }?.split(separator: ":").last)
    let words = part.split(separator: " ")
    return (words.compactMap { Int($0) }, words.last.flatMap { FrameError(reasonName: $0) })
  }

  @Test(
    "The vectors decode as they say in both versions", arguments: [USBTransfer.Version.v10, .v11])
  func vectors(version: USBTransfer.Version) throws {
    let vectors = testVectors("usb")
    #expect(vectors.map(\.name) == (1...7).map { "U\($0)" })
    for vector in vectors {
      let expected = try Self.expectation(vector.expectation, version)
      try #require(!expected.sizes.isEmpty || expected.error != nil)
      let (packets, error) = decode(vector.bytes, version)
      #expect(packets.map(\.count) == expected.sizes, "\(vector.name)")
      #expect(error == expected.error, "\(vector.name)")
      var offset = 0
      for packet in packets {
        #expect(packet == Array(vector.bytes[(offset + 4)..<(offset + 4 + packet.count)]))
        offset += 4 + packet.count
      }
      if error == nil {
        #expect(try encode(packets, version, room: 8191) == vector.bytes, "\(vector.name)")
      }
    }
  }

  @Test(
    "Packets of all sizes of a version come back",
    arguments: [(USBTransfer.Version.v10, 251), (.v11, 8187)])
  func roundTrip(version: USBTransfer.Version, most: Int) throws {
    var random = SeededGenerator(seed: 7)
    let bytes = random.bytes(most)
    // Every size of 1.0, around each 256 and near the top of 1.1.
    for count in 4...most where count < 300 || count % 256 < 3 || count > most - 3 {
      let packet = Array(bytes[..<count])
      let transfer = try encode([packet], version, room: most + 4)
      guard transfer.count == count + 4, transfer[0] == 0x1A, transfer[1] == 0xB4,
        Int(transfer[2]) * 256 + Int(transfer[3]) == count + 4
      else {
        Issue.record("header of \(count) bytes: \(hexText(transfer[..<4]))")
        continue
      }
      let decoded = decode(transfer, version)
      if decoded.packets != [packet] || decoded.error != nil { Issue.record("\(count) bytes") }
    }
    #expect(version.packetByteCountMax == most)
    #expect(throws: FrameError.tooLong) {
      try encode([bytes + [0]], version, room: most + 5)
    }
  }

  @Test("Packets before a damaged one are kept, those behind it are dropped")
  func damagedInside() throws {
    let good = try encode([hex("01 09 08 c0 7e")], .v10)
    let other = try encode([hex("01 09 08 c1 7f")], .v10)
    for (bad, error) in [
      (hex("1a b4 00"), FrameError.tooShort), (hex("1b b4 00 09"), .notMCTP),
      (hex("1a b5 00 09"), .notMCTP), (hex("1a b4 00 07 01 02 03"), .length),
      (hex("1a b4 00 ff"), .length), (hex("1a b4 01 09 01 09 08 c0 7e"), .length),
    ] {
      let isShort = error == .tooShort
      let decoded = decode(good + bad + (isShort ? [] : other), .v10)
      #expect(decoded.packets == [hex("01 09 08 c0 7e")])
      #expect(decoded.error == error, "\(hexText(bad))")
    }
  }

  @Test("What an error dropped can still be read, for a capture")
  func remaining() throws {
    let bytes = hex("1a b4 00 09 01 09 08 c0 7e 1a b4 00 03 55")
    var transfer = USBTransfer(bytes.span, version: .v10)
    _ = try transfer.next()
    #expect(transfer.remaining.array == hex("1a b4 00 03 55"))
    do {
      _ = try transfer.next()
      Issue.record("a length of 3 was taken")
    } catch { #expect(error == .length) }
    #expect(transfer.remaining.array == hex("1a b4 00 03 55"))
  }

  @Test("An empty transfer has no packets and no error")
  func empty() {
    let decoded = decode([], .v10)
    #expect(decoded.packets.isEmpty && decoded.error == nil)
  }

  @Test("Reserved bits of the 1.1 length are ignored")
  func reservedBits() {
    #expect(decode(hex("1a b4 e0 09 01 09 08 c0 7e"), .v11).packets == [hex("01 09 08 c0 7e")])
  }

  @Test("A transfer is full at its last byte")
  func full() throws {
    let packet = [UInt8](repeating: 1, count: 251)
    #expect(try encode([packet, packet], .v10).count == 510)
    #expect(throws: FrameError.tooLong) { try encode([packet, packet, [1, 0, 0, 0]], .v10) }
    #expect(throws: FrameError.tooShort) { try encode([[1, 0, 0]], .v10) }
    #expect(try encode([[1, 0, 0, 0]], .v10, room: 8).count == 8)
    #expect(throws: FrameError.tooLong) { try encode([[1, 0, 0, 0]], .v10, room: 7) }
  }

  @Test("No part of a vector yields a packet that the whole does not")
  func truncations() {
    for vector in testVectors("usb") where vector.bytes.count < 300 {
      for version in [USBTransfer.Version.v10, .v11] {
        let whole = decode(vector.bytes, version).packets
        for count in 0..<vector.bytes.count {
          let part = decode(Array(vector.bytes[..<count]), version).packets
          #expect(whole.starts(with: part) && (part.count < whole.count || whole.isEmpty))
        }
      }
    }
  }

  @Test("A flipped bit in a header never moves a packet; there is no check over the packet itself")
  func flippedBits() {
    let vector = hex("1a b4 00 09 01 09 08 c0 7e")
    for bit in 0..<32 {
      var bytes = vector
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      for packet in decode(bytes, .v10).packets {
        // Only a length that became smaller still fits the transfer.
        #expect(bit == 24 && packet == hex("01 09 08 c0"))
      }
    }
  }

  @Test("Random bytes end in a value, and packets lie inside the transfer in order")
  func randomBytes() {
    var random = SeededGenerator(seed: 8)
    var packets = 0
    for _ in 0..<200_000 {
      var bytes = random.bytes(Int.random(in: 0...40, using: &random))
      var at = 0
      while at + 4 <= bytes.count, UInt8.random(in: 0...7, using: &random) > 0 {
        let length = Int.random(in: 0...16, using: &random)
        bytes.replaceSubrange(at..<(at + 4), with: [0x1A, 0xB4, 0, UInt8(length)])
        at += max(length, 1)
      }
      let decoded = decode(bytes, .v10)
      packets += decoded.packets.count
      let total = decoded.packets.reduce(0) { $0 + $1.count + 4 }
      if total > bytes.count || (decoded.error == nil && total != bytes.count) {
        Issue.record("\(hexText(bytes))")
      }
    }
    #expect(packets > 0)
  }
}
