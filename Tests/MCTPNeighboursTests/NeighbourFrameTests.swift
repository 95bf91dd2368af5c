import MCTPNeighbours
import TestSupport
import Testing

private func ramp(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0) } }

@Suite("Frames of neighbours")
struct NeighbourFrameTests {
  static let smbus: [(frame: [UInt8], to: UInt8, from: UInt8)] = [
    (hex("3a 0f 08 21 01 00 08 c8 00 80 02 56"), 0x1D, 0x10),
    (hex("20 0f 0c 3b 01 08 0a c0 00 00 02 00 0a 00 00 b6"), 0x10, 0x1D),
    (hex("3a 0f 0a 21 01 00 08 c9 00 81 01 00 0a f8"), 0x1D, 0x10),
    (hex("40 0f 05 43 01 09 08 c0 0c"), 0x20, 0x21),
    (hex("40 0f 06 43 01 09 08 c0 7e 3f"), 0x20, 0x21),
    (hex("42 0f 45 41 01 33 32 88") + ramp(64) + [0x3B], 0x21, 0x20),
    (hex("42 0f 0d 41 01 33 32 58 40 41 42 43 44 45 46 47 3c"), 0x21, 0x20),
    (hex("42 0f ff 41 01 33 32 c8") + ramp(250) + [0xF9], 0x21, 0x20),
    (hex("20 0f 0c 65 01 0a 43 d0 00 1a 01 00 00 43 00 f4"), 0x10, 0x32),
    (hex("64 0f 0a 21 01 00 0a cf 00 91 01 00 1d fc"), 0x32, 0x10),
    (hex("16 0f 0a 15 01 00 09 c8 00 8a 01 00 0a 8e"), 0x0B, 0x0A),
    (hex("60 0f 09 31 01 00 08 c8 00 80 04 00 84"), 0x30, 0x18),
    (hex("60 0f 09 6b 01 10 09 cb 01 80 00 02 38"), 0x30, 0x35),
    (hex("66 0f 09 61 01 10 09 cb 01 80 00 02 c2"), 0x33, 0x30),
    (hex("74 0f 09 61 01 10 09 cb 01 80 00 02 b3"), 0x3A, 0x30),
  ]

  @Test("An SMBus frame has address, command, count, source and PEC where DSP0237 puts them")
  func smbusFrames() {
    for vector in Self.smbus {
      let packet = Array(vector.frame[4..<vector.frame.count - 1])
      #expect(NeighbourSMBus.frame(packet, to: vector.to, from: vector.from) == vector.frame)
      let read = NeighbourSMBus.packet(vector.frame, own: vector.to)
      #expect(read?.packet == packet)
      #expect(read?.source == vector.from)
      #expect(NeighbourSMBus.packet(vector.frame, own: vector.to ^ 1) == nil)
    }
  }

  @Test(
    "An SMBus frame with a fault is none: PEC, count, command, source bit, own address, length",
    arguments: [
      "20 0f 0c 3b 01 08 0a c0 00 00 02 00 0a 00 00 b7",
      "20 0f 0d 3b 01 08 0a c0 00 00 02 00 0a 00 00 13",
      "20 0e 0c 3b 01 08 0a c0 00 00 02 00 0a 00 00 b9", "20 0f 04 3b 01 08 0a 36", "",
    ])
  func badSMBusFrames(text: String) {
    #expect(NeighbourSMBus.packet(hex(text), own: 0x10) == nil)
  }

  @Test("Only the faults of count, command, source bit and own address are in these SMBus frames")
  func wrongFieldsWithRightPEC() {
    let good = NeighbourSMBus.frame(hex("01 08 0a c0 00"), to: 0x10, from: 0x1D)
    #expect(NeighbourSMBus.packet(good, own: 0x10) != nil)
    for (index, value) in [(1, 0x0E), (2, 0x07), (3, 0x3A), (3, 0x21)] as [(Int, UInt8)] {
      var bad = good
      bad[index] = value
      bad[bad.count - 1] = pec(bad.dropLast())
      #expect(NeighbourSMBus.packet(bad, own: 0x10) == nil)
    }
  }

  /// By division of polynomials, bit by bit over the whole text, to have it from elsewhere.
  private func pec(_ bytes: some Sequence<UInt8>) -> UInt8 {
    var remainder: UInt16 = 0
    for byte in Array(bytes) + [0] {
      for bit in (0..<8).reversed() {
        remainder = remainder << 1 | UInt16(byte >> UInt8(bit) & 1)
        if remainder & 0x100 != 0 { remainder ^= 0x107 }
      }
    }
    return UInt8(remainder)
  }

