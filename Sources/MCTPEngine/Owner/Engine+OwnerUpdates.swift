// Routing Information Update to the bridges below (DSP0236 1.3.3 §12, command 0x09 as requester).
//
// An update has no delete operation, so a bridge is told again only when there is something that
// it has not acknowledged.

internal import MCTPWire

extension Engine {
  /// Routes of a network changed: its bridges are told soon, all changes until then at once.
  mutating func routesChange(_ network: UInt8, now: Instant) {
    guard owner.isActive else { return }
    let due = now.advanced(byMs: owner.configuration.routingUpdateDelayMs)
    for index in owner.endpoints.indices
    where owner.endpoints[index].network == network && takesUpdates(owner.endpoints[index])
      && owner.endpoints[index].work.updateDue == nil
    {
      owner.endpoints[index].work.updateDue = due
      owner.endpoints[index].work.updateEntries = []
    }
  }

  /// A bridge whose EID was lost is set up first: until then it may refuse what it would take.
  private func takesUpdates(_ endpoint: KnownEndpoint) -> Bool {
    endpoint.kind == .bridge && endpoint.isDirect && endpoint.work.isAssigned
      && endpoint.eid != .null
      && !endpoint.quirks.contains(.refusesRoutingUpdate)
  }

  /// What a bridge on an owned bus has to know: our EID there, who else is on that bus, and
  /// everything else as runs behind us.
  func routingInformation(for index: Int) -> [RoutingInformationUpdate.Entry] {
    let bridge = owner.endpoints[index]
    let table = networkIndex(of: bridge)
    let ourAddress = ports[Int(bridge.port.rawValue)].configuration.address
    let ownEID = ports[Int(bridge.port.rawValue)].ownEID
    var entries: [RoutingInformationUpdate.Entry] = []
    if ownEID != .null {
      entries.append(.init(type: .bridge, eidCount: 1, firstEID: ownEID, address: ourAddress))
    }
    var behindUs = EIDSet()
    for value in EID.assignable.lowerBound.rawValue...EID.assignable.upperBound.rawValue
    where tables[table].isOwn(EID(value)) { behindUs.insert(EID(value)) }
    behindUs.remove(ownEID)
    for position in 0..<tables[table].count {
      let entry = tables[table].entry(at: position)
      if entry.port != bridge.port {
        for value in entry.firstEID.rawValue...entry.lastEID.rawValue {
          behindUs.insert(EID(value))
        }
      } else if entry.address != bridge.address {
        entries.append(
          .init(
            type: entry.type, eidCount: entry.eidCount, firstEID: entry.firstEID,
            address: entry.address))
      }
    }
    for position in 0..<tables[table].count {
      let entry = tables[table].entry(at: position)
      guard entry.port == bridge.port else { continue }
      for value in entry.firstEID.rawValue...entry.lastEID.rawValue {
        // A single EID elsewhere beats a range that holds it.
        if case .entry(let found) = tables[table].lookup(EID(value)), found == position {
          behindUs.remove(EID(value))
        }
      }
    }
    appendRuns(of: behindUs, at: ourAddress, to: &entries)
    return entries
  }

  private func appendRuns(
    of eids: EIDSet, at address: PhysicalAddress, to entries: inout [RoutingInformationUpdate.Entry]
  ) {
    var first: EID?
    for value in EID.assignable.lowerBound.rawValue...0xFF {
      let eid = EID(value)
      if eids.contains(eid), eid.isAssignable {
        if first == nil { first = eid }
      } else if let start = first {
        entries.append(
          .init(
            type: .range, eidCount: eid.rawValue - start.rawValue, firstEID: start,
            address: address))
        first = nil
      }
    }
  }

  /// Sends the next part of an update; the bridge is up to date when nothing is left.
  mutating func startRoutingUpdate(_ index: Int, now: Instant) {
    guard takesUpdates(owner.endpoints[index]) else {
      owner.endpoints[index].work.updateDue = nil
      return
    }
    if owner.endpoints[index].work.updateEntries.isEmpty {
      let wanted = routingInformation(for: index)
      let acknowledged = owner.endpoints[index].work.acknowledged
      if wanted.allSatisfy({ acknowledged.contains($0) }) {
        owner.endpoints[index].work.updateDue = nil
        return
      }
      owner.endpoints[index].work.updateEntries = wanted
      owner.endpoints[index].work.updateOffset = 0
    }
    let work = owner.endpoints[index].work
    let part = updatePart(work)
    var request = RoutingInformationUpdate.Request()
    for position in work.updateOffset..<(work.updateOffset + part) {
      do throws(WireError) {
        try request.entries.append(work.updateEntries[position])
      } catch { break }
    }
    ask(request, .routingUpdate, of: index, now: now)
  }

  private func updatePart(_ work: EndpointWork) -> Int {
    let addressBytes = work.updateEntries[0].address.count
    return min(
      work.updateEntries.count - work.updateOffset,
      RoutingInformationUpdate.Request.entryCountMax(addressByteCount: addressBytes))
  }

  mutating func routingUpdateAnswered(_ index: Int, now: Instant) {
    let work = owner.endpoints[index].work
    guard !work.updateEntries.isEmpty else {
      // The routes changed while it was under way: once more, from the start.
      owner.endpoints[index].work.updateDue = now
      return
    }
    let next = work.updateOffset + updatePart(work)
    if next < work.updateEntries.count {
      owner.endpoints[index].work.updateOffset = next
      owner.endpoints[index].work.updateDue = now
      return
    }
    owner.endpoints[index].work.hasRefusedUpdate = false
    owner.endpoints[index].work.acknowledged = work.updateEntries
    owner.endpoints[index].work.updateEntries = []
    owner.endpoints[index].work.updateOffset = 0
    report(
      .routingUpdateAcknowledged(
        bridge: owner.endpoints[index].eid, entries: UInt8(min(work.updateEntries.count, 255))))
    // What changed meanwhile is found by comparing.
    if routingInformation(for: index) != work.updateEntries {
      owner.endpoints[index].work.updateDue = now.advanced(
        byMs: owner.configuration.routingUpdateDelayMs)
    }
  }

  mutating func routingUpdateFailed(_ index: Int, _ failure: ControlFailure, now: Instant) {
    let eid = owner.endpoints[index].eid
    owner.endpoints[index].work.updateEntries = []
    switch failure {
    case .refused(let code):
      report(.routingUpdateFailed(bridge: eid, code: code))
      if code == .errorUnsupportedCommand, owner.endpoints[index].work.hasRefusedUpdate {
        note(.refusesRoutingUpdate, at: index)
      } else if code == .errorUnsupportedCommand {
        // Choice: once more after a health check. Some refuse whom they do not know as their owner,
        // and a request to the null EID shows them which EID we have by now.
        owner.endpoints[index].work.hasRefusedUpdate = true
        owner.endpoints[index].work.updateDue = now.advanced(
          byMs: owner.configuration.recoveryIntervalMs)
        if owner.endpoints[index].state == .up { owner.endpoints[index].work.checkDue = now }
      } else {
        // No room, or something transient: tried again when routes change, and by and by.
        owner.endpoints[index].work.updateDue = now.advanced(byMs: 10_000)
      }
    case .silent:
      report(.routingUpdateFailed(bridge: eid, code: nil))
      owner.endpoints[index].work.updateDue = now.advanced(
        byMs: owner.configuration.recoveryIntervalMs)
      if owner.endpoints[index].state == .up { owner.endpoints[index].work.checkDue = now }
    }
  }
}
