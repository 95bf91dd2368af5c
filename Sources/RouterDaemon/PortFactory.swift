internal import BusIO
internal import MCTPSimulation
internal import MCTPWire
internal import Topology

/// Makes the ports of a topology, with the simulated devices behind those that are simulated.
///
/// Nothing is opened here: a device that is not there is its port's to wait for.
struct PortFactory {
  let topology: Topology
  let loop: EventLoop
  let stations: SimulatedStations
  /// The buses that `router-ctl probe` can ask, by port.
  private(set) var probedBuses: [PortID: any I2CProbing] = [:]
  var muxTrees: MuxTrees

  init(topology: Topology, loop: EventLoop, stations: SimulatedStations) {
    self.topology = topology
    self.loop = loop
    self.stations = stations
    muxTrees = MuxTrees(topology)
  }

  mutating func make(_ port: Topology.Port) throws(RouterError) -> any Port {
    switch port.medium {
    case .i2c(let medium): i2c(port, medium)
    case .i3c(let medium): i3c(port, medium)
    case .serial(let medium): try serial(port, medium)
    case .usb(let link), .link(let link): kernelLink(port, link, .none)
    }
  }

  private mutating func i2c(_ port: Topology.Port, _ medium: Topology.I2CMedium) -> any Port {
    let own = UInt8(truncatingIfNeeded: medium.address.value)
    let link: any I2CLink & I2CProbing
    var leg: I2CMuxLeg?
    switch medium.device {
    case .link(let kernel): return kernelLink(port, kernel, .i2c(ownAddress: own))
    case .simulated: link = simulatedI2C(port, medium)
    case .node(let path, let receive):
      let receiver: any I2CReceiver
      (receiver, leg) = muxTrees.receiver(port, path: path, receive, loop: loop)
      link = I2CDeviceLink(
        path: path, ownAddress: own, receiver: receiver, loop: loop,
        token: UInt64(port.id.rawValue))
    }
    probedBuses[port.id] = link
    return I2CPort(
      id: port.id, ownAddress: own, transmissionUnitBytes: port.transmissionUnitBytes,
      link: link, leg: leg)
  }

  private func i3c(_ port: Topology.Port, _ medium: Topology.I3CMedium) -> any Port {
    let link: any I3CLink
    switch medium.device {
    case .link(let kernel): return kernelLink(port, kernel, .i3c)
    case .simulated: link = simulatedI3C(port, medium)
    case .nodes(let interface, let nodes):
      link = I3CNodeLink(
        interface: interface == .mctp ? .i3cMCTP : .i3cDevice,
        nodes: nodes.map { I3CNode(path: $0.path, provisionedID: $0.provisionedID) },
        transmissionUnitBytes: port.transmissionUnitBytes, loop: loop,
        token: UInt64(port.id.rawValue))
    }
    return I3CPort(
      id: port.id, configuration: .init(transmissionUnitBytes: port.transmissionUnitBytes),
      link: link)
  }

  private func kernelLink(
    _ port: Topology.Port, _ link: Topology.KernelLink, _ addressing: KernelLinkPort.Addressing
  ) -> any Port {
    KernelLinkPort(
      id: port.id,
      configuration: .init(
        linkName: link.name, kernelNetwork: link.kernelNetwork, addressing: addressing,
        transmissionUnitBytes: port.transmissionUnitBytes),
      loop: loop, token: UInt64(port.id.rawValue))
  }

  private func serial(
    _ port: Topology.Port, _ medium: Topology.SerialMedium
  ) throws(RouterError) -> any Port {
    let path: String
    switch medium.device {
    case .link(let kernel): return kernelLink(port, kernel, .none)
    case .path(let device): path = device
    case .simulated: path = try simulatedLine(port, baudRate: UInt32(medium.baudRate))
    }
    return SerialPort(
      id: port.id,
      configuration: .init(
        path: path, baudRate: UInt32(medium.baudRate),
        transmissionUnitBytes: port.transmissionUnitBytes,
        wakePeerReceiver: !port.isSimulated),
      loop: loop, token: UInt64(port.id.rawValue))
  }
}
