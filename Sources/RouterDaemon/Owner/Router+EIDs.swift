internal import AdminProtocol
internal import MCTPEngine
internal import MCTPWire
internal import Topology

// What every EID is to this router.
extension Router {
  func eids(_ request: EIDsRequest) throws(AdminError) -> EIDsResult {
    let wanted = try request.network.map { (number) throws(AdminError) in try network(number) }
    let numbers = topology.networks.map(\.number).filter { wanted == nil || $0 == wanted }
    return EIDsResult(networks: numbers.map { eids(ofNetwork: $0) })
  }

  private func eids(ofNetwork network: UInt8) -> EIDsResult.Network {
    var result = EIDsResult.Network(network: network, ownPool: ownPool(network))
    let fixed = fixedHolders(network)
    let assignable = EID.assignable
    for value in assignable.lowerBound.rawValue...assignable.upperBound.rawValue {
      let eid = EID(value)
      guard let state = engine.eidState(of: eid, network: network) else { continue }
      var row = EIDRangeRow(first: value, last: value, state: state.name)
      switch state {
      case .poolOf(let bridge): row.device = bridge.rawValue
      case .reserved(let device): row.device = device.rawValue
      case .quarantined(let until): row.remainingMs = msUntil(until)
      case .leased: row.holder = holder(of: eid, network)
      case .fixed: row.holder = fixed[value]
      case .foreign, .free, .own: break
      }
      result.append(row)
    }
    return result
  }

  /// Nil where no owner above is looked up to.
  private func ownPool(_ network: UInt8) -> PoolRow? {
    guard topology.ports.contains(where: { $0.network == network && $0.role == .endpoint }) else {
      return nil
    }
    let pool = engine.ownPool(network: network)
    return PoolRow(
      first: pool?.first.rawValue, count: Int(pool?.count ?? 0),
      asked: Int(engine.poolNeed(network: network)))
  }

  private func holder(of eid: EID, _ network: UInt8) -> EIDRangeRow.Holder? {
    guard let endpoint = engine.endpoint(eid, network: network) else { return nil }
    return EIDRangeRow.Holder(
      port: name(of: endpoint.port), address: endpoint.address.text,
      uuid: endpoint.uuid?.description, name: deviceName(on: endpoint.port, at: endpoint.address))
  }

  /// Whom the topology keeps EIDs for, by EID.
  private func fixedHolders(_ network: UInt8) -> [UInt8: EIDRangeRow.Holder] {
    var holders: [UInt8: EIDRangeRow.Holder] = [:]
    for port in topology.ports where port.network == network {
      for device in port.discovery?.expectedDevices ?? [] {
        guard let eid = device.eid else { continue }
        let holder = EIDRangeRow.Holder(
          port: port.name, address: device.address.text,
          name: deviceName(on: port.id, at: device.address))
        for offset in 0...device.poolSize { holders[eid.rawValue &+ offset] = holder }
      }
    }
    for fixed in topology.fixedEIDs where fixed.network == network {
      holders[fixed.eid.rawValue] = EIDRangeRow.Holder(
        uuid: fixed.uuid.description, name: topology.devices.first { $0.uuid == fixed.uuid }?.name)
    }
    return holders
  }
}
