internal import BusIO
internal import MCTPSimulation
internal import MCTPWire
internal import Topology

// The ports of BusIO over the wires of the world.
extension WorldRouter {
  /// What the legs of one mux share.
  struct MuxPlace {
    let tree: I2CMuxTree
    let receiver: I2CMuxReceiver
    let node: VirtualI2CBus.Node
  }

  func make(
    _ port: Topology.Port, _ life: RouterLife, _ wires: WorldWires,
    _ trees: inout [ObjectIdentifier: MuxPlace]
  ) -> any Port {
    let (wire, leg) = wires.wire(of: index, port.id)
    let made: any Port
    let setPresent: (Bool) -> Void
    switch wire {
    case let wire as I2CWire:
      let own = UInt8(truncatingIfNeeded: port.physicalAddress.value)
      var place: I2CMuxLeg?
      let link: WireI2CLink
      if wires.isMux(leg) {
        let shared = trees[ObjectIdentifier(wire)] ?? makeMux(wire, own)
        trees[ObjectIdentifier(wire)] = shared
        let muxLeg = shared.tree.makeLeg(portName: port.name)
        place = muxLeg
        link = WireI2CLink(
          wire, leg: leg, node: shared.node, receiver: shared.receiver.legReceiver(for: muxLeg),
          port: port.id, life: life)
      } else {
        link = WireI2CLink(
          wire, leg: leg, node: wire.makeNode(address: own), receiver: nil, port: port.id,
          life: life)
      }
      made = I2CPort(
        id: port.id, ownAddress: own, transmissionUnitBytes: port.transmissionUnitBytes,
        link: link, leg: place)
      setPresent = { link.setPresent($0) }
    case let wire as I3CWire:
      let link = WireI3CLink(wire, port: port.id, life: life)
      made = I3CPort(
        id: port.id, configuration: .init(transmissionUnitBytes: port.transmissionUnitBytes),
        link: link)
      setPresent = { link.setPresent($0) }
    case let wire as SerialWire:
      let serial = WireSerialPort(
        id: port.id, wire: wire, side: wires.side(of: index, port.id),
        transmissionUnitBytes: port.transmissionUnitBytes, life: life)
      made = serial
      setPresent = { serial.setPresent($0) }
    default: preconditionFailure("a wire of another kind")
    }
    links.append((port.id, setPresent))
    if !isPresent(port.id) { setPresent(false) }
    return made
  }

  private func makeMux(_ wire: I2CWire, _ own: UInt8) -> MuxPlace {
    let node = wire.makeNode(address: own)
    let tree = I2CMuxTree(name: part.name)
    let receiver = I2CMuxReceiver(
      tree: tree, receiver: WireRootReceiver(wire, node: node, name: "root"))
    return MuxPlace(tree: tree, receiver: receiver, node: node)
  }
}
