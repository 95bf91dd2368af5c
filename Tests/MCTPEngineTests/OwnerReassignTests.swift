import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("EIDs that are given once more, or taken back", .spec("DSP0236 1.3.3 §9"))
struct OwnerReassignTests {
  /// Runs in small steps; what is up or suspect has its EID and its route at every one.
  private func runRouted(_ run: OneBus, _ device: ScriptedDevice, ms: Int) -> Set<EndpointState> {
    var states: Set<EndpointState> = []
    for _ in 0..<(ms / 10) {
      run.world.run(ms: 10)
      guard let known = run.endpoint(device) else { continue }
      states.insert(known.state)
      guard known.state == .up || known.state == .suspect else { continue }
      #expect(run.rig.entry(for: known.eid.rawValue)?.address == device.address)
      #expect(known.eid != .null)
    }
    return states
  }

  @Test("Who does not answer when it is given its own EID again is routed until it is down")
  func sameEID() throws {
    let device = ScriptedDevice(.i2c(0x31), uuid: 1)
    let run = try OneBus(device)
    run.world.run(ms: 1000)
    device.isPresent = false
    try run.rig.assign(9, at: device.address)
    #expect(runRouted(run, device, ms: 1500).isSubset(of: [.up, .suspect]))
    #expect(runRouted(run, device, ms: 30_000).contains(.down))
    device.isPresent = true
    #expect(runRouted(run, device, ms: 10_000).contains(.up))
    #expect(device.eid == 9)
  }

  @Test("Who does not answer when it is given another EID is not up, and gets it when it is back")
  func otherEID() throws {
    let device = ScriptedDevice(.i2c(0x31), uuid: 1)
    let run = try OneBus(device)
    run.world.run(ms: 1000)
    device.isPresent = false
    try run.rig.assign(20, at: device.address)
    #expect(run.endpoint(device)?.state == .probing)
    #expect(runRouted(run, device, ms: 3000) == [.probing, .down])
    device.isPresent = true
    #expect(runRouted(run, device, ms: 10_000).contains(.up))
    #expect(device.eid == 20)
    #expect(run.rig.violation() == nil)
  }

  @Test("The answer to an assignment that was given up is not that to the next one")
  func lateAnswer() throws {
    let bridge = scriptedBridge(.i2c(0x33), wants: 3)
    let run = try OneBus(bridge)
    bridge.override = { command, _ in command == 0x01 ? [] : nil }
    run.world.run(ms: 100)
    let set = try #require(run.world.requests(0x01, on: run.bus, to: bridge.address).last)
    // It leaves, and somebody gives it the same EID before the bus owner's request has ended.
    run.rig.deviceDisappeared(bridge.address)
    try run.rig.assign(9, at: bridge.address)
    let answer = [0x01, 0x08, 0x09, 0xC0 | set[3] & 0x07, 0x00, set[5] & 0x1F, 0x01, 0x00]
    let late = run.rig.receive(answer + [0x01, 0x09, 0x03], on: 0, from: bridge.address)
    // The requester knows it as late: it goes no further.
    #expect(late == .answered)
    #expect(run.rig.violation() == nil)
    #expect(run.endpoint(bridge)?.state != .up)
    bridge.override = { _, _ in nil }
    run.world.run(ms: 20_000)
    #expect(run.endpoint(bridge)?.state == .up)
    #expect(bridge.eid == 9 && bridge.pool?.first == 10 && bridge.pool?.count == 3)
    #expect(run.rig.violation() == nil)
  }

  @Test("A static route that comes and goes while its device is asked leaves no EID behind")
  func staticMeanwhile() throws {
    let device = ScriptedDevice(.i2c(0x31))
    let run = try OneBus(device)
    device.override = { [unowned rig = run.rig] command, _ in
      guard command == 0x01 else { return nil }
      #expect(rig.error(adding: .test(30, port: 0, at: .i2c(0x31))) == nil)
      #expect(rig.remove(from: 0) { $0.firstEID == EID(30) } == 1)
      return nil
    }
    run.world.run(ms: 2000)
    #expect(run.world.requests(0x01, on: run.bus, to: device.address).count >= 1)
    #expect(run.endpoint(device)?.state == .up)
    #expect(device.eid == 9)
    #expect(run.rig.state(of: 30) != .leased)
    #expect(run.rig.violation() == nil)
  }

  @Test("A device is routed on when the static route to it is removed")
  func staticRemoved() throws {
    let device = ScriptedDevice(.i2c(0x31))
    let bridge = scriptedBridge(.i2c(0x33), wants: 3)
    let run = try OneBus(device, bridge)
    #expect(run.rig.error(adding: .test(30, port: 0, at: device.address)) == nil)
    run.world.run(ms: 3000)
    #expect(device.eid == 30)
    #expect(run.rig.entry(for: 30)?.isStatic == true)
    #expect(run.rig.remove(from: 0) { $0.firstEID == EID(30) } == 1)
    #expect(run.rig.entry(for: 30)?.address == device.address)
    #expect(run.rig.entry(for: 30)?.isStatic == false)
    // And dynamic ones, whoever takes them out.
    #expect(run.rig.remove(from: 0) { _ in true } == 2)
    #expect(run.rig.entry(for: 30)?.address == device.address)
    #expect(run.rig.entry(for: bridge.eid + 3)?.address == bridge.address)
    // Bridges hear of it in time, and not before: the deadline is kept.
    let due = try #require(run.rig.nextDeadline)
    #expect(due >= run.rig.now && due <= run.rig.now.advanced(byMs: 1000))
    run.world.run(ms: 20_000)
    #expect(run.endpoint(device)?.state == .up && run.endpoint(bridge)?.state == .up)
    #expect(run.world.staleDeadlines == 0)
  }

