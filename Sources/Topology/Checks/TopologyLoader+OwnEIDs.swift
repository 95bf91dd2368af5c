internal import MCTPWire

// The router's own EIDs: options A, B and C of DSP0236 1.3.3 for bridges. An EID may be missing
// where a bus owner will assign it; it must not stand where the policy has none.

extension TopologyLoader {
  mutating func resolveOwnEIDs() {
    guard let router, let policy = router.eidPolicy?.value else { return }
    switch policy {
    case .single: resolveSingleEIDs(router)
    case .perUpstreamPort, .perPort:
      if router.fields.has("eid") {
        reader.diagnostics.error(
          "with eid-policy `\(policy.rawValue)` the EIDs belong to the ports",
          at: router.fields.keyPosition("eid"),
          hint: "remove `eid` here and give it to the ports, or choose `single`")
      }
      resolvePortEIDs(policy)
    }
  }

  private func ports(in network: UInt8) -> [Int] {
    ports.indices.filter { ports[$0].network == network }
  }

  /// One EID in each network: that of a port of the network, else the router's.
  private mutating func resolveSingleEIDs(_ router: RouterDraft) {
    var isRouterEIDUsed = false
    var isMissingReported = false
    for network in Set(ports.compactMap(\.network)).sorted() {
      let members = ports(in: network)
      let giving = members.filter { ports[$0].givenEID != nil }
      if let first = giving.first, let given = ports[first].givenEID {
        for other in giving.dropFirst() {
          guard let second = ports[other].givenEID, second.value != given.value else { continue }
          reader.diagnostics.error(
            "\(ports[other].title) has EID \(second.value.rawValue), \(ports[first].title) of the "
              + "same network \(given.value.rawValue)",
            at: second.position,
            hint: "eid-policy `single` means one EID in a network (line \(given.position.line)); "
              + "`per-port` has several")
        }
        setOwnEID(given, owner: ports[first].title, network: network, ports: members)
      } else if let given = router.eid {
        isRouterEIDUsed = true
        setOwnEID(given, owner: "the router", network: network, ports: members)
      } else if !router.fields.has("eid"), !isMissingReported,
        !members.contains(where: { ports[$0].fields.has("eid") || canBeAssigned(ports[$0]) })
      {
        isMissingReported = true
        reader.diagnostics.error(
          "the router needs `eid`", at: router.fields.position,
          hint: "no bus owner assigns it one in network \(network): no port there has role "
            + "`endpoint`")
      }
    }
    if let eid = router.eid, !isRouterEIDUsed, !ports.isEmpty,
      ports.allSatisfy({ $0.network != nil })
    {
      reader.diagnostics.error(
        "`eid` \(eid.value.rawValue) of the router is used in no network", at: eid.position,
        hint: "every network has a port with its own `eid`: remove the one or the others")
    }
  }

  /// True when a bus owner may give this port its EID.
  private func canBeAssigned(_ port: PortDraft) -> Bool {
    // An unreadable role is a gap, not a reason for a second diagnostic.
    port.role == nil || port.role?.value == .endpoint
  }

  private mutating func resolvePortEIDs(_ policy: Topology.EIDPolicy) {
    let hasPool = ports.contains(where: canBeAssigned)
    for index in ports.indices {
      let port = ports[index]
      guard let role = port.role?.value else { continue }
      let isWanted = policy == .perPort || role != .owner
      if !isWanted, port.fields.has("eid") {
        reader.diagnostics.error(
          "\(port.title) must not have `eid`", at: port.fields.keyPosition("eid"),
          hint: "with eid-policy `per-upstream-port` the router has no EID on buses that it owns; "
            + "`per-port` has one")
      }
      // An owned bus may take its EID out of the pool that an upstream owner allocates.
      let mayBeAssigned = role == .endpoint || (role == .owner && hasPool)
      if isWanted, !mayBeAssigned, !port.fields.has("eid") {
        reader.diagnostics.error(
          "\(port.title) needs `eid`", at: port.fields.position,
          hint: role == .peer
            ? "nobody assigns EIDs on a bus with role `peer`"
            : "with eid-policy `per-port` and no port with role `endpoint` nobody assigns it one")
      }
      guard isWanted, let given = port.givenEID, let network = port.network else { continue }
      if let other = ownEIDs[network]?.first(where: { $0.eid == given.value }) {
        reader.diagnostics.error(
          "\(port.title) and \(other.owner) have the same EID \(given.value.rawValue)",
          at: given.position,
          hint: "the other one is at line \(other.position.line); eid-policy `single` has one EID "
            + "for all ports")
        continue
      }
      setOwnEID(given, owner: port.title, network: network, ports: [index])
    }
    if policy == .perUpstreamPort { checkEveryNetworkHasUpstream() }
  }

  private mutating func checkEveryNetworkHasUpstream() {
    for network in Set(ports.compactMap(\.network)).sorted() {
      let members = ports(in: network)
      guard members.allSatisfy({ ports[$0].role?.value == .owner }), let first = members.first
      else { continue }
      reader.diagnostics.error(
        "the router has no EID in network \(network): it owns every bus there",
        at: router?.fields.valuePosition("eid-policy") ?? ports[first].fields.position,
        hint: "choose eid-policy `single` or `per-port`, or give a port role `endpoint` or `peer`")
    }
  }

  private mutating func setOwnEID(
    _ given: Located<EID>, owner: String, network: UInt8, ports members: [Int]
  ) {
    for index in members { ports[index].eid = given.value }
    ownEIDs[network, default: []].append(
      OwnEID(eid: given.value, position: given.position, owner: owner))
  }
}
