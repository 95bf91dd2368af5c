import MCTPEngine
import MCTPWire
import TestSupport
import Testing

/// A bridge whose EIDs come from an owner above: port 0 is that owner's bus, which the tests play,
/// and port 1 an owned one with devices on it.
private struct Fed {
  let world = OwnerWorld()
  let rig: Rig
  let bus: Int

  init(
    _ devices: ScriptedDevice..., fixed: EID? = nil, secondUpstream: Bool = false,
    policy: EIDPolicy = .single
  ) throws {
    let listed = devices.map {
      ListedDevice(address: $0.address, fixedEID: fixed, poolSizeExpected: 9)
    }
    var ports: [PortConfiguration] = [
      .test(0, role: .endpoint, address: .i2c(0x33)), .owned(1, DiscoveryPolicy(listed: listed)),
    ]
    if secondUpstream { ports.append(.test(2, role: .endpoint, address: .i2c(0x33))) }
    rig = try Rig(
      EngineConfiguration(eidPolicy: policy, ports: ports, busOwner: BusOwnerConfiguration()))
    bus = world.addBus()
    world.add(.router(rig, port: 1, address: .i2c(0x30)), to: bus)
    for device in devices { world.add(.device(device), to: bus) }
  }

  /// A request of the owner above: the data of the answer, completion code first.
  func ask(_ request: String, on port: UInt8 = 0) -> [UInt8]? {
    _ = rig.drain(port)
    guard rig.receive(hex(request), on: port, from: .i2c(0x30)) == .answered else { return nil }
    return rig.drain(port).first.map { Array($0.bytes[7...]) }
  }

  /// Our EID is 14, and we have 15 to 24 to give (commands 0x01 and 0x08).
  func feed() {
    #expect(ask("01 00 0B CA 00 82 01 00 0E")?.first == 0)
    #expect(ask("01 0E 0B CC 00 84 08 00 0A 0F")?.prefix(2) == [0x00, 0x00])
  }

  /// The owner above gives us another EID.
  func assign(_ eid: UInt8) {
    #expect(ask("01 00 0B CA 00 82 01 00 " + hexText([eid]))?.prefix(3) == [0, 2, eid])
  }

  func endpoint(_ device: ScriptedDevice) -> KnownEndpoint? {
    rig.endpoint(at: device.address, on: 1)
  }
}

@Suite("Our EID from above, and who below has it", .spec("DSP0236 1.3.3 §9"))
struct OwnerOwnEIDTests {
  @Test("A device that has it gets another; it is ours at once and stays ours")
  func device() throws {
    let device = ScriptedDevice(.i2c(0x3A), uuid: 1)
    let fed = try Fed(device)
    fed.feed()
    fed.world.run(ms: 2000)
    #expect(device.eid == 15)
    fed.assign(15)
    #expect(fed.rig.state(of: 15) == .own)
    fed.world.run(ms: 60_000)
    #expect(fed.rig.state(of: 15) == .own)
    #expect(fed.endpoint(device)?.state == .up)
    #expect(device.eid == 16)
    #expect(fed.rig.entry(for: 16)?.address == device.address)
    #expect(fed.rig.violation() == nil)
  }

  @Test("A bridge that has it in its pool gets another EID and pool")
  func pool() throws {
    let bridge = scriptedBridge(.i2c(0x3A), wants: 2)
    let fed = try Fed(bridge)
    fed.feed()
    fed.world.run(ms: 2000)
    #expect(bridge.eid == 15 && bridge.pool?.first == 16)
    fed.assign(17)
    #expect(fed.rig.state(of: 17) == .own)
    fed.world.run(ms: 60_000)
    #expect(fed.rig.state(of: 17) == .own)
    #expect(fed.endpoint(bridge)?.state == .up)
    let pool = try #require(bridge.pool)
    #expect(pool.count == 2 && !(pool.first...(pool.first + 1)).contains(17))
    #expect(fed.endpoint(bridge)?.pool.first == EID(pool.first))
    #expect(fed.rig.violation() == nil)
  }

  @Test("A device that is just being given it is given another, whether it took it or not")
  func reserved() throws {
    for takes in [true, false] {
      let device = ScriptedDevice(.i2c(0x3A))
      device.override = { [unowned device] command, data in
        guard command == 0x01 else { return nil }
        if takes { device.eid = data[1] }
        return []
      }
      let fed = try Fed(device)
      fed.feed()
      fed.world.run(ms: 300)
      #expect(fed.rig.state(of: 15) == .reserved(device: EID(15)))
      fed.assign(15)
      #expect(fed.rig.state(of: 15) == .own)
      device.override = { _, _ in nil }
      fed.world.run(ms: 60_000)
      #expect(fed.rig.state(of: 15) == .own)
      #expect(fed.endpoint(device)?.state == .up)
      #expect(device.eid == 16)
      #expect(fed.rig.violation() == nil)
    }
  }

  @Test("An EID that the topology fixed for a device is ours when the owner above says so")
  func fixed() throws {
    let device = ScriptedDevice(.i2c(0x3A))
    let fed = try Fed(device, fixed: EID(30))
    fed.feed()
    fed.world.run(ms: 2000)
    #expect(device.eid == 30)
    fed.assign(30)
    fed.world.run(ms: 60_000)
    #expect(fed.rig.state(of: 30) == .own)
    #expect(fed.endpoint(device)?.state == .up)
    #expect(device.eid == 15)
    #expect(fed.rig.violation() == nil)
  }

