import MCTPEngine
import MCTPWire
import TestSupport
import Testing

/// A bus owner with EID 8 on one I2C bus, and the devices on it.
struct OneBus {
  let world = OwnerWorld()
  let rig: Rig
  let bus: Int
  let devices: [ScriptedDevice]

  init(
    _ devices: ScriptedDevice..., policy: DiscoveryPolicy? = nil,
    owner: BusOwnerConfiguration = .ranges(9, 40), leases: [EIDLease] = []
  ) throws {
    self.devices = devices
    var chosen = policy ?? DiscoveryPolicy()
    if chosen.listed.isEmpty { chosen.listed = devices.map { ListedDevice(address: $0.address) } }
    rig = try Rig(
      EngineConfiguration(ports: [.owned(0, eid: 8, chosen)], busOwner: owner), isUp: false)
    for lease in leases { rig.engine.adopt(lease: lease, now: .zero) }
    bus = world.addBus(.router(rig, port: 0, address: .i2c(0x30)))
    for device in devices { world.add(.device(device), to: bus) }
    rig.setUp(0, true)
  }

  func endpoint(_ device: ScriptedDevice) -> KnownEndpoint? { rig.endpoint(at: device.address) }
}

@Suite("The bus owner sets up simple endpoints", .spec("DSP0236 1.3.3 §9"))
struct OwnerSetUpTests {
  @Test(
    "A device without an EID gets the lowest free one by its physical address",
    .spec("DSP0236 1.3.3 §12, command 0x01"))
  func assigns() throws {
    let device = ScriptedDevice(.i2c(0x31), uuid: 1)
    device.types = [0x00, 0x01]
    let run = try OneBus(device)
    run.world.run(ms: 1000)
    #expect(device.eid == 9)
    #expect(device.heard[0] == hex("00 80 02"))
    #expect(device.heard[1] == hex("00 81 01 00 09"))
    let known = try #require(run.endpoint(device))
    #expect(known.state == .up)
    #expect(known.eid == EID(9))
    #expect(known.kind == .simple)
    #expect(known.uuid == device.uuid)
    #expect(known.messageTypes == [.control, .pldm])
    #expect(known.versions == [VersionNumber(rawValue: 0xF1F3_F100)])
    #expect(run.rig.entry(for: 9)?.address == device.address)
    #expect(run.rig.entry(for: 9)?.isStatic == false)
    #expect(run.rig.state(of: 9) == .leased)
    #expect(run.rig.violation() == nil)
  }

