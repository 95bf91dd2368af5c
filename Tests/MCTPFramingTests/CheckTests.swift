import MCTPFraming
import TestSupport
import Testing

@Suite("PEC")
struct PECTests {
  @Test("The check value of 123456789 is F4", .spec("DSP0237 1.1.0 §6.2"))
  func checkValue() {
    let digits = Array("123456789".utf8)
    #expect(PEC.update(0, digits.span) == 0xF4)
  }

  @Test("Every state and byte give what the polynomial says")
  func everyStep() {
    var wrong: [(UInt8, UInt8)] = []
    for state in UInt8.min...UInt8.max {
      for byte in UInt8.min...UInt8.max
      where PEC.update(state, byte) != referencePEC([byte], from: state) {
        wrong.append((state, byte))
      }
    }
    #expect(wrong.isEmpty)
  }

  @Test("Every length and every value at every place of a step give what the polynomial says")
  func everyLength() {
    var random = SeededGenerator(seed: 1)
    for count in 0...300 {
      let bytes = random.bytes(count)
      let start = UInt8.random(in: 0...255, using: &random)
      #expect(PEC.update(start, bytes.span) == referencePEC(bytes, from: start))
    }
    // One step of four bytes, and blocks of 16 with steps and single bytes behind them.
    for count in [4, 71] {
      for place in 0..<count {
        for value in UInt8.min...UInt8.max {
          var bytes = [UInt8](repeating: 0, count: count)
          bytes[place] = value
          #expect(PEC.update(0, bytes.span) == referencePEC(bytes))
        }
      }
    }
  }
}

@Suite("FCS")
struct FCSTests {
  @Test("The check value of 123456789 is 6F91: RFC 1662's without the complement", .spec("DSP0253"))
  func checkValue() {
    let digits = Array("123456789".utf8)
    #expect(FCS.update(FCS.initial, digits.span) == 0x6F91)
  }

  @Test("Every table place gives what the polynomial says")
  func everyStep() {
    for high in [0x00, 0x5A, 0xFF] as [UInt16] {
      for low in UInt16(0)...0xFF {
        let state = high << 8 | low
        for byte in [0x00, 0x01, 0x7D, 0x7E, 0x80, 0xFF] as [UInt8] {
          #expect(FCS.update(state, byte) == referenceFCS([byte], from: state))
        }
      }
    }
    for place in 0..<4 {
      for value in UInt8.min...UInt8.max {
        var bytes: [UInt8] = [0, 0, 0, 0]
        bytes[place] = value
        #expect(FCS.update(0, bytes.span) == referenceFCS(bytes, from: 0))
      }
    }
  }

  @Test("Every length gives what the polynomial says")
  func everyLength() {
    var random = SeededGenerator(seed: 2)
    for count in 0...300 {
      let bytes = random.bytes(count)
      let start = UInt16.random(in: 0...0xFFFF, using: &random)
      #expect(FCS.update(start, bytes.span) == referenceFCS(bytes, from: start))
    }
  }
}
