import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@testable import MCTPWorld

@Suite("What the checker wants of a router beside the ways", .spec("DSP0236 1.3.3 §8.9, §12"))
struct CheckerDutyTests {
  private static let listText = """
    version: 1
    router: { name: bridge, eid: 8, eid-ranges: [9-60], message-types: [pldm] }
    ports:
      - name: a
        bus: i2c
        device: simulated
        address: 0x10
        discovery: { addresses: [0x31, 0x32] }
      - name: b
        bus: i2c
        device: simulated
        address: 0x11
        discovery: { addresses: [0x31] }
    """

  // MARK: Sources

  @Test("Nobody crosses with the EID of another address of the same bus")
  func sameBus() throws {
    let right = try Played()
    right.assign(20, to: 0x33)
    right.forwarded(packet(20, to: 40), from: 0x33, to: 1)
    #expect(right.found == nil)
    let wrong = try Played()
    wrong.assign(20, to: 0x33)
    wrong.forwarded(packet(20, to: 40), from: 0x34, to: 1)
    #expect(wrong.found == "source")
  }

  @Test("Nobody asks the router with an EID that is behind another port")
  func asker() throws {
    let question: [UInt8] = [1, 9, 20, 0xC8, 0, 0x80, 0x02]
    let right = try Played()
    right.assign(20, to: 0x33)
    right.took([1, 8, 20, 0xC8, 0, 0x80, 0x02], from: 0x33, .answered)
    #expect(right.found == nil)
    let wrong = try Played()
    wrong.assign(20, to: 0x33)
    wrong.took(question, on: 1, from: 0x34, .answered)
    #expect(wrong.found == "source")
    // Who moved announces itself with the EID that it had.
    let notice = try Played()
    notice.assign(20, to: 0x33)
    notice.took([1, 9, 20, 0xC8, 0, 0x80, 0x0D], on: 1, from: 0x34, .answered)
    #expect(notice.found == nil)
  }

  // MARK: Whom it asks

  @Test("Get and Set Endpoint ID go to who is listed or announced itself by a whole notice")
  func addressee() throws {
    let question: [UInt8] = [1, 0, 8, 0xC8, 0, 0x81, 0x02]
    let listed = try Played(Self.listText)
    listed.sends(question, to: 0x31)
    #expect(listed.found == nil)
    let stranger = try Played(Self.listText)
    stranger.sends(question, to: 0x40)
    #expect(stranger.found == "manners")
    let malformed = try Played(Self.listText)
    malformed.took([1, 0, 0, 0xC8, 0, 0x80, 0x0D, 0x99], from: 0x40, .answered)
    malformed.sends(question, to: 0x40)
    #expect(malformed.found == "manners")
    let announced = try Played(Self.listText)
    announced.took([1, 0, 0, 0xC8, 0, 0x80, 0x0D], from: 0x40, .answered)
    announced.sends(question, to: 0x40)
    #expect(announced.found == nil)
  }

  @Test("No frame leaves for an address that no I2C device has", arguments: [0x00, 0x07, 0x78])
  func address(_ address: UInt8) throws {
    let world = try Played()
    world.sends([1, 0, 8, 0xC8, 0, 0x81, 0x02], to: address)
    #expect(world.found == "manners")
  }

  @Test("A bridge is not forced to take what its last answer told that it holds")
  func forcedPool() throws {
    func forced(_ count: UInt8, _ first: UInt8) throws -> String? {
      let world = try Played(Self.listText)
      world.assign(20, to: 0x31)
      world.sends([1, 20, 8, 0xC9, 0, 0x82, 0x08, 0x02, 0, 0], to: 0x31)
      world.took([1, 8, 20, 0xC1, 0, 0x02, 0x08, 0, 0, 3, 21], .answered)
      world.sends([1, 20, 8, 0xCA, 0, 0x83, 0x08, 0x01, count, first], to: 0x31)
      return world.found
    }
    #expect(try forced(3, 21) == "manners")
    #expect(try forced(4, 21) == nil)
    #expect(try forced(3, 31) == nil)
  }

  // MARK: Messages

