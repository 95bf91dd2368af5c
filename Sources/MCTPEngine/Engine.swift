// Every decision about a packet: forward, answer, deliver or drop.
//
// Owns the routing tables (one a network), the egress queues, the counters, the ring of recent
// drops, the control responder and the bus owner (`Owner/`). Does no I/O, reads no clock, never
// allocates for a packet that it forwards. Bytes, a port and a time go in; a disposition comes out.
//
// Implements DSP0236 1.3.3 §8.7 (packet drops), §9 (own EIDs of a bridge, routing table), §12
// (control commands).
//
// The verbs, and what to poll after them:
//   receive               then `nextTransmission` of the ports it names and of those that
//                         `takeReadyPorts` names, and `nextEvent`
//   send                  then `nextTransmission` of the port
//   nextTransmission      until nil or the port has no credit
//   transmissionFinished  then `nextTransmission` of the same port (a retry waits in front)
//   portChanged, apply    then `takeReadyPorts` and `nextEvent`
//   advance, and every command of the bus owner: the same; `advance` at `nextDeadline`, which each
//                         of the verbs above may change

public import MCTPWire

public struct Engine: ~Copyable {
  let configuration: EngineConfiguration
  var ports: OwnedBuffer<PortState>
  var tables: OwnedBuffer<RoutingTable>
  /// The network identifier of each table.
  let networks: [UInt8]
  var recentDrops = RecentDrops()
  var events = EventQueue()
  /// Under `EIDPolicy.single`: the port whose bus assigned the present EID first, of each table's
  /// network.
  var eidOriginators: OwnedBuffer<PortID?>
  /// Inactive without `EngineConfiguration.busOwner`.
  var owner: BusOwner

  public init(_ configuration: EngineConfiguration) {
    precondition(
      configuration.ports.count <= EngineLimits.portCountMax, "more than 32 ports")
    precondition(
      configuration.messageTypes.count <= EngineLimits.messageTypeCountMax
        && configuration.vendorMessageSets.count <= EngineLimits.vendorMessageSetCountMax,
      "more message types or vendor sets than can be announced")
    for type in configuration.messageTypes {
      precondition(
        type.versions.count <= EngineLimits.versionCountMax,
        "more versions than one answer holds")
    }
    var networks: [UInt8] = []
    for (index, port) in configuration.ports.enumerated() {
      precondition(Int(port.id.rawValue) == index, "ports are numbered in order")
      if !networks.contains(port.network) { networks.append(port.network) }
    }
    let found = networks
    self.configuration = configuration
    self.networks = found
    ports = OwnedBuffer(count: configuration.ports.count) { index in
      let port = configuration.ports[index]
      return PortState(
        port, fixedEID: configuration.fixedEID(of: port),
        networkIndex: found.firstIndex(of: port.network) ?? 0)
    }
    tables = OwnedBuffer(count: found.count) { _ in RoutingTable() }
    eidOriginators = OwnedBuffer(count: found.count) { _ in nil }
    owner = BusOwner(configuration.busOwner, ports: configuration.ports)
    for index in 0..<found.count { refreshOwnEIDs(ofNetworkAt: index) }
    prepareOwner()
  }

  public var portCount: Int { ports.count }

  /// Tells the tables which EIDs are this device's own now.
  mutating func refreshOwnEIDs(ofNetworkAt networkIndex: Int) {
    var isOwn = InlineArray<256, Bool>(repeating: false)
    for index in 0..<ports.count where ports[index].networkIndex == networkIndex {
      let eid = ports[index].ownEID
      if eid.isAssignable { isOwn[Int(eid.rawValue)] = true }
    }
    tables[networkIndex].setOwn { isOwn[Int($0.rawValue)] }
  }

  // MARK: Configuration while running

  /// Adds an entry to the routing table of the network of its port.
  ///
  /// - Throws: `RoutingTableError`; the table is unchanged then.
  public mutating func apply(adding entry: RoutingTableEntry) throws(RoutingTableError) {
    guard Int(entry.port.rawValue) < ports.count else { throw .unknownPort }
    try tables[ports[Int(entry.port.rawValue)].networkIndex].insert(entry)
    holdStatic(entry)
  }

