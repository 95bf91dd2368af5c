// What the bus owner gives out, as the book keeps it.

public import MCTPEngine
internal import MCTPWire
public import Topology

/// Why what the owner gave out is not kept.
public enum LeaseNotKept: Error, Hashable, Sendable, CustomStringConvertible {
  case impossible(Lease.Defect)
  case noRoom(LeaseBookError)

  public var description: String {
    switch self {
    case .impossible(let defect): "\(defect)"
    case .noRoom(let error): "\(error)"
    }
  }
}

extension LeaseBook {
  /// Enters a lease that was given out just now. Older leases of the same EIDs are void then: what
  /// the owner says last is true.
  ///
  /// - Returns: the void ones, beside those of the same EID and of the same place.
  /// - Throws: `LeaseBookError.full`.
  public mutating func enterLatest(_ lease: Lease) throws(LeaseBookError) -> [Lease] {
    var void: [Lease] = []
    while true {
      do throws(LeaseBookError) {
        _ = try enter(lease)
        noteContact(network: lease.network, eid: lease.eid)
        return void
      } catch {
        // Each turn forgets one, and there are not more than the lease has EIDs.
        guard case .overlap(_, let other) = error,
          forget(network: other.network, eid: other.eid) != nil
        else { throw error }
        void.append(other)
      }
    }
  }

  /// Keeps what the owner of `engine` gave out, as `enterLatest`.
  public mutating func keep(
    _ lease: EIDLease, of engine: borrowing Engine, under topology: Topology
  ) throws(LeaseNotKept) -> [Lease] {
    let isFixed =
      engine.endpoint(lease.eid, network: lease.network)?.hasStaticEID == true
      || topology.insists(on: lease.eid, network: lease.network)
    let kept: Lease
    do throws(Lease.Defect) {
      kept = try Lease(
        lease, portName: topology.ports[Int(lease.port.rawValue)].name,
        assignment: isFixed ? .fixed : .dynamic)
    } catch { throw .impossible(error) }
    do throws(LeaseBookError) {
      return try enterLatest(kept)
    } catch { throw .noRoom(error) }
  }
}

extension Topology {
  /// A device is to have the EID, whatever it or the owner wants.
  fileprivate func insists(on eid: EID, network: UInt8) -> Bool {
    fixedEIDs.contains { $0.network == network && $0.eid == eid }
      || ports.contains { port in
        port.network == network
          && port.discovery?.expectedDevices.contains { $0.eid == eid } == true
      }
  }
}

extension Lease {
  /// - Parameter portName: of the lease's port: numbers move when a topology changes.
  /// - Throws: what makes it no lease.
  public init(
    _ lease: EIDLease, portName: String, assignment: Assignment
  ) throws(Lease.Defect) {
    try self.init(
      network: lease.network, eid: lease.eid,
      pool: Pool(firstEID: lease.pool.first, eidCount: lease.pool.count), uuid: lease.uuid,
      port: portName, address: lease.address,
      kind: lease.kind == .bridge || lease.pool.count > 0 ? .bridge : .simple,
      assignment: assignment, messageTypes: MessageTypeSet(lease.messageTypes))
  }
}
