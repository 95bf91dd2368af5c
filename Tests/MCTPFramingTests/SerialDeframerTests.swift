import MCTPFraming
import MCTPWire
import TestSupport
import Testing

/// An event with its bytes.
enum Heard: Equatable, CustomStringConvertible {
  case packet([UInt8])
  case damaged(FrameError)

  var description: String {
    switch self {
    case .packet(let bytes): "packet(\(hexText(bytes)))"
    case .damaged(let error): "\(error)"
    }
  }
}

/// Feeds pieces one after the other; at the end a silence, if asked for.
func hear(
  _ pieces: [[UInt8]], most: Int = 68, thenSilence: Bool = false
) -> [Heard] {
  var deframer = SerialDeframer(packetByteCountMax: most)
  var heard: [Heard] = []
  for piece in pieces { feed(piece, to: &deframer, into: &heard) }
  if thenSilence { silence(&deframer, into: &heard) }
  return heard
}

func feed(
  _ bytes: [UInt8], to deframer: inout SerialDeframer, at now: Instant = .zero,
  into heard: inout [Heard]
) {
  var offset = 0
  while let event = deframer.next(bytes.span, offset: &offset, now: now) {
    switch event {
    case .packet: heard.append(.packet(deframer.packet.array))
    case .damaged(let error): heard.append(.damaged(error))
    }
  }
  if offset != bytes.count { Issue.record("bytes left over") }
}

func silence(_ deframer: inout SerialDeframer, into heard: inout [Heard]) {
  let later = (deframer.nextDeadline ?? .zero).advanced(byMs: 1000)
  while let event = deframer.expire(later) {
    switch event {
    case .packet: heard.append(.packet(deframer.packet.array))
    case .damaged(let error): heard.append(.damaged(error))
    }
  }
  if deframer.nextDeadline != nil { Issue.record("a deadline after the silence") }
}

private let good = referenceSerialFrame(hex("01 09 08 c0"))
private let goodPacket = Heard.packet(hex("01 09 08 c0"))

@Suite("SerialDeframer", .spec("DSP0253"))
struct SerialDeframerTests {
  @Test("The vectors give the events that they name, whole and byte by byte")
  func vectors() throws {
    let vectors = testVectors("serial")
    #expect(vectors.map(\.name) == (1...14).map { "S\($0)" })
    for vector in vectors {
      let expected = vector.expectation.split(separator: " ")
      for pieces in [[vector.bytes], vector.bytes.map { [$0] }] {
        let heard = hear(pieces)
        let words = heard.map { event in
          switch event {
          case .packet: "packet"
          case .damaged(let error): "\(error.dropReason)"
          }
        }
        #expect(words == expected.map(String.init), "\(vector.name)")
        for case .packet(let packet) in heard {
          // All vectors with two frames have the same frame twice.
          let frame = vector.name == "S13" || vector.name == "S14" ? "S1" : vector.name
          let bytes = try #require(vectors.first { $0.name == frame }?.bytes)
          #expect(packet == naivePacket(bytes), "\(vector.name)")
        }
      }
    }
  }

