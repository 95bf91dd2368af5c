internal import BusIO
internal import MCTPSimulation
internal import MCTPWire
internal import Topology

// Simulated buses, with the devices that the topology puts on them.
extension PortFactory {
  private func devices(on port: Topology.Port) -> [Topology.Device] {
    topology.devices.filter { $0.port == port.id }
  }

  func simulatedI2C(_ port: Topology.Port, _ medium: Topology.I2CMedium) -> SimulatedI2CLink {
    let own = UInt8(truncatingIfNeeded: medium.address.value)
    let simulated = devices(on: port).map { device in
      SimulatedI2CDevice(
        SimulatedEndpoint(.init(device, bridgeAddress: medium.address)),
        address: UInt8(truncatingIfNeeded: device.physicalAddress.value))
    }
    let link = SimulatedI2CLink(
      SimulatedI2CSegment(routerAddress: own, devices: simulated, clockHz: medium.clockHz))
    for device in simulated {
      stations.add(
        device.endpoint, on: port, at: .i2c(device.address), place: .i2c(link))
    }
    return link
  }

  func simulatedI3C(_ port: Topology.Port, _ medium: Topology.I3CMedium) -> SimulatedI3CLink {
    let simulated = devices(on: port).map { device in
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
      stations.add(
        device.endpoint, on: port, at: .i3c(device.target.provisionedID), place: .i3c(link))
    }
    return link
  }

  /// A pseudo-terminal with the port's device, if it has one, behind it; returns the path that
  /// the port opens.
  func simulatedLine(_ port: Topology.Port, baudRate: UInt32) throws(RouterError) -> String {
    do throws(SystemError) {
      guard let device = devices(on: port).first else {
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
      stations.add(endpoint, on: port, at: .none, place: .serial(line, token: token))
      return line.farPath
    } catch {
      throw RouterError(kind: .system, description: "port \(port.name): \(error)")
    }
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
