import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@testable import MCTPWorld

@Suite("What the checker lets cross and leave")
struct CheckerForwardingTests {
  @Test("Packets that leave in order and unchanged are right")
  func legal() throws {
    let world = try Watched()
    for number in 0..<40 as Range<UInt8> {
      world.receive(packet(32, to: 40, number: number, byteCount: 6 + Int(number)))
      world.begin()
      world.finish()
      world.step()
    }
    #expect(world.violation == nil)
  }

  @Test("One changed byte is found", arguments: [3, 5, 11])
  func changed(index: Int) throws {
    let world = try Watched()
    let bytes = packet(32, to: 40)
    world.receive(bytes)
    var other = bytes
    other[index] ^= 0x10
    world.begin(as: other)
    #expect(world.violation?.invariant == "forwarding")
    #expect(world.violation?.text.contains("is not the oldest of 1 that wait") == true)
  }

  @Test("A missing last byte is found")
  func shorter() throws {
    let world = try Watched()
    world.receive(packet(32, to: 40))
    world.begin(as: packet(32, to: 40, byteCount: 11))
    #expect(world.violation?.invariant == "forwarding")
  }

  @Test("A packet that overtakes another is found")
  func order() throws {
    let world = try Watched()
    world.receive(packet(32, to: 40, number: 1))
    world.receive(packet(32, to: 40, number: 2))
    world.begin(as: packet(32, to: 40, number: 2))
    #expect(world.violation?.invariant == "forwarding")
    #expect(world.violation?.text.contains("overtakes 1 that came before it") == true)
  }

  @Test("A packet that nobody sent is found")
  func nobody() throws {
    let world = try Watched()
    world.receive([1, 8, 32, 0xC8, 0, 0x80, 0x02])
    world.begin(on: 0, as: packet(33, to: 32))
    #expect(world.violation?.invariant == "forwarding")
    #expect(world.violation?.text.contains("nobody sent it") == true)
  }

  @Test("A retry with other bytes, to another address or with another count is found")
  func retries() throws {
    for change in 0..<4 {
      let world = try Watched()
      let bytes = packet(32, to: 40)
      world.receive(bytes)
      world.begin()
      world.finish(.arbitrationLost)
      switch change {
      case 0: world.begin()
      case 1: world.begin(as: packet(32, to: 40, number: 9))
      case 2: world.begin(to: 0x42)
      default: world.begin(failed: 2)
      }
      #expect((world.violation?.invariant == "forwarding") == (change > 0), "\(change)")
    }
  }

  @Test("A second attempt without a first is found")
  func noFirst() throws {
    let world = try Watched()
    world.receive(packet(32, to: 40))
    world.begin(failed: 1)
    #expect(world.violation?.invariant == "forwarding")
  }

  @Test("The end of an attempt that never began is found")
  func noAttempt() throws {
    let world = try Watched()
    world.checker.transmitted(.sent, router: 0, port: PortID(rawValue: 0))
    #expect(world.violation?.invariant == "forwarding")
  }

  @Test("A control message with a source EID that is not the router's own is found")
  func foreignSource() throws {
    for source in [8, 0, 33] as [UInt8] {
      let world = try Watched()
      world.receive([1, 8, 32, 0xC8, 0, 0x80, 0x02])
      world.begin(on: 0, as: [1, 32, source, 0xC0, 0, 0, 2, 0, 8, 0x10, 0])
      world.step()
      #expect((world.violation?.invariant == "forwarding") == (source == 33), "\(source)")
    }
  }

  @Test("A message of its own that is no control message is found")
  func ownTraffic() throws {
    let world = try Watched()
    world.send(packet(8, to: 32), to: 0x31)
    world.begin(on: 0)
    #expect(world.violation?.invariant == "forwarding")
  }

  @Test("Packets to null and broadcast that cross are found", arguments: [0x00, 0xFF] as [UInt8])
  func nullAndBroadcast(destination: UInt8) throws {
    let world = try Watched()
    #expect(world.receive(packet(32, to: destination)) == .dropped(.messageTypeUnsupported))
    #expect(world.violation == nil)
    world.pretendReceived(packet(32, to: destination), forwardedTo: 1)
    #expect(world.violation?.invariant == "null-eid")
    #expect(
      world.violation?.text
        == "bridge port a: a packet from EID 32 to EID \(destination) was forwarded to bridge "
        + "port b; it stays on its bus")
  }

  @Test("Reserved EIDs, other networks, too large packets and ports that are down are found")
  func crossing() throws {
    let cases: [(bytes: [UInt8], egress: UInt8)] = [
      (packet(32, to: 7), 1), (packet(0, to: 40), 1), (packet(0xFF, to: 40), 1),
      (packet(32, to: 41), 2), (packet(32, to: 40, byteCount: 69), 1), ([1, 40, 32], 1),
      (packet(32, to: 40), 31),
    ]
    for (bytes, egress) in cases {
      let world = try Watched()
      world.pretendReceived(bytes, forwardedTo: egress)
      #expect(world.violation?.invariant == "crossing", "\(hexText(bytes))")
    }
    let world = try Watched()
    world.pretendReceived(packet(32, to: 40, byteCount: 68), forwardedTo: 1)
    #expect(world.violation == nil)
    world.setUp(1, false)
    world.pretendReceived(packet(32, to: 40), forwardedTo: 1)
    #expect(world.violation?.invariant == "crossing")
  }
}
