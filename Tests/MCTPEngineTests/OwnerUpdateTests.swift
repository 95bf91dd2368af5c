import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("Telling bridges below", .spec("DSP0236 1.3.3 §12, command 0x09"))
struct OwnerUpdateTests {
  /// A bridge at 0x33 and so many devices beside it, at 0x40 and up.
  private func run(beside count: UInt8) throws -> (OneBus, ScriptedDevice) {
    let bridge = scriptedBridge(.i2c(0x33), wants: 2)
    var policy = DiscoveryPolicy(listed: [ListedDevice(address: bridge.address)])
    policy.parallelismMax = 8
    policy.budget = ControlBudget(burst: 1000, perSecond: 1000)
    let devices = (0..<count).map { ScriptedDevice(.i2c(0x40 + $0)) }
    policy.listed += devices.map { ListedDevice(address: $0.address) }
    let run = try OneBus(bridge, policy: policy, owner: .ranges(9, 80))
    for device in devices { run.world.add(.device(device), to: run.bus) }
    return (run, bridge)
  }

  @Test("What does not fit 64 bytes goes in parts of at most 15 entries, one after the other")
  func parts() throws {
    let (run, bridge) = try run(beside: 33)
    run.world.run(ms: 5000)
    let updates = run.world.requests(0x09, on: run.bus, to: bridge.address)
    // Our own EID and 33 devices; all settled within the delay.
    #expect(updates.map { $0[7] } == [15, 15, 4])
    #expect(updates.allSatisfy { $0.count <= 68 })
    // Type bridge, one EID, 8, our address in 8-bit form: first of all.
    #expect(Array(updates[0][8..<12]) == hex("02 01 08 60"))
    let entries = updates.flatMap { Array($0[8...]) }
    let eids = stride(from: 2, to: entries.count, by: 4).map { entries[$0] }
    #expect(Set(eids).count == 34)
    #expect(!eids.contains(bridge.eid))
    #expect(run.rig.routingUpdateState(of: bridge.eid) == .current(entries: 34))
    let acknowledged = run.rig.ownerEvents.contains(
      .routingUpdateAcknowledged(bridge: EID(bridge.eid), entries: 34))
    #expect(acknowledged)
  }

  @Test("A change is told once, within the delay; what is known already is not told again")
  func coalesced() throws {
    let (run, bridge) = try run(beside: 2)
    run.world.run(ms: 5000)
    run.world.clearLog()
    run.world.run(ms: 60_000)
    #expect(run.world.requests(0x09, on: run.bus, to: bridge.address) == [])
    for address in [0x60, 0x61, 0x62] as [UInt8] {
      run.world.add(.device(ScriptedDevice(.i2c(address))), to: run.bus)
      _ = run.rig.receive(hex("01 00 00 C8 00 80 0D"), on: 0, from: .i2c(address))
    }
    run.world.run(ms: 3000)
    let updates = run.world.requests(0x09, on: run.bus, to: bridge.address)
    #expect(updates.map { $0[7] } == [6])
  }

  @Test("What changes while a bridge is being told is told to it afterwards")
  func changedMeanwhile() throws {
    let (run, bridge) = try run(beside: 1)
    var isHeld = true
    run.world.loses = { isHeld && $0.from == .i2c(0x33) && $0.bytes[6] == 0x09 }
    var turns = 0
    while run.world.requests(0x09, on: run.bus, to: bridge.address).isEmpty, turns < 5000 {
      run.world.run(ms: 1)
      turns += 1
    }
    let device = ScriptedDevice(.i2c(0x60))
    run.world.add(.device(device), to: run.bus)
    _ = run.rig.receive(hex("01 00 00 C8 00 80 0D"), on: 0, from: device.address)
    run.world.run(ms: 50)
    #expect(run.rig.entry(for: device.eid)?.address == device.address)
    isHeld = false
    run.world.run(ms: 5000)
    let updates = run.world.requests(0x09, on: run.bus, to: bridge.address)
    // The repetition of the first one, then all three: our own EID and two devices.
    #expect(updates.map { $0[7] } == [2, 2, 3])
    #expect(run.rig.routingUpdateState(of: bridge.eid) == .current(entries: 3))
  }

