internal import AdminProtocol
internal import MCTPEngine
internal import MCTPWire
internal import Topology

// What the bus owner did or found, in words.
extension Router {
  /// Nil when it was forgotten since.
  func knownEndpoint(_ number: EndpointNumber) -> KnownEndpoint? {
    var found: KnownEndpoint?
    engine.forEachEndpoint { if $0.number == number { found = $0 } }
    return found
  }

  private func event(
    _ kind: EventKindName, _ weight: RouterEvent.Weight, of number: EndpointNumber, _ eid: EID,
    reason: EndpointReason? = nil, text: (_ who: String) -> String
  ) -> RouterEvent {
    var fields = EventRow.Fields()
    if let known = knownEndpoint(number) {
      fields.network = known.network
      fields.port = name(of: known.port)
      fields.address = known.address.text
      fields.bridge = known.via?.rawValue
    }
    fields.eid = eid.row
    fields.reason = reason.map { OpenName($0.name) }
    var event = RouterEvent(kind, weight, text(who(eid, fields)))
    event.fields = fields
    return event
  }

  /// `EID 9`, `EID 9 of network 2`, or where a device without an EID is.
  private func who(_ eid: EID, _ fields: EventRow.Fields) -> String {
    guard eid == .null else { return who(eid, network: fields.network) }
    let place = [fields.address.map { "at \($0)" }, fields.port.map { "on port \($0)" }]
    return "the device " + place.compactMap { $0 }.joined(separator: " ")
  }

  /// Names the network where there are several.
  private func who(_ eid: EID, network: UInt8?) -> String {
    guard let network, topology.networks.count > 1 else { return "EID \(eid)" }
    return "EID \(eid) of network \(network)"
  }

  func describe(_ event: OwnerEvent) -> RouterEvent {
    switch event {
    case .endpointUp(_, let eid, let network, let port, let address, let via):
      let bridge = via.map { ", behind bridge \($0)" } ?? ""
      let text = "\(who(eid, network: network)) is up \(place(port, address))\(bridge)"
      return RouterEvent(.endpointUp, .notable, text).with { fields in
        fields.network = network
        fields.eid = eid.row
        fields.port = name(of: port)
        fields.address = address.text
        fields.bridge = via?.rawValue
      }
    case .endpointSuspect(let number, let eid, let reason):
      return self.event(.endpointSuspect, .notable, of: number, eid, reason: reason) {
        "\($0) is suspect: \(reason.words)"
      }
    case .endpointDown(let number, let eid, let blamed, let reason):
      let isElsewhere = blamed != eid && blamed != .null
      return self.event(.endpointDown, .trouble, of: number, eid, reason: reason) {
        "\($0) is down: \(reason.words)" + (isElsewhere ? "; EID \(blamed) fails first" : "")
      }.with { $0.blamed = blamed.row }
    case .endpointQuarantined(let number, let eid, let reason):
      return self.event(.endpointQuarantined, .trouble, of: number, eid, reason: reason) {
        "\($0) is not used: \(reason.words)"
      }
    case .eidChanged(let number, let from, let to):
      return self.event(.eidChanged, .notable, of: number, to) { _ in
        "EID \(from) is now EID \(to)"
      }.with { $0.formerEID = from.row }
    case .quirkFound(let number, let eid, let quirk):
      // A UUID is optional: nothing that anybody has to look into.
      return self.event(.quirkFound, quirk == .noUUID ? .routine : .notable, of: number, eid) {
        "\($0) \(quirk.words)"
      }.with { $0.quirks = quirk.names.map { OpenName($0) } }
    case .routeRefused(let number, let eid):
      return self.event(.routeRefused, .trouble, of: number, eid) {
        "the routing table has no place for \($0)"
      }
    default: return describeNetwork(event)
    }
  }

  /// Of subtrees and claims.
  private func describeNetwork(_ event: OwnerEvent) -> RouterEvent {
    switch event {
    case .subtreeLost(let network, let port, let bridge, let members, let reason):
      return subtree(
        RouterEvent(
          .subtreeLost, .trouble,
          "\(behind(port, bridge)) is lost, \(members.words): \(reason.words)"),
        network, port, bridge, members
      ).with { $0.reason = OpenName(reason.name) }
    case .subtreeReturned(let network, let port, let bridge, let members):
      return subtree(
        RouterEvent(
          .subtreeReturned, .notable, "\(behind(port, bridge)) is back, \(members.words)"),
        network, port, bridge, members)
    case .duplicateEID(
      let eid, let network, let port, let address, let otherPort, let otherAddress):
      let text =
        "\(who(eid, network: network)) is claimed twice: \(place(port, address)) has it, "
        + "\(place(otherPort, otherAddress)) is not routed; `router-ctl assign` gives it another"
      return RouterEvent(.duplicateEID, .trouble, text).with { fields in
        fields.network = network
        fields.eid = eid.row
        fields.port = name(of: port)
        fields.address = address.text
        fields.otherPort = name(of: otherPort)
        fields.otherAddress = otherAddress.text
      }
    case .ownEIDClaimed(let eid, let port, let address):
      let configured = topology.ports[Int(port.rawValue)]
      let text =
        "EID \(eid) is this router's own, and the device \(place(port, address)) claims it; the device "
        + "is given another"
      return RouterEvent(.duplicateEID, .trouble, text).with { fields in
        fields.network = configured.network
        fields.eid = eid.row
        fields.port = configured.name
        fields.address = configured.physicalAddress.text
        fields.otherPort = configured.name
        fields.otherAddress = address.text
      }
    case .duplicateUUID(let uuid, let eid, let address, let otherAddress):
      let text = "UUID \(uuid) of EID \(eid) at \(address) is also that of \(otherAddress)"
      return RouterEvent(.duplicateUUID, .trouble, text).with { fields in
        fields.uuid = "\(uuid)"
        fields.eid = eid.row
        fields.address = address.text
        fields.otherAddress = otherAddress.text
      }
    case .duplicateResolved(let eid, let network):
      return RouterEvent(
        .duplicateResolved, .notable, "\(who(eid, network: network)) is claimed once again"
      ).with { fields in
        fields.network = network
        fields.eid = eid.row
      }
    case .eidsExhausted(let network, let port, let address):
      let text =
        "no EID of network \(network) is left for the device \(place(port, address)); see "
        + "`router-ctl eids`"
      return RouterEvent(.eidsExhausted, .trouble, text).with { fields in
        fields.network = network
        fields.port = name(of: port)
        fields.address = address.text
      }
    default: return describeTables(event)
    }
  }

  private func subtree(
    _ event: RouterEvent, _ network: UInt8, _ port: PortID, _ bridge: EID?, _ members: EIDSet
  ) -> RouterEvent {
    event.with { fields in
      fields.network = network
      fields.port = name(of: port)
      fields.bridge = bridge?.rawValue
      fields.eids = members.members.map(\.rawValue)
    }
  }

  /// Where something is, for a sentence.
  func place(_ port: PortID, _ address: PhysicalAddress) -> String {
    (address == .none ? "" : "at \(address) ") + "on port \(name(of: port))"
  }

  private func behind(_ port: PortID, _ bridge: EID?) -> String {
    bridge.map { "what is behind bridge \($0)" } ?? "what is behind port \(name(of: port))"
  }
}
