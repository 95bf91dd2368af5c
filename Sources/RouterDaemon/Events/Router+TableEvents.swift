internal import AdminProtocol
internal import MCTPEngine
internal import MCTPWire

// What the bus owner did with pools, routes and leases, in words.
extension Router {
  func describeTables(_ event: OwnerEvent) -> RouterEvent {
    switch event {
    case .poolGranted(let number, let bridge, let asked, let given, let limit):
      let known = knownEndpoint(number)
      let why = limit.map { ", because \($0.words)" } ?? ""
      return RouterEvent(
        .poolGranted, given < asked ? .trouble : .notable,
        "bridge \(bridge) asked for \(asked) EIDs and got \(given)\(why)"
      ).with { fields in
        fields.network = known?.network
        fields.bridge = bridge.row
        fields.pool = PoolRow(
          first: given == 0 ? nil : known?.pool.first.row, count: Int(given), asked: Int(asked),
          limit: limit?.words)
      }
    case .poolLost(let number, let bridge):
      let known = knownEndpoint(number)
      return RouterEvent(.poolLost, .trouble, "bridge \(bridge) lost its pool").with { fields in
        fields.network = known?.network
        fields.bridge = bridge.row
      }
    case .ownPoolChanged(let network, let first, let count, let asked):
      let text =
        count == 0
        ? "the EIDs that were given to us in network \(network) were taken away"
        : "EIDs \(first)-\(EID(first.rawValue &+ (count &- 1))) of network \(network) were given to "
          + "us, asked for \(asked)"
      return RouterEvent(.ownPoolChanged, .notable, text).with { fields in
        fields.network = network
        fields.pool = PoolRow(
          first: count == 0 ? nil : first.rawValue, count: Int(count), asked: Int(asked))
      }
    case .routingUpdateAcknowledged(let bridge, let entries):
      return table(
        .routingUpdateAcknowledged, .routine, "bridge \(bridge) knows \(counted(entries))", bridge,
        entries)
    case .routingTableRead(let bridge, let entries):
      return table(
        .routingTableRead, .routine, "bridge \(bridge) has \(counted(entries))", bridge, entries)
    case .routingUpdateFailed(let bridge, let code):
      let why = code.map { "it answered \($0)" } ?? "it did not answer"
      return RouterEvent(
        .routingUpdateFailed, .trouble, "bridge \(bridge) did not take the routes: \(why)"
      ).with { fields in
        fields.bridge = bridge.row
        fields.completionCode = code?.rawValue
      }
    case .routingUpdateApplied(let port, let entries):
      return RouterEvent(
        .routingUpdateApplied, .notable,
        "the bus owner on port \(name(of: port)) changed \(counted(entries))"
      ).with { fields in
        fields.port = name(of: port)
        fields.entryCount = Int(entries)
      }
    case .leaseChanged(let lease):
      return self.lease(
        .leaseChanged, .routine, "EID \(lease.eid) is kept for its device", lease)
    case .leaseDropped(let lease):
      return self.lease(.leaseDropped, .routine, "EID \(lease.eid) is kept no longer", lease)
    case .leaseRefused(let lease):
      return self.lease(
        .leaseRefused, .trouble,
        "the lease of EID \(lease.eid), \(place(lease.port, lease.address)), clashes with the "
          + "topology and is not used", lease)
    case .endpointUp, .endpointSuspect, .endpointDown, .endpointQuarantined, .subtreeLost,
      .subtreeReturned, .eidChanged, .quirkFound, .duplicateEID, .ownEIDClaimed,
      .duplicateUUID, .duplicateResolved, .eidsExhausted, .routeRefused:
      preconditionFailure("described elsewhere")
    }
  }

  private func counted(_ entries: UInt8) -> String {
    entries == 1 ? "1 route" : "\(entries) routes"
  }

  private func table(
    _ kind: EventKindName, _ weight: RouterEvent.Weight, _ text: String, _ bridge: EID,
    _ entries: UInt8
  ) -> RouterEvent {
    RouterEvent(kind, weight, text).with { fields in
      fields.bridge = bridge.row
      fields.entryCount = Int(entries)
    }
  }

  private func lease(
    _ kind: EventKindName, _ weight: RouterEvent.Weight, _ text: String, _ lease: EIDLease
  ) -> RouterEvent {
    RouterEvent(kind, weight, text).with { fields in
      fields.network = lease.network
      fields.eid = lease.eid.row
      fields.port = name(of: lease.port)
      fields.address = lease.address.text
      fields.uuid = lease.uuid?.description
    }
  }
}
