import MCTPEngine
import MCTPWire
import TestSupport
import Testing

/// A bridge, scripted, with one endpoint behind it.
func scriptedBridge(
  _ address: PhysicalAddress, wants: UInt8, uuid: UInt64 = 0x100
) -> ScriptedDevice {
  let bridge = ScriptedDevice(address, uuid: uuid)
  bridge.typeByte = 0x10
  bridge.poolWanted = wants
  return bridge
}

@Suite("Pools of the bridges below", .spec("DSP0236 1.3.3 §9.1.10"))
struct OwnerPoolTests {
  @Test(
    "A bridge gets what it asks for right after its own EID",
    .spec("DSP0236 1.3.3 §12, command 0x08"))
  func grants() throws {
    let bridge = scriptedBridge(.i2c(0x33), wants: 2)
    let run = try OneBus(bridge)
    run.world.run(ms: 2000)
    #expect(bridge.eid == 9)
    #expect(bridge.pool?.first == 10 && bridge.pool?.count == 2)
    let known = try #require(run.endpoint(bridge))
    #expect(known.pool == EndpointPool(first: EID(10), count: 2, asked: 2))
    #expect(known.kind == .bridge)
    #expect(run.rig.state(of: 11) == .poolOf(EID(9)))
    #expect(run.rig.state(of: 12) == .free(.neverUsed))
    let route = run.rig.entry(for: 11)
    #expect(route?.firstEID == EID(9) && route?.eidCount == 3 && route?.type == .bridgeRange)
    let granted = run.rig.ownerEvents.contains(
      .poolGranted(known.number, bridge: EID(9), asked: 2, given: 2, limit: nil))
    #expect(granted)
  }

  @Test("The route to the pool stands before Allocate is sent")
  func routeFirst() throws {
    let bridge = scriptedBridge(.i2c(0x33), wants: 2)
    let run = try OneBus(bridge)
    var route: RoutingTableEntry?
    bridge.override = { [unowned rig = run.rig] command, _ in
      if command == 0x08 { route = rig.entry(for: 11) }
      return nil
    }
    run.world.run(ms: 2000)
    #expect(route?.address == bridge.address)
  }

  @Test("A static route over what is kept for a pool ends the pool before it")
  func staticOverKept() throws {
    let bridge = scriptedBridge(.i2c(0x33), wants: 3)
    let run = try OneBus(bridge)
    // While the bridge is asked for its EID: nobody was told of its pool yet.
    bridge.override = { [unowned rig = run.rig] command, _ in
      guard command == 0x01 else { return nil }
      _ = rig.error(adding: .test(11, 20, port: 0, at: .i2c(0x44)))
      return nil
    }
    run.world.run(ms: 2000)
    let known = try #require(run.endpoint(bridge))
    #expect(known.state == .up && known.pool.count == 1)
    #expect(run.rig.entry(for: 10)?.address == bridge.address)
    #expect(run.rig.entry(for: 11)?.address == .i2c(0x44))
    #expect(run.rig.state(of: 30) == .leased)
    #expect(run.rig.violation() == nil)
  }

  @Test("A static route in the way of a pool leaves the bridge reachable, and is said")
  func staticInTheWay() throws {
    let bridge = scriptedBridge(.i2c(0x33), wants: 3)
    let run = try OneBus(bridge)
    run.world.run(ms: 2000)
    run.rig.deviceDisappeared(bridge.address)
    #expect(run.rig.error(adding: .test(11, 20, port: 0, at: .i2c(0x44))) == nil)
    try run.rig.discover()
    run.world.run(ms: 10_000)
    let known = try #require(run.endpoint(bridge))
    #expect(known.state == .up && known.eid == EID(9))
    #expect(run.rig.entry(for: 9)?.address == bridge.address)
    #expect(run.rig.entry(for: 11)?.address == .i2c(0x44))
    #expect(run.rig.ownerEvents.contains(.routeRefused(known.number, eid: EID(9))))
  }

  @Test("Less than asked is granted visibly, with the reason")
  func truncated() throws {
    let bridge = scriptedBridge(.i2c(0x33), wants: 40)
    let short = try OneBus(bridge, owner: .ranges(9, 20))
    short.world.run(ms: 2000)
    #expect(bridge.pool?.count == 11)
    var number = try #require(short.endpoint(bridge)).number
    var granted = short.rig.ownerEvents.contains(
      .poolGranted(
        number, bridge: EID(9), asked: 40, given: 11, limit: .rangeEnds(last: EID(20))))
    #expect(granted)
    #expect(short.endpoint(bridge)?.pool.asked == 40)

    let second = scriptedBridge(.i2c(0x33), wants: 40)
    var owner = BusOwnerConfiguration.ranges(9, 100)
    owner.poolSizeMax = 15
    let limited = try OneBus(second, owner: owner)
    limited.world.run(ms: 2000)
    #expect(second.pool?.count == 15)
    number = try #require(limited.endpoint(second)).number
    granted = limited.rig.ownerEvents.contains(
      .poolGranted(number, bridge: EID(9), asked: 40, given: 15, limit: .configured(15)))
    #expect(granted)
  }