  @Test("Each of two owners above gives us one: both are ours, what one took back is not")
  func twoOwners() throws {
    let fed = try Fed(ScriptedDevice(.i2c(0x3A)), secondUpstream: true, policy: .perPort)
    fed.feed()
    #expect(fed.ask("01 00 0C CA 00 82 01 00 40", on: 2)?.first == 0)
    #expect(fed.rig.state(of: 14) == .own && fed.rig.state(of: 0x40) == .own)
    #expect(fed.ask("01 00 0C CA 00 82 01 00 41", on: 2)?.first == 0)
    #expect(fed.rig.state(of: 14) == .own && fed.rig.state(of: 0x41) == .own)
    #expect(fed.rig.state(of: 0x40)?.isHeld == false)
    // Neither can be in a pool: 13 to 15, and 40 to 42.
    for pool in ["0D", "40"] {
      #expect(fed.ask("01 0E 0B CC 00 84 08 01 03 " + pool) == [0x02])
    }
  }
}

@Suite("Under an owner above, EIDs that are not ours to give", .spec("DSP0236 1.3.3 §9"))
struct OwnerForeignEIDTests {
  @Test("A device that answers with an EID outside of our pool is kept out until it takes ours")
  func liar() throws {
    let device = ScriptedDevice(.i2c(0x3A), uuid: 1)
    device.override = { [unowned device] command, data in
      guard command == 0x01 else { return nil }
      device.eid = data[1] + 26
      return [0x00, 0x00, device.eid, 0x00]
    }
    let fed = try Fed(device)
    fed.feed()
    for _ in 0..<30 {
      fed.world.run(ms: 1000)
      #expect(fed.endpoint(device)?.state != .up)
      #expect(fed.rig.entry(for: device.eid) == nil)
    }
    #expect(fed.endpoint(device)?.eid == .null)
    #expect(fed.endpoint(device)?.quirks.contains(.answersOtherEID) == true)
    // It behaves from now on.
    device.override = { _, _ in nil }
    fed.world.clearLog()
    fed.world.run(ms: 20_000)
    #expect(fed.endpoint(device)?.state == .up)
    #expect((15...24).contains(device.eid))
    for set in fed.world.requests(0x01, on: fed.bus, to: device.address) {
      #expect((15...24).contains(set[8]))
    }
  }

  @Test("A device with an EID of its own that takes no other is kept out")
  func refuses() throws {
    for answer in [[0x05], [0x00, 0x10, 0x60, 0x00]] as [[UInt8]] {
      let device = ScriptedDevice(.i2c(0x3A))
      device.eid = 0x60
      device.typeByte = 0x02
      device.override = { command, _ in command == 0x01 ? answer : nil }
      let fed = try Fed(device)
      fed.feed()
      for _ in 0..<30 {
        fed.world.run(ms: 1000)
        #expect(fed.endpoint(device)?.state != .up)
        #expect(fed.rig.entry(for: 0x60) == nil)
      }
      #expect(fed.endpoint(device)?.quirks.contains(.refusesSet) == true)
      #expect(fed.rig.state(of: 0x60) == .foreign)
      device.override = { _, _ in nil }
      fed.world.run(ms: 20_000)
      #expect(fed.endpoint(device)?.state == .up)
      #expect((15...24).contains(device.eid))
    }
  }

  @Test(
    "A static EID outside of our pool is an initial value: it stays only if the topology has it",
    .spec("DSP0236 1.3.3 §12, command 0x01"))
  func statics() throws {
    for isFixed in [false, true] {
      let device = ScriptedDevice(.i2c(0x3A))
      device.eid = 0x60
      device.typeByte = 0x02
      let fed = try Fed(device, fixed: isFixed ? EID(0x60) : nil)
      fed.feed()
      fed.world.run(ms: 2000)
      #expect(fed.endpoint(device)?.state == .up)
      #expect(device.eid == (isFixed ? 0x60 : 15))
      #expect(fed.rig.violation() == nil)
    }
  }

  @Test("A device with a static EID is moved along when the pool from above is another one")
  func movesAlong() throws {
    let device = ScriptedDevice(.i2c(0x3A))
    device.eid = 20
    device.typeByte = 0x02
    let fed = try Fed(device)
    fed.feed()
    fed.world.run(ms: 2000)
    #expect(device.eid == 20)
    #expect(fed.ask("01 0E 0B CC 00 84 08 01 0A 32")?.prefix(2) == [0x00, 0x00])
    fed.world.run(ms: 20_000)
    #expect(device.eid == 0x32)
    #expect(fed.endpoint(device)?.state == .up)
  }

  @Test("An EID that a static route leads to is kept for it again when it is not ours any more")
  func staticRoute() throws {
    let fed = try Fed(ScriptedDevice(.i2c(0x3A)))
    fed.feed()
    #expect(fed.rig.error(adding: .test(20, port: 1, at: .i2c(0x44))) == nil)
    #expect(fed.rig.state(of: 20) == .leased)
    fed.assign(20)
    #expect(fed.rig.state(of: 20) == .own)
    fed.assign(14)
    fed.world.run(ms: 10_000)
    #expect(fed.rig.state(of: 20) == .leased)
    #expect(fed.rig.violation() == nil)
  }
}
