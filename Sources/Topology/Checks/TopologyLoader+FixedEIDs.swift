internal import MCTPWire

// EIDs that are kept for one device: by port and address, or by UUID. In one network each is kept
// for one device only, and none of them is already somebody's.

extension TopologyLoader {
  /// Fills `fixedEIDs`. Needs own EIDs and routes.
  mutating func checkFixedEIDs() {
    for port in ports where port.mayOwn {
      for device in port.discovery?.expectedDevices ?? [] { checkFixedEID(of: device, port) }
    }
    checkUUIDs()
    for endpoint in endpoints {
      guard let eid = endpoint.eid, let network = endpoint.network, isNetwork(network) else {
        continue
      }
      keep(eid.value...eid.value, at: eid.position, in: network.value)
    }
  }

  private mutating func checkFixedEID(of device: ExpectedDeviceDraft, _ port: PortDraft) {
    if let pool = device.poolSize, let most = router?.poolSizeMax, pool.value > most {
      reader.diagnostics.warning(
        "a pool of \(pool.value) is expected, `pool-max` is \(most)", at: pool.position,
        hint: "the bridge gets \(most) at most")
    }
    guard let eid = device.eid, let pool = device.poolSize, let network = port.network
    else { return }
    let room = EID.assignable.upperBound.rawValue - eid.value.rawValue
    guard pool.value <= room else {
      reader.diagnostics.error(
        "EID \(eid.value.rawValue) and a pool of \(pool.value) end beyond 254", at: pool.position,
        hint: "a pool is right after the bridge's own EID: \(room) fit there")
      return
    }
    keep(eid.value...EID(eid.value.rawValue + pool.value), at: eid.position, in: network)
  }

  private mutating func keep(
    _ eids: ClosedRange<EID>, at position: SourcePosition, in network: UInt8
  ) {
    let title = eids.isSingle ? "EID \(eids.text)" : "EIDs \(eids.text)"
    if let own = ownEIDs[network]?.first(where: { eids.contains($0.eid) }) {
      reader.diagnostics.error(
        eids.isSingle
          ? "\(title) is the router's own"
          : "\(title) contain the router's own EID \(own.eid.rawValue)", at: position,
        hint: "\(own.owner) has it at line \(own.position.line)")
    } else if let eid = eids.all.first(where: { routeTables[network]?.best($0) != nil }),
      let index = routeTables[network]?.best(eid)
    {
      reader.diagnostics.error(
        eids.isSingle
          ? "\(title) has a static route" : "EID \(eid.rawValue) of \(title) has a static route",
        at: position,
        hint: "it is at line \(routes[index].fields.position.line): remove it, the router makes "
          + "the routes to what it gives EIDs")
    } else if let other = eids.all.compactMap({ fixedEIDs[network]?[$0] }).first {
      reader.diagnostics.error(
        eids.isSingle
          ? "\(title) is fixed for two devices"
          : "\(title) overlap what is fixed for another device", at: position,
        hint: "the other one is at line \(other.line)")
    } else {
      for eid in eids.all { fixedEIDs[network, default: [:]][eid] = position }
    }
  }

  private struct NetworkUUID: Hashable {
    let network: UInt8
    let uuid: EndpointUUID
  }

  /// A UUID once in a network, and nobody's who has an EID already.
  private mutating func checkUUIDs() {
    var first: [NetworkUUID: SourcePosition] = [:]
    for endpoint in endpoints {
      guard let uuid = endpoint.uuid, let network = endpoint.network else { continue }
      if let router, router.uuid == uuid.value {
        reader.diagnostics.error(
          "this is the router's own UUID", at: uuid.position,
          hint: "the router has it at line \(router.fields.valuePosition("uuid").line); its EIDs "
            + "are given at `router` and `ports`")
        continue
      }
      let key = NetworkUUID(network: network.value, uuid: uuid.value)
      if let other = first[key] {
        reader.diagnostics.error(
          "two endpoints of network \(network.value) have this UUID", at: uuid.position,
          hint: "the other one is at line \(other.line)")
        continue
      }
      first[key] = uuid.position
      let route = routes.first { route in
        route.uuid == uuid.value
          && route.portIndex.map { ports[$0].network == network.value } ?? false
      }
      if let route {
        reader.diagnostics.error(
          "a static route has EID \(route.eidText) for this UUID", at: uuid.position,
          hint: "it is at line \(route.fields.position.line): remove one of them")
      }
    }
  }

  /// Reports a network without ports.
  private mutating func isNetwork(_ network: Located<UInt8>) -> Bool {
    let used = Set(ports.compactMap(\.network))
    if used.contains(network.value) { return true }
    guard ports.allSatisfy({ $0.network != nil }) else { return false }
    reportNetworkWithoutPort(network)
    return false
  }
}
