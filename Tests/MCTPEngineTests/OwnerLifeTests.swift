import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("The life of an endpoint", .spec("DSP0236 1.3.3 §9"))
struct OwnerLifeTests {
  private let port = PortID(rawValue: 0)

  /// A bridge with EID 9 and two endpoints behind it, 10 and 11, and a device 13 beside it.
  private func subtree() throws -> (OneBus, ScriptedDevice, [ScriptedDevice]) {
    let bridge = scriptedBridge(.i2c(0x33), wants: 3)
    let inner = ([10, 11] as [UInt8]).map { eid in
      let device = ScriptedDevice(.i2c(0x50 + eid), uuid: 0x200 + UInt64(eid))
      device.eid = eid
      return device
    }
    bridge.behind = inner
    bridge.table = [hex("01 0A 01 01 04 01 B4"), hex("01 0B 01 01 04 01 B6")]
    let run = try OneBus(bridge)
    run.world.run(ms: 10_000)
    #expect(run.rig.endpoint(10)?.state == .up && run.rig.endpoint(11)?.state == .up)
    _ = run.rig.ownerEvents
    return (run, bridge, inner)
  }

  @Test("Health checks keep an endpoint up; each is one Get Endpoint ID, spread by chance")
  func checks() throws {
    let device = ScriptedDevice(.i2c(0x31), uuid: 1)
    let run = try OneBus(device)
    run.world.run(ms: 1000)
    run.world.clearLog()
    run.world.run(ms: 100_000)
    let checks = run.world.requests(0x02, on: run.bus, to: device.address)
    #expect((8...12).contains(checks.count))
    #expect(run.world.log.count == 2 * checks.count)
    #expect(run.endpoint(device)?.state == .up)
    #expect(run.rig.ownerEvents.count == 2)
  }

