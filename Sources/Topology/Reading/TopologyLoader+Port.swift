internal import MCTPWire

extension TopologyLoader {
  /// - Parameter place: in the list, from 0.
  mutating func readPort(_ node: YAMLNode, place: Int) -> PortDraft? {
    guard let fields = reader.fields(node, TopologyKeys.port) else { return nil }
    let name = reader.name(fields, "name")
    let bus = reader.word(fields, "bus", as: Topology.Bus.self)?.value
    let shape = bus.map(TopologyKeys.port(on:))
    return PortDraft(
      fields: fields, name: name, bus: bus, device: readPortDevice(fields, bus),
      address: readPortAddress(fields, bus),
      role: reader.word(fields, "role", as: Topology.Role.self),
      network: reader.integer(fields, "network").map { UInt8(truncatingIfNeeded: $0.value) },
      givenEID: reader.eid(fields, "eid"),
      transmissionUnit: reader.integer(
        fields, "transmission-unit", as: shape?["transmission-unit"],
        hint: { bus.transmissionUnitHint($0) }),
      speed: reader.integer(fields, "speed", as: shape?["speed"], hint: { _ in bus.speedUnit })?
        .value,
      queue: reader.integer(fields, "queue")?.value,
      sourceCheck: reader.word(fields, "source-check", as: Topology.SourceCheck.self)?.value,
      number: UInt8(truncatingIfNeeded: reader.integer(fields, "number")?.value ?? UInt64(place)),
      eid: nil)
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

  private mutating func readPortDevice(_ fields: Fields, _ bus: Topology.Bus?)
    -> Located<PortDraft.Device>?
  {
    guard let bus else { return nil }
    let isSerial = bus == .serial
    guard
      let scalar = reader.scalar(
        fields, "device", expecting: isSerial ? "a path or `simulated`" : "`simulated`")
    else { return nil }
    if scalar.text == "simulated" {
      return Located(value: .simulated, position: scalar.position)
    }
    let suggestion = nearestWord(to: scalar.text, among: ["simulated"]).map {
      "did you mean `\($0)`?"
    }
    guard isSerial else {
      reader.diagnostics.error(
        "device \(quoted(scalar.text)) is not supported on an \(bus.rawValue) port in this version",
        at: scalar.position, hint: suggestion ?? "the only device there is `simulated`")
      return nil
    }
    guard scalar.text.utf8.first == UInt8(ascii: "/") else {
      reader.diagnostics.error(
        "`device` must be an absolute path or `simulated`, not \(quoted(scalar.text))",
        at: scalar.position, hint: suggestion ?? "such as `/dev/ttyS1`")
      return nil
    }
    return reader.path(fields, "device", byteCountMax: TopologyLimits.pathByteCountMax).map {
      Located(value: .path($0.value), position: $0.position)
    }
  }
}

extension Topology.Bus? {
  func transmissionUnitHint(_ value: UInt64) -> String? {
    if value < 64 { return "64 bytes of payload is what every endpoint has to take" }
    return switch self {
    case .i2c: "the byte count of an SMBus block has eight bits"
    case .serial: "the length of a serial frame has eight bits"
    case .i3c, nil: nil
    }
  }

  var speedUnit: String? {
    switch self {
    case .i2c, .i3c: "the clock in Hz"
    case .serial: "the baud rate"
    case nil: nil
    }
  }
}

extension Topology.Bus {
  /// For messages.
  var article: String { self == .serial ? "a" : "an" }
}
