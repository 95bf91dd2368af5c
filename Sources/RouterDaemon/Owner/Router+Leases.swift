internal import AdminProtocol
internal import BusIO
internal import LeaseStore
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
    let refusals = engine.adopt(kept, under: topology, now: now)
    for refusal in refusals { tell(refused(refusal.lease, refusal.reason)) }
    if !kept.isEmpty {
      logger.notice("leases read", metadata: ["leases": "\(kept.count - refusals.count)"])
    }
    takeEngineEvents()
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
    do throws(LeaseNotKept) {
      for other in try leases.keep(lease, of: engine, under: topology, now: now) {
        logger.notice("kept no longer: \(other)")
      }
    } catch {
      tell(
        RouterEvent(
          .stateNotWritten, .failure, "the lease of EID \(lease.eid) is not kept: \(error)"))
    }
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
}
