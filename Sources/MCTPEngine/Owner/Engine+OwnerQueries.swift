// What people and programs may look at. Nothing here changes anything.

public import MCTPWire

/// The next question of a port's search, and why it is asked.
public struct PlannedDiscovery: Hashable, Sendable {
  public let address: PhysicalAddress
  public let due: Instant
  /// The state of what is known at the address, and the reason for it.
  public let state: EndpointState
  public let reason: EndpointReason
  public let origin: EndpointOrigin
  /// Unanswered questions before this one, in a row.
  public let failureCount: Int
}

/// How far a bridge knows the routes.
public enum RoutingUpdateState: Hashable, Sendable {
  /// It acknowledged so many entries, and nothing changed since.
  case current(entries: Int)
  /// It is told at that time, or is being told.
  case pending(since: Int, due: Instant)
  /// It does not support the command.
  case unsupported
}

extension Engine {
  /// Runs `body` on every known endpoint, at any depth, in the order in which they became known.
  public func forEachEndpoint(_ body: (KnownEndpoint) -> Void) {
    for endpoint in owner.endpoints where endpoint.isShown { body(endpoint) }
  }

  /// The endpoint that has an EID; nil when none is known.
  public func endpoint(_ eid: EID, network: UInt8 = 1) -> KnownEndpoint? {
    guard eid.isAssignable else { return nil }
    return owner.index(of: eid, network: network).map { owner.endpoints[$0] }
  }

  /// What an EID is to this device; nil when it is no bus owner or the network does not exist.
  public func eidState(of eid: EID, network: UInt8 = 1) -> EIDState? {
    guard owner.isActive, let index = networks.firstIndex(of: network) else { return nil }
    return owner.spaces[index].state(of: eid)
  }

  /// What is asked next on a port to find devices; nil when nothing is.
  public func nextDiscovery(on port: PortID) -> PlannedDiscovery? {
    var next: PlannedDiscovery?
    for endpoint in owner.endpoints
    where endpoint.port == port && endpoint.work.job == .probe && endpoint.isDirect {
      if let present = next, present.due <= endpoint.work.due { continue }
      next = PlannedDiscovery(
        address: endpoint.address, due: endpoint.work.due, state: endpoint.state,
        reason: endpoint.reason, origin: endpoint.origin, failureCount: endpoint.work.failures)
    }
    return next
  }

  /// How far a bridge below knows the routes; nil when it is none of ours.
  public func routingUpdateState(of bridge: EID, network: UInt8 = 1) -> RoutingUpdateState? {
    guard let index = owner.index(of: bridge, network: network),
      owner.endpoints[index].kind == .bridge, owner.endpoints[index].isDirect
    else { return nil }
    let endpoint = owner.endpoints[index]
    if endpoint.quirks.contains(.refusesRoutingUpdate) { return .unsupported }
    if let due = endpoint.work.updateDue {
      return .pending(since: endpoint.work.acknowledged.count, due: due)
    }
    return .current(entries: endpoint.work.acknowledged.count)
  }

  /// The pool that an owner above gave this device in a network; nil for none.
  public func ownPool(network: UInt8 = 1) -> EIDRange? {
    guard owner.isActive, let index = networks.firstIndex(of: network) else { return nil }
    return owner.upstream[index].pool
  }

  /// EIDs that this device needs from above in a network, 0 to 246.
  public func poolNeed(network: UInt8 = 1) -> UInt8 {
    guard owner.isActive, let index = networks.firstIndex(of: network) else { return 0 }
    return poolNeed(index)
  }

  /// Every lease, in the order in which they were made.
  public func forEachLease(_ body: (EIDLease) -> Void) {
    for lease in owner.leases { body(lease) }
  }

  /// What became of the owner's requests on a port.
  public func requesterCounters(of port: PortID) -> ControlRequesterCounters? {
    guard owner.isActive, Int(port.rawValue) < owner.requester.ports.count else { return nil }
    return owner.requester.ports[Int(port.rawValue)].counters
  }

  /// The first rule of the books that does not hold; nil when all do. For tests and simulations.
  public func ownerViolation(network: UInt8 = 1) -> EIDSpaceViolation? {
    guard owner.isActive, let index = networks.firstIndex(of: network) else { return nil }
    return owner.spaces[index].violation ?? holderViolation(index)
  }

  /// What the books of EIDs say that no port, no record and no static route agrees with.
  private func holderViolation(_ networkIndex: Int) -> EIDSpaceViolation? {
    for index in 0..<ports.count where ports[index].networkIndex == networkIndex {
      let eid = ports[index].ownEID
      if eid != .null, owner.spaces[networkIndex].state(of: eid) != .own { return .ownNotHeld(eid) }
    }
    for value in EID.assignable.lowerBound.rawValue...EID.assignable.upperBound.rawValue {
      let eid = EID(value)
      switch owner.spaces[networkIndex].state(of: eid) {
      case .reserved(eid): if !isAsked(for: eid, networkIndex) { return .heldForNobody(eid) }
      case .leased: if !hasHolder(eid, networkIndex) { return .heldForNobody(eid) }
      default: continue
      }
    }
    return nil
  }

  private func isAsked(for eid: EID, _ networkIndex: Int) -> Bool {
    owner.endpoints.contains {
      $0.work.isReserved && $0.work.pendingEID == eid && $0.network == networks[networkIndex]
    }
  }

  func hasHolder(_ eid: EID, _ networkIndex: Int) -> Bool {
    isRoutedByWill(eid, networkIndex)
      || owner.endpoints.contains {
        $0.eid == eid && $0.isDirect && $0.network == networks[networkIndex]
      }
  }
}
