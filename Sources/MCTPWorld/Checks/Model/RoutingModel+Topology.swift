internal import MCTPWire
internal import Topology

extension RoutingModel {
  /// What the topology says before anything has passed.
  convenience init(_ topology: Topology, networks: [UInt8]) {
    self.init(networkCount: networks.count)
    func index(_ network: UInt8) -> Int { networks.firstIndex(of: network) ?? 0 }
    for route in topology.routes {
      let place = Place(port: route.port.rawValue, address: route.physicalAddress)
      for offset in 0..<route.eidCount where Int(route.firstEID.rawValue) + offset < 0xFF {
        addFixed(
          slot(index(route.network), UInt8(Int(route.firstEID.rawValue) + offset)),
          FixedWay(
            place: place, unit: route.transmissionUnitBytes, isSingle: route.eidCount == 1))
      }
    }
    for network in topology.networks {
      for eid in network.ownEIDs { mayOwn(slot(index(network.number), eid.rawValue)) }
      guard topology.router.eidPolicy == .perPort else { continue }
      // Owned ports take EIDs of their own out of what there is to give: which, shows on the wire.
      for range in network.eidRanges { mayTakeOwn(index(network.number), range) }
    }
    for port in topology.ports {
      let network = index(port.network)
      if let eid = port.eid { owns(slot(network, eid.rawValue)) }
      for device in port.discovery?.expectedDevices ?? [] {
        guard let eid = device.eid else { continue }
        let place = Place(port: port.id.rawValue, address: device.address)
        add(slot(network, eid.rawValue), place, .direct)
      }
    }
  }

  /// Option C: one of the range may become the router's own on some port. Nothing is taken from
  /// what must be: a device that was told its EID has it.
  private func mayTakeOwn(_ network: Int, _ range: ClosedRange<EID>) {
    for eid in range.lowerBound.rawValue...range.upperBound.rawValue {
      reserveOwn(slot(network, eid))
    }
  }
}
