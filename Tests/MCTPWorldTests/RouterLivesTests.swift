import MCTPEngine
import MCTPSimulation
import MCTPWire
import TestSupport
import Testing
import Topology

@testable import MCTPWorld

/// Kills between two steps, commands and own requests, on a whole board.
@Suite struct RouterLivesTests {
  private static let owner = """
    version: 1
    router: { name: owner, eid: 8, eid-ranges: [20-60] }
    ports:
      - name: i2c
        bus: i2c
        device: simulated
        address: 0x10
        discovery: { addresses: [0x1d, 0x1e] }
    devices:
      - { name: fan, port: i2c, address: 0x1d, message-types: [pldm] }
      - { name: psu, port: i2c, address: 0x1e, message-types: [pldm] }
    """

  private func plan(_ events: [TimedEvent] = [], seed: UInt64 = 1) throws -> Plan {
    let scenario = try Scenario.read(
      "router owner owner.yaml\ntraffic 10/s sizes 16,100\nfaults from 3s to 8s draw 0\nrecover within 30s\n",
      fileName: "one.sim"
    ) { _ in Self.owner }
    var plan = scenario.scriptedPlan(seed: seed).plan
    plan.events = events
    plan.quietFrom = at(8_000)
    return plan
  }

  private func at(_ ms: UInt32) -> Instant { Instant.zero.advanced(byMs: ms) }

  @Test func a_kill_after_n_actions_comes_after_n_and_nothing_of_the_life_is_seen_any_more() throws
  {
    var hasWritten = false
    for steps in 1...60 {
      // Before the first write begins, 200 ms after the first device is up.
      let plan = try plan([
        TimedEvent(at: at(1), .killAfter(router: 0, steps: steps)),
        TimedEvent(at: at(5_000), .start(router: 0, keepsLeases: true)),
      ])
      let watch = ActionWatch()
      let world = World(plan, observers: [InvariantChecker(board: plan.board), watch])
      #expect(world.run() == nil)
      #expect(watch.killCount == 1)
      #expect(watch.actionsBeforeKill <= steps)
      #expect(watch.seenWhileDead == 0)
      if watch.actionsBeforeKill < steps { hasWritten = true }
    }
    // Writes of leases, and events that are not the owner's, are actions that nobody is told of.
    #expect(hasWritten)
  }

  @Test func a_kill_after_one_action_is_after_one_packet_or_one_event() throws {
    let plan = try plan([TimedEvent(at: at(1), .killAfter(router: 0, steps: 1))])
    let watch = ActionWatch()
    _ = World(plan, observers: [watch]).run()
    #expect(watch.actionsBeforeKill <= 1)
    #expect(watch.killCount == 1)
  }

  @Test func a_start_before_the_actions_are_done_kills_first() throws {
    let plan = try plan([
      TimedEvent(at: at(1_000), .killAfter(router: 0, steps: 1_000_000)),
      TimedEvent(at: at(2_000), .start(router: 0, keepsLeases: true)),
    ])
    let watch = ActionWatch()
    #expect(World(plan, observers: [InvariantChecker(board: plan.board), watch]).run() == nil)
    #expect(watch.killCount == 1)
    #expect(watch.killedAt == at(2_000))
  }

  @Test func devices_that_kept_power_have_the_EIDs_of_the_leases_that_are_certain() throws {
    let plan = try plan([
      TimedEvent(at: at(4_000), .kill(router: 0)),
      TimedEvent(at: at(4_500), .start(router: 0, keepsLeases: true)),
    ])
    let watch = ActionWatch()
    let world = World(plan, observers: [watch])
    // Both writes of the first life end well, whatever the seed draws.
    world.routers[0].state.isGood = true
    #expect(world.run() == nil)
    #expect(watch.durable.map(\.address) == [.i2c(0x1D), .i2c(0x1E)])
    for lease in watch.durable {
      #expect(world.devices.contains { $0.eid == lease.eid })
    }
  }

