import MCTPFraming
import MCTPWire
import TestSupport
import Testing

/// A malformed frame costs itself only.
@Suite("SerialDeframer's recovery", .spec("DSP0253"))
struct SerialRecoveryTests {
  /// S1 to S8 and frames whose FCS is 7E01, 7E7E or 7D7E: the worst to be cut in.
  static let frames: [[UInt8]] =
    testVectors("serial").prefix(8).map(\.bytes)
    + [0x7E01, 0x7E7E, 0x7D7E].map { referenceSerialFrame(packet(withFCS: $0)) }

  /// A packet whose frame has this FCS, by search.
  static func packet(withFCS fcs: UInt16) -> [UInt8] {
    for value in UInt16.min...UInt16.max {
      let packet: [UInt8] = [1, 9, 8, 0xC0, UInt8(value >> 8), UInt8(value & 0xFF)]
      if referenceFCS([1, 6] + packet) == fcs { return packet }
    }
    preconditionFailure("no such packet")
  }

  static func mutations(of frame: [UInt8]) -> [[UInt8]] {
    var all: [[UInt8]] = []
    for index in frame.indices {
      all.append(Array(frame[..<index]))
      all.append(Array(frame[index...]))
      var copy = frame
      copy.remove(at: index)
      all.append(copy)
      copy = frame
      copy.insert(frame[index], at: index)
      all.append(copy)
      for bit in 0..<8 {
        copy = frame
        copy[index] ^= 1 << UInt8(bit)
        all.append(copy)
      }
    }
    return all
  }

  @Test("Cut, doubled or flipped anywhere: the frames around are received", arguments: frames)
  func mutated(frame: [UInt8]) throws {
    let packet = try #require(naivePacket(frame))
    for bad in Self.mutations(of: frame) {
      for (index, next) in Self.frames.enumerated() {
        let before = Self.frames[(index + 3) % Self.frames.count]
        let stream = before + bad + next
        let heard = hear([stream])
        let packets = heard.compactMap { event -> [UInt8]? in
          if case .packet(let packet) = event { packet } else { nil }
        }
        let isOnlyFlags = bad.allSatisfy { $0 == 0x7E }
        // The damaged frame may still be whole: without one of its flags, or with one doubled.
        let isRight =
          packets.first == naivePacket(before) && packets.last == naivePacket(next)
          && packets.dropFirst().dropLast().allSatisfy { $0 == packet } && packets.count <= 3
          && packets.count >= 2 && (packets.count == 3 || isOnlyFlags || heard.count > 2)
          && heard.last == .packet(packets.last ?? [])
        if !isRight { Issue.record("\(hexText(stream)): \(heard)") }
      }
    }
  }

  @Test("Where the stream is cut into two reads makes no difference", arguments: frames)
  func split(frame: [UInt8]) {
    for (index, bad) in Self.mutations(of: frame).enumerated() {
      let stream = bad + Self.frames[index % Self.frames.count]
      let whole = hear([stream])
      if hear(stream.map { [$0] }) != whole { Issue.record("byte by byte: \(hexText(stream))") }
      for cut in 1..<stream.count
      where hear([Array(stream[..<cut]), Array(stream[cut...])]) != whole {
        Issue.record("cut at \(cut): \(hexText(stream))")
      }
    }
  }

  @Test("A frame damaged twice costs itself only too")
  func twice() {
    let next = Self.frames[0]
    for frame in [Self.frames[0], Self.frames[2]] {
      for once in Self.mutations(of: frame) {
        for bad in Self.mutations(of: once)
        where hear([bad + next]).last != .packet(hex("01 00 08 c8 00 80 02")) {
          Issue.record("\(hexText(bad))")
        }
      }
    }
  }

  @Test("Noise of one or two pieces in front of a frame does not cost the frame")
  func noise() throws {
    let pieces =
      (UInt8.min...UInt8.max).map { [$0] } + [hex("7e 01 00"), hex("7e 01"), hex("7e 01 04")]
    for (index, first) in pieces.enumerated() {
      for second in [[]] + pieces {
        let next = Self.frames[index % Self.frames.count]
        let noise = first + second
        let expected = try #require(naivePacket(next))
        if hear([noise + next]).last != .packet(expected) { Issue.record("\(hexText(noise))") }
      }
    }
  }

  /// Bytes that a deframer's every branch likes.
  static let interesting: [UInt8] = [0x7E, 0x7E, 0x7D, 0x5E, 0x5D, 0x01, 0x04, 0x05, 0x06, 0x00]

  @Test("After any bytes at all the next frame is received at once, below a limit of 126")
  func anything() throws {
    var random = SeededGenerator(seed: 11)
    let packets = Self.frames.compactMap { naivePacket($0) }
    for round in 0..<100_000 {
      let junk = (0..<Int.random(in: 0...30, using: &random)).map { _ in
        Self.interesting[Int.random(in: 0..<Self.interesting.count, using: &random)]
      }
      let next = round % Self.frames.count
      if hear([junk, Self.frames[next]], most: 20).last != .packet(packets[next]) {
        Issue.record("\(hexText(junk)) then \(hexText(Self.frames[next]))")
      }
    }
  }

  @Test("After any bytes and a silence the next frame is received, whatever the limit")
  func anythingThenSilence() throws {
    var random = SeededGenerator(seed: 12)
    let packet = random.bytes(126)
    let next = referenceSerialFrame(packet)
    for _ in 0..<5_000 {
      var junk = (0..<Int.random(in: 0...30, using: &random)).map { _ in
        Self.interesting[Int.random(in: 0..<Self.interesting.count, using: &random)]
      }
      if junk.count > 20 { junk += next.prefix(junk.count * 5) }
      var deframer = SerialDeframer(packetByteCountMax: 255)
      var heard: [Heard] = []
      feed(junk, to: &deframer, into: &heard)
      silence(&deframer, into: &heard)
      feed(next, to: &deframer, into: &heard)
      if heard.last != .packet(packet) { Issue.record("\(hexText(junk))") }
    }
  }

  @Test("Random bytes never trap")
  func randomBytes() {
    var random = SeededGenerator(seed: 14)
    var deframer = SerialDeframer()
    var heard: [Heard] = []
    for _ in 0..<200_000 {
      heard.removeAll(keepingCapacity: true)
      feed(random.bytes(Int.random(in: 0...8, using: &random)), to: &deframer, into: &heard)
    }
    silence(&deframer, into: &heard)
    feed(good, to: &deframer, into: &heard)
    #expect(heard.last == goodPacket)
  }
}

private let good = referenceSerialFrame(hex("01 09 08 c0"))
private let goodPacket = Heard.packet(hex("01 09 08 c0"))