  @Test("A device that falls silent is suspect, then down; its route goes, its EID stays its own")
  func loss() throws {
    let device = ScriptedDevice(.i2c(0x31), uuid: 1)
    let run = try OneBus(device)
    run.world.run(ms: 1000)
    let number = try #require(run.endpoint(device)).number
    _ = run.rig.ownerEvents
    device.isPresent = false
    run.world.run(ms: 30_000)
    let events = run.rig.ownerEvents
    #expect(
      events == [
        .endpointSuspect(number, eid: EID(9), reason: .noAnswer),
        .endpointDown(number, eid: EID(9), blamed: EID(9), reason: .noAnswer),
      ])
    #expect(run.rig.entries().isEmpty)
    #expect(run.rig.state(of: 9) == .leased)
    device.isPresent = true
    device.restart()
    run.world.run(ms: 10_000)
    #expect(device.eid == 9)
    #expect(run.endpoint(device)?.state == .up)
  }

  @Test("Nothing behind a lost bridge is asked until the bridge answers")
  func silenced() throws {
    let (run, bridge, _) = try subtree()
    bridge.isPresent = false
    var turns = 0
    while run.endpoint(bridge)?.state != .down, turns < 3000 {
      run.world.run(ms: 10)
      turns += 1
    }
    #expect(run.rig.endpoint(10)?.reason == .bridgeLost)
    run.world.clearLog()
    run.world.run(ms: 60_000)
    let destinations = Set(run.world.packets(on: run.bus).map { $0[1] })
    #expect(!destinations.isEmpty && destinations.isDisjoint(with: [10, 11]))
  }

  @Test("One lost answer makes nobody suspect, because requests are repeated")
  func lostAnswer() throws {
    let device = ScriptedDevice(.i2c(0x31))
    let run = try OneBus(device)
    run.world.run(ms: 1000)
    _ = run.rig.ownerEvents
    var lost = false
    run.world.loses = { crossing in
      guard crossing.from == .i2c(0x31), !lost else { return false }
      lost = true
      return true
    }
    run.world.run(ms: 20_000)
    #expect(lost)
    #expect(run.rig.ownerEvents == [])
  }

  @Test("A device that restarted unnoticed gets its EID again at the next health check")
  func restart() throws {
    let device = ScriptedDevice(.i2c(0x31), uuid: 1)
    let run = try OneBus(device)
    run.world.run(ms: 1000)
    device.restart()
    run.world.run(ms: 12_000)
    #expect(device.eid == 9)
    #expect(run.endpoint(device)?.state == .up)
  }

  @Test("Another device in the same place gets another EID, and the first keeps its lease")
  func replaced() throws {
    let device = ScriptedDevice(.i2c(0x31), uuid: 1)
    let elsewhere = ScriptedDevice(.i2c(0x32))
    elsewhere.isPresent = false
    let run = try OneBus(device, elsewhere)
    run.world.run(ms: 2000)
    #expect(device.eid == 9)
    let first = device.uuid
    device.uuid = EndpointUUID(high: 5, low: 5)
    device.restart()
    run.world.run(ms: 12_000)
    #expect(device.eid == 10)
    // The first one turns up in another place.
    elsewhere.uuid = first
    elsewhere.isPresent = true
    run.world.run(ms: 12_000)
    #expect(elsewhere.eid == 9)
    #expect(run.rig.violation() == nil)
  }

  @Test("A bridge that goes takes its subtree along as one event, and is blamed for it")
  func bridgeLost() throws {
    let (run, bridge, inner) = try subtree()
    bridge.isPresent = false
    run.world.run(ms: 30_000)
    var members = EIDSet()
    members.insert(EID(10))
    members.insert(EID(11))
    let events = run.rig.ownerEvents
    let lost = OwnerEvent.subtreeLost(
      network: 1, port: port, bridge: EID(9), members: members, reason: .noAnswer)
    #expect(events.filter { $0 == lost }.count == 1)
    let downs = events.filter { if case .endpointDown = $0 { true } else { false } }
    #expect(downs == [])
    #expect(run.rig.endpoint(10)?.state == .down)
    #expect(run.rig.endpoint(10)?.reason == .bridgeLost)
    #expect(run.rig.entries().isEmpty)

    bridge.isPresent = true
    run.world.run(ms: 15_000)
    let later = run.rig.ownerEvents
    #expect(
      later.contains(.subtreeReturned(network: 1, port: port, bridge: EID(9), members: members)))
    let ups = later.filter { if case .endpointUp = $0 { true } else { false } }
    #expect(ups == [])
    #expect(inner.allSatisfy { run.rig.endpoint($0.eid)?.state == .up })
  }

  @Test("An endpoint behind a bridge is blamed itself only after its bridge answered")
  func blame() throws {
    let (run, bridge, inner) = try subtree()
    let number = try #require(run.rig.endpoint(10)).number
    inner[0].isPresent = false
    run.world.run(ms: 40_000)
    #expect(run.rig.endpoint(10)?.state == .down)
    #expect(run.rig.endpoint(11)?.state == .up)
    #expect(run.endpoint(bridge)?.state == .up)
    let events = run.rig.ownerEvents
    #expect(
      events.contains(.endpointDown(number, eid: EID(10), blamed: EID(10), reason: .noAnswer)))
    let lost = events.filter { if case .subtreeLost = $0 { true } else { false } }
    #expect(lost == [])
    inner[0].isPresent = true
    run.world.run(ms: 20_000)
    #expect(run.rig.endpoint(10)?.state == .up)
  }

  @Test("A bridge that restarted gets its EID and pool again, and its subtree comes back as one")
  func bridgeRestart() throws {
    let (run, bridge, _) = try subtree()
    bridge.restart()
    run.world.run(ms: 30_000)
    #expect(bridge.eid == 9)
    #expect(bridge.pool?.first == 10 && bridge.pool?.count == 3)
    let events = run.rig.ownerEvents
    let lost = events.filter { if case .subtreeLost = $0 { true } else { false } }
    let returned = events.filter { if case .subtreeReturned = $0 { true } else { false } }
    #expect(lost.count == 1)
    #expect(returned.count == 1)
    #expect(run.rig.endpoint(10)?.state == .up)
    #expect(run.rig.violation() == nil)
  }

  @Test("A port that goes down takes everything on it along; it comes up again with its EIDs")
  func portDown() throws {
    let (run, bridge, _) = try subtree()
    run.rig.setUp(0, false)
    let events = run.rig.ownerEvents
    #expect(events.count == 1)
    if case .subtreeLost(_, _, let root, let members, let reason)? = events.first {
      #expect(root == nil)
      #expect(members.members == [EID(9), EID(10), EID(11)])
      #expect(reason == .portDown)
    } else {
      Issue.record("no event")
    }
    #expect(run.rig.endpoints().allSatisfy { $0.state == .down })
    // The way is known still: what is sent there is dropped because the port is down.
    #expect(run.rig.entry(for: 10) != nil)
    run.world.run(ms: 20_000)
    #expect(run.rig.nextDeadline == nil)
    run.rig.setUp(0, true)
    run.world.run(ms: 10_000)
    #expect(bridge.eid == 9)
    for eid in [9, 10, 11] as [UInt8] { #expect(run.rig.endpoint(eid)?.state == .up) }
  }

  @Test("A command asks a lost device at once, and discovery asks everybody")
  func commands() throws {
    let device = ScriptedDevice(.i2c(0x31))
    let run = try OneBus(device)
    run.world.run(ms: 1000)
    device.isPresent = false
    run.world.run(ms: 30_000)
    device.isPresent = true
    run.world.clearLog()
    try run.rig.recover(9)
    run.world.run(ms: 400)
    #expect(run.endpoint(device)?.state == .up)
    run.world.clearLog()
    try run.rig.discover()
    run.world.run(ms: 400)
    #expect(run.world.requests(0x02, on: run.bus, to: device.address).count == 1)
    #expect(throws: OwnerCommandError.unknownEndpoint(EID(77))) { try run.rig.recover(77) }
    #expect(throws: OwnerCommandError.notABridge(EID(9))) { try run.rig.allocate(3, to: 9) }
    #expect(throws: OwnerCommandError.eidNotAssignable(EID(7))) {
      try run.rig.assign(7, at: device.address)
    }
  }
}

