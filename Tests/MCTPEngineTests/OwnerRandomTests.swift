import MCTPEngine
import MCTPWire
import TestSupport
import Testing

/// A bus owner among devices that answer anything, leave, restart and come back, on a bus that
/// loses packets, under people who command at random.
private final class OwnerRandomRun {
  let world = OwnerWorld()
  let rig: Rig
  var random: SplitMix64
  var devices: [ScriptedDevice] = []
  /// The chance, out of 100, that a device answers a request with random bytes.
  var madness = 0
  var loss = 0

  init(seed: UInt64) throws {
    random = SplitMix64(seed: seed)
    for address in 0x31...0x3A as ClosedRange<UInt8> {
      let device = ScriptedDevice(.i2c(address))
      if random.below(3) > 0 { device.uuid = EndpointUUID(high: 1, low: UInt64(address)) }
      if random.below(3) == 0 {
        device.typeByte = 0x10
        device.poolWanted = UInt8(random.below(12))
        device.table = random.below(2) == 0 ? [] : nil
      }
      if random.below(4) == 0 { device.eid = UInt8(8 + random.below(40)) }
      devices.append(device)
    }
    let listed = devices.map { device in
      ListedDevice(
        address: device.address,
        fixedEID: device.address == .i2c(0x31) ? EID(40) : nil)
    }
    rig = try Rig(
      EngineConfiguration(
        ports: [.owned(0, eid: 8, DiscoveryPolicy(listed: listed, healthCheckIntervalMs: 4000))],
        busOwner: .ranges(9, 44)), isUp: false)
    let bus = world.addBus(.router(rig, port: 0, address: .i2c(0x30)))
    for device in devices {
      world.add(.device(device), to: bus)
      device.override = { [unowned self] _, _ in
        guard random.below(100) < madness else { return nil }
        return random.below(4) == 0 ? [] : [UInt8(random.below(3))] + random.bytes(random.below(20))
      }
    }
    world.loses = { [unowned self] _ in random.below(100) < loss }
    rig.setUp(0, true)
  }

  func step() {
    let device = devices[random.below(devices.count)]
    switch random.below(20) {
    case 0: device.isPresent.toggle()
    case 1: device.restart()
    case 2:
      rig.setUp(0, false)
      world.run(ms: UInt32(random.below(2000)))
      rig.setUp(0, true)
    case 3: try? rig.forget(UInt8(random.below(60)))
    case 4: try? rig.recover(UInt8(random.below(60)))
    case 5: try? rig.assign(UInt8(random.below(60)), at: device.address)
    case 6: try? rig.allocate(UInt8(random.below(20)), to: UInt8(random.below(60)))
    case 7: try? rig.discover()
    case 8: _ = rig.receive(hex("01 00 00 C8 00 80 0D"), on: 0, from: device.address)
    case 9: _ = rig.receive(random.bytes(random.below(30)), on: 0, from: device.address)
    case 10:
      let body = [0x00, UInt8(random.below(32)), UInt8(random.below(0x14))]
      let flags = 0xC0 | UInt8(random.below(8))
      _ = rig.receive(
        [0x01, 8, UInt8(random.below(60)), flags] + body + random.bytes(random.below(30)), on: 0,
        from: device.address)
    case 11: device.eid = UInt8(8 + random.below(40))
    case 12: device.uuid = EndpointUUID(high: 1, low: UInt64(0x31 + random.below(12)))
    default: break
    }
    world.run(ms: UInt32(random.below(3000)))
  }

  /// What is wrong now; nil when nothing is.
  func fault() -> String? {
    if let violation = rig.violation() { return "\(violation)" }
    var owners: [UInt8: PhysicalAddress] = [:]
    for endpoint in rig.endpoints() where endpoint.eid != .null {
      guard endpoint.isDirect else { continue }
      if let other = owners[endpoint.eid.rawValue] {
        return "\(endpoint.eid) is of \(other) and \(endpoint.address)"
      }
      owners[endpoint.eid.rawValue] = endpoint.address
      switch rig.state(of: endpoint.eid.rawValue) {
      case .leased, .reserved: break
      case let state:
        return "\(endpoint.eid) of \(endpoint.address) is \(String(describing: state))"
      }
      if endpoint.state == .up, rig.entry(for: endpoint.eid.rawValue)?.address != endpoint.address {
        return "\(endpoint.eid) is up and not routed"
      }
    }
    // Nothing is taken for nobody.
    for eid in 9...44 as ClosedRange<UInt8> {
      let holder: UInt8
      switch rig.state(of: eid) {
      case .leased: holder = eid
      case .poolOf(let bridge): holder = bridge.rawValue
      default: continue
      }
      if owners[holder] == nil { return "\(eid) is held by \(holder), which nobody has" }
    }
    return nil
  }

  /// EIDs that are free, resting or fixed.
  var freeCount: Int {
    (9...44 as ClosedRange<UInt8>).filter { rig.state(of: $0)?.isHeld == false }.count
  }
}

@Suite("A bus owner among random devices")
struct OwnerRandomTests {
  @Test("Books and routes fit whatever happens, and all is well when it is over", arguments: 1...8)
  func random(seed: UInt64) throws {
    let run = try OwnerRandomRun(seed: seed)
    run.madness = [0, 5, 30][Int(seed) % 3]
    run.loss = [0, 10][Int(seed) % 2]
    for step in 0..<200 {
      run.step()
      _ = run.rig.ownerEvents
      if let fault = run.fault() {
        Issue.record("step \(step): \(fault)")
        return
      }
    }
    run.madness = 0
    run.loss = 0
    for (index, device) in run.devices.enumerated() {
      device.isPresent = true
      device.uuid = EndpointUUID(high: 7, low: UInt64(index + 1))
    }
    run.world.run(ms: 120_000)
    for device in run.devices {
      let known = run.rig.endpoint(at: device.address)
      // Bridges may have taken all that there was.
      if known?.reason == .noFreeEID, run.freeCount <= 1 { continue }
      #expect(known?.state == .up, "\(device.address): \(String(describing: known?.reason))")
      #expect(known?.eid.rawValue == device.eid, "\(device.address)")
    }
    let eids = run.devices.map(\.eid).filter { $0 != 0 }
    #expect(Set(eids).count == eids.count)
    #expect(run.fault() == nil)
    #expect(run.world.staleDeadlines == 0)
  }
}