  /// Removes the entries of a port for which `condition` holds; returns how many.
  @discardableResult
  public mutating func apply(
    removingFrom port: PortID, where condition: (RoutingTableEntry) -> Bool
  ) -> Int {
    let network = ports[Int(port.rawValue)].networkIndex
    var released = EIDSet()
    let removed = tables[network].remove { entry in
      guard entry.port == port, condition(entry) else { return false }
      if entry.origin == .configured {
        for value in entry.firstEID.rawValue...entry.lastEID.rawValue {
          released.insert(EID(value))
        }
      }
      return true
    }
    releaseStatic(released, network)
    if removed > 0 { restoreRoutes(network) }
    return removed
  }

  /// Tells the engine that a port came up or went down.
  ///
  /// Packets that wait at a port that goes down end with `portDown`. Those in flight stay until
  /// `transmissionFinished` reports them.
  public mutating func portChanged(_ port: PortID, isUp: Bool, now: Instant) {
    let index = Int(port.rawValue)
    let wasUp = ports[index].isUp
    ports[index].isUp = isUp
    defer { if wasUp != isUp { ownerPortChanged(port, isUp: isUp, now: now) } }
    guard !isUp else { return }
    while let slot = ports[index].queue.newestWaiting {
      dropQueued(slot: slot, on: port, reason: .portDown, now: now)
      _ = ports[index].queue.removeNewestWaiting()
    }
  }

  // MARK: What the shell and people look at

  public mutating func nextEvent() -> EngineEvent? { events.next() }

  public func counters(of port: PortID) -> PortCounters { ports[Int(port.rawValue)].counters }
  public func queueDepth(of port: PortID) -> Int { ports[Int(port.rawValue)].queue.count }
  /// True while the egress queue of a port takes one more packet.
  public func hasRoom(on port: PortID) -> Bool { !ports[Int(port.rawValue)].queue.isFull }
  public func isUp(_ port: PortID) -> Bool { ports[Int(port.rawValue)].isUp }
  /// This device's own EID on a port; null while there is none.
  public func ownEID(on port: PortID) -> EID { ports[Int(port.rawValue)].ownEID }
  public func configuration(of port: PortID) -> PortConfiguration {
    ports[Int(port.rawValue)].configuration
  }

  /// The EID that this device uses as a source on a port: the port's own, or, where the policy
  /// gives the port none, the first own EID of its network. Null when there is none at all, and
  /// while the port waits for its own: the bus owner must see that it still needs one.
  public func sourceEID(on port: PortID) -> EID {
    let index = Int(port.rawValue)
    let own = ports[index].ownEID
    guard own == .null, configuration.eidPolicy == .perUpstreamPort,
      ports[index].configuration.role != .endpoint
    else { return own }
    let network = ports[index].networkIndex
    for index in 0..<ports.count
    where ports[index].networkIndex == network && ports[index].ownEID != .null {
      return ports[index].ownEID
    }
    return .null
  }

  /// Runs `body` on every routing table entry, network by network, in order of first EID.
  public func forEachEntry(_ body: (_ network: UInt8, RoutingTableEntry) -> Void) {
    for network in 0..<tables.count {
      for index in 0..<tables[network].count {
        body(networks[network], tables[network].entry(at: index))
      }
    }
  }

  /// The entry that packets to `eid` follow in a network.
  public func entry(for eid: EID, network: UInt8) -> RoutingTableEntry? {
    guard let index = networks.firstIndex(of: network) else { return nil }
    return tables[index].entry(for: eid)
  }

  /// True when `eid` is one of this device's own in a network.
  public func isOwn(_ eid: EID, network: UInt8) -> Bool {
    guard let index = networks.firstIndex(of: network) else { return false }
    return tables[index].isOwn(eid)
  }

  /// Drops recorded since the start.
  public var dropCount: UInt64 { recentDrops.total }
  /// Recent drops that are kept, 64 at most.
  public var recentDropCount: Int { recentDrops.count }
  /// - Parameter index: 0 is the newest.
  public func recentDrop(at index: Int) -> RecentDrop? { recentDrops.drop(at: index) }
}
