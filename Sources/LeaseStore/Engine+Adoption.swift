// What was kept, as the bus owner takes it up at a start.

public import MCTPEngine
public import MCTPWire
public import Topology

/// A lease that was read and is not used.
public struct RefusedLease: Hashable, Sendable {
  public let lease: Lease
  /// For people: `no port has that name any more`.
  public let reason: String
}

extension Engine {
  /// Takes up what was kept, before ports come up. The topology may have changed since: what it
  /// says now counts.
  ///
  /// - Returns: what the topology forbids. What the engine itself refuses it tells by an event.
  public mutating func adopt(
    _ kept: [Lease], under topology: Topology, now: Instant
  ) -> [RefusedLease] {
    var refused: [RefusedLease] = []
    for lease in kept {
      guard let known = EIDLease(lease, ports: topology.ports) else {
        refused.append(RefusedLease(lease: lease, reason: "no port has that name any more"))
        continue
      }
      guard !topology.keepsForAnother(known) else {
        refused.append(
          RefusedLease(lease: lease, reason: "the topology keeps the EID for another device"))
        continue
      }
      adopt(lease: known, now: now)
    }
    return refused
  }
}

extension Topology {
  fileprivate func keepsForAnother(_ lease: EIDLease) -> Bool {
    func holds(_ eid: EID) -> Bool { eid == lease.eid || lease.pool.contains(eid) }
    let isByUUID = fixedEIDs.contains { fixed in
      fixed.network == lease.network && holds(fixed.eid) && fixed.uuid != lease.uuid
    }
    return isByUUID
      || ports.contains { port in
        guard port.network == lease.network, let discovery = port.discovery else { return false }
        return discovery.expectedDevices.contains { device in
          guard let eid = device.eid, port.id != lease.port || device.address != lease.address
          else { return false }
          return (0...device.poolSize).contains { holds(EID(eid.rawValue &+ $0)) }
        }
      }
  }
}

extension EIDLease {
  /// Nil when no port has the lease's name any more.
  init?(_ lease: Lease, ports: [Topology.Port]) {
    guard let port = ports.first(where: { $0.name == lease.port }) else { return nil }
    let pool = lease.pool.map {
      EndpointPool(first: $0.firstEID, count: $0.eidCount, asked: $0.eidCount)
    }
    self.init(
      network: lease.network, eid: lease.eid, pool: pool ?? EndpointPool(), uuid: lease.uuid,
      port: port.id, address: lease.address, kind: lease.kind == .bridge ? .bridge : .simple,
      messageTypes: lease.messageTypes.types)
  }
}