  /// What is found when a message of two packets comes, and ends as that.
  private func message(_ reason: DropReason?, from second: UInt8 = 0x31) throws -> String? {
    let world = try Played(Self.listText)
    let start: [UInt8] = [1, 8, 20, 0x88] + [UInt8](repeating: 1, count: 64)
    world.took(start, .deliver)
    world.go(to: 100)
    world.took([1, 8, 20, 0x88] + [UInt8](repeating: 1, count: 64), on: 1, .deliver)
    world.checker.messageEnded(.unexpectedPacket, router: 0)
    world.go(to: 200)
    world.took([1, 8, 20, 0x58, 1, 2], from: second, .deliver)
    world.checker.messageEnded(reason, router: 0)
    return world.found
  }

  @Test("A message that came whole from one place is not ended by packets of another place")
  func messages() throws {
    #expect(try message(nil) == nil)
    #expect(try message(.unexpectedPacket) == "messages")
    #expect(try message(.assemblyExhausted) == "messages")
    #expect(try message(.messageIntegrity) == nil)
    #expect(try message(.unexpectedPacket, from: 0x32) == nil)
  }

  // MARK: Answers

  @Test("A message type that is announced has versions, and a full table says so")
  func codes() throws {
    func found(_ type: UInt8, _ answer: [UInt8]) throws -> String? {
      let world = try Played(Self.listText)
      world.took([1, 8, 20, 0xC8, 0, 0x80, 0x04, type], .answered)
      world.sends([1, 20, 8, 0xC0, 0, 0x00, 0x04] + answer, to: 0x31)
      return world.found
    }
    #expect(try found(1, [0x80]) == "answer")
    #expect(try found(1, [0, 1, 0xF1, 0xF0, 0xFF, 0]) == nil)
    #expect(try found(2, [0x80]) == nil)
    let full = try Played()
    full.took([1, 0, 11, 0xC8, 0, 0x80, 0x09, 1, 0, 1, 12, 0x60], on: 3, from: 0x30, .answered)
    full.sends([1, 11, 0, 0xC0, 0, 0x00, 0x09, 0x80], on: 3, to: 0x30)
    #expect(full.found == nil)
  }

  @Test("The next hop to what is behind a bridge above is the bridge")
  func hop() throws {
    func found(_ hop: UInt8) throws -> String? {
      let world = try Played()
      // A bridge with EID 11 and an endpoint with EID 80, both at 0x30.
      world.took(
        [1, 0, 11, 0xC8, 0, 0x80, 0x09, 2, 2, 1, 11, 0x60, 0, 1, 80, 0x60], on: 3, from: 0x30,
        .answered)
      world.sends([1, 11, 0, 0xC0, 0, 0x00, 0x09, 0], on: 3, to: 0x30)
      world.took([1, 8, 32, 0xC9, 0, 0x81, 0x0F, 80, 0], .answered)
      world.sends([1, 32, 8, 0xC1, 0, 0x01, 0x0F, 0, hop, 0, 64, 0, 64, 0], to: 0x31)
      return world.found
    }
    #expect(try found(11) == nil)
    #expect(try found(80) == "answer")
  }

  // MARK: No EID

  @Test("A router without an EID announces itself within 15 s")
  func notice() throws {
    let text = """
      version: 1
      router: { name: riser }
      ports:
        - { name: up, bus: i2c, device: simulated, address: 0x20, role: endpoint }
      """
    let silent = try Played(text)
    silent.go(to: 15_000)
    #expect(silent.found == nil)
    silent.go(to: 16_001)
    #expect(silent.found == "manners")
    let told = try Played(text)
    told.sends([1, 0, 0, 0xC8, 0, 0x81, 0x0D], to: 0x30)
    told.go(to: 20_000)
    #expect(told.found == nil)
    let given = try Played(text)
    given.took([1, 0, 9, 0xC8, 0, 0x80, 0x01, 0, 12], from: 0x30, .answered)
    given.sends([1, 9, 0, 0xC0, 0, 0x00, 0x01, 0, 0, 12, 0], to: 0x30)
    given.go(to: 20_000)
    #expect(given.found == nil)
  }
}
