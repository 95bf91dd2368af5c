internal import MCTPWire

// Commands about where EIDs are: all answered from the routing table of the ingress network.
extension Engine {
  /// What leads to an EID, seen from this device.
  private enum Direction {
    case own
    case entry(RoutingTableEntry)
    case unknown
  }

  private func direction(of eid: EID, _ context: ControlContext) -> Direction {
    switch tables[context.networkIndex].lookup(eid) {
    case .own: .own
    case .entry(let index): .entry(tables[context.networkIndex].entry(at: index))
    case .none: .unknown
    }
  }

  /// The EID of the next hop towards `target`: the target itself when it is on the bus, else the
  /// bridge in front of it. A range that does not name its bridge is resolved through the entry
  /// of a bridge at the same physical address.
  private func nextHopEID(
    towards target: EID, through entry: RoutingTableEntry, _ context: ControlContext
  ) -> EID {
    switch entry.type {
    case .bridgeRange: return entry.firstEID
    case .range:
      let table = context.networkIndex
      for index in 0..<tables[table].count {
        let other = tables[table].entry(at: index)
        if other.hasSameOwner(as: entry), other.type == .bridge || other.type == .bridgeRange {
          return other.firstEID
        }
      }
      return target
    default: return target
    }
  }

  /// DSP0236 1.3.3 §12, command 0x07. Choice: an EID that the table does not know is
  /// ERROR_INVALID_DATA, by analogy with Query Hop; the clause names no code.
  func resolveEndpointID(
    _ request: ResolveEndpointID.Request, _ context: ControlContext
  ) throws(ControlRefusal) -> ResolveEndpointID.Response {
    let ingress = ports[Int(context.port.rawValue)].configuration
    switch direction(of: request.eid, context) {
    case .unknown: throw ControlRefusal(.errorInvalidData)
    case .own: return .init(bridgeEID: request.eid, address: ingress.address)
    case .entry(let entry) where entry.port == context.port:
      return .init(
        bridgeEID: nextHopEID(towards: request.eid, through: entry, context),
        address: entry.address)
    case .entry:
      return .init(bridgeEID: sourceEID(on: context.port), address: ingress.address)
    }
  }

  /// DSP0236 1.3.3 §12, command 0x0F. Valid for every message type: a bridge looks at none.
  func queryHop(
    _ request: QueryHop.Request, _ context: ControlContext
  ) throws(ControlRefusal) -> QueryHop.Response {
    let incoming = ports[Int(context.port.rawValue)].configuration.transmissionUnitBytes
    var outgoing = incoming
    var next = EID.null
    switch direction(of: request.target, context) {
    case .unknown: throw ControlRefusal(.errorInvalidData)
    case .own: break
    case .entry(let entry):
      outgoing = ports[Int(entry.port.rawValue)].transmissionUnitBytes(
        pathLimit: entry.transmissionUnitBytes)
      if entry.port != context.port {
        next = nextHopEID(towards: request.target, through: entry, context)
      }
    }
    return QueryHop.Response(
      nextEID: next, messageType: .all, incomingUnitMax: .init(transmissionUnitBytes: incoming),
      outgoingUnitMax: .init(transmissionUnitBytes: outgoing))
  }

  /// DSP0236 1.3.3 §12, command 0x0A. The handle is the index of the page's first entry, in order
  /// of EID; the device's own EIDs are listed too, each once.
  func getRoutingTableEntries(
    _ request: GetRoutingTableEntries.Request, _ context: ControlContext
  ) throws(ControlRefusal) -> GetRoutingTableEntries.Response {
    var response = GetRoutingTableEntries.Response(
      nextHandle: GetRoutingTableEntries.noMoreEntries)
    var freeBytes = ControlBody.byteCountMax - 6
    var index = 0
    var isFull = false
    forEachReportedEntry(context) { entry in
      defer { index += 1 }
      guard index >= Int(request.handle), !isFull else { return }
      let configuration = ports[Int(entry.port.rawValue)].configuration
      let byteCount = 6 + entry.address.controlByteCount
      do throws(WireError) {
        guard byteCount <= freeBytes else { throw WireError.noRoom }
        try response.entries.append(
          .init(
            eidCount: entry.eidCount, firstEID: entry.firstEID, type: entry.type,
            isStatic: entry.isStatic, port: entry.port, binding: configuration.binding,
            medium: configuration.medium, address: AddressBytes(entry.address)))
        freeBytes -= byteCount
      } catch {
        isFull = true
        response.nextHandle = UInt8(index)
      }
    }
    guard request.handle == 0 || Int(request.handle) < index else {
      throw ControlRefusal(.errorInvalidData)
    }
    return response
  }

