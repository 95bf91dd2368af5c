import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("When the bus owner wakes up and when it gives up", .spec("DSP0236 1.3.3 §9"))
struct OwnerTimeTests {
  @Test("Three unanswered checks, with all their repetitions, and an endpoint is down")
  func attempts() throws {
    let device = ScriptedDevice(.i2c(0x31), uuid: 1)
    let run = try OneBus(device)
    run.world.run(ms: 1000)
    device.isPresent = false
    run.world.clearLog()
    var turns = 0
    while run.endpoint(device)?.state != .down, turns < 3000 {
      run.world.run(ms: 10)
      turns += 1
    }
    // A repetition has the instance ID of its request.
    let checks = run.world.requests(0x02, on: run.bus, to: device.address)
    #expect(Set(checks.map { $0[5] }).count == 3)
  }

  @Test("What a device on a later port makes due on an earlier one is done at once")
  func laterPort() throws {
    let first = ScriptedDevice(.i2c(0x31), uuid: 1)
    let second = ScriptedDevice(.i2c(0x32))
    // It says that it has the first one's EID: that one is to be asked whether it is still there,
    // when the second one has not answered what its UUID is, and so without a packet.
    second.eid = 9
    second.isPresent = false
    second.override = { command, _ in command == 0x03 ? [] : nil }
    let world = OwnerWorld()
    let ports = [first, second].enumerated().map { index, device in
      PortConfiguration.owned(
        UInt8(index), eid: 8, DiscoveryPolicy(listed: [ListedDevice(address: device.address)]))
    }
    let rig = try Rig(
      EngineConfiguration(ports: ports, busOwner: .ranges(9, 40)), isUp: false)
    let bus = world.addBus(.router(rig, port: 0, address: .i2c(0x30)), .device(first))
    _ = world.addBus(.router(rig, port: 1, address: .i2c(0x30)), .device(second))
    for port in 0...1 as ClosedRange<UInt8> { rig.setUp(port, true) }
    world.run(ms: 2000)
    #expect(first.eid == 9)
    second.isPresent = true
    world.clearLog()
    world.run(ms: 7000)
    #expect(second.eid == 10)
    #expect(world.requests(0x02, on: bus, to: first.address).count >= 1)
    #expect(world.staleDeadlines == 0)
  }

  @Test("The end of an EID's rest is a deadline")
  func restEnds() throws {
    let device = ScriptedDevice(.i2c(0x31), uuid: 1)
    let run = try OneBus(device)
    run.world.run(ms: 1000)
    device.isPresent = false
    run.rig.deviceDisappeared(device.address)
    try run.rig.forget(9)
    guard case .quarantined(let until)? = run.rig.state(of: 9) else {
      Issue.record("it does not rest")
      return
    }
    var last = Instant.zero
    while last < until, let next = run.rig.nextDeadline, next <= until {
      last = max(next, last.advanced(byNanoseconds: 1))
      run.rig.advance(to: last)
    }
    #expect(last == until)
    #expect(run.rig.state(of: 9) == .free(.usedBefore))
  }
}
