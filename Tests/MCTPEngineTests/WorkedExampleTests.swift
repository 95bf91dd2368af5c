import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("The worked example: X, Y, Z and their devices", .spec("DSP0236 1.3.3 §9"))
struct WorkedExampleTests {
  static let vectors = testVectors("control")

  private func vector(_ name: String) throws -> [UInt8] {
    try #require(Self.vectors.first { $0.name == name }).bytes
  }

  @Test("V40: X lists eight entries in 62 bytes", .spec("DSP0236 1.3.3 §12, command 0x0A"))
  func routingTableOfX() throws {
    let rig = try WorkedExample.routerX()
    let answer = rig.ask(hex("01 0B 0C CD 00 85 0A 00"), on: 0, from: WorkedExample.a)
    let expected = try vector("V40")
    #expect(answer == expected)
    #expect(answer?.count == 4 + 62)
  }

  @Test("A asks X where 16, 9 and 13 are", .spec("DSP0236 1.3.3 §12, command 0x07"))
  func resolve() throws {
    let rig = try WorkedExample.routerX()
    var answer = rig.ask(try vector("E25"), on: 0, from: WorkedExample.a)
    #expect(answer == hex("01 0C 0B C0 00 00 07 00 0E 66"))
    #expect(answer == (try vector("E26")))
    answer = rig.ask(hex("01 00 0C C8 00 80 07 09"), on: 0, from: WorkedExample.a)
    #expect(answer == hex("01 0C 0B C0") + (try vector("E27")))
    answer = rig.ask(hex("01 00 0C C8 00 80 07 0D"), on: 0, from: WorkedExample.a)
    #expect(answer == hex("01 0C 0B C0") + (try vector("E28")))
  }

  @Test(
    "Who is next on the way, asked from both sides of X",
    .spec("DSP0236 1.3.3 §12, command 0x0F"),
    arguments: [
      // (port, target, next): own, on the ingress bus, across, across behind a bridge.
      (0, 11, 0), (0, 8, 0), (0, 13, 0), (0, 16, 0), (0, 9, 9), (0, 10, 10),
      (1, 11, 0), (1, 8, 0), (1, 9, 0), (1, 13, 13), (1, 16, 14), (1, 14, 14), (1, 19, 17),
    ] as [(UInt8, UInt8, UInt8)])
  func queryHopAtX(port: UInt8, target: UInt8, next: UInt8) throws {
    let rig = try WorkedExample.routerX()
    let asker: (UInt8, PhysicalAddress) =
      port == 0 ? (0x0C, WorkedExample.a) : (0x09, WorkedExample.c)
    let own: UInt8 = port == 0 ? 0x0B : 0x08
    let answer = rig.ask(
      request(0x0F, [target, 0x00], from: asker.0, to: own), on: port, from: asker.1)
    #expect(
      answer == [0x01, asker.0, own, 0xC0, 0, 0, 0x0F, 0, next, 0xFF, 0, 0, 0, 0])
  }

  @Test("V39: Y is the last hop to 16; 13 is local to the bus that asks")
  func queryHopAtY() throws {
    let rig = try WorkedExample.routerY()
    var answer = rig.ask(hex("01 0E 0C CB 00 83 0F 10 00"), on: 0, from: WorkedExample.a)
    #expect(answer == (try vector("V39")))
    answer = rig.ask(hex("01 0E 0C CB 00 83 0F 0D 00"), on: 0, from: WorkedExample.a)
    #expect(answer == hex("01 0C 0E C3 00 03 0F 00 00 FF 00 00 00 00"))
    // From bus 3, X's range 8-10 is behind bridge X, which the table knows as 11.
    answer = rig.ask(hex("01 0F 10 C8 00 80 0F 09 00"), on: 1, from: WorkedExample.e)
    #expect(answer == hex("01 10 0F C0 00 00 0F 00 0B FF 00 00 00 00"))
  }

  @Test("C reaches E through X and Y: the packet is the same at every hop")
  func forwarding() throws {
    // The frames of the example without address, command, count, source and PEC.
    let getTID = hex("01 10 09 CB 01 80 00 02")
    let x = try WorkedExample.routerX()
    var disposition = x.receive(getTID, on: 1, from: WorkedExample.c)
    #expect(disposition == .forwarded(PortID(rawValue: 0)))
    let first = x.drainAll()
    #expect(first == [[.init(destination: WorkedExample.y, bytes: getTID)], []])
    let y = try WorkedExample.routerY()
    disposition = y.receive(first[0][0].bytes, on: 0, from: WorkedExample.x)
    #expect(disposition == .forwarded(PortID(rawValue: 1)))
    let second = y.drainAll()
    #expect(second == [[], [.init(destination: WorkedExample.e, bytes: getTID)]])
    // And the answer back.
    let answer = hex("01 09 10 C3 01 00 00 02 00 07")
    disposition = y.receive(answer, on: 1, from: WorkedExample.e)
    #expect(disposition == .forwarded(PortID(rawValue: 0)))
    let third = y.drain(0)
    #expect(third == [.init(destination: WorkedExample.x, bytes: answer)])
    disposition = x.receive(answer, on: 0, from: WorkedExample.y)
    #expect(disposition == .forwarded(PortID(rawValue: 1)))
    let fourth = x.drain(1)
    #expect(fourth == [.init(destination: WorkedExample.c, bytes: answer)])
  }
}
