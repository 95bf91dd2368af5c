internal import BusIO
internal import MCTPEngine
internal import MCTPSimulation
internal import MCTPWire
internal import Topology

/// A router of the board through all its lives.
final class WorldRouter {
  let index: Int
  let part: Board.Router
  /// Nil while it is killed.
  private(set) var life: RouterLife?
  /// Its process is not scheduled before.
  var lagsUntil = Instant.zero
  private var leases: [EIDLease] = []
  /// A device that is not there, by port; outlives the process.
  private var absent: Set<PortID> = []
  private var links: [(port: PortID, setPresent: (Bool) -> Void)] = []
  private var startCount: UInt64 = 0

  private let clock: WorldClock
  private let seed: UInt64

  init(_ part: Board.Router, index: Int, clock: WorldClock, seed: UInt64) {
    self.part = part
    self.index = index
    self.clock = clock
    self.seed = seed
  }

  func start(keepsLeases: Bool, on wires: WorldWires) {
    guard life == nil else { return }
    startCount += 1
    let life = RouterLife(
      part, index: index, leases: keepsLeases ? leases : [], seed: seed &+ startCount,
      clock: clock)
    links = []
    var trees: [ObjectIdentifier: MuxPlace] = [:]
    for port in part.topology.ports {
      life.add(
        make(port, life, wires, &trees), isLeg: wires.isMux(wires.wire(of: index, port.id).leg))
    }
    self.life = life
    life.start()
  }

  func kill() {
    guard let life else { return }
    leases = life.leases
    life.stop()
    links = []
    self.life = nil
  }

  /// The bus of the port is there.
  func isPresent(_ port: PortID) -> Bool { !absent.contains(port) }

  func setPresent(_ isPresent: Bool, _ port: PortID) {
    if isPresent { absent.remove(port) } else { absent.insert(port) }
    for link in links where link.port == port { link.setPresent(isPresent) }
  }

  /// What the legs of one mux share.
  private struct MuxPlace {
    let tree: I2CMuxTree
    let receiver: I2CMuxReceiver
    let node: VirtualI2CBus.Node
  }

  private func make(
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
    if absent.contains(port.id) { setPresent(false) }
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
