internal import MCTPWire

extension TopologyLoader {
  mutating func readRouter(_ node: YAMLNode) -> RouterDraft? {
    guard let fields = reader.fields(node, TopologyKeys.router) else { return nil }
    let vendorMessages = readVendorMessages(fields)
    var types = Set(reader.messageTypes(fields, "message-types"))
    for message in vendorMessages { types.insert(message.vendorID.messageType) }
    return RouterDraft(
      fields: fields, name: reader.name(fields, "name"),
      uuid: reader.uuid(fields, "uuid")?.value,
      eidPolicy: reader.word(fields, "eid-policy", as: Topology.EIDPolicy.self),
      eid: reader.eid(fields, "eid"),
      messageTypes: types.sorted { $0.rawValue < $1.rawValue }, vendorMessages: vendorMessages,
      eidRanges: readEIDRanges(fields),
      poolSizeMax: reader.integer(fields, "pool-max").map { UInt8(truncatingIfNeeded: $0.value) },
      poolReserve: reader.integer(fields, "pool-reserve").map {
        UInt8(truncatingIfNeeded: $0.value)
      })
  }

  private mutating func readVendorMessages(_ router: Fields) -> [Topology.VendorMessage] {
    var messages: [Topology.VendorMessage] = []
    var first: [VendorID: SourcePosition] = [:]
    for node in reader.elements(router, "vendor-messages") {
      guard let fields = reader.fields(node, TopologyKeys.vendorMessage) else { continue }
      let pci = reader.integer(fields, "pci", isHexadecimal: true)
      let iana = reader.integer(fields, "iana", isHexadecimal: true)
      let version = reader.integer(fields, "version", isHexadecimal: true)
      guard fields.has("pci") != fields.has("iana") else {
        reader.diagnostics.error(
          "a vendor message needs either `pci` or `iana`", at: fields.position,
          hint: "the vendor's PCI vendor ID or its IANA enterprise number")
        continue
      }
      guard let version, let id = pci ?? iana else { continue }
      let vendor: VendorID =
        pci != nil
        ? .pci(UInt16(truncatingIfNeeded: id.value)) : .iana(UInt32(truncatingIfNeeded: id.value))
      if let earlier = first[vendor] {
        reader.diagnostics.error(
          "vendor \(hexadecimal(id.value)) is listed twice", at: id.position,
          hint: "the other one is at line \(earlier.line)")
      }
      first[vendor] = first[vendor] ?? id.position
      messages.append(
        Topology.VendorMessage(
          vendorID: vendor, commandSet: UInt16(truncatingIfNeeded: version.value)))
    }
    return messages
  }

  mutating func readNetwork(_ node: YAMLNode) -> NetworkDraft? {
    guard let fields = reader.fields(node, TopologyKeys.network) else { return nil }
    let uuid = reader.uuid(fields, "uuid")?.value
    let ranges = readEIDRanges(fields)
    return reader.integer(fields, "number").map {
      NetworkDraft(
        number: Located(value: UInt8(truncatingIfNeeded: $0.value), position: $0.position),
        uuid: uuid, eidRanges: ranges)
    }
  }

  mutating func readRoute(_ node: YAMLNode) -> RouteDraft? {
    guard let fields = reader.fields(node, TopologyKeys.route) else { return nil }
    let portIndex = portIndex(fields)
    let typeWord = reader.word(fields, "type")
    return RouteDraft(
      fields: fields, eids: reader.eids(fields, "eids"), portIndex: portIndex,
      address: reader.address(fields, on: portIndex.flatMap { ports[$0].bus }),
      type: typeWord.flatMap { word in
        TopologyKeys.routeTypes.first { $0.name == word.value }.map {
          Located(value: $0, position: word.position)
        }
      },
      uuid: reader.uuid(fields, "uuid")?.value,
      transmissionUnit: reader.integer(fields, "transmission-unit"))
  }

  mutating func readDevice(_ node: YAMLNode) -> DeviceDraft? {
    guard let fields = reader.fields(node, TopologyKeys.device) else { return nil }
    let portIndex = portIndex(fields)
    return DeviceDraft(
      fields: fields, name: reader.name(fields, "name"), portIndex: portIndex,
      address: reader.address(fields, on: portIndex.flatMap { ports[$0].bus }),
      eid: reader.eid(fields, "eid"), uuid: reader.uuid(fields, "uuid")?.value,
      hasInterrupts: reader.boolean(fields, "interrupts")?.value,
      messageTypes: reader.messageTypes(fields, "message-types"),
      transmissionUnit: reader.integer(fields, "transmission-unit"))
  }
}
