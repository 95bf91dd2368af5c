import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("EIDs that last over a restart of the owner", .spec("DSP0236 1.3.3 §9"))
struct OwnerLeaseTests {
  private func leases(of rig: Rig) -> [EIDLease] {
    var all: [EIDLease] = []
    rig.engine.forEachLease { all.append($0) }
    return all
  }

  @Test("Routes of leases stand before ports come up; living devices keep their EIDs")
  func restart() throws {
    let plain = ScriptedDevice(.i2c(0x31))
    let known = ScriptedDevice(.i2c(0x32), uuid: 2)
    let bridge = scriptedBridge(.i2c(0x33), wants: 4)
    let before = try OneBus(plain, known, bridge)
    before.world.run(ms: 5000)
    let eids = [plain.eid, known.eid, bridge.eid]
    #expect(Set(eids).count == 3 && !eids.contains(0))
    let leases = leases(of: before.rig)
    #expect(leases.count == 3)

    let after = OwnerWorld()
    let rig = try Rig(
      EngineConfiguration(
        ports: [
          .owned(
            0, eid: 8,
            DiscoveryPolicy(listed: before.devices.map { ListedDevice(address: $0.address) }))
        ], busOwner: .ranges(9, 40)), isUp: false)
    for lease in leases { rig.adopt(lease) }
    for device in before.devices {
      #expect(rig.entry(for: device.eid)?.address == device.address)
      #expect(rig.endpoint(device.eid)?.reason == .lease)
    }
    #expect(rig.entry(for: bridge.eid + 4)?.address == bridge.address)
    let bus = after.addBus(.router(rig, port: 0, address: .i2c(0x30)))
    for device in before.devices { after.add(.device(device), to: bus) }
    rig.setUp(0, true)
    after.run(ms: 5000)
    #expect([plain.eid, known.eid, bridge.eid] == eids)
    for device in before.devices { #expect(rig.endpoint(device.eid)?.state == .up) }
    // Nobody had to be told: no Set Endpoint ID but to the bridge, which says so what it holds.
    #expect(after.requests(0x01, on: bus, to: plain.address) == [])
    #expect(after.requests(0x01, on: bus, to: known.address) == [])
    let events = rig.ownerEvents
    let changes = events.filter { if case .leaseChanged = $0 { true } else { false } }
    #expect(changes == [])
    #expect(rig.violation() == nil)
  }

  @Test("A device with a lease gets its EID wherever it turns up, by UUID")
  func moved() throws {
    let device = ScriptedDevice(.i2c(0x32), uuid: 2)
    let run = try OneBus(
      device,
      leases: [
        EIDLease(
          eid: EID(30), uuid: device.uuid, port: PortID(rawValue: 0), address: .i2c(0x31))
      ])
    run.world.run(ms: 8000)
    #expect(device.eid == 30)
    #expect(run.endpoint(device)?.state == .up)
    #expect(run.rig.entry(for: 30)?.address == device.address)
    let leases = leases(of: run.rig)
    #expect(leases.map(\.address) == [device.address])
  }

  @Test("A device in the place of a lease with another UUID is another device")
  func other() throws {
    let device = ScriptedDevice(.i2c(0x31), uuid: 2)
    let run = try OneBus(
      device,
      leases: [
        EIDLease(
          eid: EID(30), uuid: EndpointUUID(high: 9, low: 9), port: PortID(rawValue: 0),
          address: .i2c(0x31))
      ])
    run.world.run(ms: 8000)
    #expect(device.eid != 30 && device.eid != 0)
    #expect(run.endpoint(device)?.state == .up)
    #expect(run.endpoint(device)?.uuid == device.uuid)
    #expect(run.rig.violation() == nil)
  }

  @Test("A lease that clashes is refused, and nothing is changed")
  func refused() throws {
    let device = ScriptedDevice(.i2c(0x31))
    func lease(_ eid: UInt8, _ address: UInt8, pool: UInt8 = 0, port: UInt8 = 0) -> EIDLease {
      EIDLease(
        eid: EID(eid), pool: EndpointPool(first: EID(eid &+ 1), count: pool, asked: pool),
        port: PortID(rawValue: port), address: .i2c(address))
    }
    let clashing = [
      lease(8, 0x31), lease(22, 0x32), lease(18, 0x33, pool: 4), lease(30, 0x31, port: 5),
      lease(7, 0x34),
      // Pools that would end after 0xFE.
      lease(30, 0x35, pool: 255), lease(0xF0, 0x36, pool: 15),
    ]
    let run = try OneBus(device, leases: [lease(20, 0x30, pool: 4)] + clashing)
    let refused = run.rig.ownerEvents.compactMap {
      if case .leaseRefused(let lease) = $0 { lease } else { nil }
    }
    #expect(refused == clashing)
    #expect(run.rig.violation() == nil)
  }

  @Test("Forgetting drops the lease")
  func forget() throws {
    let device = ScriptedDevice(.i2c(0x31))
    let run = try OneBus(device)
    run.world.run(ms: 2000)
    let lease = try #require(leases(of: run.rig).first)
    _ = run.rig.ownerEvents
    device.isPresent = false
    try run.rig.forget(9)
    let events = run.rig.ownerEvents
    #expect(events.contains(.leaseDropped(lease)))
    #expect(leases(of: run.rig) == [])
  }
}