  @Test func a_command_assigns_an_EID_and_one_that_cannot_be_is_refused() throws {
    let plan = try plan([
      TimedEvent(
        at: at(3_000),
        .command(router: 0, .assign(EID(50), on: PortID(rawValue: 0), at: .i2c(0x1D)))),
      TimedEvent(at: at(3_000), .command(router: 0, .forget(EID(59), network: 1))),
      TimedEvent(
        at: at(3_000),
        .command(router: 0, .assign(EID(51), on: PortID(rawValue: 0), at: .i2c(0x10)))),
      TimedEvent(at: at(3_000), .command(router: 0, .discover(on: PortID(rawValue: 9)))),
      TimedEvent(at: at(3_100), .command(router: 0, .discover(on: PortID(rawValue: 0)))),
    ])
    let watch = ActionWatch()
    let world = World(plan, observers: [InvariantChecker(board: plan.board), watch])
    #expect(world.run() == nil)
    #expect(watch.refusals.map { $0 == nil } == [true, false, false, false, true])
    #expect(world.devices.map(\.eid).contains(EID(50)))
  }

  @Test func the_router_itself_asks_a_device_and_is_answered() throws {
    let watch = ActionWatch()
    let world = World(try plan(), observers: [watch])
    // Get Endpoint ID: a control request of its own, beside those of the bus owner.
    watch.ask = { [unowned world] in
      guard let life = world.routers[0].life, let eid = world.devices.first?.eid else {
        return
      }
      _ = try? life.request([0x00, 0x80, 0x02], to: eid)
    }
    #expect(world.run() == nil)
    guard case .answered(_, let source, let body) = watch.ended.first else {
      Issue.record("no answer: \(watch.ended)")
      return
    }
    // The body: type, Rq off, the command, completion code 0, the EID itself.
    #expect(body[0] == 0)
    #expect(body[2...].prefix(3) == [0x02, 0x00, source.rawValue])
    #expect(source == world.devices[0].eid)
    #expect(world.routers[0].life == nil)
  }

  @Test func old_leases_under_another_topology_are_refused_where_it_lacks_their_port() throws {
    let other = try Topology.parse(
      Self.owner.replacing("name: i2c", with: "name: bus").replacing(
        "port: i2c", with: "port: bus"),
      fileName: "other.yaml")
    let watch = ActionWatch()
    let world = World(try plan(), observers: [watch])
    world.routers[0].state.isGood = true
    watch.ask = { [unowned world] in
      world.routers[0].kill()
      world.routers[0].start(keepsLeases: true, topology: other, on: world.wires)
    }
    #expect(world.run() == nil)
    #expect(watch.told.filter { $0.contains("no port has that name any more") }.count == 2)
  }
}

/// Counts what the first router does until it is killed, and keeps what is told.
private final class ActionWatch: WorldObserver {
  var actionsBeforeKill = 0
  var seenWhileDead = 0
  var killCount = 0
  var killedAt = Instant.zero
  var durable: [DurableLease] = []
  var refusals: [String?] = []
  var ended: [OwnOutcome] = []
  var told: [String] = []
  /// Called once, at 4 s or soon after it.
  var ask: (() -> Void)?
  private var isArmed = false
  private var isDead = false
  private var now = Instant.zero

  private func see() {
    if isDead { seenWhileDead += 1 }
  }

  private func act() {
    see()
    if isArmed, !isDead, killCount == 0 { actionsBeforeKill += 1 }
  }

  func timeAdvanced(to now: Instant) {
    self.now = now
    guard now >= Instant.zero.advanced(byMs: 4_000), let ask else { return }
    self.ask = nil
    ask()
  }
  func happened(_ event: WorldEvent, _ text: String) {
    switch event {
    case .killAfter: isArmed = true
    case .kill:
      killCount += 1
      killedAt = now
      isDead = true
    case .start: isDead = false
    default: break
    }
  }
  func received(
    _ packet: Span<UInt8>, router: Int, port: PortID, from address: PhysicalAddress,
    _ disposition: Disposition
  ) { see() }
  func transmitting(
    _ packet: Span<UInt8>, router: Int, port: PortID, to address: PhysicalAddress,
    failedAttempts: UInt8
  ) { act() }
  func transmitted(_ result: TransmissionResult, router: Int, port: PortID) { see() }
  func portChanged(isUp: Bool, router: Int, port: PortID) { see() }
  func ownerEvent(_ event: OwnerEvent, router: Int) { act() }
  func stepped(router: Int, _ engine: borrowing Engine) { see() }
  func leasesTold(_ text: String, router: Int) { told.append(text) }
  func killed(router: Int, durable: [DurableLease]) { self.durable = durable }
  func commanded(_ command: RouterCommand, refusal: String?, router: Int) {
    refusals.append(refusal)
  }
  func ownRequestEnded(_ outcome: OwnOutcome, router: Int) { ended.append(outcome) }
}
