import AdminProtocol
import Testing

@Suite("HexBytes")
struct HexBytesTests {
  @Test(
    "Hex is read as people write it",
    arguments: [
      ("", []), ("00", [0x00]), ("008002", [0x00, 0x80, 0x02]), ("00 80 02", [0x00, 0x80, 0x02]),
      ("00:80:02", [0x00, 0x80, 0x02]), (" fF : Fe\t", [0xFF, 0xFE]), ("0x00 0X80", [0x00, 0x80]),
      ("0x0080", [0x00, 0x80]), ("0x", []),
    ] as [(String, [UInt8])])
  func reads(text: String, expected: [UInt8]) {
    #expect(HexBytes(text: text)?.bytes == expected)
  }

  @Test(
    "Anything else is nil",
    arguments: [
      "0", "000", "0 0", "0:", "0g", "é0", "-1", "00x1", "0x0x00", "1x00", "x00", "00,01",
    ])
  func refuses(text: String) {
    #expect(HexBytes(text: text) == nil)
  }

  @Test("All bytes survive both text forms")
  func roundTrip() {
    let all = HexBytes(Array(0...255))
    #expect(HexBytes(text: all.text) == all)
    #expect(HexBytes(text: all.spacedText) == all)
    #expect(HexBytes([0x0A, 0xBC]).text == "0abc")
    #expect(HexBytes([0x0A, 0xBC]).spacedText == "0a bc")
  }
}