  @Test("An update without an answer is repeated, and sent again when the bridge answers")
  func lost() throws {
    let (run, bridge) = try run(beside: 1)
    run.world.loses = { $0.to == .i2c(0x33) && $0.bytes[6] == 0x09 && $0.time < ms(4000) }
    run.world.run(ms: 4000)
    let before = run.world.requests(0x09, on: run.bus, to: bridge.address)
    #expect(before.count >= 3)
    #expect(Set(before.prefix(3)).count == 1)
    if case .pending(let since, _)? = run.rig.routingUpdateState(of: bridge.eid) {
      #expect(since == 0)
    } else {
      Issue.record("it is not pending")
    }
    run.world.run(ms: 6000)
    #expect(run.rig.routingUpdateState(of: bridge.eid) == .current(entries: 2))
  }

  @Test("A bridge that does not know the command is asked twice in all; one without room is, later")
  func refused() throws {
    let (first, unsupporting) = try run(beside: 1)
    unsupporting.override = { command, _ in command == 0x09 ? [0x05] : nil }
    first.world.run(ms: 60_000)
    #expect(first.world.requests(0x09, on: first.bus, to: unsupporting.address).count == 2)
    #expect(first.rig.routingUpdateState(of: unsupporting.eid) == .unsupported)

    let (second, full) = try run(beside: 1)
    full.override = { command, _ in command == 0x09 ? [0x80] : nil }
    second.world.run(ms: 25_000)
    let failed = second.rig.ownerEvents.contains(
      .routingUpdateFailed(bridge: EID(full.eid), code: .insufficientTableSpace))
    #expect(failed)
    let updates = second.world.requests(0x09, on: second.bus, to: full.address)
    #expect((2...4).contains(updates.count))
  }

  @Test("A bridge that restarted is told everything again")
  func restart() throws {
    let (run, bridge) = try run(beside: 3)
    run.world.run(ms: 5000)
    run.world.clearLog()
    bridge.restart()
    run.world.run(ms: 20_000)
    let updates = run.world.requests(0x09, on: run.bus, to: bridge.address)
    #expect(updates.map { $0[7] } == [4])
  }

  @Test("A bridge whose EID was lost is told nothing until it has one again")
  func withoutEID() throws {
    let bridge = scriptedBridge(.i2c(0x3A), wants: 1)
    let listed = [
      ListedDevice(address: bridge.address, poolSizeExpected: 1), ListedDevice(address: .i2c(0x3B)),
    ]
    let below = try Below(listed: listed)
    let rig = below.rig
    let world = OwnerWorld()
    _ = world.addBus(.router(rig, port: 0, address: .i2c(0x33)))
    let bus = world.addBus(
      .router(rig, port: 1, address: .i2c(0x30)), .device(bridge),
      .device(ScriptedDevice(.i2c(0x3B))))
    #expect(below.ask("01 00 0B CA 00 82 01 00 0E") != nil)
    #expect(below.ask("01 0E 0B CC 00 84 08 00 04 0F") != nil)
    world.run(ms: 5000)
    let taken = bridge.eid
    #expect((0x10...0x12).contains(taken))
    #expect(!world.requests(0x09, on: bus, to: bridge.address).isEmpty)
    // We get the bridge's EID from above. While it does not answer it cannot have another one.
    world.clearLog()
    bridge.override = { command, _ in command == 0x02 ? [] : nil }
    #expect(below.ask("01 00 0B CB 00 85 01 00 " + hexText([taken])) != nil)
    #expect(rig.ownEID(0) == EID(taken))
    world.run(ms: 1000)
    #expect(rig.endpoint(at: bridge.address, on: 1)?.eid == .null)
    #expect(world.requests(0x09, on: bus, to: bridge.address) == [])
    bridge.override = { _, _ in nil }
    world.run(ms: 30_000)
    #expect(bridge.eid != taken && rig.endpoint(bridge.eid)?.state == .up)
    #expect(!world.requests(0x09, on: bus, to: bridge.address).isEmpty)
  }

  @Test("A late answer changes nothing and is counted", .spec("DSP0237 1.1.0 Table 9"))
  func late() throws {
    let device = ScriptedDevice(.i2c(0x31))
    let run = try OneBus(device)
    var answer: [UInt8]?
    run.world.loses = { crossing in
      guard crossing.from == .i2c(0x31), crossing.bytes[6] == 0x01 else { return false }
      answer = crossing.bytes
      return true
    }
    run.world.run(ms: 1500)
    #expect(run.endpoint(device)?.state == .down)
    let bytes = try #require(answer)
    #expect(run.rig.receive(bytes, on: 0, from: .i2c(0x31)) == .answered)
    #expect(run.endpoint(device)?.state == .down)
    #expect(run.rig.requesterCounters().late == 1)
  }
}

private func ms(_ count: UInt32) -> Instant { Instant.zero.advanced(byMs: count) }
