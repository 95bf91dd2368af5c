internal import AdminProtocol
internal import BusIO
internal import Logging
internal import MCTPEngine
internal import MCTPWire
internal import Topology

// What is remembered of EIDs that were given out, over restarts.
extension Router {
  /// Opens the state directory and takes up what is there, before ports come up. Part of `run`.
  ///
  /// - Throws: of kind `.state` when another router has the directory, or when the one that was
  ///   asked for cannot be used. Without the default one the router starts, and says so.
  func openLeases() throws(RouterError) {
    guard engine.isBusOwner, let path = options.stateDirectoryPath else { return }
    let keeper: LeaseKeeper
    do throws(StateDirectoryError) {
      let storage = try DirectoryStorage(path: path)
      do throws(SystemError) {
        keeper = try LeaseKeeper(storage)
        try loop.watch(keeper.descriptor, interest: .readable, token: Token.leases)
      } catch { throw StateDirectoryError(kind: .unusable, description: "\(error)") }
    } catch {
      guard error.kind == .unusable, !options.needsStateDirectory else {
        throw RouterError(kind: .state, description: "\(error)")
      }
      tell(RouterEvent(.stateNotWritten, .trouble, "EIDs are not kept over a restart: \(error)"))
      return
    }
    leases = keeper
    for notice in keeper.notices { tell(RouterEvent(.stateSetAside, .trouble, notice)) }
    if let reason = keeper.unlockedReason {
      tell(
        RouterEvent(
          .stateNotWritten, .trouble, "\(path): not locked against a second router: \(reason)"))
    }
    adopt(keeper.leases)
  }

  private func adopt(_ kept: [Lease]) {
    var adopted = 0
    for lease in kept {
      guard let known = EIDLease(lease, ports: topology.ports) else {
        tell(refused(lease, "no port has that name any more"))
        continue
      }
      guard !isKeptForAnother(known) else {
        tell(refused(lease, "the topology keeps the EID for another device"))
        continue
      }
      engine.adopt(lease: known, now: now)
      adopted += 1
    }
    if !kept.isEmpty { logger.notice("leases read", metadata: ["leases": "\(adopted)"]) }
    takeEngineEvents()
  }

  /// The topology was changed since: what it says now counts.
  private func isKeptForAnother(_ lease: EIDLease) -> Bool {
    func holds(_ eid: EID) -> Bool { eid == lease.eid || lease.pool.contains(eid) }
    let isByUUID = topology.fixedEIDs.contains { fixed in
      fixed.network == lease.network && holds(fixed.eid) && fixed.uuid != lease.uuid
    }
    return isByUUID
      || topology.ports.contains { port in
        guard port.network == lease.network, let discovery = port.discovery else { return false }
        return discovery.expectedDevices.contains { device in
          guard let eid = device.eid, port.id != lease.port || device.address != lease.address
          else { return false }
          return (0...device.poolSize).contains { holds(EID(eid.rawValue &+ $0)) }
        }
      }
  }

  private func refused(_ lease: Lease, _ why: String) -> RouterEvent {
    RouterEvent(
      .leaseRefused, .trouble, "not used, because \(why): \(lease)"
    ).with { fields in
      fields.network = lease.network
      fields.eid = lease.eid.row
      fields.port = lease.port
      fields.address = lease.address.text
      fields.uuid = lease.uuid?.description
    }
  }

  func closeLeases() {
    guard let keeper = leases else { return }
    loop.unwatch(keeper.descriptor)
    tell(keeper.finish(now: now))
    leases = nil
  }

  /// The thread that writes leases has something to say.
  func finishLeaseWrite() { tell(leases?.service(now: now)) }

  private func tell(_ event: LeaseWriteEvent?) {
    switch event {
    case .failed, .notSavedAtStop:
      if let event { tell(RouterEvent(.stateNotWritten, .failure, "\(event)")) }
    case .recovered(let failureCount):
      logger.notice("leases saved again after \(failureCount) failures")
    case nil: break
    }
  }

  func keep(_ lease: EIDLease) {
    guard let leases else { return }
    let isFixed = isFixed(lease.eid, network: lease.network)
    var trouble = ""
    do throws(Lease.Defect) {
      let kept = try Lease(
        lease, portName: name(of: lease.port), assignment: isFixed ? .fixed : .dynamic)
      do throws(LeaseBookError) {
        for other in try leases.enter(kept, now: now) { logger.notice("kept no longer: \(other)") }
        return
      } catch { trouble = "\(error)" }
    } catch { trouble = "\(error)" }
    tell(
      RouterEvent(
        .stateNotWritten, .failure, "the lease of EID \(lease.eid) is not kept: \(trouble)"))
  }

  func forget(_ lease: EIDLease) {
    leases?.forget(network: lease.network, eid: lease.eid, now: now)
  }

  /// Keeps what the owner has given out, all of it: some of its events were lost.
  func keepAllLeases() {
    guard leases != nil else { return }
    var all: [EIDLease] = []
    engine.forEachLease { all.append($0) }
    for lease in all { keep(lease) }
  }

  /// The topology or the device insists on the EID.
  private func isFixed(_ eid: EID, network: UInt8) -> Bool {
    engine.endpoint(eid, network: network)?.hasStaticEID == true
      || topology.fixedEIDs.contains { $0.network == network && $0.eid == eid }
      || topology.ports.contains { port in
        port.network == network
          && port.discovery?.expectedDevices.contains { $0.eid == eid } == true
      }
  }
}

extension EIDLease {
  /// Nil when no port has the lease's name any more.
  fileprivate init?(_ lease: Lease, ports: [Topology.Port]) {
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

extension Lease {
  fileprivate init(
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