@Suite("Two that claim one EID or one UUID", .spec("DSP0236 1.3.3 §8"))
struct OwnerDuplicateTests {
  @Test("A source EID from a second address is an event that names both, once")
  func source() throws {
    let device = ScriptedDevice(.i2c(0x31))
    let run = try OneBus(device)
    run.world.run(ms: 1000)
    _ = run.rig.ownerEvents
    for _ in 0..<3 {
      _ = run.rig.receive(request(0x02, from: 9, to: 8), on: 0, from: .i2c(0x44))
    }
    let events = run.rig.ownerEvents
    #expect(
      events == [
        .duplicateEID(
          EID(9), network: 1, port: PortID(rawValue: 0), address: device.address,
          otherPort: PortID(rawValue: 0), otherAddress: .i2c(0x44))
      ])
    #expect(run.rig.entry(for: 9)?.address == device.address)
  }

  @Test("A forwarded packet whose source is behind another port is dropped, and named")
  func otherPort() throws {
    let device = ScriptedDevice(.i2c(0x31))
    let world = OwnerWorld()
    let rig = try Rig(
      EngineConfiguration(
        ports: [
          .owned(0, eid: 8, DiscoveryPolicy(listed: [ListedDevice(address: device.address)])),
          .owned(1, eid: 8, DiscoveryPolicy()),
        ], busOwner: .ranges(9, 40)))
    _ = world.addBus(.router(rig, port: 0, address: .i2c(0x30)), .device(device))
    rig.setUp(0, false)
    rig.setUp(0, true)
    world.run(ms: 1000)
    _ = rig.ownerEvents
    let disposition = rig.receive(packet(9, to: 9), on: 1, from: .i2c(0x44))
    #expect(disposition == .dropped(.sourceNotBehindPort))
    #expect(
      rig.ownerEvents == [
        .duplicateEID(
          EID(9), network: 1, port: PortID(rawValue: 0), address: device.address,
          otherPort: PortID(rawValue: 1), otherAddress: .i2c(0x44))
      ])
  }

  @Test("A second device with an EID that is taken gets another, and that resolves it")
  func resolved() throws {
    let first = ScriptedDevice(.i2c(0x31))
    let second = ScriptedDevice(.i2c(0x32))
    second.isPresent = false
    let run = try OneBus(first, second)
    run.world.run(ms: 3000)
    second.eid = 9
    second.isPresent = true
    run.world.run(ms: 10_000)
    #expect(first.eid == 9)
    #expect(second.eid == 10)
    let events = run.rig.ownerEvents
    #expect(events.contains(.duplicateResolved(EID(9), network: 1)))
  }

  @Test("A device with an EID of ours is heard all the same, named, and given another")
  func ours() throws {
    let device = ScriptedDevice(.i2c(0x31))
    device.eid = 8
    let run = try OneBus(device)
    run.world.run(ms: 2000)
    #expect(device.eid == 9)
    #expect(run.endpoint(device)?.state == .up)
    let events = run.rig.ownerEvents
    #expect(
      events.contains(
        .ownEIDClaimed(EID(8), port: PortID(rawValue: 0), address: device.address)))
    // Nothing else with our EID gets through.
    let disposition = run.rig.receive(packet(8, to: 9), on: 0, from: .i2c(0x44))
    #expect(disposition == .dropped(.sourceIsSelf))
  }

  @Test("A duplicate that takes no other EID is kept out until it is given one by force")
  func forced() throws {
    let first = ScriptedDevice(.i2c(0x31))
    let second = ScriptedDevice(.i2c(0x32))
    second.eid = 9
    second.typeByte = 0x02
    second.override = { command, data in
      // Takes an EID only by force (DSP0236 1.3.3 §12, command 0x01, operation 01b).
      guard command == 0x01, data[0] == 0 else { return nil }
      return [0x00, 0x10, 0x09, 0x00]
    }
    second.isPresent = false
    let run = try OneBus(first, second)
    run.world.run(ms: 3000)
    second.isPresent = true
    run.world.run(ms: 10_000)
    #expect(run.endpoint(second)?.state == .quarantined)
    #expect(run.rig.entry(for: 9)?.address == first.address)
    try run.rig.assign(20, at: second.address)
    run.world.run(ms: 1000)
    #expect(second.eid == 20)
    #expect(run.endpoint(second)?.state == .up)
    #expect(run.rig.violation() == nil)
  }

  @Test("Two with one UUID on one bus: the newcomer is kept out while the first answers")
  func uuid() throws {
    let first = ScriptedDevice(.i2c(0x31), uuid: 1)
    let second = ScriptedDevice(.i2c(0x32), uuid: 1)
    let run = try OneBus(first, second, policy: DiscoveryPolicy(parallelismMax: 1))
    run.world.run(ms: 10_000)
    let states = [first, second].map { run.endpoint($0)?.state }
    #expect(states == [.up, .quarantined])
    let events = run.rig.ownerEvents
    #expect(
      events.contains(
        .duplicateUUID(
          first.uuid!, eid: EID(first.eid), address: first.address, otherAddress: second.address)))
    // It was the same device, moved: the first place is empty now.
    first.isPresent = false
    run.world.run(ms: 40_000)
    #expect(run.endpoint(second)?.state == .up)
    #expect(second.eid == 9)
    #expect(run.rig.violation() == nil)
  }
}
