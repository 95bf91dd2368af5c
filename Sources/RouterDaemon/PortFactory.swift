internal import BusIO
internal import MCTPEngine
internal import MCTPSimulation
internal import MCTPWire
internal import Topology

/// Makes the ports of a topology, with the simulated devices behind those that are simulated.
enum PortFactory {
  static func make(
    _ port: Topology.Port, topology: Topology, loop: EventLoop, stations: SimulatedStations
  ) throws(RouterError) -> any Port {
    let devices = topology.devices.filter { $0.port == port.id }
    switch port.medium {
    case .serial(let medium):
      if case .link = medium.device { throw notOpened(port) }
    case .i2c, .i3c, .usb, .link:
      guard port.isSimulated else { throw notOpened(port) }
    }
    switch port.medium {
    case .i2c(let medium): return i2c(port, medium, devices, stations)
    case .i3c(let medium): return i3c(port, medium, devices, stations)
    case .serial(let medium): return try serial(port, medium, devices, loop, stations)
    case .usb, .link: throw notOpened(port)
    }
  }

  private static func notOpened(_ port: Topology.Port) -> RouterError {
    RouterError(
      kind: .system,
      description: "port \(port.name): \(port.deviceText) cannot be opened by this version")
  }

  private static func i2c(
    _ port: Topology.Port, _ medium: Topology.I2CMedium, _ devices: [Topology.Device],
    _ stations: SimulatedStations
  ) -> any Port {
    let own = UInt8(truncatingIfNeeded: medium.address.value)
    let simulated = devices.map { device in
      SimulatedI2CDevice(
        SimulatedEndpoint(.init(device, bridgeAddress: medium.address)),
        address: UInt8(truncatingIfNeeded: device.physicalAddress.value))
    }
    let link = SimulatedI2CLink(
      SimulatedI2CSegment(routerAddress: own, devices: simulated, clockHz: medium.clockHz))
    for device in simulated {
      stations.add(device.endpoint, network: port.network, place: .i2c(link))
    }
    return I2CPort(id: port.id, ownAddress: own, link: link)
  }

  private static func i3c(
    _ port: Topology.Port, _ medium: Topology.I3CMedium, _ devices: [Topology.Device],
    _ stations: SimulatedStations
  ) -> any Port {
    let simulated = devices.map { device in
      let byteCount = PacketHeader.byteCount + device.transmissionUnitBytes + 1
      return SimulatedI3CDevice(
        SimulatedEndpoint(.init(device, bridgeAddress: .none)),
        target: VirtualI3CTarget(
          provisionedID: device.physicalAddress.value,
          bcr: device.hasInterrupts
            ? VirtualI3CTarget.interruptingBCR : VirtualI3CTarget.silentBCR,
          maxReadByteCount: byteCount, maxWriteByteCount: byteCount))
    }
    let link = SimulatedI3CLink(SimulatedI3CSegment(devices: simulated, clockHz: medium.clockHz))
    for device in simulated {
      stations.add(device.endpoint, network: port.network, place: .i3c(link))
    }
    return I3CPort(
      id: port.id, configuration: .init(transmissionUnitBytes: port.transmissionUnitBytes),
      link: link)
  }

  private static func serial(
    _ port: Topology.Port, _ medium: Topology.SerialMedium, _ devices: [Topology.Device],
    _ loop: EventLoop, _ stations: SimulatedStations
  ) throws(RouterError) -> any Port {
    let path: String
    switch medium.device {
    case .path(let device): path = device
    case .link: throw notOpened(port)
    case .simulated:
      do throws(SystemError) {
        path = try simulatedLine(
          port, baudRate: UInt32(medium.baudRate), device: devices.first, loop, stations)
      } catch {
        throw RouterError(kind: .system, description: "port \(port.name): \(error)")
      }
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

extension PortFactory {
  /// A pseudo-terminal with the port's device, if it has one, behind it; returns the path that
  /// the port opens.
  private static func simulatedLine(
    _ port: Topology.Port, baudRate: UInt32, device: Topology.Device?, _ loop: EventLoop,
    _ stations: SimulatedStations
  ) throws(SystemError) -> String {
    guard let device else {
      let cable = try OpenCable()
      stations.add(cable)
      return cable.terminal.farPath
    }
    let endpoint = SimulatedEndpoint(.init(device, bridgeAddress: .none))
    let token = Router.Token.firstSimulated + UInt64(port.id.rawValue)
    let line = try SimulatedSerialLine(
      SimulatedSerialDevice(
        endpoint, packetByteCountMax: PacketHeader.byteCount + port.transmissionUnitBytes,
        baudRate: baudRate),
      loop: loop, token: token)
    stations.add(endpoint, network: port.network, place: .serial(line, token: token))
    return line.farPath
  }
}

/// A serial line with nothing at its end: what is sent there stays there.
final class OpenCable {
  let terminal: PseudoTerminal

  init() throws(SystemError) { terminal = try PseudoTerminal() }
}

extension SimulatedEndpointConfiguration {
  fileprivate init(_ device: Topology.Device, bridgeAddress: PhysicalAddress) {
    self.init(
      eid: device.eid ?? .null, uuid: device.uuid ?? .nil, bridgeAddress: bridgeAddress,
      transmissionUnitBytes: device.transmissionUnitBytes, messageTypes: device.allMessageTypes)
  }
}

extension Topology.Device {
  /// What a simulated device announces beside control: every one echoes the vendor-defined types.
  var allMessageTypes: [MessageType] {
    messageTypes.filter { $0 != .vendorPCI && $0 != .vendorIANA } + [.vendorPCI, .vendorIANA]
  }
}
