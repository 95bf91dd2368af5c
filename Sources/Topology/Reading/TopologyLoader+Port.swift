internal import MCTPWire

extension TopologyLoader {
  /// - Parameter place: in the list, from 0.
  mutating func readPort(_ node: YAMLNode, place: Int) -> PortDraft? {
    guard let fields = reader.fields(node, TopologyKeys.port) else { return nil }
    let name = reader.name(fields, "name")
    let bus = reader.word(fields, "bus", as: Topology.Bus.self)?.value
    let shape = bus.map(TopologyKeys.port(on:))
    if let shape { refuseKeys(of: shape, fields) }
    return PortDraft(
      fields: fields, name: name, bus: bus, device: readPortDevice(fields, bus),
      receive: readReceive(fields, bus),
      isQueueCreated: reader.boolean(fields, "create-queue")?.value,
      targets: reader.elements(fields, "targets").compactMap { readTarget($0) },
      kernelNetwork: reader.integer(fields, "kernel-network").map {
        UInt32(truncatingIfNeeded: $0.value)
      },
      address: readPortAddress(fields, bus),
      role: reader.word(fields, "role", as: Topology.Role.self),
      network: reader.integer(fields, "network").map { UInt8(truncatingIfNeeded: $0.value) },
      givenEID: reader.eid(fields, "eid"),
      transmissionUnit: reader.integer(
        fields, "transmission-unit", as: shape?["transmission-unit"],
        hint: { bus.transmissionUnitHint($0) }),
      speed: shape?.refused.contains("speed") == true
        ? nil
        : reader.integer(
          fields, "speed", as: shape?["speed"], hint: { _ in bus.speedUnit })?.value,
      queue: reader.integer(fields, "queue")?.value,
      sourceCheck: reader.word(fields, "source-check", as: Topology.SourceCheck.self)?.value,
      number: UInt8(truncatingIfNeeded: reader.integer(fields, "number")?.value ?? UInt64(place)),
      discovery: readDiscovery(fields, bus), eid: nil)
  }

  private mutating func readPortAddress(_ fields: Fields, _ bus: Topology.Bus?)
    -> Located<PhysicalAddress>?
  {
    if let bus, TopologyKeys.port(on: bus).refused.contains("address") {
      if fields.has("address") {
        reader.diagnostics.error(
          "\(bus.article) \(bus.rawValue) port has no `address` of its own",
          at: fields.keyPosition("address"),
          hint: bus == .i3c ? "the router is the controller of the bus: remove it" : "remove it")
      }
      return Located(value: .none, position: fields.position)
    }
    return reader.address(fields, on: bus)
  }

  /// Keys that mean nothing on the bus. `address` has a message of its own.
  private mutating func refuseKeys(of shape: BusShape, _ fields: Fields) {
    let bus = shape.bus
    for key in shape.refused where key != "address" && fields.has(key) {
      if key == "speed" {
        reader.diagnostics.error(
          "\(bus.article) \(bus.rawValue) port has no `speed`", at: fields.keyPosition(key),
          hint: "the kernel's driver knows it: remove it")
      } else {
        let user: Topology.Bus = key == "targets" ? .i3c : .i2c
        reader.diagnostics.error(
          "`\(key)` is for \(user.rawValue) ports, not for \(bus.rawValue)",
          at: fields.keyPosition(key), hint: "remove it")
      }
    }
  }

  private mutating func readPortDevice(_ fields: Fields, _ bus: Topology.Bus?)
    -> Located<PortDraft.Device>?
  {
    guard let bus, let key = TopologyKeys.port(on: bus)["device"],
      let name = reader.deviceName(fields, key, on: bus)
    else { return nil }
    let device: PortDraft.Device =
      switch name.value {
      case .path(let path): .path(path)
      case .link(let link): .link(link)
      case .word(let word): Topology.I3CInterface(rawValue: word).map { .nodes($0) } ?? .simulated
      }
    return Located(value: device, position: name.position)
  }

  private mutating func readReceive(_ fields: Fields, _ bus: Topology.Bus?)
    -> Located<PortDraft.Receive>?
  {
    guard bus == .i2c, let key = TopologyKeys.port["receive"],
      let name = reader.deviceName(fields, key, on: .i2c)
    else { return nil }
    switch name.value {
    case .word: return Located(value: .slaveQueue, position: name.position)
    case .link(let link): return Located(value: .link(link), position: name.position)
    case .path: return nil
    }
  }

  private mutating func readTarget(_ node: YAMLNode) -> TargetDraft? {
    guard let fields = reader.fields(node, TopologyKeys.target) else { return nil }
    return TargetDraft(
      fields: fields,
      path: reader.path(fields, "node", byteCountMax: TopologyLimits.pathByteCountMax),
      address: reader.provisionedID(fields))
  }
}

extension Topology.Bus? {
  func transmissionUnitHint(_ value: UInt64) -> String? {
    if value < 64 { return "64 bytes of payload is what every endpoint has to take" }
    return switch self {
    case .i2c: "the byte count of an SMBus block has eight bits"
    case .serial: "the length of a serial frame has eight bits"
    case .i3c, .usb, .link, nil: nil
    }
  }

  var speedUnit: String? {
    switch self {
    case .i2c, .i3c: "the clock in Hz"
    case .serial: "the baud rate"
    case .usb, .link, nil: nil
    }
  }
}

extension Topology.Bus {
  /// For messages.
  var article: String {
    switch self {
    case .i2c, .i3c: "an"
    case .serial, .usb, .link: "a"
    }
  }

  /// Whether next hops have addresses; otherwise one device is at the other end.
  var hasAddresses: Bool {
    switch self {
    case .i2c, .i3c: true
    case .serial, .usb, .link: false
    }
  }
}
