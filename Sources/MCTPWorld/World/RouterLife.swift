// One life of a router of the board, from its start to its kill: the engine behind its ports, as
// the daemon's loop drives them, in virtual time.
//
// Owns: the engine, the ports, the reassembly of what is delivered to the router itself. Life:
// `start`, `service` while `isDue`, `stop`.

internal import BusIO
internal import EngineSetup
internal import MCTPEndpoint
internal import MCTPEngine
internal import MCTPWire
internal import Topology

final class RouterLife {
  /// Turns at one instant after which a router is said never to come to rest.
  private static let turnCountMax = 10_000

  let index: Int
  var engine: Engine
  private(set) var ports: [any Port] = []
  /// What the bus owner wants kept over a restart.
  private(set) var leases: [EIDLease]

  private let clock: WorldClock
  private let name: String
  private var messages: MessageEndpoint
  /// `messages.nextDeadline` and those of the ports, as they were when they were asked last: a look
  /// through tables and links that most turns can do without.
  private var messagesDeadline: Instant?
  private var portDeadlines: [Instant?] = []
  /// Ports to be asked again: what they are told, or their wire tells, may change their deadlines.
  private var changed: UInt32 = 0
  /// Legs of muxes: what one does may change the deadline of another.
  private var legs: UInt32 = 0
  private var reports: [DeviceReport]
  /// Ports whose wire has something for them.
  private var marked: UInt32 = 0
  /// Ports whose queues may have something to send.
  private var waiting: UInt32 = 0
  private(set) var nextDeadline: Instant?

  /// - Parameters:
  ///   - leases: from the life before; adopted.
  ///   - seed: of the bus owner's jitter.
  init(
    _ part: Board.Router, index: Int, leases: [EIDLease], seed: UInt64, clock: WorldClock
  ) {
    self.index = index
    self.clock = clock
    self.leases = leases
    name = part.name
    engine = Engine(EngineConfiguration(part.topology, seed: seed))
    messages = MessageEndpoint(
      limits: EndpointLimits(
        reassembly: ReassemblyLimits(memoryBytesMax: 65_536, assembliesMax: 16),
        outboundBytesMax: 4096))
    reports = part.topology.ports.filter { $0.discovery?.takesReportedDevices == true }
      .map { DeviceReport(of: $0.id) }
    for route in part.topology.routes {
      do throws(RoutingTableError) {
        try engine.apply(adding: RoutingTableEntry(route))
      } catch { preconditionFailure("a topology that loads has routes that fit: \(error)") }
    }
    for lease in leases { engine.adopt(lease: lease, now: clock.now) }
  }

  private var now: Instant { clock.now }

  /// The ports in their order, before `start`.
  func add(_ port: any Port, isLeg: Bool) {
    if isLeg { legs |= 1 << UInt32(ports.count) }
    ports.append(port)
    portDeadlines.append(nil)
  }

