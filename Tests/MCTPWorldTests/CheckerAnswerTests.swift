import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@testable import MCTPWorld

@Suite("What the checker wants answered, and how", .spec("DSP0236 1.3.3 §11, §12"))
struct CheckerAnswerTests {
  /// What is found when EID 32 asks EID 8 and that answer leaves.
  private func found(_ command: UInt8, _ data: [UInt8] = [], _ answer: [UInt8]) throws -> String? {
    let world = try Played()
    world.took([1, 8, 32, 0xCB, 0, 0x85, command] + data, .answered)
    world.sends([1, 32, 8, 0xC3, 0, 0x05, command] + answer, to: 0x31)
    return world.found
  }

  @Test("Get Endpoint ID names the EID that was asked, and a bridge")
  func endpointID() throws {
    #expect(try found(0x02, [], [0, 8, 0x12, 0]) == nil)
    #expect(try found(0x02, [], [0, 9, 0x12, 0]) == "answer")
    #expect(try found(0x02, [], [0, 8, 0x02, 0]) == "answer")
    #expect(try found(0x02, [], [0, 8, 0x12]) == "answer")
    #expect(try found(0x02, [], [4]) == "answer")
    #expect(try found(0x02, [], [5]) == "answer")
  }

  @Test("Lengths and commands that are wrong have their completion codes")
  func codes() throws {
    #expect(try found(0x02, [0], [3]) == nil)
    #expect(try found(0x02, [0], [0, 8, 0x12, 0]) == "answer")
    #expect(try found(0x07, [], [3]) == nil)
    #expect(try found(0x07, [], [2]) == "answer")
    #expect(try found(0x77, [], [5]) == nil)
    #expect(try found(0x77, [], [0]) == "answer")
    #expect(try found(0x01, [0, 20], [5]) == nil)
    #expect(try found(0x01, [0, 20], [0, 0, 20, 0]) == "answer")
    #expect(try found(0x05, [], [0, 1, 0]) == nil)
    #expect(try found(0x05, [], [0, 2, 0, 1]) == "answer")
    #expect(try found(0x04, [0xFF], [1]) == "answer")
  }

  @Test("Resolve Endpoint ID and Query Hop know whom the model knows")
  func resolve() throws {
    // EID 40 is behind the router: its own address on the asker's bus, 0x10.
    #expect(try found(0x07, [40], [0, 8, 0x20]) == nil)
    #expect(try found(0x07, [40], [0, 8, 0x10]) == "answer")
    #expect(try found(0x07, [40], [2]) == "answer")
    #expect(try found(0x07, [50], [2]) == nil)
    #expect(try found(0x07, [50], [0, 8, 0x20]) == "answer")
    #expect(try found(0x0F, [40, 0], [2]) == "answer")
  }

  @Test("Entries of a routing table have the port, the medium, the address and the origin")
  func table() throws {
    // Next handle, one entry: EID 40, static, port 1, SMBus, I2C at 100 kHz, one byte: 0x41.
    let right: [UInt8] = [0, 0xFF, 1, 1, 40, 0x21, 0x01, 0x04, 1, 0x82]
    #expect(try found(0x0A, [0], right) == nil)
    for (index, value) in [
      (4, 41), (5, 0x20), (5, 0x01), (5, 0x3F), (6, 0x02), (7, 0), (8, 0), (9, 0x84),
    ] as [(Int, UInt8)] {
      var wrong = right
      wrong[index] = value
      let world = try Played()
      world.took([1, 8, 32, 0xCB, 0, 0x85, 0x0A, 0], .answered)
      world.sends([1, 32, 8, 0xC3, 0, 0x05, 0x0A] + wrong, to: 0x31)
      world.settle()
      #expect(world.found != nil, "byte \(index)")
    }
  }

  @Test("An answer that nobody asked for, or a second one, is found")
  func unasked() throws {
    let world = try Played()
    world.sends([1, 32, 8, 0xC3, 0, 0x05, 0x02, 0, 8, 0x12, 0], to: 0x31)
    #expect(world.found == "answer")
    let twice = try Played()
    twice.took([1, 8, 32, 0xCB, 0, 0x85, 0x02], .answered)
    twice.sends([1, 32, 8, 0xC3, 0, 0x05, 0x02, 0, 8, 0x12, 0], to: 0x31)
    #expect(twice.found == nil)
    twice.sends([1, 32, 8, 0xC3, 0, 0x05, 0x02, 0, 8, 0x12, 0], to: 0x31)
    #expect(twice.found == "answer")
    let datagram = try Played()
    datagram.took([1, 8, 32, 0xCB, 0, 0xC5, 0x02], .answered)
    datagram.sends([1, 32, 8, 0xC3, 0, 0x05, 0x02, 0, 8, 0x12, 0], to: 0x31)
    #expect(datagram.found == "answer")
  }

  @Test("A request is answered before what came after it, and within 10 s")
  func unanswered() throws {
    let world = try Played()
    world.took([1, 8, 32, 0xCB, 0, 0x85, 0x02], .answered)
    world.assign(20, to: 0x33)
    world.forwarded(packet(40, to: 32), on: 1, from: 0x41, to: 0)
    world.sends(packet(40, to: 32), to: 0x31)
    #expect(world.found == "answer")

    let late = try Played()
    late.took([1, 8, 32, 0xCB, 0, 0x85, 0x02], .answered)
    late.go(to: 10_000)
    late.checker.checkOwed(0)
    #expect(late.found == nil)
    late.go(to: 10_001)
    late.checker.checkOwed(0)
    #expect(late.found == "answer")

    let datagram = try Played()
    datagram.took([1, 8, 32, 0xCB, 0, 0xC5, 0x02], .answered)
    datagram.go(to: 10_001)
    datagram.checker.checkOwed(0)
    #expect(datagram.found == nil)
  }
}
