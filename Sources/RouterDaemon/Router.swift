// The shell around the engine: ports, event loop, admin socket, own exchanges.
//
// Owns the engine and every descriptor. One thread: `run` waits, lets ports read what is there,
// drains egress queues, answers people, and waits again. Nothing awaits while the engine is in
// hand, and nothing wakes the process while nothing happens.

internal import AdminProtocol
public import BusIO
internal import EngineSetup
public import Logging
internal import MCTPEndpoint
internal import MCTPEngine
internal import MCTPWire
public import Topology

/// What a router is started with, beside its topology.
public struct RouterOptions: Sendable {
  /// Where the admin socket is; nil means none.
  public var adminSocketPath: String?
  /// Where leases are kept; nil keeps none. Only a router that gives EIDs uses it.
  public var stateDirectoryPath: String?
  /// Whether a state directory that cannot be used keeps the router from starting.
  public var needsStateDirectory: Bool
  public var programVersion: String

  public init(
    adminSocketPath: String?, stateDirectoryPath: String? = nil,
    needsStateDirectory: Bool = false, programVersion: String
  ) {
    self.needsStateDirectory = needsStateDirectory
    self.adminSocketPath = adminSocketPath
    self.stateDirectoryPath = stateDirectoryPath
    self.programVersion = programVersion
  }
}

/// Why a router could not be started: what, where, and what to do.
public struct RouterError: Error, CustomStringConvertible, Sendable {
  public enum Kind: Hashable, Sendable {
    case adminSocket
    /// A device is there and cannot serve as the topology says.
    case configuration
    /// The state directory is another router's, or cannot be used.
    case state
    /// The system refused something, or the topology asks for what cannot be.
    case system
  }

  public let kind: Kind
  public let description: String
}

/// One running router.
public final class Router {
  /// Tokens of the event loop: ports have their numbers, 0 to 31.
  enum Token {
    static let signals: UInt64 = 32
    static let adminListener: UInt64 = 33
    static let deviceEvents: UInt64 = 34
    static let leases: UInt64 = 35
    static let firstSimulated: UInt64 = 64
    static let firstConnection: UInt64 = 128
  }

  let topology: Topology
  let options: RouterOptions
  let loop: EventLoop
  let logger: Logger
  let startTime: Instant
  var engine: Engine
  var exchanges: OwnExchanges
  let stations: SimulatedStations
  private(set) var ports: [any Port] = []
  private let muxTrees: MuxTrees
  var admin: AdminServer?
  /// Nil where the system does not tell: then ports find out by themselves, later.
  var deviceEvents: DeviceEvents?
  /// What was logged of each port's notes last.
  var toldNotes: [PortID: [String]] = [:]
  /// The buses that `router-ctl probe` can ask.
  private(set) var probedBuses: [PortID: any I2CProbing] = [:]
  var probe: Probe?
  /// What is kept of EIDs given out; nil where none are, or nothing is to be kept.
  var leases: LeaseKeeper?
  /// One for each port whose bus tells the owner of its devices.
  var reports: [DeviceReport]
  /// What happened last, for those who ask and those who follow.
  var events = EventLog(capacity: Router.eventCountMax)
  /// Ports that are known to be down: bit n for port n.
  var toldDown: UInt32 = 0
  /// Ports whose egress queue may have something to send: bit n for port n.
  var dirtyPorts: UInt32 = 0
  var nextInstanceID = InstanceID(rawValue: 0)
  /// The time of the present turn of the loop.
  var now: Instant
  private var isStopping = false

  /// Builds everything and opens nothing.
  public init(
    topology: Topology, options: RouterOptions, loop: EventLoop, logger: Logger
  ) throws(RouterError) {
    self.topology = topology
    self.options = options
    self.loop = loop
    self.logger = logger
    now = loop.now()
    startTime = now
    // The time since boot differs from start to start, and between boards enough for jitter.
    engine = Engine(EngineConfiguration(topology, seed: loop.now().nanoseconds))
    exchanges = OwnExchanges()
    reports = topology.ports.filter { $0.discovery?.takesReportedDevices == true }
      .map { DeviceReport(of: $0.id) }
    stations = SimulatedStations()
    for route in topology.routes {
      do throws(RoutingTableError) {
        try engine.apply(adding: RoutingTableEntry(route))
      } catch {
        throw RouterError(
          kind: .system,
          description: "\(topology.fileName): the routing table refused EID \(route.firstEID): "
            + "\(error)")
      }
    }
    var factory = PortFactory(topology: topology, loop: loop, stations: stations)
    for port in topology.ports { ports.append(try factory.make(port)) }
    probedBuses = factory.probedBuses
    muxTrees = factory.muxTrees
  }

  /// Opens the ports and the admin socket and forwards until SIGTERM or SIGINT.
  public func run() throws(RouterError) {
    do throws(SystemError) {
      try loop.watchSignals(token: Token.signals)
    } catch { throw RouterError(kind: .system, description: "\(error)") }
    try checkPorts()
    try openLeases()
    watchDevices()
    try startAdmin()
    start()
    while !isStopping { turn() }
    stop()
  }

