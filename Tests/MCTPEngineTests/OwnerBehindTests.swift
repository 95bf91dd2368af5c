import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("What is behind a bridge stands and falls with it", .spec("DSP0236 1.3.3 §9.1.10"))
struct OwnerBehindTests {
  /// A bridge with EID 9 that has named 10 and 11, and the device that is 10.
  private struct Behind {
    let bridge = scriptedBridge(.i2c(0x33), wants: 2)
    let inner = ScriptedDevice(.i2c(0x5A))
    let run: OneBus

    /// - Parameter question: what 10 does not answer at first.
    init(silentAt question: UInt8? = nil, _ others: ScriptedDevice...) throws {
      inner.eid = 10
      if let question { inner.override = { command, _ in command == question ? [] : nil } }
      bridge.behind = [inner]
      bridge.table = [hex("01 0A 01 01 04 01 B4")]
      run = try OneBus(bridge)
      run.world.run(ms: 4000)
    }
  }

  @Test("Who never answered is not asked while its bridge is away, and is when it is back")
  func neverAnswered() throws {
    let net = try Behind(silentAt: 0x02)
    #expect(net.run.rig.endpoint(10)?.state == .unknown)
    net.run.rig.deviceDisappeared(net.bridge.address)
    net.inner.override = { _, _ in nil }
    net.bridge.isPresent = false
    // What is under way is repeated until its time is over.
    net.run.world.run(ms: 1000)
    net.run.world.clearLog()
    try net.run.rig.discover()
    net.run.world.run(ms: 10_000)
    // Who asks for it asks for the bridge.
    try net.run.rig.recover(10)
    net.run.world.run(ms: 10_000)
    let asked = net.run.world.packets(on: net.run.bus).filter { $0[1] == 10 }
    #expect(asked.isEmpty)
    #expect(net.run.rig.endpoint(10)?.state == .unknown)
    net.bridge.isPresent = true
    try net.run.rig.discover()
    net.run.world.run(ms: 20_000)
    #expect(net.run.endpoint(net.bridge)?.state == .up)
    #expect(net.run.rig.endpoint(10)?.state == .up)
    #expect(net.run.rig.entry(for: 10)?.address == net.bridge.address)
  }

  @Test("Who never answered is asked again when the port of its bridge is up again")
  func portAwayMeanwhile() throws {
    let net = try Behind(silentAt: 0x02)
    net.run.rig.setUp(0, false)
    net.inner.override = { _, _ in nil }
    net.run.world.run(ms: 5000)
    net.run.rig.setUp(0, true)
    net.run.world.run(ms: 20_000)
    #expect(net.run.rig.endpoint(10)?.state == .up)
  }

  @Test("A bridge that comes back without a pool has nobody behind it any more")
  func withoutPool() throws {
    let net = try Behind()
    #expect(net.run.rig.endpoint(10)?.state == .up)
    net.bridge.restart()
    net.bridge.poolWanted = 0
    net.bridge.table = nil
    net.run.world.run(ms: 60_000)
    #expect(net.run.endpoint(net.bridge)?.state == .up)
    #expect(net.run.rig.endpoint(10) == nil)
    #expect(net.run.rig.entry(for: 10) == nil)
    #expect(net.run.rig.state(of: 10) == .free(.usedBefore))
  }

  @Test("A pool that is made smaller takes along who is not in it any more, and says so")
  func smallerPool() throws {
    let net = try Behind()
    let down = try #require(net.run.rig.endpoint(10))
    #expect(down.state == .up)
    _ = net.run.rig.ownerEvents
    try net.run.rig.allocate(0, to: 9)
    net.run.world.run(ms: 2000)
    let events = net.run.rig.ownerEvents
    let isSaid = events.contains {
      guard case .subtreeLost(_, _, let bridge, let members, _) = $0 else { return false }
      return bridge == EID(9) && members.contains(EID(10))
    }
    #expect(isSaid)
    #expect(net.run.rig.endpoint(10) == nil)
    // A static route over it comes and goes: nobody has that EID afterwards.
    net.run.world.run(ms: 10_000)
    #expect(net.run.rig.error(adding: .test(10, port: 0, at: .i2c(0x44))) == nil)
    #expect(net.run.rig.remove(from: 0) { $0.isStatic } == 1)
    #expect(net.run.rig.violation() == nil)
    #expect(net.run.rig.state(of: 10) != .leased)
  }
}
