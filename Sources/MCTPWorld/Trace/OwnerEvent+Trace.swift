// The bus owner's events in a trace: as numbers for the digest, as words for people.

internal import MCTPEngine
internal import MCTPWire

extension OwnerEvent {
  /// Adds a number for the kind and the fields that tell two events of it apart.
  func add(to digest: inout Digest64) {
    func add(_ kind: UInt64, _ words: UInt64...) {
      digest.add(kind)
      for word in words { digest.add(word) }
    }
    func eid(_ eid: EID?) -> UInt64 { eid.map { UInt64($0.rawValue) } ?? 0x100 }
    func at(_ port: PortID, _ address: PhysicalAddress) -> UInt64 {
      UInt64(port.rawValue) << 56 | UInt64(address.form.rawValue) << 48 | address.value
    }
    func numbered(_ number: EndpointNumber, _ of: EID) -> UInt64 {
      UInt64(number.rawValue) << 8 | eid(of)
    }
    switch self {
    case .endpointUp(let number, let own, let network, let port, let address, let via):
      add(1, numbered(number, own), UInt64(network), at(port, address), eid(via))
    case .endpointSuspect(let number, let own, let reason):
      add(2, numbered(number, own), UInt64(reason.rawValue))
    case .endpointDown(let number, let own, let blamed, let reason):
      add(3, numbered(number, own), eid(blamed), UInt64(reason.rawValue))
    case .endpointQuarantined(let number, let own, let reason):
      add(4, numbered(number, own), UInt64(reason.rawValue))
    case .subtreeLost(let network, let port, let bridge, let members, let reason):
      add(5, UInt64(network), at(port, .none), eid(bridge), UInt64(reason.rawValue))
      for member in members.members { digest.add(eid(member)) }
    case .subtreeReturned(let network, let port, let bridge, let members):
      add(6, UInt64(network), at(port, .none), eid(bridge))
      for member in members.members { digest.add(eid(member)) }
    case .eidChanged(let number, let from, let to): add(7, numbered(number, from), eid(to))
    case .quirkFound(let number, let own, let quirk):
      add(8, numbered(number, own), UInt64(quirk.rawValue))
    case .poolGranted(let number, let bridge, let asked, let given, _):
      add(9, numbered(number, bridge), UInt64(asked), UInt64(given))
    case .poolLost(let number, let bridge): add(10, numbered(number, bridge))
    case .duplicateEID(let own, let network, let port, let address, let otherPort, let other):
      add(11, eid(own), UInt64(network), at(port, address), at(otherPort, other))
    case .ownEIDClaimed(let own, let port, let address): add(12, eid(own), at(port, address))
    case .duplicateUUID(let uuid, let own, let address, let other):
      add(13, uuid.high, uuid.low, eid(own), address.value, other.value)
    case .duplicateResolved(let own, let network): add(14, eid(own), UInt64(network))
    case .eidsExhausted(let network, let port, let address):
      add(15, UInt64(network), at(port, address))
    case .routeRefused(let number, let own): add(16, numbered(number, own))
    case .routingUpdateAcknowledged(let bridge, let entries):
      add(17, eid(bridge), UInt64(entries))
    case .routingUpdateFailed(let bridge, let code):
      add(18, eid(bridge), code.map { UInt64($0.rawValue) } ?? 0x100)
    case .routingUpdateApplied(let port, let entries): add(19, at(port, .none), UInt64(entries))
    case .routingTableRead(let bridge, let entries): add(20, eid(bridge), UInt64(entries))
    case .ownPoolChanged(let network, let first, let count, let asked):
      add(21, UInt64(network), eid(first), UInt64(count), UInt64(asked))
    case .leaseChanged(let lease): lease.add(22, to: &digest)
    case .leaseDropped(let lease): lease.add(23, to: &digest)
    case .leaseRefused(let lease): lease.add(24, to: &digest)
    }
  }

  /// One short line.
  var traceWords: String {
    switch self {
    case .endpointUp(_, let eid, _, _, let address, let via):
      "EID \(eid) at \(address) is up" + (via.map { ", behind EID \($0)" } ?? "")
    case .endpointSuspect(_, let eid, let reason): "EID \(eid) is suspect: \(reason)"
    case .endpointDown(_, let eid, let blamed, let reason):
      "EID \(eid) is down: \(reason)" + (blamed == eid ? "" : ", EID \(blamed) is to blame")
    case .endpointQuarantined(_, let eid, let reason): "EID \(eid) is not to be used: \(reason)"
    case .subtreeLost(_, _, let bridge, let members, let reason):
      (bridge.map { "bridge EID \($0)" } ?? "the port") + " lost: \(reason), with "
        + list(members)
    case .subtreeReturned(_, _, let bridge, let members):
      (bridge.map { "bridge EID \($0)" } ?? "the port") + " is back, with " + list(members)
    case .eidChanged(_, let from, let to): "EID \(from) is EID \(to) now"
    case .quirkFound(_, let eid, let quirk): "EID \(eid) has quirk \(quirk.rawValue)"
    case .poolGranted(_, let bridge, let asked, let given, _):
      "bridge EID \(bridge) has a pool of \(given), asked for \(asked)"
    case .poolLost(_, let bridge): "bridge EID \(bridge) lost its pool"
    case .duplicateEID(let eid, _, _, let address, _, let other):
      "EID \(eid) is claimed by \(address) and \(other)"
    case .ownEIDClaimed(let eid, _, let address): "own EID \(eid) is claimed by \(address)"
    case .duplicateUUID(let uuid, _, let address, let other):
      "UUID \(uuid) is claimed by \(address) and \(other)"
    case .duplicateResolved(let eid, _): "EID \(eid) is of one device again"
    case .eidsExhausted(_, _, let address): "no EID is left for \(address)"
    case .routeRefused(_, let eid): "no route for EID \(eid)"
    case .routingUpdateAcknowledged(let bridge, let entries):
      "bridge EID \(bridge) took \(entries) routes"
    case .routingUpdateFailed(let bridge, let code):
      "bridge EID \(bridge) did not take routes" + (code.map { ": code \($0.rawValue)" } ?? "")
    case .routingUpdateApplied(_, let entries): "\(entries) routes from the owner above"
    case .routingTableRead(let bridge, let entries): "bridge EID \(bridge) told \(entries) routes"
    case .ownPoolChanged(_, let first, let count, let asked):
      "own pool is \(count) from EID \(first), asked for \(asked)"
    case .leaseChanged(let lease): "lease of EID \(lease.eid) for \(lease.address)"
    case .leaseDropped(let lease): "lease of EID \(lease.eid) dropped"
    case .leaseRefused(let lease): "lease of EID \(lease.eid) refused"
    }
  }

  private func list(_ eids: EIDSet) -> String {
    eids.isEmpty ? "nobody" : "EIDs " + eids.members.map(\.description).joined(separator: " ")
  }
}

extension EIDLease {
  fileprivate func add(_ kind: UInt64, to digest: inout Digest64) {
    digest.add(kind)
    digest.add(UInt64(network) << 8 | UInt64(eid.rawValue))
    digest.add(UInt64(port.rawValue) << 56 | address.value)
    digest.add(UInt64(pool.first.rawValue) << 8 | UInt64(pool.count))
    digest.add(uuid?.high ?? 0)
    digest.add(uuid?.low ?? 0)
  }
}
