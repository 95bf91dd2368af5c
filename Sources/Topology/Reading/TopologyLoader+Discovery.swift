internal import MCTPWire

// The keys of a bus owner: what it gives out, how it looks for devices, what is kept for whom.

extension TopologyLoader {
  /// Nil when absent.
  mutating func readEIDRanges(_ fields: Fields) -> EIDRangesDraft? {
    let elements = reader.elements(fields, "eid-ranges")
    guard let content = fields.value("eid-ranges")?.content else { return nil }
    var isList = false
    if case .sequence = content { isList = true }
    return EIDRangesDraft(
      position: fields.keyPosition("eid-ranges"),
      ranges: elements.compactMap { reader.eids($0, called: "`eid-ranges`") },
      isEmpty: isList && elements.isEmpty)
  }

  mutating func readEndpoint(_ node: YAMLNode) -> EndpointDraft? {
    guard let fields = reader.fields(node, TopologyKeys.endpoint) else { return nil }
    return EndpointDraft(
      fields: fields, uuid: reader.uuid(fields, "uuid"), eid: reader.eid(fields, "eid"),
      network: reader.integer(fields, "network").map {
        Located(value: UInt8(truncatingIfNeeded: $0.value), position: $0.position)
      })
  }

  /// - Parameters:
  ///   - port: the port's keys.
  ///   - bus: nil when it is a gap; what depends on it is one too then.
  mutating func readDiscovery(_ port: Fields, _ bus: Topology.Bus?) -> DiscoveryDraft? {
    guard let node = port.value("discovery"),
      let fields = reader.fields(node, TopologyKeys.discovery)
    else { return nil }
    if let bus { refuseDiscoveryKeys(on: bus, fields) }
    let isScanned = bus.map { !isRefused("scan", on: $0) } ?? true
    return DiscoveryDraft(
      fields: fields, expectedDevices: readExpectedDevices(fields, bus),
      scan: isScanned
        ? reader.elements(fields, "scan").compactMap { reader.i2cAddresses($0) } : [],
      isProbing: readSwitch(fields, "probe", bus),
      takesReportedDevices: readSwitch(fields, "reported", bus),
      takesNotify: reader.boolean(fields, "notify")?.value,
      probeIntervalMs: milliseconds(fields, "interval"),
      healthCheckIntervalMs: milliseconds(fields, "health"),
      parallelismMax: reader.integer(fields, "parallel").map { Int($0.value) },
      responseTimeoutMs: milliseconds(
        fields, "timeout",
        hint: { value in
          value < 300
            ? "an endpoint may take that long to answer"
            : "two repetitions must fit the 6 s that an instance ID lasts"
        }))
  }

  private func isRefused(_ key: String, on bus: Topology.Bus) -> Bool {
    TopologyKeys.port(on: bus).refusedInDiscovery.contains(key)
  }

  /// True when absent where the bus has the key, false where it has not.
  private mutating func readSwitch(_ fields: Fields, _ key: String, _ bus: Topology.Bus?) -> Bool? {
    guard let bus else {
      _ = reader.boolean(fields, key)
      return nil
    }
    if isRefused(key, on: bus) { return false }
    return fields.has(key) ? reader.boolean(fields, key)?.value : true
  }

  private mutating func milliseconds(
    _ fields: Fields, _ key: String, hint: (UInt64) -> String? = { _ in "in milliseconds" }
  ) -> UInt32? {
    reader.integer(fields, key, hint: hint).map { UInt32(truncatingIfNeeded: $0.value) }
  }

  private mutating func refuseDiscoveryKeys(on bus: Topology.Bus, _ fields: Fields) {
    for key in TopologyKeys.port(on: bus).refusedInDiscovery where fields.has(key) {
      let user: String
      let hint: String
      switch key {
      case "scan": (user, hint) = ("i2c ports", "remove it")
      case "reported": (user, hint) = ("i3c ports", "remove it")
      default:
        (user, hint) = (
          "ports without addresses",
          bus == .i2c
            ? "list the devices at `addresses`, or `scan`" : "list the devices at `addresses`"
        )
      }
      reader.diagnostics.error(
        "`\(key)` is for \(user), not for \(bus.rawValue)", at: fields.keyPosition(key), hint: hint)
    }
  }

  private mutating func readExpectedDevices(_ discovery: Fields, _ bus: Topology.Bus?)
    -> [ExpectedDeviceDraft]
  {
    let nodes = reader.elements(discovery, "addresses")
    if let bus, !bus.hasAddresses, nodes.count > 1 {
      reader.diagnostics.error(
        "\(bus.lineTitle) has one device at its end", at: nodes[1].position,
        hint: "`addresses` has \(nodes.count) elements")
    }
    return nodes.map { readExpectedDevice($0, bus) }
  }

  private mutating func readExpectedDevice(_ node: YAMLNode, _ bus: Topology.Bus?)
    -> ExpectedDeviceDraft
  {
    if case .mapping = node.content,
      let fields = reader.fields(node, TopologyKeys.expectedDevice)
    {
      return ExpectedDeviceDraft(
        position: node.position, address: reader.address(fields, on: bus),
        hasEID: fields.has("eid"), eid: reader.eid(fields, "eid"),
        poolSize: reader.integer(fields, "pool").map {
          Located(value: UInt8(truncatingIfNeeded: $0.value), position: $0.position)
        })
    }
    return ExpectedDeviceDraft(
      position: node.position, address: readBareAddress(node, bus), hasEID: false, eid: nil,
      poolSize: Located(value: 0, position: node.position))
  }

  private mutating func readBareAddress(_ node: YAMLNode, _ bus: Topology.Bus?)
    -> Located<PhysicalAddress>?
  {
    if case .sequence = node.content {
      reader.diagnostics.error(
        "an expected device must be an address or a mapping, not a list", at: node.position,
        hint: "with the keys "
          + alternatives(TopologyKeys.expectedDevice.keys.map(\.name), separator: "and"))
      return nil
    }
    guard let bus else {
      _ = reader.number(node, called: "an address")
      return nil
    }
    guard bus.hasAddresses else {
      guard reader.number(node, called: "an address") != nil else { return nil }
      reader.diagnostics.error(
        "\(bus.lineTitle) has no addresses", at: node.position,
        hint: "there is one device at the other end: `{ eid: 9 }` says which EID it gets")
      return nil
    }
    return reader.address(node, on: bus)
  }
}

extension Topology.Bus {
  /// A port without addresses, for messages.
  var lineTitle: String { self == .serial ? "a serial line" : "a \(rawValue) port" }
}
