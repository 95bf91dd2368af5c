internal import MCTPWire

extension TopologyLoader {
  /// The value, once no check has found an error. Nil when something is missing all the same,
  /// which would be a check that is missing.
  func assembled(fileName: String, warnings: [Diagnostic]) -> Topology? {
    guard let router, let name = router.name, let policy = router.eidPolicy,
      let poolSizeMax = router.poolSizeMax, let poolReserve = router.poolReserve
    else { return nil }
    let ports = ports.compactMap(assembledPort).sorted { $0.id < $1.id }
    let routes = routes.compactMap(assembledRoute)
    let devices = devices.compactMap(assembledDevice)
    let fixedEIDs = endpoints.compactMap(assembledEndpoint)
    guard ports.count == self.ports.count, fixedEIDs.count == endpoints.count,
      routes.count == self.routes.count,
      devices.count == self.devices.count
    else { return nil }
    return Topology(
      fileName: fileName,
      router: Topology.Router(
        name: name.value, uuid: router.uuid, eidPolicy: policy.value,
        messageTypes: router.messageTypes, vendorMessages: router.vendorMessages,
        poolSizeMax: poolSizeMax, poolReserve: poolReserve),
      adminSocketPath: adminSocketPath,
      networks: Set(ports.map(\.network)).sorted().map { number in
        Topology.Network(
          number: number, uuid: networks.first { $0.number.value == number }?.uuid,
          ownEIDs: Set(ports.filter { $0.network == number }.compactMap(\.eid)).sorted(),
          eidRanges: eidRanges(in: number)?.ranges.map(\.value) ?? [],
          freeEIDRanges: freeEIDRanges(in: number))
      },
      ports: ports, routes: routes, devices: devices, fixedEIDs: fixedEIDs,
      warnings: warnings)
  }

  private func assembledPort(_ port: PortDraft) -> Topology.Port? {
    guard let name = port.name, let role = port.role, let network = port.network,
      let unit = port.transmissionUnit, let queue = port.queue,
      let sourceCheck = port.sourceCheck, let medium = medium(of: port)
    else { return nil }
    let discovery = port.discovery.flatMap { assembledDiscovery($0, port) }
    guard port.fields.has("discovery") == (discovery != nil) else { return nil }
    return Topology.Port(
      id: PortID(rawValue: port.number), name: name.value, medium: medium, role: role.value,
      network: network, eid: port.eid, transmissionUnitBytes: Int(unit.value),
      queueDepthMax: Int(queue), sourceCheck: sourceCheck, discovery: discovery)
  }

  private func medium(of port: PortDraft) -> Topology.Medium? {
    guard let bus = port.bus, let device = port.device?.value else { return nil }
    switch bus {
    case .i2c:
      guard let address = port.address?.value, let speed = port.speed,
        let device = i2cDevice(port, device)
      else { return nil }
      return .i2c(Topology.I2CMedium(device: device, address: address, clockHz: Int(speed)))
    case .i3c:
      guard let speed = port.speed, let device = i3cDevice(port, device) else { return nil }
      return .i3c(Topology.I3CMedium(device: device, clockHz: Int(speed)))
    case .serial:
      guard let speed = port.speed, let device = serialDevice(port, device) else { return nil }
      return .serial(Topology.SerialMedium(device: device, baudRate: Int(speed)))
    case .usb:
      guard case .link(let name) = device else { return nil }
      return .usb(link(port, name))
    case .link:
      guard case .link(let name) = device else { return nil }
      return .link(link(port, name))
    }
  }

  private func link(_ port: PortDraft, _ name: String) -> Topology.KernelLink {
    Topology.KernelLink(name: name, kernelNetwork: port.kernelNetwork)
  }

  private func i2cDevice(_ port: PortDraft, _ device: PortDraft.Device)
    -> Topology.I2CMedium.Device?
  {
    switch (device, port.receive?.value) {
    case (.simulated, _): .simulated
    case (.link(let name), _): .link(link(port, name))
    case (.path(let path), .link(let name)): .node(path: path, receive: .link(link(port, name)))
    case (.path(let path), .slaveQueue):
      port.isQueueCreated.map { .node(path: path, receive: .slaveQueue(isCreated: $0)) }
    case (.path, nil), (.nodes, _): nil
    }
  }

  private func i3cDevice(_ port: PortDraft, _ device: PortDraft.Device)
    -> Topology.I3CMedium.Device?
  {
    switch device {
    case .simulated: return .simulated
    case .link(let name): return .link(link(port, name))
    case .path: return nil
    case .nodes(let interface):
      let nodes = port.targets.compactMap { target -> Topology.I3CNode? in
        guard let path = target.path, let id = target.provisionedID(interface) else { return nil }
        return Topology.I3CNode(path: path.value, provisionedID: id)
      }
      return nodes.isEmpty || nodes.count != port.targets.count ? nil : .nodes(interface, nodes)
    }
  }

  private func serialDevice(_ port: PortDraft, _ device: PortDraft.Device)
    -> Topology.SerialMedium.Device?
  {
    switch device {
    case .simulated: .simulated
    case .path(let path): .path(path)
    case .link(let name): .link(link(port, name))
    case .nodes: nil
    }
  }

  private func assembledRoute(_ route: RouteDraft) -> Topology.Route? {
    guard let eids = route.eids, let portIndex = route.portIndex, let address = route.address,
      let network = ports[portIndex].network
    else { return nil }
    return Topology.Route(
      firstEID: eids.value.lowerBound, eidCount: route.eidCount,
      port: PortID(rawValue: ports[portIndex].number), network: network,
      physicalAddress: address.value,
      type: route.type?.value ?? (route.eidCount == 1 ? .endpoint : .range), uuid: route.uuid,
      transmissionUnitBytes: route.transmissionUnit.map { Int($0.value) })
  }

  private func assembledDevice(_ device: DeviceDraft) -> Topology.Device? {
    guard let name = device.name, let portIndex = device.portIndex, let address = device.address,
      let hasInterrupts = device.hasInterrupts, let unit = device.transmissionUnit
    else { return nil }
    return Topology.Device(
      name: name.value, port: PortID(rawValue: ports[portIndex].number),
      physicalAddress: address.value, eid: device.eid?.value, uuid: device.uuid,
      hasInterrupts: hasInterrupts, messageTypes: device.messageTypes,
      transmissionUnitBytes: Int(unit.value))
  }
}
