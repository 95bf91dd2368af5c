import MCTPNeighbours
import TestSupport
import Testing

/// Expectations are the table of what receivers were seen to do on errors.
@Suite("Serial receivers of neighbours")
struct NeighbourSerialReceiverTests {
  private static let good = hex("7e 01 07 01 00 08 c8 00 80 02 2b c1 7e")
  private static let packet = hex("01 00 08 c8 00 80 02")
  private static let wake =
    [UInt8](repeating: 0xFF, count: 80) + hex("7e 01 01 7d 01 7e 01 7e")

  /// What is heard of three good frames after these bytes, and whether it is deaf after all.
  private func after(_ bytes: [UInt8], isLinux: Bool) -> (heard: Int, isDeaf: Bool) {
    var receiver = NeighbourSerialReceiver(isDeafAfterBadFrame: isLinux, packetByteCountMax: 68)
    let before = bytes.compactMap { receiver.receive($0) }
    #expect(before.isEmpty)
    let heard = (Self.good + Self.good + Self.good).compactMap { receiver.receive($0) }
    #expect(heard.allSatisfy { $0 == Self.packet })
    return (heard.count, receiver.isDeaf)
  }

  static let faults: [(name: String, bytes: String, linux: Int, isDeaf: Bool, plain: Int)] = [
    ("nothing", "", 3, false, 3),
    ("noise while idle", "55", 2, false, 3),
    ("a doubled flag", "7e", 0, true, 3),
    ("a bad revision", "7e 02 07 01 00 08 c8 00 80 02 2b c1 7e", 0, true, 3),
    ("a length that is too large", "7e 01 4b 01 00 08 c8 00 80 02 2b c1 7e", 0, true, 3),
    ("no closing flag", "7e 01 07 01 00 08 c8 00 80 02 2b c1 00", 0, true, 3),
    ("a bad FCS", "7e 01 07 01 00 08 c8 00 80 02 2b c2 7e", 3, false, 3),
  ]

  @Test("After a fault Linux hears what it was seen to hear, the other one everything")
  func faultTable() {
    for fault in Self.faults {
      let linux = after(hex(fault.bytes), isLinux: true)
      #expect(linux.heard == fault.linux, "\(fault.name)")
      #expect(linux.isDeaf == fault.isDeaf, "\(fault.name)")
      let plain = after(hex(fault.bytes), isLinux: false)
      #expect(plain.heard == fault.plain, "\(fault.name)")
      #expect(!plain.isDeaf)
    }
  }

  @Test("A lone flag wakes Linux from a bad revision, not from a bad length")
  func loneFlag() {
    #expect(after(hex("7e 02 01 00 08 7e 7e"), isLinux: true).heard == 3)
    #expect(after(hex("7e 01 4b 00 08 7e 7e"), isLinux: true).heard == 0)
  }

  @Test("The wake-up bytes bring Linux back from everything and harm no healthy receiver")
  func wakeUp() {
    let states =
      Self.faults.map { hex($0.bytes) } + [
        hex("7e 01 07 01 00"), hex("7e 01 07 01 00 7d"), hex("7e 01 44 01"),
        hex("7e 01 ff 7e"), hex("7e 7e 01"),
      ]
    for state in states {
      for isLinux in [true, false] {
        var receiver = NeighbourSerialReceiver(
          isDeafAfterBadFrame: isLinux, packetByteCountMax: 74)
        for byte in state + Self.wake { _ = receiver.receive(byte) }
        #expect(!receiver.isDeaf)
        let heard = Self.good.compactMap { receiver.receive($0) }
        #expect(heard == [Self.packet], "\(hexText(state)) \(isLinux)")
      }
    }
  }

  @Test("A frame that is cut off anywhere costs the receiver that resynchronises no other one")
  func cutFrames() {
    for count in 0..<10 {
      let heard = after(Array(Self.good.prefix(count)), isLinux: false).heard
      #expect(heard == 3, "\(count) bytes")
    }
  }

  @Test("A bad escape ends the frame for the one that resynchronises and is taken by Linux")
  func badEscape() {
    // FCS of the body with 0x7d 0x41 read as 0x61 (OR 0x20).
    let frame = NeighbourSerial.frame(hex("01 09 08 c0 61"))
    let bent = Array(frame[0..<7]) + hex("7d 41") + Array(frame[8...])
    var linux = NeighbourSerialReceiver(isDeafAfterBadFrame: true, packetByteCountMax: 68)
    #expect(bent.compactMap { linux.receive($0) } == [hex("01 09 08 c0 61")])
    var plain = NeighbourSerialReceiver(isDeafAfterBadFrame: false, packetByteCountMax: 68)
    #expect(bent.compactMap { plain.receive($0) }.isEmpty)
  }
}
