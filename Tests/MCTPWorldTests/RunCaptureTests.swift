import MCTPWorld
import Testing

@Suite("The capture of a run") struct RunCaptureTests {
  private struct Block {
    let isOut: Bool
    /// MCTP header on.
    let packet: [UInt8]
  }

  private static func word(_ bytes: [UInt8], _ offset: Int) -> Int {
    (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }

  /// The enhanced packet blocks of a file: 20 bytes of pseudo-header, the packet, then options of
  /// which flags (code 2) come first.
  private static func blocks(_ file: [UInt8]) -> [Block] {
    var blocks: [Block] = []
    var start = 0
    while start + 12 <= file.count {
      let length = word(file, start + 4)
      if word(file, start) == 6 {
        let count = word(file, start + 20)
        let options = start + 28 + (count + 3) & ~3
        #expect(file[options] == 2 && file[options + 2] == 4)
        blocks.append(
          Block(
            isOut: file[options + 4] == 2,
            packet: Array(file[(start + 28 + 20)..<(start + 28 + count)])))
      }
      start += length
    }
    #expect(start == file.count)
    return blocks
  }

  @Test(
    "It has each packet that came in, and what routers send of their own, and nothing twice",
    arguments: ["one-bus", "tree", "three-levels"])
  func content(_ name: String) throws {
    let path = Fixture.folder + "/" + name + ".sim"
    let scenario = try Scenario.read(try Fixture.text(path), fileName: path) {
      try Fixture.text($0)
    }
    var file: [UInt8] = []
    let outcome = Run.execute(
      scenario.scriptedPlan(seed: 3).plan, output: RunOutput(capture: { file += $0 }))
    #expect(outcome.violation == nil)
    let blocks = Self.blocks(file)
    let own = blocks.filter(\.isOut)
    #expect(UInt64(blocks.count - own.count) == outcome.totals.packetsIn)
    // Beside control only what programs on the routers ask in the last call.
    let control = own.filter { $0.packet[4] & 0x7F == 0 }
    let asked = own.filter { $0.packet.dropFirst(4).starts(with: [0x7E, 0x12, 0x34, 0x00]) }
    #expect(control.count + asked.count == own.count && !asked.isEmpty)
    // Set Endpoint ID, a request: byte 1 of control with Rq, command 0x01.
    let assignments = control.filter { $0.packet[5] & 0x80 != 0 && $0.packet[6] == 0x01 }
    #expect(assignments.isEmpty == (name == "one-bus"))
  }
}
