import MCTPSimulation
import MCTPWire
import MCTPWorld
import Testing

@Suite("Roll calls once the faults are over") struct RollCallTests {
  private static func plan(_ name: String) throws -> Plan {
    let path = Fixture.folder + "/" + name + ".sim"
    let scenario = try Scenario.read(try Fixture.text(path), fileName: path) {
      try Fixture.text($0)
    }
    var plan = scenario.scriptedPlan(seed: 1).plan
    plan.traffic = Traffic()
    return plan
  }

  @Test(
    "Every device is asked by another one, behind a mux too",
    arguments: ["one-bus", "demo", "tree", "mux", "i3c", "three-levels"])
  func asksEverybody(_ name: String) throws {
    let plan = try Self.plan(name)
    let watch = AskedDevices()
    let world = World(plan, observers: [InvariantChecker(board: plan.board), watch])
    #expect(world.run() == nil)
    let present = plan.board.devices.indices.filter { plan.board.devices[$0].isPresent }
    #expect(watch.count.keys.sorted() == present)
  }

  @Test("It goes round until the clean time is over")
  func lastsAsLongAsTheCleanTime() throws {
    var plan = try Self.plan("demo")
    let (short, long) = (AskedDevices(), AskedDevices())
    plan.cleanMs = 1000
    #expect(World(plan, observers: [short]).run() == nil)
    plan.cleanMs = 30_000
    #expect(World(plan, observers: [long]).run() == nil)
    let (before, after) = (short.count[0] ?? 0, long.count[0] ?? 0)
    #expect(before >= 2 && after >= 3 * before)
  }

  @Test("A device that no longer answers in the clean time is a violation")
  func noticesSilence() throws {
    var plan = try Self.plan("demo")
    plan.cleanMs = 10_000
    var silent = Temperament.good
    silent.answers = .never
    // The rehearsal passes 8 s after the faults.
    let late = plan.quietFrom.advanced(byMs: 12_000)
    plan.events = [TimedEvent(at: late, .temperament(device: 0, silent))]
    #expect(Run.execute(plan).violation?.invariant == "recovery")
  }
}

/// How many requests of the devices' own type reached each device.
private final class AskedDevices: WorldObserver {
  var count: [Int: Int] = [:]

  func deviceReceived(_ packet: Span<UInt8>, device: Int, from address: PhysicalAddress) {
    guard let header = PacketHeader(packet), header.som, header.messageTag.tagOwner,
      packet.count > 4, packet[4] == MessageTypeByte(.vendorPCI).rawValue
    else { return }
    count[device, default: 0] += 1
  }
}