  func start() {
    changed = .max
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
  private func note(_ index: Int) {
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
    if marked != 0 { return true }
    guard let nextDeadline else { return false }
    return nextDeadline <= now
  }

  /// Does all that there is to do at this instant.
  func service() {
    var turns = 0
    repeat {
      turns += 1
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
      nextDeadline = earliest(engine.nextDeadline, messagesDeadline)
      for index in ports.indices { nextDeadline = earliest(nextDeadline, portDeadline(index)) }
    } while isDue(now) && turns < Self.turnCountMax
    if turns == Self.turnCountMax {
      clock.fail("livelock", "\(name): never comes to rest at \(now.nanoseconds) ns")
    }
    for observer in clock.observers { observer.stepped(router: index, engine) }
  }

  private func drain() {
    waiting |= engine.takeReadyPorts()
    while waiting != 0 {
      let index = waiting.trailingZeroBitCount
      waiting &= waiting - 1
      drain(PortID(rawValue: UInt8(index)))
      waiting |= engine.takeReadyPorts()
    }
  }

  private func drain(_ id: PortID) {
    let port = ports[Int(id.rawValue)]
    note(Int(id.rawValue))
    var hasSent = false
    while port.hasCredit, let transmission = engine.nextTransmission(on: id) {
      for observer in clock.observers {
        observer.transmitting(
          engine.packet(of: transmission), router: index, port: id,
          to: transmission.destination, failedAttempts: transmission.failedAttempts)
      }
      port.transmit(engine.packet(of: transmission), to: transmission.destination, now: now)
      hasSent = true
    }
    if hasSent { port.flush(now: now, sink: self) }
  }

  private func takeReports() {
    for index in reports.indices {
      let id = reports[index].port
      guard let changes = reports[index].changes(ports[Int(id.rawValue)]) else { continue }
      for gone in changes.gone { engine.deviceDisappeared(on: id, at: gone, now: now) }
      for found in changes.found { engine.deviceAppeared(on: id, at: found, now: now) }
    }
  }

  private func takeEvents() {
    while let event = engine.nextEvent() {
      guard case .owner(let ownerEvent) = event else { continue }
      switch ownerEvent {
      case .leaseChanged(let lease):
        leases.removeAll { $0.network == lease.network && $0.eid == lease.eid }
        leases.append(lease)
      case .leaseDropped(let lease): leases.removeAll { $0 == lease }
      default: break
      }
      for observer in clock.observers { observer.ownerEvent(ownerEvent, router: index) }
    }
  }
}

extension RouterLife: PortSink {
  func portReceived(_ packet: Span<UInt8>, from address: PhysicalAddress, on port: PortID) {
    clock.totals.packetsIn += 1
    let disposition = engine.receive(packet, on: port, from: address, now: now)
    for observer in clock.observers {
      observer.received(packet, router: index, port: port, from: address, disposition)
    }
    switch disposition {
    case .forwarded(let egress):
      waiting |= 1 << UInt32(egress.rawValue)
      if egress != port, !engine.hasRoom(on: egress) { drain(egress) }
    case .answered: waiting |= 1 << UInt32(port.rawValue)
    case .deliver: deliver(packet, from: address, on: port)
    case .dropped: break
    }
  }

  func portDamagedFrame(_ reason: DropReason, bytes: Span<UInt8>, on port: PortID) {
    engine.dropFrame(reason, bytes: bytes, on: port, now: now)
    for observer in clock.observers { observer.damaged(reason, router: index, port: port) }
  }

  func portFinishedTransmission(_ result: TransmissionResult, on port: PortID) {
    if result == .sent { clock.totals.packetsOut += 1 }
    engine.transmissionFinished(result, on: port, now: now)
    for observer in clock.observers {
      observer.transmitted(result, router: index, port: port)
    }
    if engine.hasTransmission(on: port) { waiting |= 1 << UInt32(port.rawValue) }
  }

  func portChangedCondition(_ condition: PortCondition, on port: PortID) {
    engine.portChanged(port, isUp: condition.isUp, now: now)
    for observer in clock.observers {
      observer.portChanged(isUp: condition.isUp, router: index, port: port)
    }
  }

  /// A packet for the router itself, which takes no messages: what is whole ends here.
  private func deliver(_ packet: Span<UInt8>, from address: PhysicalAddress, on port: PortID) {
    let network = engine.configuration(of: port).network
    let origin = PacketOrigin(network: network, port: port, address: address)
    let delivery = messages.receive(packet, from: origin, localEID: nil, now: now)
    messagesDeadline = messages.nextDeadline
    if let ended = delivery.ended { count(ended) }
    switch delivery.outcome {
    case .incomplete, .response: break
    case .message(let message):
      engine.dropDelivered(
        .messageTypeUnsupported, packets: UInt64(message.packetCount), packet: packet, on: port,
        from: address, now: now)
    case .dropped(let reason):
      engine.dropDelivered(
        reason, packets: 1, packet: packet, on: port, from: address, now: now)
    }
  }

  private func takeMessageEvents() {
    guard let messagesDeadline, messagesDeadline <= now else { return }
    while let event = messages.nextEvent(now: now) { take(event) }
    self.messagesDeadline = messages.nextDeadline
  }

  private func take(_ event: EndpointEvent) {
    if case .assemblyEnded(let ended) = event { count(ended) }
  }

  private func count(_ ended: EndedAssembly) {
    engine.dropDelivered(
      ended.reason, packets: UInt64(ended.packetCount), packet: Span(), on: ended.origin.port,
      from: ended.origin.address, now: now)
  }
}
