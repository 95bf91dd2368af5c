internal import MCTPWire

// Static routing table entries: types, own EIDs, overlaps. One table for each network; whether an
// entry came first in the file never decides where a packet goes.

extension TopologyLoader {
  /// Fills `routeTables` and reports what cannot be in them.
  mutating func checkRoutes() {
    for index in routes.indices {
      let route = routes[index]
      checkType(route)
      guard let portIndex = route.portIndex else { continue }
      let port = ports[portIndex]
      if let unit = route.transmissionUnit, let portUnit = port.transmissionUnit,
        unit.value > portUnit.value
      {
        reader.diagnostics.error(
          "the path takes \(unit.value) bytes, \(port.title) only \(portUnit.value)",
          at: unit.position, hint: "`transmission-unit` of a route can only be smaller")
      }
      if let address = route.address, let own = port.address, address.value == own.value,
        address.value != .none
      {
        reader.diagnostics.error(
          "\(address.value.text) is the router's own address on \(port.title)",
          at: address.position, hint: "a next hop is another device")
      }
      guard let network = port.network, let eids = route.eids else { continue }
      checkOwnEIDs(eids, route, network)
      enter(index, network)
    }
  }

  private mutating func checkType(_ route: RouteDraft) {
    guard let type = route.type, route.eids != nil else { return }
    switch type.value {
    case .endpoint, .bridge:
      guard route.eidCount > 1 else { return }
      reader.diagnostics.error(
        "type `\(type.value.name)` is for one EID, not for \(route.eidText)", at: type.position,
        hint: type.value == .bridge
          ? "a bridge and what is behind it is `bridge-range`" : "several EIDs are a `range`")
    case .bridgeRange:
      guard route.eidCount == 1 else { return }
      reader.diagnostics.error(
        "type `bridge-range` needs EIDs behind the bridge", at: type.position,
        hint: "a bridge alone is `bridge`")
    default: return
    }
  }

  private mutating func checkOwnEIDs(
    _ eids: Located<ClosedRange<EID>>, _ route: RouteDraft, _ network: UInt8
  ) {
    for own in ownEIDs[network] ?? [] where eids.value.contains(own.eid) {
      reader.diagnostics.error(
        route.eidCount == 1
          ? "EID \(own.eid.rawValue) is the router's own"
          : "the range \(route.eidText) contains the router's own EID \(own.eid.rawValue)",
        at: eids.position,
        hint: "\(own.owner) has it at line \(own.position.line)")
    }
  }

  /// Two ranges must not overlap and no EID may be single twice: which one counts would depend
  /// on the order of the file.
  private mutating func enter(_ index: Int, _ network: UInt8) {
    let route = routes[index]
    guard let range = route.eids?.value else { return }
    var table = routeTables[network] ?? RouteTable()
    var others: Set<Int> = []
    for value in range.lowerBound.rawValue...range.upperBound.rawValue {
      let eid = EID(value)
      if route.eidCount == 1 {
        if let other = table.singles[eid] {
          others.insert(other)
        } else {
          table.singles[eid] = index
        }
      } else {
        if let other = table.ranges[eid] { others.insert(other) } else { table.ranges[eid] = index }
      }
    }
    routeTables[network] = table
    for other in others.sorted() { reportOverlap(of: route, with: routes[other]) }
  }

  private mutating func reportOverlap(of route: RouteDraft, with other: RouteDraft) {
    guard let eids = route.eids, let otherEIDs = other.eids else { return }
    let owners = [route, other].map { route in
      route.portIndex.map { ports[$0].title } ?? "an unknown port"
    }
    if route.eidCount == 1 {
      reader.diagnostics.error(
        "EID \(route.eidText) through \(owners[0]) has another route through \(owners[1])",
        at: eids.position,
        hint: "that one is at line \(otherEIDs.position.line): remove one of them")
    } else {
      reader.diagnostics.error(
        "EIDs \(route.eidText) through \(owners[0]) overlap \(other.eidText) through "
          + owners[1],
        at: eids.position,
        hint: "that range is at line \(otherEIDs.position.line); only single EIDs may lie inside "
          + "a range")
    }
  }
}
