// The bus owner's books in a digest.

internal import MCTPWire

extension BusOwner {
  func addState(to digest: inout StateDigest) {
    digest.add(endpoints.count)
    for index in endpoints.indices { addEndpoint(index, to: &digest) }
    digest.add(calls.count)
    for call in calls {
      digest.add(requester.requests.firstIndex { $0.ticket == call.ticket } ?? -1)
      digest.add(endpoints.firstIndex { $0.number == call.endpoint } ?? -1)
      digest.add(call.port)
      digest.add(UInt64(call.job.rawValue))
    }
    digest.add(leases.count)
    for lease in leases { digest.add(lease) }
    digest.add(conflicts.count)
    for conflict in conflicts {
      digest.add(UInt64(conflict.network) << 8 | UInt64(conflict.eid.rawValue))
      digest.add(conflict.port)
      digest.add(conflict.address)
    }
    for space in spaces { space.addState(to: &digest) }
    for set in unheld { digest.add(set) }
    for state in upstream { add(state, to: &digest) }
    requester.addState(to: &digest)
    digest.add(random.state)
    digest.add(deadline)
    digest.add(hasRemoved)
    digest.add(UInt64(readyPorts))
  }

  private func add(_ state: UpstreamState, to digest: inout StateDigest) {
    digest.add(state.poolPort)
    digest.add(state.pool.map { UInt64($0.first.rawValue) << 8 | UInt64($0.count) } ?? 1 << 32)
    digest.add(UInt64(state.announced))
    digest.add(state.ownerPort)
    digest.add(state.ownerEID)
    digest.add(state.ownerAddress)
    digest.add(state.notifyDue)
    let ticket = state.notifyTicket
    digest.add(
      ticket == nil ? -2 : requester.requests.firstIndex { $0.ticket == ticket } ?? -1)
    digest.add(UInt64(state.notifyCount))
  }

  private func addEndpoint(_ index: Int, to digest: inout StateDigest) {
    let endpoint = endpoints[index]
    digest.add(
      UInt64(endpoint.network) | UInt64(endpoint.port.rawValue) << 8
        | UInt64(endpoint.eid.rawValue) << 16 | UInt64(endpoint.kind.rawValue) << 24
        | UInt64(endpoint.origin.rawValue) << 32 | UInt64(endpoint.state.rawValue) << 40
        | UInt64(endpoint.reason.rawValue) << 48 | (endpoint.hasStaticEID ? 1 << 56 : 0))
    digest.add(endpoint.address)
    digest.add(endpoint.via)
    digest.add(endpoint.fixedEID)
    digest.add(endpoint.uuid)
    digest.add(endpoint.messageTypes.count)
    for type in endpoint.messageTypes { digest.add(UInt64(type.rawValue)) }
    digest.add(endpoint.vendorSets.count)
    for set in endpoint.vendorSets { add(set, to: &digest) }
    digest.add(endpoint.versions.count)
    for version in endpoint.versions { digest.add(UInt64(version.rawValue)) }
    digest.add(endpoint.pool)
    digest.add(UInt64(endpoint.quirks.rawValue))
    addOrder(of: endpoint.since, to: &digest)
    addOrder(of: endpoint.lastContact ?? .zero, to: &digest)
    addWork(endpoint.work, to: &digest)
  }

  private func add(_ set: VendorMessageSet, to digest: inout StateDigest) {
    switch set.vendor {
    case .pci(let number): digest.add(UInt64(number))
    case .iana(let number): digest.add(UInt64(number) | 1 << 40)
    }
    digest.add(UInt64(set.version))
  }

  /// These times are only compared with one another, so how long ago they were does not matter.
  private func addOrder(of time: Instant, to digest: inout StateDigest) {
    var earlier = 0
    for endpoint in endpoints {
      if endpoint.since < time { earlier += 1 }
      if endpoint.lastContact ?? .zero < time { earlier += 1 }
    }
    digest.add(2 * earlier + (time.nanoseconds == digest.now ? 1 : 0))
  }

  private func addWork(_ work: EndpointWork, to digest: inout StateDigest) {
    digest.add(work.job.map { UInt64($0.rawValue) } ?? 1 << 32)
    if work.job != nil { digest.add(work.due) }
    var flags: UInt64 = 0
    for flag in [
      work.isBusy, work.isOvertaken, work.hasAskedUUID, work.isAssigned, work.isForced,
      work.isReserved, work.isPoolForced, work.isWalledIn, work.hasRefusedUpdate, work.isReturning,
      work.isRemoved,
    ] { flags = flags << 1 | (flag ? 1 : 0) }
    digest.add(flags << 8 | UInt64(work.runningJob.rawValue))
    digest.add(work.failures)
    digest.add(
      UInt64(work.presentEID.rawValue) | UInt64(work.pendingEID.rawValue) << 8
        | UInt64(work.vendorSelector) << 16 | UInt64(work.tableHandle) << 24)
    digest.add(work.poolBefore)
    digest.add(work.wishedEID)
    digest.add(work.updateDue)
    digest.add(work.updateOffset)
    digest.add(work.updateEntries)
    digest.add(work.acknowledged)
    digest.add(work.tableDue)
    digest.add(work.tablePageCount)
    digest.add(work.checkDue)
    digest.add(work.poolCheckDue)
    digest.add(work.awaited)
    digest.add(work.returned)
    digest.add(work.named)
  }
}
