// Routing Information Update from the bus owner above (DSP0236 1.3.3 §12, command 0x09 as
// responder): dynamic entries learnt from the same bus are replaced, split and added; nothing else
// is touched.

internal import MCTPWire

enum LearningResult {
  case unchanged
  case changed
  case full
}

extension Engine {
  mutating func routingInformationUpdate(
    _ request: RoutingInformationUpdate.Request, _ context: ControlContext, now: Instant
  ) throws(ControlRefusal) -> RoutingInformationUpdate.Response {
    let port = ports[Int(context.port.rawValue)].configuration
    guard owner.isActive, port.role == .endpoint,
      owner.upstream[context.networkIndex].ownerPort == context.port,
      owner.upstream[context.networkIndex].ownerAddress == context.address,
      owner.upstream[context.networkIndex].ownerEID == context.header.source
    else { throw ControlRefusal(.errorUnsupportedCommand) }
    var entries: [RoutingTableEntry] = []
    for position in 0..<request.entries.count {
      let entry = request.entries[position]
      guard let address = PhysicalAddress(entry.address, binding: port.binding) else {
        throw ControlRefusal(.errorInvalidLength)
      }
      let isSingle = entry.type == .endpoint || entry.type == .bridge
      guard EIDRange(first: entry.firstEID, count: entry.eidCount) != nil, entry.type.rawValue <= 3,
        !isSingle || entry.eidCount == 1
      else { throw ControlRefusal(.errorInvalidData) }
      // What leads back to ourselves is known better here.
      if port.address != .none, address == port.address { continue }
      entries.append(
        RoutingTableEntry(
          firstEID: entry.firstEID, eidCount: entry.eidCount, type: entry.type,
          port: context.port, address: address, isStatic: false, origin: .update))
    }
    let changed = try apply(entries, context)
    if changed > 0 {
      report(.routingUpdateApplied(port: context.port, entries: UInt8(min(changed, 255))))
      routesChange(port.network, now: now)
    }
    return RoutingInformationUpdate.Response()
  }

  /// All entries or none: a table that is half new helps nobody.
  private mutating func apply(
    _ entries: [RoutingTableEntry], _ context: ControlContext
  ) throws(ControlRefusal) -> Int {
    let table = context.networkIndex
    var before: [RoutingTableEntry] = []
    for position in 0..<tables[table].count {
      let entry = tables[table].entry(at: position)
      if entry.origin == .update, entry.port == context.port { before.append(entry) }
    }
    var changed = 0
    for entry in entries {
      switch learn(entry, networkIndex: table) {
      case .unchanged: continue
      case .changed: changed += 1
      case .full:
        tables[table].remove { $0.origin == .update && $0.port == context.port }
        for entry in before { _ = insert(entry, table) }
        throw ControlRefusal(.insufficientTableSpace)
      }
    }
    return changed
  }

  private mutating func insert(_ entry: RoutingTableEntry, _ table: Int) -> Bool {
    do throws(RoutingTableError) {
      try tables[table].insert(entry)
      return true
    } catch {
      if case .full = error { return false }
      return true
    }
  }

  /// Enters one learnt entry where nothing but learnt entries of the same bus stands, and not for
  /// EIDs that are ours to give: a device below would have one of them and no route to it.
  mutating func learn(_ entry: RoutingTableEntry, networkIndex table: Int) -> LearningResult {
    var accepted = EIDSet()
    for value in entry.firstEID.rawValue...entry.lastEID.rawValue {
      let eid = EID(value)
      if owner.spaces[table].isOurs(eid) { continue }
      switch tables[table].lookup(eid) {
      case .own: continue
      case .none: accepted.insert(eid)
      case .entry(let index):
        let present = tables[table].entry(at: index)
        if present == entry { return .unchanged }
        if present.origin == .update, present.port == entry.port { accepted.insert(eid) }
      }
    }
    if accepted.isEmpty { return .unchanged }
    // What stands in the way, and what is left of it.
    var leftovers: [RoutingTableEntry] = []
    for position in 0..<tables[table].count {
      let present = tables[table].entry(at: position)
      guard present.origin == .update, present.port == entry.port, present.overlaps(entry) else {
        continue
      }
      // A single EID beats the range around it, which can stay.
      if entry.eidCount == 1, present.eidCount > 1 { continue }
      var rest = EIDSet(first: present.firstEID, count: Int(present.eidCount))
      for eid in accepted.members { rest.remove(eid) }
      leftovers += runs(of: rest, like: present)
    }
    tables[table].remove { present in
      present.origin == .update && present.port == entry.port && present.overlaps(entry)
        && !(entry.eidCount == 1 && present.eidCount > 1)
    }
    for part in leftovers + runs(of: accepted, like: entry) {
      guard insert(part, table) else { return .full }
    }
    return .changed
  }

  /// Takes out of what was learnt the EIDs that have become ours to give. In a full table the
  /// second half of a route that is cut in two has no place.
  mutating func unlearn(_ pool: EIDRange, networkIndex table: Int) {
    let ours = EIDSet(first: pool.first, count: Int(pool.count))
    var leftovers: [RoutingTableEntry] = []
    for position in 0..<tables[table].count {
      let present = tables[table].entry(at: position)
      guard present.origin == .update, present.overlaps(pool) else { continue }
      var rest = EIDSet(first: present.firstEID, count: Int(present.eidCount))
      for eid in ours.members { rest.remove(eid) }
      leftovers += runs(of: rest, like: present)
    }
    tables[table].remove { $0.origin == .update && $0.overlaps(pool) }
    for part in leftovers { _ = insert(part, table) }
  }

  /// The members of a set as entries to the same device.
  private func runs(of eids: EIDSet, like entry: RoutingTableEntry) -> [RoutingTableEntry] {
    var result: [RoutingTableEntry] = []
    for eid in eids.members {
      if let last = result.last, last.lastEID.rawValue &+ 1 == eid.rawValue {
        result[result.count - 1].eidCount += 1
        continue
      }
      var run = entry
      run.firstEID = eid
      run.eidCount = 1
      result.append(run)
    }
    for index in result.indices where result[index] != entry {
      // The first EID of a bridge's range is the bridge; what is torn off it is only behind it.
      let isBridge = entry.type == .bridgeRange && result[index].firstEID == entry.firstEID
      if entry.type == .bridgeRange || entry.type == .range {
        result[index].type =
          isBridge ? (result[index].eidCount > 1 ? .bridgeRange : .bridge) : .range
      }
    }
    return result
  }
}
