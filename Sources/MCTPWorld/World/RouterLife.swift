// One life of a router of the board, from its start to its kill: the engine behind its ports, as
// the daemon's loop drives them, in virtual time.
//
// Owns: the engine, the ports, the book of leases, the messages that start or end at the router
// itself. Life: `start`, `service` while `isDue`, `stop`. A life that `isCutShort` acts no more and
// is to be stopped.

internal import BusIO
internal import EngineSetup
internal import LeaseStore
internal import MCTPEndpoint
internal import MCTPEngine
internal import MCTPWire
internal import Topology

final class RouterLife {
  /// Turns at one instant after which a router is said never to come to rest.
  private static let turnCountMax = 10_000

  let index: Int
  let topology: Topology
  let clock: WorldClock
  var engine: Engine
  private(set) var ports: [any Port] = []
  /// Nil for a router that gives no EIDs.
  var leases: LifeLeases?
  /// What was read and is not used; told at the start.
  private var refused: [RefusedLease] = []
  /// Actions until the life is cut short; nil while nothing is planned.
  private var actionsLeft: Int?
  /// The process was killed in the middle of a turn: nothing of it acts any more.
  private(set) var isCutShort = false

  private let name: String
  var messages: MessageEndpoint
  /// What became of the router's own requests and was not taken yet.
  var outcomes: [OwnOutcome] = []
  /// `messages.nextDeadline` and those of the ports, as they were when they were asked last: a look
  /// through tables and links that most turns can do without.
  var messagesDeadline: Instant?
  private var portDeadlines: [Instant?] = []
  /// Ports to be asked again: what they are told, or their wire tells, may change their deadlines.
  private var changed: UInt32 = 0
  /// Legs of muxes: what one does may change the deadline of another.
  private var legs: UInt32 = 0
  var reports: [DeviceReport]
  /// Ports whose wire has something for them.
  private var marked: UInt32 = 0
  /// Ports whose queues may have something to send.
  var waiting: UInt32 = 0
  /// Somebody asked for something: a turn is due.
  var isNudged = false
  private(set) var nextDeadline: Instant?

  /// - Parameters:
  ///   - state: what the life before left; leases of it are adopted.
  ///   - seed: of the bus owner's jitter.
  init(
    _ name: String, _ topology: Topology, index: Int, state: RouterState, seed: UInt64,
    clock: WorldClock
  ) {
    self.index = index
    self.clock = clock
    self.topology = topology
    self.name = name
    engine = Engine(EngineConfiguration(topology, seed: seed))
    messages = MessageEndpoint(
      limits: EndpointLimits(
        reassembly: ReassemblyLimits(memoryBytesMax: 65_536, assembliesMax: 16),
        outboundBytesMax: 4096))
    reports = topology.ports.filter { $0.discovery?.takesReportedDevices == true }
      .map { DeviceReport(of: $0.id) }
    for route in topology.routes {
      do throws(RoutingTableError) {
        try engine.apply(adding: RoutingTableEntry(route))
      } catch { preconditionFailure("a topology that loads has routes that fit: \(error)") }
    }
    guard engine.isBusOwner else { return }
    let leases = LifeLeases(state)
    refused = engine.adopt(leases.book.leases, under: topology, now: clock.now)
    self.leases = leases
  }

  var now: Instant { clock.now }

  /// The ports in their order, before `start`.
  func add(_ port: any Port, isLeg: Bool) {
    if isLeg { legs |= 1 << UInt32(ports.count) }
    ports.append(port)
    portDeadlines.append(nil)
  }

  func start() {
    changed = .max
    for notice in leases?.notices ?? [] { tell(notice) }
    for refusal in refused { tell("not used, because \(refusal.reason): \(refusal.lease)") }
    takeEvents()
    for port in ports { port.start(now: now, sink: self) }
    service()
  }

  func stop() {
    for port in ports { port.stop() }
  }

  /// A port's wire has something for it.
  func mark(_ port: PortID) {
    marked |= 1 << UInt32(port.rawValue)
    note(Int(port.rawValue))
  }

  /// The port's deadline may be another one now.
  func note(_ index: Int) {
    let bit: UInt32 = 1 << UInt32(index)
    changed |= legs & bit == 0 ? bit : legs
  }

  private func portDeadline(_ index: Int) -> Instant? {
    let bit: UInt32 = 1 << UInt32(index)
    if changed & bit != 0 {
      changed &= ~bit
      portDeadlines[index] = ports[index].nextDeadline
    }
    return portDeadlines[index]
  }

  func isDue(_ now: Instant) -> Bool {
    if isCutShort { return false }
    if marked != 0 || isNudged { return true }
    guard let nextDeadline else { return false }
    return nextDeadline <= now
  }

  /// Does all that there is to do at this instant.
  func service() {
    var turns = 0
    repeat {
      turns += 1
      isNudged = false
      let isMarked = marked
      marked = 0
      for index in ports.indices {
        let isDue = portDeadline(index).map { $0 <= now } ?? false
        if isDue || isMarked & (1 << UInt32(index)) != 0 {
          ports[index].service(now: now, sink: self)
          note(index)
          // A port with credit again takes what waits.
          waiting |= 1 << UInt32(index)
        }
      }
      takeReports()
      takeMessageEvents()
      if let deadline = engine.nextDeadline, deadline <= now {
        engine.advance(to: now)
        if let next = engine.nextDeadline, next <= now {
          clock.fail("deadline", "\(name): the engine's deadline \(next) is not met")
          return
        }
      }
      drain()
      takeEvents()
      serviceLeases()
      if isCutShort { return }
      nextDeadline = earliest(engine.nextDeadline, earliest(messagesDeadline, leases?.nextDeadline))
      for index in ports.indices { nextDeadline = earliest(nextDeadline, portDeadline(index)) }
    } while isDue(now) && turns < Self.turnCountMax
    if turns == Self.turnCountMax {
      clock.fail("livelock", "\(name): never comes to rest at \(now.nanoseconds) ns")
    }
    for observer in clock.observers { observer.stepped(router: index, engine) }
  }

  // MARK: A kill in the middle of a turn

  /// Cuts the life short after so many more actions: a packet handed to a port, an event of the
  /// engine taken, a write of leases begun or ended.
  ///
  /// - Parameter steps: 1 or more; nil takes the plan back.
  func cutShort(after steps: Int?) { actionsLeft = steps.map { max($0, 1) } }

  /// Is going to be cut short, or is.
  var isDoomed: Bool { isCutShort || actionsLeft != nil }

  /// An action was done, whole.
  func acted() {
    guard let left = actionsLeft else { return }
    actionsLeft = left - 1
    if left == 1 { isCutShort = true }
  }

  func tell(_ text: String) {
    for observer in clock.observers { observer.leasesTold(text, router: index) }
  }
}
