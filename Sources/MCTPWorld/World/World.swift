// A board in virtual time: routers, wires, devices, and what happens to them.
//
// Owns all parts. Life: `init` with a plan, `run` once. Time jumps from one thing that happens to
// the next; nothing here waits, and nothing is random but what the plan's seed gives. The same
// plan makes the same calls to the observers in the same order.

internal import MCTPEndpoint
internal import MCTPEngine
internal import MCTPNeighbours
internal import MCTPSimulation
public import MCTPWire
internal import Topology

public final class World {
  enum Phase {
    /// Whatever the plan says.
    case troubled
    /// Nothing goes wrong any more; everybody is asked now and then whether they are back.
    case quiet
    /// Everybody is asked, and must answer.
    case lastCall
  }

  /// Rounds at one instant after which the world is said never to come to rest.
  private static let roundCountMax = 10_000

  let plan: Plan
  let clock: WorldClock
  let wires: WorldWires
  let devices: [WorldDevice]
  let routers: [WorldRouter]
  /// Of the wires, in their order.
  private let alarms: [WireAlarm]
  private var events: [TimedEvent]
  var traffic: WorldTraffic
  var phase = Phase.troubled
  var phaseEndsAt: Instant
  /// Nil while nobody is asked.
  var rollCall: RollCall?

  public init(_ plan: Plan, observers: [any WorldObserver] = []) {
    self.plan = plan
    let clock = WorldClock(observers: observers)
    self.clock = clock
    var generator = SeededGenerator(seed: plan.seed)
    traffic = WorldTraffic(plan.traffic, seed: generator.next())
    devices = World.devices(of: plan.board, clock: clock, generator: &generator)
    wires = WorldWires(plan.board, devices: devices, generator: &generator)
    routers = plan.board.routers.enumerated().map { index, part in
      WorldRouter(part, index: index, clock: clock, seed: generator.next())
    }
    alarms = wires.all.map(\.alarm)
    events = plan.events.enumerated()
      .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    phaseEndsAt = plan.quietFrom
  }

  private static func devices(
    of board: Board, clock: WorldClock, generator: inout SeededGenerator
  ) -> [WorldDevice] {
    var devices: [WorldDevice] = []
    for (index, part) in board.devices.enumerated() {
      let unit = board.transmissionUnitBytes(in: board.network(of: part))
      var part = part
      part.configuration.transmissionUnitBytes = unit
      part.configuration.echoesAllTypes = true
      let stack: WorldDevice.Stack
      switch part.make {
      case .ours:
        stack = .ours(SimulatedEndpoint(part.configuration, seed: generator.next()))
      case .neighbour(var configuration, let habits):
        configuration.transmissionUnitBytes = unit
        stack = .neighbour(Neighbour(configuration, habits: habits, seed: generator.next()))
      case .behind(let outer, let child):
        guard case .neighbour(let neighbour) = devices[outer].stack else {
          preconditionFailure("only a neighbour has termini behind it")
        }
        stack = .neighbour(neighbour.children[child])
      }
      devices.append(WorldDevice(part, of: board, index: index, clock: clock, stack: stack))
    }
    return devices
  }

  public var now: Instant { clock.now }
  public var totals: WorldTotals { clock.totals }

  /// Runs the plan to its end, or to the first violation.
  public func run() -> Violation? {
    for router in routers { router.start(keepsLeases: false, on: wires) }
    for wire in wires.all { wire.isTouched = true }
    traffic.start(at: now)
    settle()
    while !clock.hasViolation, let next = nextInstant {
      clock.now = max(next, now)
      for observer in clock.observers { observer.timeAdvanced(to: now) }
      happen()
      settle()
      if phaseEndsAt <= now, !enterNextPhase() { break }
    }
    countFaults()
    for router in routers {
      guard let life = router.life else { continue }
      for observer in clock.observers { observer.ended(router: router.index, life.engine) }
    }
    let found = violation
    // Ports and wires hold each other until a router ends.
    for router in routers { router.kill() }
    return found
  }

  var violation: Violation? {
    if let found = clock.violation { return found }
    for observer in clock.observers {
      if let found = observer.violation { return found }
    }
    return nil
  }

  private var nextInstant: Instant? {
    var next: Instant? = phaseEndsAt
    if let event = events.first { next = earliest(next, event.at) }
    next = earliest(next, earliest(traffic.nextAt, rollCall?.nextAt))
    for alarm in alarms { next = earliest(next, alarm.deadline) }
    for router in routers {
      guard let life = router.life else { continue }
      let due = life.isDue(now) ? now : life.nextDeadline
      next = earliest(next, due.map { max($0, router.lagsUntil) })
    }
    return next
  }

  /// What the wires did to frames.
  private func countFaults() {
    for wire in wires.all {
      for counts in wire.faultCounts { clock.totals.add(counts) }
    }
  }

  /// What the plan, the traffic and the roll call do now.
  private func happen() {
    while let event = events.first, event.at <= now {
      events.removeFirst()
      perform(event.event)
    }
    while let at = traffic.nextAt, at <= now { sendOne() }
    while let at = rollCall?.nextAt, at <= now { callNext() }
  }

  /// Lets wires and routers act until nothing is due at this instant.
  func settle() {
    for _ in 0..<Self.roundCountMax {
      var hasMoved = false
      for (index, alarm) in alarms.enumerated() where alarm.isDue(now) {
        let wire = wires.all[index]
        alarm.isTouched = false
        wire.advance(to: now)
        alarm.deadline = wire.nextDeadline
        hasMoved = true
      }
      for router in routers {
        guard let life = router.life, router.lagsUntil <= now, life.isDue(now) else { continue }
        life.service()
        if life.isCutShort { perform(.kill(router: router.index)) }
        hasMoved = true
      }
      collect()
      if !hasMoved || clock.hasViolation { return }
    }
    clock.fail("livelock", "the world never comes to rest at \(now.nanoseconds) ns")
  }
}
