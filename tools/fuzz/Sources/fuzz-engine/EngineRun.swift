// One engine, its books, and the devices around it. Lives for one input.

import Fuzzing
import MCTPEngine
import MCTPWire

struct EngineRun: ~Copyable {
  var choices: Choices
  var engine: Engine
  let configuration: EngineConfiguration
  var books: Books
  var now = Instant.zero
  /// What was sent last on each port, and to whom.
  var lastSent: [Sent?]
  /// The ports that the shell polls in any case: those that a verb named since the last look.
  var polled: UInt32 = 0
  var trace = RunTrace()

  struct Sent {
    let address: PhysicalAddress
    let bytes: [UInt8]
  }

  init(_ configuration: EngineConfiguration, _ choices: Choices) {
    self.configuration = configuration
    self.choices = choices
    engine = Engine(configuration)
    books = Books(portCount: configuration.ports.count)
    lastSent = Array(repeating: nil, count: configuration.ports.count)
  }

  mutating func run() {
    for _ in 0..<choices.below(4) {
      engine.adopt(lease: lease(), now: now)
      check()
    }
    for index in configuration.ports.indices { setUp(index, true) }
    check()
    while !choices.isAtEnd {
      operate()
      check()
    }
  }

  /// What the engine queued itself since the last look lies where the shell looks.
  mutating func collect() {
    let ready = engine.takeReadyPorts()
    let grown = books.noteOwn(engine)
    precondition(grown & ~(ready | polled) == 0, "a packet that nobody will look for")
    polled = 0
  }

  /// What holds after each operation.
  private mutating func check() {
    collect()
    books.check(engine)
    var eventCount = 0
    while let event = engine.nextEvent() {
      eventCount += 1
      trace.event(event)
    }
    trace.state(engine)
    precondition(eventCount <= EngineLimits.eventCountMax + 1, "more events than may wait")
    for network in [1, 2] as [UInt8] {
      precondition(engine.ownerViolation(network: network) == nil, "the books of the bus owner")
    }
    checkEndpoints()
    checkRoutes()
  }

  /// No EID is two direct devices'; who is up has one and is routed to.
  private func checkEndpoints() {
    var owners = [Bool](repeating: false, count: 512)
    engine.forEachEndpoint { endpoint in
      guard endpoint.isDirect else { return checkBehind(endpoint) }
      guard endpoint.eid != .null else {
        precondition(endpoint.state != .up && endpoint.state != .suspect, "up without an EID")
        return
      }
      let key = Int(endpoint.eid.rawValue) + (endpoint.network == 1 ? 0 : 256)
      precondition(!owners[key], "one EID, two devices")
      owners[key] = true
      guard endpoint.state == .up else { return }
      let entry = engine.entry(for: endpoint.eid, network: endpoint.network)
      // A static route is somebody's will, whoever has the EID.
      if entry?.origin == .configured { return }
      precondition(
        entry?.address == endpoint.address && entry?.port == endpoint.port, "up and not routed")
    }
  }

  /// Who is up behind a bridge is routed to where its first bridge is.
  private func checkBehind(_ endpoint: KnownEndpoint) {
    guard endpoint.state == .up else { return }
    let entry = engine.entry(for: endpoint.eid, network: endpoint.network)
    if entry?.origin == .configured || hasStaticInPool(endpoint) { return }
    precondition(
      entry?.address == endpoint.address && entry?.port == endpoint.port,
      "up behind a bridge and not routed")
  }

  /// A static route in the pool of the first bridge keeps out the bridge's own: an event says so.
  private func hasStaticInPool(_ endpoint: KnownEndpoint) -> Bool {
    var isFound = false
    engine.forEachEndpoint { bridge in
      guard bridge.isDirect, bridge.port == endpoint.port, bridge.address == endpoint.address else {
        return
      }
      for offset in 0..<bridge.pool.count {
        let entry = engine.entry(
          for: EID(bridge.pool.first.rawValue + offset), network: bridge.network)
        if entry?.origin == .configured { isFound = true }
      }
    }
    return isFound
  }

  /// Ascending and assignable, and no EID has two single entries. A single entry inside a range is
  /// legal, and so is an own EID inside an entry: both are the stronger ones.
  private func checkRoutes() {
    var last: (network: UInt8, eid: UInt8, single: UInt8) = (0, 0, 0)
    engine.forEachEntry { network, entry in
      if network != last.network { last = (network, 0, 0) }
      precondition(
        entry.eidCount > 0 && entry.firstEID.isAssignable && entry.lastEID.isAssignable
          && entry.firstEID <= entry.lastEID, "a route for an EID that nobody can have")
      precondition(entry.firstEID.rawValue >= last.eid, "routes out of order")
      last.eid = entry.firstEID.rawValue
      guard entry.eidCount == 1 else { return }
      precondition(entry.firstEID.rawValue > last.single, "two routes for one EID")
      last.single = entry.firstEID.rawValue
    }
  }

  private mutating func operate() {
    let operation = choices.below(24)
    trace.operation(operation, at: now)
    switch operation {
    case 0, 1: receive(structuredPacket(), on: port())
    case 2: receive(choices.bytes(choices.below(40)), on: port())
    case 3: receive(controlRequest(), on: port())
    case 4, 5: answerLast()
    case 6, 7: serve()
    case 8: begin(port())
    case 9: finish()
    case 10, 11: advance(toDeadline: operation == 10)
    case 12: setUp(port(), choices.byte() & 3 != 0)
    case 13...18: command(operation)
    case 19: send()
    case 20: dropDelivered()
    case 21: dropFrame()
    case 22: changeRoutes()
    default: look()
    }
  }

  // MARK: Choices

  mutating func port() -> Int { choices.below(configuration.ports.count) }
  func id(_ port: Int) -> PortID { PortID(rawValue: UInt8(port)) }

  mutating func address(on port: Int) -> PhysicalAddress {
    EngineConfiguration.address(UInt8(choices.below(7)), configuration.ports[port].binding)
  }

  /// Mostly one that is given out or routed.
  mutating func eid() -> UInt8 {
    let byte = choices.byte()
    return byte & 0x80 == 0 ? 8 + byte & 0x3F : choices.byte()
  }

  private mutating func lease() -> EIDLease {
    let port = port()
    let shape = choices.byte()
    return EIDLease(
      network: shape & 1 == 0 ? configuration.ports[port].network : 2, eid: EID(eid()),
      pool: shape & 2 == 0
        ? EndpointPool() : EndpointPool(first: EID(eid()), count: choices.byte(), asked: shape),
      uuid: shape & 4 == 0 ? nil : EndpointUUID(high: 1, low: UInt64(shape >> 4)),
      port: PortID(rawValue: shape & 8 == 0 ? UInt8(port) : 7), address: address(on: port),
      kind: shape & 2 == 0 ? .simple : .bridge)
  }
}
