// Leases, so that a device gets its EID back, and claims that clash.

public import MCTPWire

extension Engine {
  // MARK: Leases

  /// Remembers what a device has, and says so when it differs from what was remembered.
  mutating func keepLease(_ index: Int) {
    let endpoint = owner.endpoints[index]
    let lease = EIDLease(
      network: endpoint.network, eid: endpoint.eid, pool: endpoint.pool, uuid: endpoint.uuid,
      port: endpoint.port, address: endpoint.address, kind: endpoint.kind,
      messageTypes: endpoint.messageTypes)
    if owner.leases.contains(lease) { return }
    dropLeases { other in
      other.network == lease.network && other.eid != lease.eid
        && ((lease.uuid != nil && other.uuid == lease.uuid)
          || (lease.uuid == nil && other.uuid == nil && other.port == lease.port
            && other.address == lease.address))
    }
    owner.leases.removeAll { $0.network == lease.network && $0.eid == lease.eid }
    owner.leases.append(lease)
    report(.leaseChanged(lease))
  }

  mutating func dropLeases(where condition: (EIDLease) -> Bool) {
    var index = 0
    while index < owner.leases.count {
      if condition(owner.leases[index]) {
        report(.leaseDropped(owner.leases.remove(at: index)))
      } else {
        index += 1
      }
    }
  }

  /// Takes up a lease from before this program started: its EID is kept for the device, and routed
  /// at once, so that traffic goes on before the device has been asked.
  ///
  /// Call it before ports come up. A lease that clashes, or whose EIDs cannot be assigned, is
  /// refused: an event says so.
  public mutating func adopt(lease: EIDLease, now: Instant) {
    guard owner.isActive, Int(lease.port.rawValue) < ports.count,
      ports[Int(lease.port.rawValue)].configuration.network == lease.network,
      discoveryPolicy(of: lease.port) != nil
    else {
      report(.leaseRefused(lease))
      return
    }
    let known = owner.index(on: lease.port, at: lease.address)
    let pool = EIDRange(first: lease.pool.first, count: lease.pool.count)
    let hasEID = known.map { owner.endpoints[$0].eid != .null } ?? false
    guard !hasEID, lease.pool.count == 0 || pool != nil else {
      report(.leaseRefused(lease))
      return
    }
    let space = ports[Int(lease.port.rawValue)].networkIndex
    let isFixed = owner.spaces[space].fixedDevice(of: lease.eid) != nil
    do throws(EIDClash) {
      try owner.spaces[space].adopt(
        lease.eid, pool: pool, claim: isFixed ? .named : .returning,
        // What the owner above gave us before is ours again only when it says so.
        allowsForeign: true)
    } catch {
      report(.leaseRefused(lease))
      return
    }
    guard
      let index = known
        ?? owner.add(
          network: lease.network, port: lease.port, address: lease.address, origin: .lease,
          now: now)
    else { return }
    owner.leases.append(lease)
    owner.endpoints[index].eid = lease.eid
    owner.endpoints[index].pool = lease.pool
    owner.endpoints[index].uuid = lease.uuid
    owner.endpoints[index].kind = lease.kind
    owner.endpoints[index].messageTypes = lease.messageTypes
    owner.enter(.unknown, .lease, at: index, now: now)
    owner.endpoints[index].work.job = ports[Int(lease.port.rawValue)].isUp ? .probe : nil
    setRoute(of: index, to: lease.eid, now: now)
  }

  // MARK: Claims

  /// A device says that it has an EID that is another's: the event names both, once.
  mutating func reportClaim(of eid: EID, by index: Int, now: Instant) {
    let endpoint = owner.endpoints[index]
    if tables[networkIndex(of: endpoint)].isOwn(eid) {
      report(.ownEIDClaimed(eid, port: endpoint.port, address: endpoint.address))
    }
    noteSource(eid, network: endpoint.network, port: endpoint.port, address: endpoint.address)
  }

  /// The source EID of a packet that this device looks at anyway. Not called for forwarded ones.
  mutating func noteSource(
    _ eid: EID, network: UInt8, port: PortID, address: PhysicalAddress
  ) {
    guard owner.isActive, eid.isAssignable,
      let known = owner.index(of: eid, network: network),
      owner.endpoints[known].isAnswering, owner.endpoints[known].reason != .bridgeReturned,
      owner.endpoints[known].port != port || owner.endpoints[known].address != address
    else { return }
    let conflict = EIDConflict(network: network, eid: eid, port: port, address: address)
    if owner.conflicts.contains(conflict) { return }
    if owner.conflicts.count == BusOwner.conflictCountMax { owner.conflicts.removeFirst() }
    owner.conflicts.append(conflict)
    report(
      .duplicateEID(
        eid, network: network, port: owner.endpoints[known].port,
        address: owner.endpoints[known].address, otherPort: port, otherAddress: address))
    // The one that is known is asked: if it is gone, the other may have its place.
    owner.endpoints[known].work.checkDue = .zero
  }

  /// The device at the place of a claim has an EID of its own now, or left.
  mutating func resolveConflicts(at index: Int) {
    let endpoint = owner.endpoints[index]
    var position = 0
    while position < owner.conflicts.count {
      let conflict = owner.conflicts[position]
      if conflict.port == endpoint.port, conflict.address == endpoint.address {
        owner.conflicts.remove(at: position)
        report(.duplicateResolved(conflict.eid, network: conflict.network))
      } else {
        position += 1
      }
    }
  }

  /// True, and the newcomer is kept out, when another endpoint on the same bus answers with its
  /// UUID. On different buses one device may have several EIDs (DSP0236 1.3.3 §9).
  mutating func isUUIDTaken(_ index: Int, now: Instant) -> Bool {
    let endpoint = owner.endpoints[index]
    guard let uuid = endpoint.uuid, endpoint.work.hasAskedUUID else { return false }
    for other in owner.endpoints.indices
    where owner.endpoints[other].uuid == uuid && other != index
      && owner.endpoints[other].port == endpoint.port && owner.endpoints[other].isDirect
      && owner.endpoints[other].isAnswering
    {
      if endpoint.reason != .uuidClash {
        report(
          .duplicateUUID(
            uuid, eid: owner.endpoints[other].eid, address: owner.endpoints[other].address,
            otherAddress: endpoint.address))
      }
      owner.endpoints[other].work.checkDue = now
      if endpoint.eid != .null { dropEID(index, now: now) }
      quarantine(index, .uuidClash, now: now)
      return true
    }
    return false
  }
}

extension BusOwner {
  /// What the device had before: by UUID, or where it has none by port and address.
  func lease(for endpoint: KnownEndpoint) -> EIDLease? {
    for lease in leases where lease.network == endpoint.network {
      let isIts: Bool
      if let uuid = endpoint.uuid, let leased = lease.uuid {
        isIts = uuid == leased
      } else {
        let isUnasked = endpoint.uuid == nil && !endpoint.work.hasAskedUUID
        isIts =
          (lease.uuid == nil || isUnasked) && lease.port == endpoint.port
          && lease.address == endpoint.address
      }
      guard isIts else { continue }
      // Somebody else answers with that EID now: the lease is void.
      if let holder = index(of: lease.eid, network: lease.network),
        endpoints[holder].number != endpoint.number, endpoints[holder].isAnswering
      {
        continue
      }
      return lease
    }
    return nil
  }
}