  /// Own EIDs and table entries merged in order of first EID.
  private func forEachReportedEntry(
    _ context: ControlContext, _ body: (RoutingTableEntry) -> Void
  ) {
    let table = context.networkIndex
    var index = 0
    for value in EID.assignable.lowerBound.rawValue...EID.assignable.upperBound.rawValue {
      let eid = EID(value)
      if tables[table].isOwn(eid) { body(ownEntry(eid, context)) }
      while index < tables[table].count, tables[table].entry(at: index).firstEID == eid {
        body(tables[table].entry(at: index))
        index += 1
      }
    }
  }

  /// Every EID whose device's UUID may be known: those of the table, and those behind bridges
  /// below, which the table has as ranges.
  private func forEachKnownUUID(
    _ context: ControlContext, _ body: (RoutingTableEntry) -> Void
  ) {
    forEachReportedEntry(context, body)
    let network = networks[context.networkIndex]
    for endpoint in owner.endpoints
    where endpoint.via != nil && endpoint.network == network && endpoint.uuid != nil {
      body(
        RoutingTableEntry(
          firstEID: endpoint.eid, type: .endpoint, port: endpoint.port, address: endpoint.address,
          isStatic: false, uuid: endpoint.uuid))
    }
  }

  /// How an own EID is listed: a bridge on the ingress port if it is in force there, else on the
  /// first port where it is.
  private func ownEntry(_ eid: EID, _ context: ControlContext) -> RoutingTableEntry {
    let index = portWithOwnEID(eid, context)
    return RoutingTableEntry(
      firstEID: eid, type: .bridge, port: PortID(rawValue: UInt8(index)),
      address: ports[index].configuration.address, isStatic: ports[index].fixedEID == eid,
      uuid: configuration.uuid)
  }

  /// The port on which an own EID is in force: the ingress port where it is or where none is,
  /// else the first of its network.
  func portWithOwnEID(_ eid: EID, _ context: ControlContext) -> Int {
    let ingress = Int(context.port.rawValue)
    if ports[ingress].ownEID == eid { return ingress }
    for index in 0..<ports.count
    where ports[index].networkIndex == context.networkIndex && ports[index].ownEID == eid {
      return index
    }
    return ingress
  }

  /// DSP0236 1.3.3 §12, command 0x10. The handle is the index of the page's first match. Choice: a
  /// UUID that nothing in the table has is ERROR_INVALID_DATA, like an unknown EID.
  func resolveUUID(
    _ request: ResolveUUID.Request, _ context: ControlContext
  ) throws(ControlRefusal) -> ResolveUUID.Response {
    guard request.uuid != .nil else { throw ControlRefusal(.errorInvalidData) }
    var response = ResolveUUID.Response(nextHandle: ResolveUUID.noMoreEntries)
    var freeBytes = ControlBody.byteCountMax - 6
    var index = 0
    var isFull = false
    forEachKnownUUID(context) { entry in
      guard entry.uuid == request.uuid else { return }
      defer { index += 1 }
      guard index >= Int(request.handle), !isFull else { return }
      let configuration = ports[Int(entry.port.rawValue)].configuration
      let byteCount = 4 + entry.address.controlByteCount
      do throws(WireError) {
        guard byteCount <= freeBytes else { throw WireError.noRoom }
        try response.entries.append(
          .init(
            eid: entry.firstEID, binding: configuration.binding, medium: configuration.medium,
            address: AddressBytes(entry.address)))
        freeBytes -= byteCount
      } catch {
        isFull = true
        response.nextHandle = UInt8(index)
      }
    }
    guard index > Int(request.handle) else { throw ControlRefusal(.errorInvalidData) }
    return response
  }
}