  @Test("The route stands before Set Endpoint ID is sent, and the announcement comes last")
  func order() throws {
    let device = ScriptedDevice(.i2c(0x31), uuid: 1)
    let run = try OneBus(device)
    var routeAtSet: RoutingTableEntry?
    var eventsAtLastQuestion: [OwnerEvent] = []
    device.override = { [unowned rig = run.rig] command, _ in
      if command == 0x01 { routeAtSet = rig.entry(for: 9) }
      if command == 0x04 { eventsAtLastQuestion = rig.ownerEvents }
      return nil
    }
    run.world.run(ms: 1000)
    #expect(routeAtSet?.address == device.address)
    #expect(eventsAtLastQuestion == [])
    let number = try #require(run.endpoint(device)).number
    let lease = EIDLease(
      eid: EID(9), uuid: device.uuid, port: PortID(rawValue: 0), address: device.address,
      kind: .simple, messageTypes: [.control])
    let events = run.rig.ownerEvents
    #expect(
      events == [
        .leaseChanged(lease),
        .endpointUp(
          number, eid: EID(9), network: 1, port: PortID(rawValue: 0), address: device.address,
          via: nil),
      ])
  }

  @Test("A device keeps the EID that it has, and nobody else gets it meanwhile")
  func keeps() throws {
    let fresh = ScriptedDevice(.i2c(0x31))
    let old = ScriptedDevice(.i2c(0x32))
    old.eid = 9
    let run = try OneBus(fresh, old)
    run.world.run(ms: 2000)
    #expect(old.eid == 9)
    #expect(fresh.eid == 10)
    #expect(run.world.requests(0x01, on: run.bus, to: old.address) == [])
  }

  @Test("A dynamic EID outside of our ranges is replaced; a static one is honoured")
  func foreign() throws {
    let dynamic = ScriptedDevice(.i2c(0x31))
    dynamic.eid = 0x60
    let fixed = ScriptedDevice(.i2c(0x32))
    fixed.eid = 0x61
    fixed.typeByte = 0x02
    let run = try OneBus(dynamic, fixed)
    run.world.run(ms: 2000)
    #expect(dynamic.eid == 9)
    #expect(fixed.eid == 0x61)
    #expect(run.rig.entry(for: 0x61)?.address == fixed.address)
    #expect(run.endpoint(fixed)?.hasStaticEID == true)
  }

  @Test("Fixed EIDs go to their devices, by address and by UUID, and to nobody else")
  func fixed() throws {
    let byAddress = ScriptedDevice(.i2c(0x31))
    let byUUID = ScriptedDevice(.i2c(0x32), uuid: 7)
    let other = ScriptedDevice(.i2c(0x33), uuid: 8)
    // It sits on what is fixed for another.
    other.eid = 20
    var owner = BusOwnerConfiguration.ranges(9, 40)
    owner.fixedEIDs = [FixedEID(uuid: byUUID.uuid!, eid: EID(21))]
    let run = try OneBus(
      byAddress, byUUID, other,
      policy: DiscoveryPolicy(listed: [
        ListedDevice(address: byAddress.address, fixedEID: EID(20)),
        ListedDevice(address: byUUID.address), ListedDevice(address: other.address),
      ]), owner: owner)
    run.world.run(ms: 2000)
    #expect(byAddress.eid == 20)
    #expect(byUUID.eid == 21)
    #expect(other.eid == 9)
  }

  @Test(
    "A device that takes another EID than the one it was given is used as it is, and named",
    .spec("DSP0236 1.3.3 §12, command 0x01"))
  func otherEID() throws {
    let device = ScriptedDevice(.i2c(0x31))
    device.override = { [unowned device] command, _ in
      guard command == 0x01 else { return nil }
      device.eid = 0x1D
      return [0x00, 0x00, 0x1D, 0x00]
    }
    let run = try OneBus(device)
    run.world.run(ms: 2000)
    let known = try #require(run.endpoint(device))
    #expect(known.eid == EID(0x1D))
    #expect(known.state == .up)
    #expect(known.quirks.contains(.answersOtherEID))
    #expect(run.rig.entry(for: 0x1D)?.address == device.address)
    #expect(run.rig.entry(for: 9) == nil)
    #expect(run.rig.state(of: 9) == .free(.neverUsed))
  }

  @Test("If that EID belongs to another, the newcomer is not routed and says why")
  func otherEIDTaken() throws {
    let first = ScriptedDevice(.i2c(0x31))
    let second = ScriptedDevice(.i2c(0x32))
    second.override = { [unowned second] command, _ in
      guard command == 0x01 else { return nil }
      second.eid = 9
      return [0x00, 0x00, 0x09, 0x00]
    }
    let run = try OneBus(first, second, policy: DiscoveryPolicy(parallelismMax: 1))
    run.world.run(ms: 2000)
    #expect(first.eid == 9)
    let known = try #require(run.endpoint(second))
    #expect(known.state == .quarantined)
    #expect(known.reason == .eidClash)
    #expect(run.rig.entry(for: 9)?.address == first.address)
    let events = run.rig.ownerEvents
    #expect(
      events.contains(
        .duplicateEID(
          EID(9), network: 1, port: PortID(rawValue: 0), address: first.address,
          otherPort: PortID(rawValue: 0), otherAddress: second.address)))
  }

  @Test("A device that refuses Set Endpoint ID keeps what it has")
  func refuses() throws {
    let device = ScriptedDevice(.i2c(0x31))
    device.eid = 0x60
    device.override = { command, _ in command == 0x01 ? [0x00, 0x10, 0x60, 0x00] : nil }
    let run = try OneBus(device)
    run.world.run(ms: 2000)
    let known = try #require(run.endpoint(device))
    #expect(known.eid == EID(0x60))
    #expect(known.state == .up)
    #expect(known.quirks.contains(.refusesSet))
  }

  @Test("Without an EID of its own, a device that refuses one is set aside")
  func refusesWithout() throws {
    let device = ScriptedDevice(.i2c(0x31))
    device.override = { command, _ in command == 0x01 ? [0x05] : nil }
    let run = try OneBus(device)
    run.world.run(ms: 2000)
    #expect(run.endpoint(device)?.state == .quarantined)
    #expect(run.endpoint(device)?.reason == .eidRefused)
    #expect(run.rig.entries().isEmpty)
    #expect(run.rig.state(of: 9) == .free(.neverUsed))
  }

  @Test("Optional commands are optional: each may be refused, wrong or unanswered")
  func optional() throws {
    let refusing = ScriptedDevice(.i2c(0x31))
    refusing.override = { command, _ in (0x03...0x06).contains(command) ? [0x05] : nil }
    let silent = ScriptedDevice(.i2c(0x32))
    silent.override = { command, _ in (0x03...0x06).contains(command) ? [] : nil }
    let wrong = ScriptedDevice(.i2c(0x33))
    wrong.override = { command, _ in
      switch command {
      case 0x03: [0x00] + [UInt8](repeating: 0, count: 16)
      case 0x04: [0x00, 0x01, 0x00, 0xFF, 0xF3, 0xF1]
      case 0x05: [0x00, 0x03, 0x01]
      default: nil
      }
    }
    let run = try OneBus(refusing, silent, wrong)
    run.world.run(ms: 10_000)
    for device in run.devices { #expect(run.endpoint(device)?.state == .up) }
    #expect(
      run.endpoint(refusing)?.quirks == [.noUUID, .noMessageTypes, .noVersions])
    #expect(run.endpoint(silent)?.quirks == [])
    #expect(
      run.endpoint(wrong)?.quirks
        == [.nilUUID, .typesCountWrong, .noMessageTypes, .versionBytesSwapped])
    #expect(run.endpoint(wrong)?.uuid == nil)
    #expect(run.endpoint(wrong)?.versions == [VersionNumber(rawValue: 0xF1F3_FF00)])
  }

  @Test(
    "Vendor sets are asked one by one; a selector that jumps ends the list",
    .spec("DSP0236 1.3.3 §12, command 0x06"))
  func vendorSets() throws {
    let good = ScriptedDevice(.i2c(0x31))
    good.types = [0x00, 0x7E]
    good.override = { command, data in
      guard command == 0x06 else { return nil }
      // V16 of control.hex.
      return data == [0] ? hex("00 01 01 12 34 AB CD 56 78") : hex("00 FF 00 AB CD 56 78")
    }
    let jumping = ScriptedDevice(.i2c(0x32))
    jumping.types = [0x7E]
    jumping.override = { command, _ in command == 0x06 ? hex("00 00 00 AB CD 00 01") : nil }
    let run = try OneBus(good, jumping)
    run.world.run(ms: 3000)
    let sets = run.endpoint(good)?.vendorSets
    #expect(sets?.map(\.vendor) == [.iana(0x1234_ABCD), .pci(0xABCD)])
    #expect(sets?.map(\.version) == [0x5678, 0x5678])
    #expect(run.endpoint(jumping)?.vendorSets.count == 1)
    #expect(run.endpoint(jumping)?.quirks.contains(.vendorSelectorJumps) == true)
    #expect(run.endpoint(jumping)?.state == .up)
  }

  @Test("A lost answer is asked for again with the same bytes", .spec("DSP0236 1.3.3 §11"))
  func lostAnswer() throws {
    let device = ScriptedDevice(.i2c(0x31))
    let run = try OneBus(device)
    var lost = 0
    run.world.loses = { crossing in
      // The first two answers to Set Endpoint ID.
      guard crossing.from == .i2c(0x31), crossing.bytes[6] == 0x01, lost < 2 else { return false }
      lost += 1
      return true
    }
    run.world.run(ms: 3000)
    let sets = run.world.requests(0x01, on: run.bus, to: device.address)
    #expect(sets.count == 3)
    #expect(Set(sets).count == 1)
    #expect(run.endpoint(device)?.state == .up)
    #expect(device.eid == 9)
  }

  @Test("If all answers to Set Endpoint ID are lost, the device still ends with that EID")
  func lostForGood() throws {
    let device = ScriptedDevice(.i2c(0x31))
    let run = try OneBus(device)
    run.world.loses = { $0.from == .i2c(0x31) && $0.bytes[6] == 0x01 }
    run.world.run(ms: 2000)
    #expect(run.endpoint(device)?.state == .down)
    #expect(run.rig.entries().isEmpty)
    run.world.loses = { _ in false }
    run.world.run(ms: 10_000)
    #expect(run.endpoint(device)?.state == .up)
    #expect(run.endpoint(device)?.eid == EID(9))
    #expect(device.eid == 9)
  }

  @Test("An expected device that is not there is shown as unknown, and what is asked next and why")
  func absent() throws {
    let device = ScriptedDevice(.i2c(0x31))
    device.isPresent = false
    let run = try OneBus(device)
    run.world.run(ms: 2000)
    #expect(run.endpoint(device)?.state == .unknown)
    #expect(run.endpoint(device)?.reason == .noAnswer)
    let plan = try #require(run.rig.nextDiscovery(on: 0))
    #expect(plan.address == device.address)
    #expect(plan.reason == .noAnswer)
    #expect(plan.due > run.world.now)
    device.isPresent = true
    run.world.run(ms: 7000)
    #expect(run.endpoint(device)?.state == .up)
  }

  @Test("Scanned addresses are shown only once somebody answered")
  func scan() throws {
    let device = ScriptedDevice(.i2c(0x41))
    let world = OwnerWorld()
    let rig = try Rig(
      EngineConfiguration(
        ports: [
          .owned(0, eid: 8, DiscoveryPolicy(scanned: (0x40...0x4F).map { .i2c($0) }))
        ], busOwner: .ranges(9, 40)), isUp: false)
    _ = world.addBus(.router(rig, port: 0, address: .i2c(0x30)), .device(device))
    rig.setUp(0, true)
    world.run(ms: 15_000)
    #expect(rig.endpoints().map(\.address) == [device.address])
    #expect(rig.endpoints().first?.state == .up)
  }

  @Test("Reported devices are set up when they appear and are gone when they disappear")
  func reported() throws {
    let device = ScriptedDevice(.i3c(0x1234))
    let world = OwnerWorld()
    let rig = try Rig(
      EngineConfiguration(
        ports: [
          .owned(0, eid: 8, address: .i3c(1), DiscoveryPolicy(takesReportedDevices: true))
        ], busOwner: .ranges(9, 40)))
    _ = world.addBus(.router(rig, port: 0, address: .i3c(1)), .device(device))
    world.run(ms: 1000)
    #expect(rig.endpoints().isEmpty)
    rig.deviceAppeared(device.address)
    world.run(ms: 1000)
    #expect(rig.endpoint(9)?.state == .up)
    rig.deviceDisappeared(device.address)
    #expect(rig.endpoint(9)?.state == .down)
    #expect(rig.endpoint(9)?.reason == .disappeared)
    #expect(rig.entries().isEmpty)
    rig.deviceAppeared(device.address)
    world.run(ms: 1000)
    #expect(rig.endpoint(9)?.state == .up)
  }

  @Test("Discovery Notify is answered and makes its sender an endpoint")
  func notify() throws {
    let device = ScriptedDevice(.i2c(0x55))
    let run = try OneBus(
      device, policy: DiscoveryPolicy(listed: [ListedDevice(address: .i2c(0x56))]))
    run.world.run(ms: 1000)
    #expect(run.endpoint(device) == nil)
    // V35 of control.hex.
    _ = run.rig.receive(hex("01 00 00 C8 00 80 0D"), on: 0, from: device.address)
    let answer = run.rig.transmit(on: 0)
    #expect(answer?.bytes == hex("01 00 08 C0 00 00 0D 00"))
    run.world.run(ms: 1000)
    #expect(run.endpoint(device)?.state == .up)
    #expect(device.eid == 9)
  }

  @Test("The EIDs of static routes are given to nobody but the device that they lead to")
  func staticRoutes() throws {
    let first = ScriptedDevice(.i2c(0x31))
    let second = ScriptedDevice(.i2c(0x32))
    let run = try OneBus(first, second)
    #expect(run.rig.error(adding: .test(9, port: 0, at: second.address)) == nil)
    #expect(run.rig.error(adding: .test(10, 3, port: 0, at: .i2c(0x40))) == nil)
    run.world.run(ms: 2000)
    #expect(first.eid == 13)
    #expect(second.eid == 9)
    #expect(run.rig.entry(for: 9)?.isStatic == true)
    #expect(run.endpoint(second)?.state == .up)
    #expect(run.rig.remove(from: 0) { $0.firstEID == EID(10) } == 1)
    run.world.run(ms: 30_000)
    #expect(run.rig.state(of: 10) == .free(.usedBefore))
  }

  @Test("When no EID is left the device waits, and gets the one of a device that is gone")
  func exhausted() throws {
    let first = ScriptedDevice(.i2c(0x31))
    let second = ScriptedDevice(.i2c(0x32))
    second.isPresent = false
    let run = try OneBus(first, second, owner: .ranges(9, 9))
    run.world.run(ms: 3000)
    #expect(first.eid == 9)
    first.isPresent = false
    second.isPresent = true
    run.world.run(ms: 10_000)
    #expect(run.endpoint(second)?.reason == .noFreeEID)
    run.world.run(ms: 30_000)
    #expect(second.eid == 9)
    #expect(run.endpoint(second)?.state == .up)
    #expect(run.rig.violation() == nil)
  }
}
