import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@testable import MCTPWorld

/// Expected bytes are made by hand from draft-ietf-opsawg-pcapng (blocks and options) and from the
/// registered layout of LINKTYPE_LINUX_SLL2.
@Suite("The trace's capture file")
struct TraceCaptureTests {
  private func capture(
    _ scope: PacketCapture.Scope, _ tell: (Trace) -> Void
  ) throws -> [[UInt8]] {
    var blocks: [[UInt8]] = []
    let board = try Watched.board()
    let trace = Trace(
      board: board, capture: PacketCapture(board: board, scope: scope) { blocks.append($0) })
    tell(trace)
    return blocks
  }

  private func interface(_ letter: String) -> String {
    // Length 44; link type 276; if_name "bridge/_", if_tsresol 9; end of options.
    """
    01 00 00 00 2C 00 00 00 14 01 00 00 00 00 00 00
    02 00 08 00 62 72 69 64 67 65 2F \(letter) 09 00 01 00 09 00 00 00 00 00 00 00
    2C 00 00 00
    """
  }

  @Test("It begins with a section header and an interface for each port")
  func head() throws {
    let blocks = try capture(.all) { _ in }
    let section = "0A 0D 0D 0A 1C 00 00 00 4D 3C 2B 1A 01 00 00 00 FFFFFFFF FFFFFFFF 1C 00 00 00"
    #expect(
      blocks == [hex(section + interface("61") + interface("62") + interface("63"))])
  }

  @Test("A packet that came in has its time, its sender and the direction")
  func arrival() throws {
    let blocks = try capture(.arrivals) { trace in
      trace.timeAdvanced(to: Instant(nanoseconds: 0x1_0000_0002))
      trace.received(
        hex("01 08 20 C8 00 80 02").span, router: 0, port: PortID(rawValue: 0), from: .i2c(0x31),
        .answered)
      trace.transmitting(
        hex("01 20 08 C0 00 00 02").span, router: 0, port: PortID(rawValue: 0), to: .i2c(0x31),
        failedAttempts: 0)
    }
    #expect(
      blocks.dropFirst() == [
        hex(
          """
          06 00 00 00 48 00 00 00 00 00 00 00 01 00 00 00 02 00 00 00 1B 00 00 00 1B 00 00 00
          00 FA 00 00 00 00 00 01 01 22 00 01 31 00 00 00 00 00 00 00
          01 08 20 C8 00 80 02 00
          02 00 04 00 01 00 00 00 00 00 00 00
          48 00 00 00
          """)
      ])
  }

  @Test("A packet that leaves has the port's own address, and names next hop and attempt")
  func departure() throws {
    let blocks = try capture(.all) { trace in
      trace.transmitting(
        hex("01 28 20 C8 7E 01 02 03").span, router: 0, port: PortID(rawValue: 1), to: .i2c(0x41),
        failedAttempts: 0)
    }
    #expect(
      blocks.dropFirst() == [
        hex(
          """
          06 00 00 00 54 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 1C 00 00 00 1C 00 00 00
          00 FA 00 00 00 00 00 02 01 22 04 01 10 00 00 00 00 00 00 00
          01 28 20 C8 7E 01 02 03
          02 00 04 00 02 00 00 00 01 00 07 00 74 6F 20 30 78 34 31 00 00 00 00 00
          54 00 00 00
          """)
      ])
  }

  @Test("A dropped packet says why")
  func drop() throws {
    let blocks = try capture(.arrivals) { trace in
      trace.received(
        hex("01 08 20").span, router: 0, port: PortID(rawValue: 2), from: .i3c(0x04CC_0000_0001),
        .dropped(.packetTooShort))
    }
    #expect(
      blocks.dropFirst() == [
        hex(
          """
          06 00 00 00 60 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00 17 00 00 00 17 00 00 00
          00 FA 00 00 00 00 00 03 01 22 00 06 04 CC 00 00 00 01 00 00
          01 08 20 00
          02 00 04 00 01 00 00 00
          01 00 17 00 64 72 6F 70 70 65 64 3A 20 70 61 63 6B 65 74 54 6F 6F 53 68 6F 72 74 00
          00 00 00 00
          60 00 00 00
          """)
      ])
  }
}