  /// What each fault on the line is called; a good frame follows each.
  static let faults: [(String, [FrameError])] = [
    ("55", [.noise]),
    ("55 aa 7d 01 55", [.noise]),
    ("7e", []),
    ("7e 7e 7e", []),
    ("7e 02", [.revision]),
    ("7e 02 07 01 00 08 c8 00 80 02 2b c1", [.revision]),
    ("7e 01", [.truncated]),
    ("7e 01 00", [.length]),
    ("7e 01 03 01 02 03", [.length]),
    ("7e 01 45 01 02", [.tooLong]),
    ("7e 01 ff", [.tooLong]),
    ("7e 01 07 01 00 08", [.truncated]),
    ("7e 01 07 01 00 08 c8 7d", [.truncated]),
    ("7e 01 07 01 00 08 c8 7d 00", [.escape]),
    ("7e 01 07 01 00 08 c8 7d 7d 5e", [.escape]),
    ("7e 01 07 01 00 08 c8 00 80 02 2b c2 7e", [.integrity]),
    ("7e 01 06 01 00 08 c8 00 80 02 2b c1 7e", [.length]),
    ("7e 01 07 01 00 08 c8 00 80 02 2b c1 55", [.length]),
    ("7e 01 07 01 00 08 c8 00 80 02 2b c1 55 66 77", [.length]),
    // Cut inside the FCS: the next frame's flag stands where FCS bytes were expected.
    ("7e 01 07 01 00 08 c8 00 80 02 2b", [.length]),
    ("7e 01 07 01 00 08 c8 00 80 02", [.length]),
    // A wrong FCS that looks like a flag is not told a second time.
    ("7e 01 06 01 09 08 c0 00 43 7e e5 7e", [.integrity]),
    ("7e 01 06 01 09 08 c0 00 41 4c 7e 55", [.length]),
    // The bytes that wake a Linux receiver.
    ("ff ff ff 7e 01 01 7d 01 7e 01 7e", [.noise, .length, .truncated]),
  ]

  @Test(
    "Each fault has its reason, is told once, and the next frame is received", arguments: faults)
  func fault(bytes: String, errors: [FrameError]) {
    let stream = hex(bytes) + good
    let expected = errors.map { Heard.damaged($0) } + [goodPacket]
    #expect(hear([stream]) == expected)
    #expect(hear(stream.map { [$0] }) == expected)
  }

  @Test("Noise behind a good frame is noise, whatever it begins with")
  func noiseBehindGood() {
    for byte in UInt8.min...UInt8.max where byte != 0x7E && byte != 0x01 {
      #expect(hear([good + [byte] + good]) == [goodPacket, .damaged(.noise), goodPacket])
    }
    // A revision byte behind a closing flag is taken for a frame that shares the flag.
    #expect(hear([good + [1] + good]) == [goodPacket, .damaged(.truncated), goodPacket])
  }

  @Test("A closing flag may open the next frame")
  func sharedFlag() {
    let stream = good + good.dropFirst() + good.dropFirst()
    #expect(hear([stream]) == [goodPacket, goodPacket, goodPacket])
    // A lost closing flag costs nothing either.
    #expect(hear([good.dropLast() + good]) == [goodPacket, goodPacket])
  }

  @Test("The bytes of a damaged frame can be read, and only those")
  func damagedBytes() {
    var deframer = SerialDeframer()
    var offset = 0
    let bad = hex("7e 01 06 01 09 08 c0 7d 5e 7d 5d dd 46 7e")
    let stream = hex("55 66") + bad + good
    func next() -> SerialDeframer.Event? {
      deframer.next(stream.span, offset: &offset, now: .zero)
    }
    #expect(next() == .damaged(.noise))
    #expect(deframer.damaged.array == hex("55 66"))
    #expect(deframer.packet.array == [])
    #expect(next() == .damaged(.integrity))
    #expect(deframer.damaged.array == bad)
    #expect(next() == .packet)
    #expect(deframer.damaged.array == [])
    #expect(deframer.packet.array == hex("01 09 08 c0"))
    #expect(next() == nil)
    #expect(deframer.packet.array == [])
  }

  @Test("A frame cut short is told without the flag that begins the next")
  func truncatedBytes() {
    var deframer = SerialDeframer()
    var offset = 0
    let stream = hex("7e 01 07 01 00") + good
    #expect(deframer.next(stream.span, offset: &offset, now: .zero) == .damaged(.truncated))
    #expect(deframer.damaged.array == hex("7e 01 07 01 00"))
  }

  @Test("A long run of noise is told once, however it is cut")
  func longNoise() {
    let noise = [UInt8](repeating: 0xFF, count: 10_000)
    #expect(hear([noise, noise, good]) == [.damaged(.noise), goodPacket])
  }

