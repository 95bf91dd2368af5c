// What is behind the bridges below: their routing tables, page by page (DSP0236 1.3.3 §12,
// command 0x0A as requester), or, where a bridge does not tell, one question to each EID of its
// pool.

internal import MCTPWire

extension Engine {
  /// Choice: a table of 254 entries needs 32 pages of 8; a bridge that has more does not end.
  private static var tablePageCountMax: Int { 64 }

  mutating func routingTableAnswered(
    _ index: Int, _ response: GetRoutingTableEntries.Response, now: Instant
  ) {
    for position in 0..<response.entries.count {
      learn(response.entries[position], from: index, now: now)
    }
    owner.endpoints[index].work.tablePageCount += 1
    let (handle, next) = (owner.endpoints[index].work.tableHandle, response.nextHandle)
    if next != GetRoutingTableEntries.noMoreEntries {
      if next != handle, next != GetRoutingTableEntries.firstHandle,
        owner.endpoints[index].work.tablePageCount < Engine.tablePageCountMax
      {
        owner.endpoints[index].work.tableHandle = next
        owner.endpoints[index].work.tableDue = now
        return
      }
      note(.routingTableEndless, at: index)
    }
    finishTable(index, now: now)
  }

  private mutating func finishTable(_ index: Int, now: Instant) {
    let bridge = owner.endpoints[index]
    owner.endpoints[index].work.tableHandle = GetRoutingTableEntries.firstHandle
    owner.endpoints[index].work.tablePageCount = 0
    owner.endpoints[index].work.named = EIDSet()
    report(
      .routingTableRead(bridge: bridge.eid, entries: UInt8(min(bridge.work.named.count, 255))))
    for member in owner.endpoints.indices
    where owner.endpoints[member].via == bridge.eid
      && owner.endpoints[member].network == bridge.network
      && owner.endpoints[member].origin == .routingTable
      && !bridge.work.named.contains(owner.endpoints[member].eid)
      && owner.endpoints[member].state != .down
    {
      // The table does not name it any more.
      let member = owner.endpoints[member].number
      if let position = owner.index(of: member) { goDown(position, .disappeared, now: now) }
    }
  }

  /// Takes one entry of a bridge's table for what is in the bridge's pool; the rest is ours anyway.
  private mutating func learn(
    _ entry: GetRoutingTableEntries.Entry, from index: Int, now: Instant
  ) {
    let bridge = owner.endpoints[index]
    guard entry.eidCount > 0, entry.firstEID.isAssignable, bridge.pool.contains(entry.firstEID),
      Int(entry.firstEID.rawValue) + Int(entry.eidCount) - 1
        < Int(bridge.pool.first.rawValue) + Int(bridge.pool.count)
    else { return }
    switch entry.type {
    case .endpoint:
      for offset in 0..<entry.eidCount {
        name(EID(entry.firstEID.rawValue + offset), behind: index, .simple, EndpointPool(), now)
      }
    case .bridge: name(entry.firstEID, behind: index, .bridge, EndpointPool(), now)
    case .bridgeRange:
      let count = entry.eidCount - 1
      let pool =
        count == 0
        ? EndpointPool()
        : EndpointPool(first: EID(entry.firstEID.rawValue + 1), count: count, asked: count)
      name(entry.firstEID, behind: index, .bridge, pool, now)
    // A range without its bridge: whoever is in it is named by the bridge's own table.
    default: break
    }
  }

  private mutating func name(
    _ eid: EID, behind index: Int, _ kind: EndpointKind, _ pool: EndpointPool, _ now: Instant
  ) {
    owner.endpoints[index].work.named.insert(eid)
    let bridge = owner.endpoints[index]
    let known = owner.index(of: eid, network: bridge.network)
    if let known, owner.endpoints[known].isDirect { return }
    guard
      let member = known
        ?? owner.add(
          network: bridge.network, port: bridge.port, address: bridge.address, via: bridge.eid,
          origin: .routingTable, now: now)
    else { return }
    if known == nil {
      owner.endpoints[member].eid = eid
      owner.endpoints[member].kind = kind
      owner.endpoints[member].work.due = now
      owner.endpoints[member].work.isAssigned = true
    } else if owner.endpoints[member].state == .down, owner.endpoints[member].work.job == nil {
      owner.endpoints[member].work.job = .probe
      owner.endpoints[member].work.due = now
    }
    owner.endpoints[member].origin = .routingTable
    owner.endpoints[member].address = bridge.address
    if owner.endpoints[member].via != bridge.eid { owner.endpoints[member].via = bridge.eid }
    if pool.count > 0, owner.endpoints[member].pool != pool {
      owner.endpoints[member].pool = pool
      owner.endpoints[member].kind = .bridge
      owner.endpoints[member].work.tableDue = now.advanced(byMs: owner.configuration.settleMs)
    }
  }

  mutating func routingTableFailed(_ index: Int, _ failure: ControlFailure, now: Instant) {
    owner.endpoints[index].work.tableHandle = GetRoutingTableEntries.firstHandle
    owner.endpoints[index].work.tablePageCount = 0
    owner.endpoints[index].work.named = EIDSet()
    guard failure.isRefusal else {
      // The health check decides what has become of the bridge; the table is read after it.
      if owner.endpoints[index].state == .up { owner.endpoints[index].work.checkDue = now }
      return
    }
    note(.refusesRoutingTable, at: index)
    let bridge = owner.endpoints[index]
    guard bridge.pool.count > 0 else { return }
    for offset in 0..<bridge.pool.count {
      let eid = EID(bridge.pool.first.rawValue + offset)
      guard owner.index(of: eid, network: bridge.network) == nil,
        let member = owner.add(
          network: bridge.network, port: bridge.port, address: bridge.address, via: bridge.eid,
          origin: .pool, now: now)
      else { continue }
      owner.endpoints[member].eid = eid
      owner.endpoints[member].work.due = now
      owner.endpoints[member].work.isAssigned = true
    }
  }
}