  @Test("A pool that the bridge has already is adopted when it fits, without a new Allocate")
  func adopts() throws {
    let bridge = scriptedBridge(.i2c(0x33), wants: 4)
    bridge.eid = 0x1E
    bridge.pool = (first: 0x1F, count: 4)
    let fresh = ScriptedDevice(.i2c(0x31))
    let run = try OneBus(fresh, bridge)
    run.world.run(ms: 3000)
    #expect(bridge.eid == 0x1E)
    // V32 of control.hex but for the instance ID: information, count and EID zero.
    let asked = run.world.requests(0x08, on: run.bus, to: bridge.address)
    #expect(asked.map { Array($0[6...]) } == [[0x08, 0x02, 0x00, 0x00]])
    #expect(
      run.endpoint(bridge)?.pool == EndpointPool(first: EID(0x1F), count: 4, asked: 4))
    #expect(run.endpoint(bridge)?.state == .up)
    #expect(run.rig.entry(for: 0x22)?.address == bridge.address)
  }

  @Test("A pool that belongs to others is replaced by force")
  func forces() throws {
    let taken = ScriptedDevice(.i2c(0x31))
    taken.eid = 0x20
    let bridge = scriptedBridge(.i2c(0x33), wants: 4)
    bridge.eid = 0x1E
    bridge.pool = (first: 0x1F, count: 4)
    let run = try OneBus(taken, bridge)
    run.world.run(ms: 3000)
    #expect(taken.eid == 0x20)
    let asked = run.world.requests(0x08, on: run.bus, to: bridge.address)
    #expect(asked.last?[7] == 0x01)
    let pool = try #require(bridge.pool)
    #expect(!(pool.first..<(pool.first + pool.count)).contains(0x20))
    #expect(run.endpoint(bridge)?.pool.count == pool.count)
    #expect(run.rig.violation() == nil)
  }

  @Test("A rejected Allocate is forced once, a refused one leaves the bridge without a pool")
  func rejected() throws {
    let bridge = scriptedBridge(.i2c(0x33), wants: 4)
    bridge.override = { command, data in
      // Status 01b with a pool of another owner, which is not ours to route.
      guard command == 0x08, data[0] == 0 else { return nil }
      return [0x00, 0x01, 0x04, 0x80]
    }
    let run = try OneBus(bridge)
    run.world.run(ms: 3000)
    #expect(bridge.pool?.first == 10)
    #expect(run.endpoint(bridge)?.quirks.contains(.holdsOtherPool) == true)

    let refusing = scriptedBridge(.i2c(0x33), wants: 4)
    refusing.override = { command, _ in command == 0x08 ? [0x02] : nil }
    let second = try OneBus(refusing)
    second.world.run(ms: 3000)
    #expect(second.endpoint(refusing)?.state == .up)
    #expect(second.endpoint(refusing)?.pool.count == 0)
    #expect(second.endpoint(refusing)?.quirks.contains(.refusesPool) == true)
    #expect(second.rig.entry(for: 10) == nil)
  }

  @Test("A bridge that lost its pool gets the same one again, without a new EID")
  func poolLost() throws {
    let bridge = scriptedBridge(.i2c(0x33), wants: 4)
    let run = try OneBus(bridge)
    run.world.run(ms: 3000)
    bridge.pool = nil
    _ = run.rig.ownerEvents
    run.world.run(ms: 15_000)
    #expect(bridge.pool?.first == 10 && bridge.pool?.count == 4)
    let number = try #require(run.endpoint(bridge)).number
    let lost = run.rig.ownerEvents.contains(.poolLost(number, bridge: EID(9)))
    #expect(lost)
    #expect(run.endpoint(bridge)?.state == .up)
  }

  @Test("A forgotten bridge gives its EID and its whole pool back; both rest")
  func forgotten() throws {
    let bridge = scriptedBridge(.i2c(0x33), wants: 4)
    let run = try OneBus(bridge)
    run.world.run(ms: 3000)
    bridge.isPresent = false
    try run.rig.forget(9)
    let until = run.world.now.advanced(byMs: 5000)
    for eid in 9...13 as ClosedRange<UInt8> {
      #expect(run.rig.state(of: eid) == .quarantined(until: until))
    }
    #expect(run.rig.entries().isEmpty)
    run.world.run(ms: 5100)
    #expect(run.rig.state(of: 9) == .free(.usedBefore))
  }

  @Test("A command gives a bridge a pool of another size, by force")
  func command() throws {
    let bridge = scriptedBridge(.i2c(0x33), wants: 4)
    let run = try OneBus(bridge)
    run.world.run(ms: 3000)
    run.world.clearLog()
    try run.rig.allocate(6, to: 9)
    run.world.run(ms: 100)
    let asked = run.world.requests(0x08, on: run.bus, to: bridge.address)
    #expect(asked.map { Array($0[6...]) } == [[0x08, 0x01, 0x06, 0x0A]])
    #expect(bridge.pool?.count == 6)
    #expect(run.rig.entry(for: 15)?.address == bridge.address)
  }

  @Test("A bridge that refuses another pool keeps the one that it has, and so do our books")
  func refusedCommand() throws {
    let bridge = scriptedBridge(.i2c(0x33), wants: 4)
    let run = try OneBus(bridge)
    run.world.run(ms: 3000)
    // More than it announced: ERROR_INVALID_DATA (DSP0236 1.3.3 §12, command 0x08).
    bridge.override = { command, data in command == 0x08 && data[1] > 4 ? [0x02] : nil }
    try run.rig.allocate(6, to: 9)
    run.world.run(ms: 3000)
    #expect(bridge.pool?.count == 4)
    #expect(run.endpoint(bridge)?.pool == EndpointPool(first: EID(10), count: 4, asked: 4))
    #expect(run.endpoint(bridge)?.quirks.contains(.refusesPool) == true)
    for eid in 10...13 as ClosedRange<UInt8> {
      #expect(run.rig.state(of: eid) == .poolOf(EID(9)))
      #expect(run.rig.entry(for: eid)?.address == bridge.address)
    }
    #expect(run.rig.entry(for: 14) == nil)
    #expect(run.rig.violation() == nil)
  }
}

