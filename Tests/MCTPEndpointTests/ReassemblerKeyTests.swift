import MCTPEndpoint
import MCTPWire
import TestSupport
import Testing

@Suite("Reassembler: which packets belong together", .spec("DSP0236 1.3.3 §8"))
struct ReassemblerKeyTests {
  struct Way: Sendable, CustomTestStringConvertible {
    var name: String
    var flags: UInt8 = 0x08
    var source: UInt8 = 0x09
    var destination: UInt8 = 0x08
    var origin = port(0)
    var testDescription: String { name }
  }

  static let pairs: [(Way, Way)] = [
    (Way(name: "tag 0"), Way(name: "tag 1", flags: 0x09)),
    (Way(name: "TO 1"), Way(name: "TO 0", flags: 0x00)),
    (Way(name: "source 9"), Way(name: "source 10", source: 0x0A)),
    (Way(name: "destination 8"), Way(name: "destination null", destination: 0x00)),
    (Way(name: "network 1"), Way(name: "network 2", origin: port(1, network: 2))),
    (
      Way(name: "null source on port 0", source: 0),
      Way(name: "null source on port 1", source: 0, origin: port(1))
    ),
    (
      Way(name: "null source at 0x1d", source: 0),
      Way(name: "null source at 0x1e", source: 0, origin: port(0, 0x1E))
    ),
  ]

  @Test("Interleaved packets of two termini make two messages", arguments: pairs)
  func interleaved(one: Way, other: Way) {
    var reassembler = Reassembler()
    let ways = [one, other]
    for (index, way) in ways.enumerated() {
      let start = packet(
        0x80 | way.flags, body(64, seed: index), from: way.source, to: way.destination)
      let reception = reassembler.take(start, from: way.origin)
      #expect(reception.outcome == .incomplete)
      #expect(reception.ended == nil)
    }
    #expect(reassembler.assemblyCount == 2)
    for (index, way) in ways.enumerated() {
      let end = packet(
        0x50 | way.flags, [UInt8(index)], from: way.source, to: way.destination)
      let reception = reassembler.take(end, from: way.origin)
      #expect(reception.completed?.packetCount == 2)
      #expect(reception.completed?.origin == way.origin)
      let message = bytes(reassembler.message)
      #expect(message == body(64, seed: index) + [UInt8(index)])
    }
  }

  @Test("The physical address does not matter while the source EID is set")
  func addressOfKnownEID() {
    var reassembler = Reassembler()
    _ = reassembler.take(packet(0x88, body(64)), from: port(0, 0x1D))
    let end = reassembler.take(packet(0x58, [1]), from: port(0, 0x1E))
    #expect(end.completed?.byteCount == 65)
  }

  @Test("A packet from another port does not touch the assembly")
  func otherPort() {
    var reassembler = Reassembler()
    _ = reassembler.take(packet(0x88, body(64)), from: port(0))
    let stray = reassembler.take(packet(0x58, [1]), from: port(1))
    #expect(stray.dropReason == .unexpectedPacket)
    #expect(stray.ended == nil)
    #expect(reassembler.take(packet(0x58, [1]), from: port(0)).completed?.packetCount == 2)
  }

  @Test("A start packet from another port ends the assembly; the loss is the first port's")
  func startOnOtherPort() {
    var reassembler = Reassembler()
    _ = reassembler.take(packet(0x88, body(64)), from: port(0))
    let restart = reassembler.take(packet(0x88, body(64)), from: port(1))
    #expect(restart.loss == Loss(.supersededByStart, 1))
    #expect(restart.ended?.origin == port(0))
    #expect(reassembler.take(packet(0x58, [1]), from: port(1)).completed?.origin == port(1))
  }

  @Test("Eight tags of both owners are sixteen messages at once")
  func sixteen() {
    var reassembler = Reassembler()
    for tag in UInt8(0)..<16 {
      _ = reassembler.take(packet(0x80 | tag, body(64, seed: Int(tag))))
    }
    #expect(reassembler.assemblyCount == 16)
    for tag in UInt8(0)..<16 {
      #expect(reassembler.take(packet(0x50 | tag, [tag])).completed?.byteCount == 65)
      let message = bytes(reassembler.message)
      #expect(message == body(64, seed: Int(tag)) + [tag])
    }
  }
}