  /// Makes a router with an event loop of its own.
  public static func make(
    topology: Topology, options: RouterOptions, logger: Logger
  ) throws(RouterError) -> Router {
    let loop: EventLoop
    do throws(SystemError) {
      loop = try EventLoop()
    } catch { throw RouterError(kind: .system, description: "\(error)") }
    return try Router(topology: topology, options: options, loop: loop, logger: logger)
  }

  /// Refuses what waiting will not mend, with every port that has it. Part of `run`.
  func checkPorts() throws(RouterError) {
    var faults = muxTrees.faults
    for (port, configured) in zip(ports, topology.ports) {
      do throws(ConfigurationFault) {
        try port.check()
      } catch { faults.append("port \(configured.name): \(error)") }
    }
    for warning in muxTrees.warnings { logger.warning("\(warning)") }
    guard faults.isEmpty else {
      throw RouterError(kind: .configuration, description: faults.joined(separator: "\n"))
    }
  }

  /// Starts every port. Part of `run`; for tests that drive `turn` themselves.
  func start() {
    now = loop.now()
    for port in ports { port.start(now: now, sink: self) }
    drain()
    logger.info(
      "router started",
      metadata: [
        "name": "\(topology.router.name)", "ports": "\(ports.count)",
        "up": "\(ports.count(where: { $0.condition.isUp }))",
      ])
  }

  /// Opens the admin socket. Part of `run`; for tests that drive `turn` themselves.
  func startAdmin() throws(RouterError) {
    guard let path = options.adminSocketPath else { return }
    let server = AdminServer(
      path: path, loop: loop, listenerToken: Token.adminListener,
      firstConnectionToken: Token.firstConnection)
    do throws(AdminServerError) {
      try server.start()
    } catch { throw RouterError(kind: .adminSocket, description: "\(error)") }
    admin = server
  }

  /// Closes everything in order: no new requests, then the ports.
  func stop() {
    admin?.stop()
    admin = nil
    for port in ports { port.stop() }
    closeLeases()
    stations.stop()
    logger.info("router stopped")
  }

  // MARK: The loop

  /// Waits for the next thing to do and does all there is.
  func turn(until limit: Instant? = nil) {
    let deadline = nextDeadline
    let count = loop.wait(until: earliest(deadline, limit)) { token, readiness in
      now = loop.now()
      if token < 32 {
        ports[Int(token)].service(now: now, sink: self)
      } else {
        serve(token, readiness)
      }
    }
    if count == 0 { now = loop.now() }
    // What became due since is found by the next turn, which does not sleep then.
    if let deadline, deadline <= now { serviceDeadlines() }
    finishStationRequests()
    if probe != nil { finishProbe() }
    takeReports()
    drain()
    if engine.isBusOwner { takeEngineEvents() }
    if let admin, admin.followerCount > 0 { admin.feedFollowers(from: events, nowMs: nowMs) }
  }

  private func serve(_ token: UInt64, _ readiness: Readiness) {
    switch token {
    case Token.signals:
      while let signal = loop.nextSignal() {
        if signal == .hangUp {
          logger.notice("SIGHUP ignored: a topology is read at start only")
        } else {
          logger.info("signal", metadata: ["signal": "\(signal)"])
          isStopping = true
        }
      }
    case Token.adminListener: admin?.accept()
    case Token.leases: finishLeaseWrite()
    case Token.deviceEvents:
      guard deviceEvents?.service() == true else { return }
      devicesChanged()
    case Token.firstSimulated..<Token.firstConnection:
      stations.service(token: token, now: now)
    default:
      admin?.service(token: token, readiness: readiness) { request, connection in
        answer(request, for: connection)
      }
    }
  }

  /// When something must happen though no descriptor is ready.
  var nextDeadline: Instant? {
    var deadline = earliest(exchanges.nextDeadline, probe?.deadline)
    deadline = earliest(deadline, earliest(engine.nextDeadline, leases?.nextDeadline))
    for port in ports { deadline = earliest(deadline, port.nextDeadline) }
    return earliest(deadline, stations.nextDeadline)
  }

  private func serviceDeadlines() {
    for port in ports {
      if let deadline = port.nextDeadline, deadline <= now { port.service(now: now, sink: self) }
    }
    if let deadline = stations.nextDeadline, deadline <= now { stations.advance(to: now) }
    if let deadline = exchanges.nextDeadline, deadline <= now { expireExchanges() }
    if let deadline = engine.nextDeadline, deadline <= now { engine.advance(to: now) }
    if let deadline = leases?.nextDeadline, deadline <= now { leases?.writeIfDue(now: now) }
  }

  func port(_ id: PortID) -> any Port { ports[Int(id.rawValue)] }
}

/// The earlier of two instants; nil is never.
func earliest(_ left: Instant?, _ right: Instant?) -> Instant? {
  guard let left else { return right }
  guard let right else { return left }
  return min(left, right)
}
