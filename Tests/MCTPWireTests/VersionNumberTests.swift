import MCTPWire
import TestSupport
import Testing

@Suite("Version numbers", .spec("DSP0236 1.3.3 §12"))
struct VersionNumberTests {
  /// The reference's table.
  static let table: [(UInt32, String)] = [
    (0xF1F0_FF00, "1.0"), (0xF1F1_FF00, "1.1"), (0xF1F2_FF00, "1.2"), (0xF1F3_F100, "1.3.1"),
    (0xF1F3_F300, "1.3.3"), (0xF1F1_F000, "1.1.0"), (0xF3F1_FF00, "3.1"), (0xF1F0_FF61, "1.0a"),
    (0xF3F7_1061, "3.7.10a"), (0x1011_F700, "10.11.7"),
  ]

  @Test("The forms of the table are legal and read as printed", arguments: table)
  func text(rawValue: UInt32, text: String) {
    let version = VersionNumber(rawValue: rawValue)
    #expect(version.isLegal)
    #expect(version.description == text)
    #expect(!version.looksByteSwapped)
  }

  @Test(
    "Numbers give the bytes of the table",
    arguments: [
      (1, 0, nil, 0, 0xF1F0_FF00), (1, 3, 1, 0, 0xF1F3_F100), (1, 1, 0, 0, 0xF1F1_F000),
      (3, 7, 10, 0x61, 0xF3F7_1061), (10, 11, 7, 0, 0x1011_F700),
    ] as [(UInt8, UInt8, UInt8?, UInt8, UInt32)])
  func numbers(major: UInt8, minor: UInt8, update: UInt8?, alpha: UInt8, rawValue: UInt32) {
    let version = VersionNumber(major: major, minor: minor, update: update, alpha: alpha)
    #expect(version?.rawValue == rawValue)
    #expect(version?.major == major && version?.minor == minor && version?.update == update)
    #expect(version?.alpha == alpha)
  }

  @Test("Three digits have no form")
  func tooLarge() {
    #expect(VersionNumber(major: 100, minor: 0) == nil)
    #expect(VersionNumber(major: 0, minor: 100) == nil)
    #expect(VersionNumber(major: 0, minor: 0, update: 100) == nil)
  }

  @Test(
    "Illegal bytes are kept and shown as they are",
    arguments: [
      (0xFFF0_FF00, "0xfff0ff00"), (0xF1FF_FF00, "0xf1ffff00"), (0xF4F3_F2F1, "0xf4f3f2f1"),
      (0xF1F0_FA00, "0xf1f0fa00"), (0xA1F0_FF00, "0xa1f0ff00"), (0xF1F0_FF31, "0xf1f0ff31"),
    ] as [(UInt32, String)])
  func illegal(rawValue: UInt32, text: String) {
    let version = VersionNumber(rawValue: rawValue)
    #expect(!version.isLegal)
    #expect(version.description == text)
  }

  @Test("All 256 major bytes: one digit after 0xF, two digits, or none")
  func majors() {
    for byte in UInt8.min...UInt8.max {
      let digits = String(byte, radix: 16)
      let padded = digits.count == 1 ? "0" + digits : digits
      let expected = UInt8(padded.hasPrefix("f") ? String(padded.dropFirst()) : padded)
      #expect(VersionNumber(rawValue: UInt32(byte) << 24 | 0xF0_FF00).major == expected)
    }
  }

  @Test("Order goes by major, minor, update, alpha")
  func order() {
    let ascending = [
      0xF0F9_FF00, 0xF1F0_FF00, 0xF1F0_FF61, 0xF1F1_FF00, 0xF1F1_F000, 0xF1F1_F100, 0xF1F2_FF00,
      0xF1F3_F100, 0xF1F3_F300, 0xF1F3_1000, 0xF110_FF00, 0xF2F0_FF00, 0x10F0_FF00,
    ].map { VersionNumber(rawValue: $0) }
    #expect(ascending.reversed().sorted() == ascending)
    for index in ascending.indices.dropLast() {
      #expect(ascending[index] < ascending[index + 1])
      #expect(!(ascending[index + 1] < ascending[index]))
    }
  }

  @Test("Peers compare major and minor only, whatever their spelling")
  func majorMinor() {
    let version = VersionNumber(rawValue: 0xF1F3_F100)
    #expect(version.hasSameMajorMinor(as: VersionNumber(rawValue: 0xF1F3_F300)))
    #expect(version.hasSameMajorMinor(as: VersionNumber(rawValue: 0x0103_FF61)))
    #expect(!version.hasSameMajorMinor(as: VersionNumber(rawValue: 0xF1F2_F100)))
    #expect(!version.hasSameMajorMinor(as: VersionNumber(rawValue: 0xF2F3_F100)))
  }

  @Test("A version sent last byte first is recognised")
  func swapped() {
    let version = VersionNumber(rawValue: 0x00FF_F1F1)
    #expect(version.looksByteSwapped)
    #expect(version.byteSwapped.description == "1.1")
  }
}