  static let i3c: [(bytes: [UInt8], address: UInt8, isRead: Bool)] = [
    (hex("01 00 0a c8 00 80 02 b1"), 0x09, false),
    (hex("01 0c 0a c9 01 83 00 04 7e"), 0x09, false),
    (hex("01 0c 0a c9 01 8b 00 05 05 00 f0 f1 f1 24"), 0x09, false),
    (hex("01 00 08 c9 00 81 01 00 0b 50"), 0x09, false),
    (hex("01 08 0a c0 00 00 02 00 0a 00 00 69"), 0x09, true),
    (hex("01 08 0b c1 00 01 02 00 0b 00 00 32"), 0x0B, true),
    (hex("01 0b 08 88") + ramp(64) + [0xD9], 0x09, false),
    (hex("01 08 0b 88") + ramp(64) + [0xF3], 0x09, true),
  ]

  @Test("The PEC of an I3C transfer is over address and direction too")
  func i3cFrames() {
    for vector in Self.i3c {
      let packet = Array(vector.bytes.dropLast())
      let frame = NeighbourI3C.frame(
        packet, dynamicAddress: vector.address, isRead: vector.isRead)
      #expect(frame == vector.bytes)
      let read = NeighbourI3C.packet(
        frame, dynamicAddress: vector.address, isRead: vector.isRead)
      #expect(read == packet)
      let otherWay = NeighbourI3C.packet(
        frame, dynamicAddress: vector.address, isRead: !vector.isRead)
      #expect(otherWay == nil)
    }
    let asFrom0A = NeighbourI3C.packet(Self.i3c[4].bytes, dynamicAddress: 0x0A, isRead: true)
    #expect(asFrom0A == nil)
    #expect(NeighbourI3C.packet(hex("01 00 08 c9"), dynamicAddress: 9, isRead: false) == nil)
  }

  static let serial: [(frame: [UInt8], packet: [UInt8])] = [
    (hex("7e 01 07 01 00 08 c8 00 80 02 2b c1 7e"), hex("01 00 08 c8 00 80 02")),
    (hex("7e 01 06 01 09 08 c0 7d 5e 7d 5d dd 45 7e"), hex("01 09 08 c0 7e 7d")),
    (hex("7e 01 06 01 09 08 c0 00 42 7e e5 7e"), hex("01 09 08 c0 00 42")),
    (hex("7e 01 06 01 09 08 c0 00 41 4c 7e 7e"), hex("01 09 08 c0 00 41")),
    (hex("7e 01 06 01 09 08 c0 00 71 7d fd 7e"), hex("01 09 08 c0 00 71")),
    (hex("7e 01 06 01 09 08 c0 01 5b ea 7d 7e"), hex("01 09 08 c0 01 5b")),
    (
      hex("7e 01 09 01 5d 0d f4 01 93 7d 5d cd 36 46 db 7e"),
      hex("01 5d 0d f4 01 93 7d cd 36")
    ),
    (hex("7e 01 07 01 00 08 c8 7d 5e 80 02 bb 02 7e"), hex("01 00 08 c8 7e 80 02")),
    (
      hex("7e 01 44 01 09 08 82 7d 5e 7d 5d") + [UInt8](repeating: 0x5A, count: 62)
        + hex("24 6e 7e"), hex("01 09 08 82 7e 7d") + [UInt8](repeating: 0x5A, count: 62)
    ),
    (
      hex("7e 01 44 01 09 08 52") + [UInt8](repeating: 0xA5, count: 64) + hex("54 b3 7e"),
      hex("01 09 08 52") + [UInt8](repeating: 0xA5, count: 64)
    ),
    (hex("7e 01 07 01 0a 08 e8 00 80 02 8d 9c 7e"), hex("01 0a 08 e8 00 80 02")),
    (
      hex("7e 01 44 01 09 08 88") + [UInt8](repeating: 0x55, count: 64) + hex("cd e1 7e"),
      hex("01 09 08 88") + [UInt8](repeating: 0x55, count: 64)
    ),
  ]

  @Test("A serial frame escapes its body alone, and has its FCS high byte first")
  func serialFrames() {
    for vector in Self.serial {
      #expect(NeighbourSerial.frame(vector.packet) == vector.frame)
    }
  }

  @Test("Both receivers take the serial vectors, one after the other", arguments: [false, true])
  func serialReception(isLinux: Bool) {
    var receiver = NeighbourSerialReceiver(
      isDeafAfterBadFrame: isLinux, packetByteCountMax: 68)
    for vector in Self.serial {
      #expect(vector.frame.compactMap { receiver.receive($0) } == [vector.packet])
    }
    #expect(!receiver.isDeaf)
  }
}
