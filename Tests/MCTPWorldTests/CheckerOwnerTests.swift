import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@testable import MCTPWorld

@Suite("The checker and the bus owner")
struct CheckerOwnerTests {
  /// Devices at 0x31 and 0x32, set up; 0x31 has the EID that is returned.
  private func setUp(_ world: Watched) throws -> UInt8 {
    var eids: [UInt8: UInt8] = [0x31: 0, 0x32: 0]
    world.runBus(&eids)
    #expect(world.violation == nil)
    let eid = try #require(eids[0x31])
    try #require(eid >= 10 && eids[0x32] != eid)
    return eid
  }

  /// The device at 0x31 misses an answer: what it has is not certain any more.
  private func miss(_ world: Watched) {
    for _ in 0..<2 {
      world.send([1, 0, 8, 0xC8, 0, 0x9E, 0x02], to: 0x31)
      world.begin(on: 0)
      world.finish(on: 0)
    }
  }

  private func offer(_ eid: UInt8, to address: UInt8, _ world: Watched) {
    // Set Endpoint ID, operation set, from EID 8 to the null EID.
    world.send([1, 0, 8, 0xCF, 0, 0x9F, 0x01, 0x00, eid], to: address)
    world.begin(on: 0)
    world.finish(on: 0)
    world.step()
  }

  @Test(
    "An EID that a device has is not given to another before T_RECLAIM",
    .spec("DSP0237 1.1.0 Table 9"))
  func rest() throws {
    let world = try Watched(isOwner: true)
    let eid = try setUp(world)
    world.go(to: 4999)
    world.engine.advance(to: world.now)
    miss(world)
    offer(eid, to: 0x32, world)
    #expect(world.violation?.invariant == "rest")
    #expect(
      world.violation?.text
        == "bridge port a: EID \(eid) is given to 0x32, and 0x31 on bridge port a had it 4999 ms "
        + "ago; it rests 5000 ms")
  }

  @Test("After T_RECLAIM it may be, and the same device gets it again at any time")
  func rested() throws {
    for (ms, address) in [(5000, 0x32), (10, 0x31)] as [(UInt32, UInt8)] {
      let world = try Watched(isOwner: true)
      let eid = try setUp(world)
      world.go(to: ms)
      world.engine.advance(to: world.now)
      if address == 0x32 { miss(world) }
      offer(eid, to: address, world)
      #expect(world.violation == nil)
    }
  }

  @Test("An EID of two devices, of a device and a pool, or of the router is a clash")
  func claims() {
    func clash(_ fill: (inout EIDClaims) -> Void) -> Bool {
      var claims = EIDClaims()
      fill(&claims)
      return claims.clash != nil
    }
    let none = EndpointPool()
    let pool = EndpointPool(first: EID(11), count: 3)
    let later = EndpointPool(first: EID(13), count: 2)
    #expect(
      !clash {
        $0.hold(EID(8))
        $0.hold(EID(8))
        $0.hold(.null)
        $0.claim(EID(10), pool: pool) { "" }
        $0.claim(EID(14), pool: none) { "" }
        $0.claim(.null, pool: none) { "" }
        $0.claim(.null, pool: none) { "" }
      })
    #expect(
      clash {
        $0.claim(EID(10), pool: none) { "" }
        $0.claim(EID(10), pool: none) { "" }
      })
    #expect(
      clash {
        $0.hold(EID(8))
        $0.claim(EID(8), pool: none) { "" }
      })
    #expect(
      clash {
        $0.claim(EID(10), pool: pool) { "" }
        $0.claim(EID(13), pool: none) { "" }
      })
    #expect(
      clash {
        $0.claim(EID(10), pool: pool) { "" }
        $0.claim(EID(20), pool: later) { "" }
      })
  }
}