  @Test("A device that asks while it is being given an EID gets that one")
  func askedMeanwhile() throws {
    // Where identity is not asked, Set Endpoint ID is the first question.
    for isCommand in [false, true] {
      let device = ScriptedDevice(.i2c(0x31))
      let run = try OneBus(
        device, policy: DiscoveryPolicy(questions: [.messageTypes], parallelismMax: 1))
      device.override = { command, data in command == 0x01 ? [] : nil }
      run.world.run(ms: 100)
      #expect(run.rig.state(of: 9) == .reserved(device: EID(9)))
      if isCommand {
        try run.rig.discover()
      } else {
        _ = run.rig.receive(hex("01 00 00 C8 00 80 0D"), on: 0, from: device.address)
      }
      device.override = { _, _ in nil }
      for _ in 0..<200 {
        run.world.run(ms: 100)
        #expect(run.rig.violation() == nil)
      }
      #expect(device.eid == 9)
      #expect(run.endpoint(device)?.state == .up)
      #expect(run.rig.state(of: 10) == .free(.neverUsed))
    }
  }

  @Test("An EID that a bridge took rests when it is taken back before the bridge had its pool")
  func rests() throws {
    let bridge = scriptedBridge(.i2c(0x33), wants: 2)
    // Says that it holds a pool, and not which.
    bridge.pool = (first: 30, count: 2)
    bridge.override = { command, _ in command == 0x08 ? [] : nil }
    let run = try OneBus(bridge)
    run.world.run(ms: 300)
    #expect(bridge.eid == 9)
    #expect(run.rig.state(of: 9) == .reserved(device: EID(9)))
    try run.rig.forget(9)
    let until = run.rig.now.advanced(byMs: 5000)
    #expect(run.rig.state(of: 9) == .quarantined(until: until))
    // Nobody was told of the pool that was kept for it.
    #expect(run.rig.state(of: 10) == .free(.neverUsed))
    #expect(run.rig.violation() == nil)
  }

  @Test("A port that goes down while an EID is being given leaves no route to it")
  func portDownMeanwhile() throws {
    let device = ScriptedDevice(.i2c(0x31), uuid: 1)
    let run = try OneBus(device)
    device.override = { command, _ in command == 0x01 ? [] : nil }
    run.world.run(ms: 100)
    let set = try #require(run.world.requests(0x01, on: run.bus, to: device.address).last)
    let eid = try #require(set.last)
    run.rig.setUp(0, false)
    #expect(run.rig.entry(for: eid) == nil)
    #expect(run.rig.violation() == nil)
  }

  @Test("Who was kept out and then takes an EID has it: nobody else is given it meanwhile")
  func keptOutBefore() throws {
    // Allocate: it waits for its pool. Get Message Type Support: it is asked about itself.
    for question in [0x08, 0x05] as [UInt8] {
      let bridge = scriptedBridge(.i2c(0x33), wants: 3)
      let other = ScriptedDevice(.i2c(0x31), uuid: 1)
      let run = try OneBus(bridge, other)
      bridge.override = { command, _ in command == 0x01 ? [0x00, 0x10, 0x00, 0x00] : nil }
      run.world.run(ms: 2000)
      #expect(run.endpoint(bridge)?.state == .quarantined)
      // It may take none by force, and is silent when it is asked further.
      bridge.override = { command, _ in command == question ? [] : nil }
      try run.rig.assign(20, at: bridge.address)
      run.world.run(ms: 100)
      #expect(bridge.eid == 20)
      #expect(throws: OwnerCommandError.self) { try run.rig.assign(20, at: other.address) }
      bridge.override = { _, _ in nil }
      run.world.run(ms: 20_000)
      #expect(run.endpoint(bridge)?.state == .up)
      #expect(bridge.eid == 20 && bridge.pool?.first == 21)
      #expect(run.rig.violation() == nil)
    }
  }

  @Test("A static route to who is being given another EID leaves that one to nobody")
  func staticToAnother() throws {
    let device = ScriptedDevice(.i2c(0x31))
    let run = try OneBus(device)
    run.world.run(ms: 1000)
    try run.rig.forget(9)
    device.override = { command, _ in command == 0x01 ? [] : nil }
    try run.rig.assign(23, at: device.address)
    run.world.run(ms: 50)
    #expect(run.rig.state(of: 23) == .reserved(device: EID(23)))
    #expect(run.rig.error(adding: .test(30, port: 0, at: device.address)) == nil)
    #expect(run.rig.violation() == nil)
    // It takes neither: the one is nobody's, the other is kept for the route.
    device.override = { command, _ in command == 0x01 ? [0x00, 0x10, 0x00, 0x00] : nil }
    run.world.run(ms: 30_000)
    #expect(run.rig.violation() == nil)
    #expect(run.rig.state(of: 23) == .free(.neverUsed))
    #expect(run.rig.state(of: 30) == .leased)
    device.override = { _, _ in nil }
    run.world.run(ms: 30_000)
    #expect(run.endpoint(device)?.state == .up)
    #expect(device.eid == 30)
    #expect(run.rig.violation() == nil)
  }
}