@Suite("What is behind the bridges below", .spec("DSP0236 1.3.3 §12, command 0x0A"))
struct OwnerTableTests {
  /// One bridge with an endpoint behind it, EID 10.
  private func run(telling: Bool) throws -> (OneBus, ScriptedDevice, ScriptedDevice) {
    let bridge = scriptedBridge(.i2c(0x33), wants: 2)
    let inner = ScriptedDevice(.i2c(0x50), uuid: 0x200)
    inner.eid = 10
    inner.types = [0x00, 0x05]
    bridge.behind = [inner]
    if telling {
      // Count, EID, type and port, binding, medium, address length, address.
      bridge.table = [
        hex("01 09 80 01 04 01 66"), hex("01 0A 01 01 04 01 A0"), hex("01 08 80 01 04 01 60"),
      ]
    }
    return (try OneBus(bridge), bridge, inner)
  }

  @Test("After the settle time the table is read, and what it names becomes endpoints")
  func reads() throws {
    let (run, bridge, inner) = try run(telling: true)
    run.world.run(ms: 3000)
    #expect(run.world.requests(0x0A, on: run.bus, to: bridge.address) == [])
    run.world.run(ms: 3000)
    let known = try #require(run.rig.endpoint(10))
    #expect(known.via == EID(9))
    #expect(known.address == bridge.address)
    #expect(known.origin == .routingTable)
    #expect(known.state == .up)
    #expect(known.uuid == inner.uuid)
    #expect(known.messageTypes == [.control, .spdm])
    // What is not in the bridge's pool is no endpoint behind it.
    #expect(run.rig.endpoints().count == 2)
    // Asked by EID, through the bridge.
    #expect(inner.heard.first == hex("00 87 02") || inner.heard.first?[2] == 0x02)
  }

  @Test("Where a bridge does not tell, each EID of its pool is asked")
  func polls() throws {
    let (run, bridge, _) = try run(telling: false)
    run.world.run(ms: 8000)
    #expect(run.endpoint(bridge)?.quirks.contains(.refusesRoutingTable) == true)
    #expect(run.rig.endpoint(10)?.state == .up)
    #expect(run.rig.endpoint(10)?.origin == .pool)
    // Nobody is at 11: not shown.
    #expect(run.rig.endpoints().count == 2)
  }

  @Test("Resolve Endpoint ID and Resolve UUID know what is behind bridges")
  func resolves() throws {
    let (run, _, _) = try run(telling: true)
    run.world.run(ms: 8000)
    var answer = run.rig.ask(request(0x07, [10], from: 9), from: .i2c(0x33))
    // The bridge's EID and its address in 8-bit form.
    #expect(answer == hex("01 09 08 C0 00 00 07 00 09 66"))
    let uuid = hex("21 F0 F5 54 7F 7C 42 11 00 00 00 00 00 00 02 00")
    answer = run.rig.ask(request(0x10, uuid + [0], from: 9), from: .i2c(0x33))
    #expect(answer == hex("01 09 08 C0 00 00 10 00 FF 01 0A 01 04 01 66"))
  }

  @Test("A table whose pages do not end is given up, and named")
  func endless() throws {
    let (run, bridge, _) = try run(telling: true)
    var handle: UInt8 = 0
    bridge.override = { command, _ in
      guard command == 0x0A else { return nil }
      handle = handle == 200 ? 1 : handle + 1
      return [0x00, handle, 0x00]
    }
    run.world.run(ms: 60_000)
    #expect(run.endpoint(bridge)?.quirks.contains(.routingTableEndless) == true)
    #expect(run.world.requests(0x0A, on: run.bus, to: bridge.address).count <= 64)
  }
}
