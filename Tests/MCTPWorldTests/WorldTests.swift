import MCTPSimulation
import MCTPWire
import MCTPWorld
import TestSupport
import Testing

/// Whole boards: what must hold whatever the seed is. The many seeds are `tools/sim`'s.
@Suite struct WorldTests {
  private static func scenario(_ name: String) throws -> Scenario {
    let path = Fixture.folder + "/" + name + ".sim"
    return try Scenario.read(try Fixture.text(path), fileName: path) { try Fixture.text($0) }
  }

  private static let names = [
    "one-bus", "demo", "i3c", "tree", "mux", "bridge-on-i2c", "hot-plug", "misbehaviour",
  ]

  @Test(arguments: names) func the_same_seed_gives_the_same_run(_ name: String) throws {
    let plan = try Self.scenario(name).plan(seed: 5).plan
    let first = Run.execute(plan)
    let second = Run.execute(plan)
    #expect(first.hash == second.hash)
    #expect(first.totals == second.totals)
    var other = plan
    other.seed += 1
    #expect(Run.execute(other).hash != first.hash)
  }

  @Test(arguments: names)
  func a_board_without_faults_loses_nothing_and_violates_nothing(_ name: String) throws {
    let plan = try Self.scenario(name).scriptedPlan(seed: 1).plan
    let outcome = Run.execute(plan)
    #expect(outcome.violation == nil)
    #expect(outcome.totals.packetsOut > 100)
    if plan.events.isEmpty {
      #expect(outcome.totals.frameFaults.allSatisfy { $0.count == 0 })
    }
  }

  /// Routes are there from the start, so that nothing is lost while devices are looked for.
  @Test(arguments: ["one-bus", "demo"])
  func on_a_board_with_static_routes_every_request_is_answered(_ name: String) throws {
    let outcome = Run.execute(try Self.scenario(name).scriptedPlan(seed: 1).plan)
    #expect(outcome.totals.requestsSent > 50)
    #expect(outcome.totals.requestsUnanswered == 0)
  }

  @Test func what_no_time_is_given_for_is_not_recovered_and_told_so() throws {
    var plan = try Self.scenario("tree").scriptedPlan(seed: 8).plan
    plan.events = []
    plan.quietFrom = .zero
    plan.recoveryMs = 1
    let outcome = Run.execute(plan)
    #expect(outcome.violation?.invariant == "recovery")
    #expect(outcome.violation?.text.contains("has no EID") == true)
  }

  @Test func a_cut_wire_is_seen_in_what_is_unanswered() throws {
    var plan = try Self.scenario("demo").scriptedPlan(seed: 1).plan
    let wire = try #require(plan.board.wires.firstIndex { $0.name.contains("i2c") })
    plan.events = [TimedEvent(at: Instant(nanoseconds: 1_000_000_000), .cut(wire: wire))]
    let outcome = Run.execute(plan)
    #expect(outcome.violation == nil)
    #expect(outcome.totals.requestsUnanswered > 10)
  }

  @Test func every_fault_of_a_wire_is_counted_where_it_can_happen() throws {
    var plan = try Self.scenario("demo").scriptedPlan(seed: 2).plan
    var faults = FrameFaults()
    faults.lossPPM = 20_000
    faults.duplicatePPM = 20_000
    faults.damagePPM = 20_000
    faults.burstPPM = 5_000
    faults.delayMaxMicroseconds = 500
    faults.nakPPM = 20_000
    faults.arbitrationLossPPM = 20_000
    faults.holdPPM = 20_000
    faults.holdMicroseconds = 2_000
    faults.interruptLossPPM = 20_000
    faults.byteLossPPM = 20_000
    faults.noisePPM = 20_000
    plan.events = plan.board.wires.indices.map { TimedEvent(at: .zero, .faults(wire: $0, faults)) }
    plan.quietFrom = Instant(nanoseconds: 20_000_000_000)
    let outcome = Run.execute(plan)
    #expect(outcome.violation == nil)
    // Those two are the receivers': one that has no room, one that leaves.
    let others = ["overrun", "gone"]
    for (name, count) in outcome.totals.frameFaults where !others.contains(name) {
      #expect(count > 0, "\(name) never happened")
    }
  }

  /// The router's EIDs are kept by the leases of the life before.
  @Test func a_router_that_is_killed_and_started_gives_everybody_the_same_EID_again() throws {
    var plan = try Self.scenario("tree").scriptedPlan(seed: 1).plan
    plan.events = [
      TimedEvent(at: Instant(nanoseconds: 20_000_000_000), .kill(router: 0)),
      TimedEvent(
        at: Instant(nanoseconds: 20_500_000_000), .start(router: 0, keepsLeases: true)),
    ]
    plan.quietFrom = Instant(nanoseconds: 21_000_000_000)
    let watch = AssignedEIDs()
    let world = World(plan, observers: [InvariantChecker(board: plan.board), watch])
    #expect(world.run() == nil)
    #expect(watch.before.count >= 5)
    #expect(!watch.after.isEmpty)
    for (place, eid) in watch.after { #expect(watch.before[place] == eid, "\(place)") }
  }
}

/// Which EIDs the first router set where, before and after its kill. A bridge is asked again after
/// a restart, because the answer says what pool it holds.
private final class AssignedEIDs: WorldObserver {
  struct Place: Hashable {
    let port: PortID
    let address: PhysicalAddress
  }

  var before: [Place: UInt8] = [:]
  var after: [Place: UInt8] = [:]
  private var hasRestarted = false

  func happened(_ event: WorldEvent, _ text: String) {
    if case .kill(router: 0) = event { hasRestarted = true }
  }

  func transmitting(
    _ packet: Span<UInt8>, router: Int, port: PortID, to address: PhysicalAddress,
    failedAttempts: UInt8
  ) {
    // Type 0 (control), a request, command 0x01, operation 0 or 1, then the EID.
    guard router == 0, packet.count >= 9, packet[4] == 0, packet[5] & 0x80 != 0, packet[6] == 0x01
    else { return }
    let place = Place(port: port, address: address)
    if hasRestarted { after[place] = packet[8] } else { before[place] = packet[8] }
  }
}