  @Test(
    "Lengths of 4 to the limit are received, others are not", arguments: [4, 68, 125, 126, 255])
  func lengths(most: Int) {
    var random = SeededGenerator(seed: 10)
    for count in 4...255 {
      let packet = random.bytes(count).map { $0 % 5 == 0 ? 0x7D + ($0 & 1) : $0 }
      let heard = hear([referenceSerialFrame(packet), good], most: most, thenSilence: true)
      if count <= most {
        #expect(heard == [.packet(packet), goodPacket])
      } else if count == 0x7E {
        // Above the limit, 7E cannot be a length: it is a flag.
        #expect(heard.first == .damaged(.truncated) && heard.last == goodPacket)
      } else {
        // A flag among its FCS bytes begins a frame that is none.
        #expect(heard.first == .damaged(.tooLong) && heard.last == goodPacket)
      }
    }
  }

  @Test("A partial frame ends after 1 s of silence, not before, and idle lines have no deadline")
  func silenceEndsFrame() {
    var deframer = SerialDeframer()
    var heard: [Heard] = []
    #expect(deframer.nextDeadline == nil)
    feed(good, to: &deframer, into: &heard)
    #expect(deframer.nextDeadline == nil)
    let start = Instant(nanoseconds: 5_000_000_000)
    feed(hex("7e"), to: &deframer, at: start, into: &heard)
    #expect(deframer.nextDeadline == nil)
    feed(hex("01 07 01"), to: &deframer, at: start, into: &heard)
    #expect(deframer.nextDeadline == start.advanced(byMs: 1000))
    let later = start.advanced(byMs: 600)
    feed(hex("00"), to: &deframer, at: later, into: &heard)
    #expect(deframer.nextDeadline == later.advanced(byMs: 1000))
    #expect(deframer.expire(later.advanced(byNanoseconds: 999_999_999)) == nil)
    #expect(heard == [goodPacket])
    #expect(deframer.expire(later.advanced(byMs: 1000)) == .damaged(.truncated))
    #expect(deframer.damaged.array == hex("7e 01 07 01 00"))
    #expect(deframer.expire(later.advanced(byMs: 1000)) == nil)
    #expect(deframer.nextDeadline == nil)
    feed(good, to: &deframer, into: &heard)
    #expect(heard == [goodPacket, goodPacket])
  }

  @Test("On a slow line the silence is 20 byte times")
  func slowLine() {
    // 110 baud: 90.9 ms a byte.
    var deframer = SerialDeframer(byteNanoseconds: 90_909_091)
    var heard: [Heard] = []
    feed(hex("7e 01"), to: &deframer, into: &heard)
    #expect(deframer.nextDeadline == Instant(nanoseconds: 1_818_181_820))
  }

  @Test("With a limit of 126 or more, a frame claimed as a length is received after the silence")
  func ambiguousLength() {
    var late = 0
    for count in 118...125 {
      let packet = [UInt8](repeating: 0x11, count: count)
      let stream = hex("7e 01") + referenceSerialFrame(packet)
      if hear([stream], most: 255).last != .packet(packet) { late += 1 }
      let heard = hear([stream], most: 255, thenSilence: true)
      #expect(heard.count == 2 && heard.last == .packet(packet))
      #expect(hear([stream], most: 125) == [.damaged(.truncated), .packet(packet)])
    }
    #expect(late > 0)
  }

  @Test("Bytes behind a frame that a re-scan found are not told a second time")
  func rescannedTail() {
    // The outer attempt claims the frame's flag as a length of 126, its closing flag as the FCS.
    let packet = [UInt8](repeating: 0x11, count: 122)
    let stream = hex("7e 01") + referenceSerialFrame(packet) + hex("55 66")
    #expect(
      hear([stream + good], most: 255) == [.damaged(.length), .packet(packet), goodPacket])
  }
}
