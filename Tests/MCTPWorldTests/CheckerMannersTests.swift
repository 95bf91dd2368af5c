import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@testable import MCTPWorld

@Suite("How the checker wants a router to ask and to give")
struct CheckerMannersTests {
  private func getEID(_ instanceID: UInt8) -> [UInt8] {
    [1, 0, 8, 0xC8 | instanceID & 0x07, 0, 0x80 | instanceID, 0x02]
  }

  @Test("A request leaves four times at most", .spec("DSP0237 1.1.0 Table 9"))
  func attempts() throws {
    let world = try Played()
    for attempt in 0..<5 as Range<UInt32> {
      #expect(world.found == nil)
      world.go(to: 330 * attempt)
      world.sends(getEID(1), to: 0x33)
    }
    #expect(world.found == "manners")
  }

  @Test("An instance ID rests before it names another request", .spec("DSP0237 1.1.0 Table 9"))
  func instanceID() throws {
    for (ms, isFound) in [(4499, true), (4500, false)] as [(UInt32, Bool)] {
      let world = try Played()
      world.sends(getEID(1), to: 0x33)
      world.go(to: ms)
      world.sends([1, 0, 8, 0xC9, 0, 0x81, 0x03], to: 0x33)
      #expect(world.found == (isFound ? "manners" : nil), "\(ms)")
    }
    let other = try Played()
    other.sends(getEID(1), to: 0x33)
    other.sends(getEID(1), to: 0x34)
    #expect(other.found == nil)
  }

  @Test("An EID that is another's for certain is given to nobody else")
  func claims() throws {
    for (eid, isFound) in [(8, true), (40, true), (20, true), (21, false)] as [(UInt8, Bool)] {
      let world = try Played()
      world.assign(20, to: 0x33)
      try #require(world.found == nil)
      world.assign(eid, on: 0, to: 0x34)
      #expect(world.found == (isFound ? "claim" : nil), "\(eid)")
    }
    let upward = try Played()
    upward.sends([1, 0, 0, 0xC8, 0, 0x80, 0x01, 0, 20], on: 3, to: 0x10)
    #expect(upward.found == "claim")
    let pool = try Played()
    pool.sends([1, 20, 8, 0xC8, 0, 0x80, 0x08, 0, 10, 38], to: 0x33)
    #expect(pool.found == "claim")
  }

  @Test("Force needs an EID of its own in the device, or a refusal")
  func force() throws {
    let force: [UInt8] = [1, 0, 8, 0xC8, 0, 0x82, 0x01, 1, 20]
    func answer(_ eid: UInt8) -> [UInt8] { [1, 8, eid, 0xC1, 0, 1, 0x02, 0, eid, 0, 0] }
    for (eid, isFound) in [(0, true), (20, true), (21, false)] as [(UInt8, Bool)] {
      let world = try Played()
      world.sends(getEID(1), to: 0x33)
      world.took(answer(eid), from: 0x33, .answered)
      world.sends(force, to: 0x33)
      #expect(world.found == (isFound ? "claim" : nil), "\(eid)")
    }
    let refused = try Played()
    refused.sends([1, 0, 8, 0xC9, 0, 0x81, 0x01, 0, 20], to: 0x33)
    refused.took([1, 8, 0, 0xC1, 0, 1, 0x01, 0, 0x10, 0, 0], from: 0x33, .answered)
    refused.sends(force, to: 0x33)
    #expect(refused.found == nil)
  }

  @Test("A routing update names what is there, at its address in bits 7 to 1")
  func update() throws {
    // EID 32 at 0x31 is on port a; EID 40 is behind the router, at 0x10.
    for (entries, isFound) in [
      ([1, 0, 1, 32, 0x62], false), ([1, 0, 1, 32, 0x31], true), ([1, 0, 1, 33, 0x62], true),
      ([2, 2, 1, 8, 0x20, 3, 1, 40, 0x20], false), ([1, 3, 1, 41, 0x20], true),
      ([1, 0x80, 1, 40, 0x20], true), ([1, 0, 2, 32, 0x62], true), ([2, 0, 1, 32, 0x62], true),
    ] as [([UInt8], Bool)] {
      let world = try Played()
      world.assign(20, to: 0x33)
      world.sends([1, 20, 8, 0xC9, 0, 0x81, 0x09] + entries, to: 0x33)
      world.settle()
      #expect(world.found == (isFound ? "claim" : nil), "\(entries)")
    }
  }

  @Test("A router asks under one EID until an owner above gives it another")
  func ownEID() throws {
    let world = try Played()
    world.sends([1, 0, 8, 0xC9, 0, 0x81, 0x02], to: 0x33)
    world.sends([1, 0, 9, 0xCA, 0, 0x82, 0x02], to: 0x34)
    #expect(world.found == "claim")

    let ordered = try Played()
    ordered.sends([1, 0, 8, 0xC9, 0, 0x81, 0x02], to: 0x33)
    ordered.took([1, 0, 60, 0xC8, 0, 0x80, 0x01, 0, 9], on: 3, from: 0x10, .answered)
    ordered.sends([1, 0, 9, 0xCA, 0, 0x82, 0x02], to: 0x34)
    #expect(ordered.found == nil)
  }
}
