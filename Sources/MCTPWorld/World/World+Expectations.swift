internal import MCTPSimulation
internal import MCTPWire
internal import Topology

// Who must be reachable when nothing goes wrong any more.
extension World {
  /// Devices that are present, that a router looks for or has a route to, and whose address and
  /// UUID are theirs alone on their wire.
  func requiredDevices() -> [Int] {
    devices.indices.filter { index in
      isPresent(index) && isExpected(index) && !hasTwin(index)
        && !plan.excused.contains(index)
    }
  }

  /// On its wire, or inside a neighbour that is.
  func isPresent(_ index: Int) -> Bool { devices[devices[index].part.behind ?? index].isPresent }

  func canBegin(_ device: Int) -> Bool { devices[device].canBegin }
  func network(of device: Int) -> UInt8 { devices[device].network }

  private func isExpected(_ index: Int) -> Bool {
    let part = plan.board.devices[devices[index].part.behind ?? index]
    // Nobody looks for an owner above; who it is, it says itself.
    if part.grants != nil { return true }
    return plan.board.joints.contains { joint in
      guard joint.wire == part.wire else { return false }
      let topology = plan.board.routers[joint.router].topology
      if topology.routes.contains(where: {
        $0.port == joint.port && $0.physicalAddress == part.address
          && $0.firstEID == part.configuration.eid
      }) {
        return true
      }
      guard let discovery = topology.ports[Int(joint.port.rawValue)].discovery else { return false }
      return discovery.takesReportedDevices || discovery.probesPointToPoint
        || discovery.expectedDevices.contains { $0.address == part.address }
        || discovery.scannedAddresses.contains(part.address)
    }
  }

  private func hasTwin(_ index: Int) -> Bool {
    let part = plan.board.devices[index]
    guard part.behind == nil else { return false }
    return devices.indices.contains { other in
      let twin = plan.board.devices[other]
      guard other != index, twin.behind == nil, devices[other].isPresent, twin.wire == part.wire
      else { return false }
      let uuid = part.configuration.uuid
      return twin.address == part.address || (uuid != .nil && twin.configuration.uuid == uuid)
    }
  }
}

extension Board {
  /// False behind a mux: a device is heard only while its leg is connected, so that it can answer
  /// and not begin.
  func canBegin(_ device: Device) -> Bool { wires[device.wire].mux == nil }

  /// The network number of the first port on the device's wire.
  func network(of device: Device) -> UInt8 {
    guard let joint = joints.first(where: { $0.wire == device.wire }) else { return 0 }
    return routers[joint.router].topology.ports[Int(joint.port.rawValue)].network
  }

  /// What every path of a network carries. Choice: devices send no larger packets, because none of
  /// them asks what the path to another one takes.
  func transmissionUnitBytes(in network: UInt8) -> Int {
    let ports = routers.flatMap { router in
      router.topology.ports.filter { $0.network == network }.map(\.transmissionUnitBytes)
    }
    let own = devices.filter { self.network(of: $0) == network }
    return (ports + own.map(\.configuration.transmissionUnitBytes)).min() ?? 64
  }

  /// What every path of the board carries.
  var transmissionUnitBytesMin: Int {
    routers.flatMap { $0.topology.ports }.map { transmissionUnitBytes(in: $0.network) }.min() ?? 64
  }
}
