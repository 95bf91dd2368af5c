// What an engine decides by, in one number: two engines of one configuration with the same digest
// decide the same from here on, whatever happened before (but for a chance of 2^-64).
//
// Left out: counters, rings, and what a configuration fixes. Names that are only compared for being
// the same (tickets, numbers of endpoints) go in as places, times as distances from the present.
// Every stored property is named in EngineStateTests, with what is done about it.

internal import MCTPWire

extension Engine {
  /// - Precondition: between two verbs, with the events taken.
  public func addState(to digest: inout StateDigest) {
    for index in 0..<ports.count { ports[index].addState(to: &digest) }
    for index in 0..<tables.count {
      digest.add(eidOriginators[index])
      tables[index].addState(to: &digest)
    }
    if owner.isActive { owner.addState(to: &digest) }
  }
}

extension PortState {
  func addState(to digest: inout StateDigest) {
    digest.add(isUp)
    digest.add(ownEID)
    digest.add(queue.count)
    queue.forEachWaiting { packet, destination in
      digest.add(packet)
      digest.add(destination)
    }
  }
}

extension RoutingTable {
  func addState(to digest: inout StateDigest) {
    digest.add(count)
    for index in 0..<count { digest.add(entry(at: index)) }
    for value in 0...UInt8.max where isOwn(EID(value)) { digest.add(EID(value)) }
  }
}

extension StateDigest {
  mutating func add(_ entry: RoutingTableEntry) {
    add(
      UInt64(entry.firstEID.rawValue) | UInt64(entry.eidCount) << 8
        | UInt64(entry.type.rawValue) << 16 | UInt64(entry.port.rawValue) << 24
        | UInt64(entry.origin.rawValue) << 32 | (entry.isStatic ? 1 << 40 : 0))
    add(entry.address)
    add(entry.uuid)
    add(entry.transmissionUnitBytes.map { UInt64($0) } ?? 1 << 32)
  }

  mutating func add(_ pool: EndpointPool) {
    add(UInt64(pool.first.rawValue) | UInt64(pool.count) << 8 | UInt64(pool.asked) << 16)
  }

  mutating func add(_ set: EIDSet) {
    guard !set.isEmpty else { return add(UInt64(1) << 33) }
    for eid in set.members { add(eid) }
  }

  mutating func add(_ entries: [RoutingInformationUpdate.Entry]) {
    add(entries.count)
    for entry in entries {
      add(
        UInt64(entry.firstEID.rawValue) | UInt64(entry.eidCount) << 8
          | UInt64(entry.type.rawValue) << 16)
      add(entry.address)
    }
  }

  mutating func add(_ lease: EIDLease) {
    add(UInt64(lease.network) | UInt64(lease.eid.rawValue) << 8 | UInt64(lease.kind.rawValue) << 16)
    add(lease.pool)
    add(lease.uuid)
    add(lease.port)
    add(lease.address)
    add(lease.messageTypes.count)
    for type in lease.messageTypes { add(UInt64(type.rawValue)) }
  }
}

extension EIDLease {
  public func addState(to digest: inout StateDigest) { digest.add(self) }
}

extension EIDSpace {
  func addState(to digest: inout StateDigest) {
    for (index, cell) in cells.enumerated() {
      var (use, party): (UInt64, UInt8) = (0, 0)
      switch cell.use {
      case .none: break
      case .own: use = 1
      case .reserved(let device): (use, party) = (2, device.rawValue)
      case .leased: use = 3
      case .pool(let bridge): (use, party) = (4, bridge.rawValue)
      }
      digest.add(
        use | (cell.isInRange ? 8 : 0) | (cell.wasUsed ? 16 : 0) | UInt64(party) << 8
          | UInt64(cell.fixedFor.rawValue) << 16 | UInt64(cell.lastHolder.rawValue) << 24)
      guard cell.wasUsed else { continue }
      digest.add(cell.restsUntil)
      // Who was given back before whom.
      var earlier = index
      for other in cells where other.wasUsed && other.releaseNumber < cell.releaseNumber {
        earlier += 256
      }
      digest.add(earlier)
    }
  }
}
