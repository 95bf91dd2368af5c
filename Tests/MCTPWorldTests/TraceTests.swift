import MCTPEngine
import MCTPSimulation
import MCTPWire
import TestSupport
import Testing

@testable import MCTPWorld

@Suite("The trace")
struct TraceTests {
  /// A short life; `change` alters one thing of it.
  private func tell(_ trace: Trace, change: Int = 0) {
    let port = PortID(rawValue: 0)
    let bytes = packet(32, to: 40, number: change == 1 ? 1 : 0)
    trace.timeAdvanced(to: Instant(nanoseconds: change == 2 ? 1_000_001 : 1_000_000))
    trace.happened(.cut(wire: 0), change == 3 ? "wire 1 is cut" : "wire 0 is cut")
    trace.portChanged(isUp: change != 4, router: 0, port: port)
    trace.received(
      bytes.span, router: 0, port: port, from: .i2c(change == 5 ? 0x32 : 0x31),
      change == 6 ? .dropped(.portDown) : .forwarded(PortID(rawValue: 1)))
    trace.damaged(change == 7 ? .noise : .frameIntegrity, router: 0, port: port)
    trace.transmitting(
      bytes.span, router: 0, port: PortID(rawValue: 1), to: .i2c(0x41),
      failedAttempts: change == 8 ? 1 : 0)
    trace.transmitted(
      change == 9 ? .busError : .sent, router: 0, port: PortID(rawValue: change == 10 ? 0 : 1))
    trace.ownerEvent(
      .endpointSuspect(
        EndpointNumber(rawValue: 1), eid: EID(change == 11 ? 33 : 32), reason: .noAnswer),
      router: 0)
    if change == 12 {
      trace.deviceSent(bytes.span, device: 0, to: .i2c(0x10))
    } else {
      trace.deviceReceived(bytes.span, device: 0, from: .i2c(0x10))
    }
    trace.deviceDamaged(.frameTruncated, device: change == 13 ? 1 : 0)
  }

  private func board() throws -> Board {
    var board = try Watched.board()
    for name in ["drive", "card"] {
      board.devices.append(
        .init(name: name, wire: 0, address: .i2c(0x31), configuration: .init()))
    }
    return board
  }

  @Test("The same observations have the same hash, with and without text and capture")
  func same() throws {
    let (plain, other) = (Trace(board: try board()), Trace(board: try board()))
    let full = Trace(
      board: try board(), text: { _ in },
      capture: PacketCapture(board: try board(), scope: .all) { _ in })
    tell(plain)
    tell(other)
    tell(full)
    #expect(plain.hash == other.hash)
    #expect(plain.hash == full.hash)
    #expect(plain.observationCount == 9)
  }

  @Test("One byte, address, decision, result or time more or less is another hash")
  func changes() throws {
    var hashes: Set<UInt64> = []
    for change in 0...13 {
      let trace = Trace(board: try board())
      tell(trace, change: change)
      hashes.insert(trace.hash)
    }
    #expect(hashes.count == 14)
  }

  @Test("The digest of some bytes is the same in every process")
  func digestValue() {
    // Computed apart from this code: count, bytes 0 to 7 as a little-endian word, 8 to 10 in front.
    #expect(String(Digest64([UInt8](0..<11).span).value, radix: 16) == "19d659be1d4a238b")
  }

  @Test("The digest tells apart strings of bytes that run together, and every single byte")
  func digest() {
    func digest(_ parts: [UInt8]...) -> UInt64 {
      var digest = Digest64()
      for part in parts { digest.add(part.span) }
      return digest.value
    }
    #expect(digest([1, 2], [3]) != digest([1], [2, 3]))
    #expect(digest([]) != digest([0]))
    #expect(digest([0]) != digest([0, 0]))
    let bytes = [UInt8](0..<37)
    var seen: Set<UInt64> = [digest(bytes)]
    for index in bytes.indices {
      var other = bytes
      other[index] ^= 0x01
      seen.insert(digest(other))
    }
    #expect(seen.count == 38)
  }

  @Test("Each observation is one line in columns, after a legend")
  func text() throws {
    var lines: [String] = []
    let trace = Trace(board: try board(), text: { lines.append($0) })
    #expect(lines.dropLast().allSatisfy { $0.hasPrefix("#") })
    let heading = lines.count
    #expect(
      lines.last
        == "            time  place         address       eids     flags     len  kind; what  [bytes]"
    )
    tell(trace, change: 8)
    #expect(
      Array(lines[heading...]) == [
        "     0.001000000  world     *                                         wire 0 is cut",
        "     0.001000000  bridge/a  |                                         port up",
        "     0.001000000  bridge/a  <   0x31          32>40    SE 0 0T    12  vendor-pci; forwarded"
          + " to bridge/b  [01 28 20 c8 7e 00 a5 a5 a5 a5 a5 a5]",
        "     0.001000000  bridge/a  x                                         frame ended: PEC"
          + " or FCS is wrong",
        "     0.001000000  bridge/b  >   0x41          32>40    SE 0 0T    12  vendor-pci; attempt 2"
          + "  [01 28 20 c8 7e 00 a5 a5 a5 a5 a5 a5]",
        "     0.001000000  bridge/b  =                                         sent",
        "     0.001000000  bridge    !                                         EID 32 is "
          + "suspect: noAnswer",
        "     0.001000000  drive     d<  0x10          32>40    SE 0 0T    12  vendor-pci  "
          + "[01 28 20 c8 7e 00 a5 a5 a5 a5 a5 a5]",
        "     0.001000000  drive     dx                                        frame ended: "
          + "frame cut short",
      ])
  }

  @Test("Control commands are named, requests and refusals marked")
  func control() throws {
    var lines: [String] = []
    let trace = Trace(board: try board(), text: { lines.append($0) })
    let first = lines.count
    trace.deviceSent(hex("01 08 20 c8 00 80 02").span, device: 0, to: .i2c(0x10))
    trace.deviceReceived(
      hex("01 20 08 c0 00 00 02 05").span, device: 0, from: .i2c(0x10))
    trace.deviceReceived(hex("01 20 08").span, device: 0, from: .i2c(0x10))
    #expect(lines[first].contains("    7  Get Endpoint ID?  ["))
    #expect(lines[first + 1].contains("    8  Get Endpoint ID refused 5  ["))
    #expect(lines[first + 2].contains("    3  no packet  ["))
  }
}
