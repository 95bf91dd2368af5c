// A second engine in the same state, for who looks at what may happen next from one moment
// (`tools/sim --exhaustive`). Nothing here is on the path of a packet.
//
// Every stored property of the types that cannot be copied is named here; EngineStateTests hold
// this file to that.

internal import MCTPWire

extension Engine {
  /// An engine that decides from here on as this one does. Its counters go on from these; the rings
  /// of drops and of events begin anew.
  ///
  /// - Precondition: the events are taken, and no transmission is under way.
  public func copy() -> Engine { Engine(copying: self) }

  private init(copying other: borrowing Engine) {
    precondition(other.events.count == 0, "events are taken before a copy is made")
    configuration = other.configuration
    networks = other.networks
    ports = OwnedBuffer(count: other.ports.count) { PortState(copying: other.ports[$0]) }
    tables = OwnedBuffer(count: other.tables.count) { RoutingTable(copying: other.tables[$0]) }
    recentDrops = RecentDrops()
    events = EventQueue()
    eidOriginators = OwnedBuffer(count: other.eidOriginators.count) { other.eidOriginators[$0] }
    owner = BusOwner(copying: other.owner)
  }
}

extension PortState {
  init(copying other: borrowing PortState) {
    self.init(
      other.configuration, fixedEID: other.fixedEID, networkIndex: other.networkIndex)
    isUp = other.isUp
    ownEID = other.ownEID
    counters = other.counters
    other.queue.forEachWaiting { packet, destination in
      _ = queue.enqueue(packet, to: destination)
    }
  }
}

extension PacketQueue {
  /// Oldest first.
  func forEachWaiting(_ body: (Span<UInt8>, PhysicalAddress) -> Void) {
    guard count > 0 else { return }
    precondition(inFlightCount == 0, "a transmission is under way")
    guard let newest = newestWaiting else { return }
    for offset in 0..<count {
      let index = (newest + capacity - (count - 1) + offset) % capacity
      precondition(slot(index).failedAttempts == 0, "a transmission is under way")
      body(Span(_unsafeElements: packetBytes(index)), slot(index).destination)
    }
  }
}

extension RoutingTable {
  init(copying other: borrowing RoutingTable) {
    self.init()
    for index in 0..<other.count {
      do throws(RoutingTableError) { try insert(other.entry(at: index)) } catch {
        preconditionFailure("one table's entries fit another one")
      }
    }
    // Borrowed twice: a closure may not keep what is lent.
    var own = EIDSet()
    for value in 0...UInt8.max where other.isOwn(EID(value)) { own.insert(EID(value)) }
    setOwn { own.contains($0) }
  }
}

extension BusOwner {
  init(copying other: borrowing BusOwner) {
    configuration = other.configuration
    isActive = other.isActive
    endpoints = other.endpoints
    calls = other.calls
    leases = other.leases
    conflicts = other.conflicts
    spaces = other.spaces
    unheld = other.unheld
    upstream = other.upstream
    requester = other.requester
    random = other.random
    deadline = other.deadline
    hasRemoved = other.hasRemoved
    readyPorts = other.readyPorts
    endpointCount = other.endpointCount
  }
}
