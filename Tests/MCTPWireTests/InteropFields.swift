import MCTPWire

/// A control message that says its fields in the words of `interop.hex` and `pymctp.hex`, which
/// `tools/interop/fields.py` says from the layers of another implementation.
protocol InteropFields {
  /// Empty where the command has no data. Different values have different fields.
  var interopFields: String { get }
}

extension InteropFields where Self: DatalessControlMessage {
  var interopFields: String { "" }
}

extension GetEndpointID.Request: InteropFields {}
extension GetEndpointUUID.Request: InteropFields {}
extension GetMessageTypeSupport.Request: InteropFields {}
extension RoutingInformationUpdate.Response: InteropFields {}
extension PrepareForEndpointDiscovery.Request: InteropFields {}
extension PrepareForEndpointDiscovery.Response: InteropFields {}
extension EndpointDiscovery.Request: InteropFields {}
extension EndpointDiscovery.Response: InteropFields {}
extension DiscoveryNotify.Request: InteropFields {}
extension DiscoveryNotify.Response: InteropFields {}
extension GetNetworkID.Request: InteropFields {}
extension QueryRateLimit.Request: InteropFields {}
extension UpdateRateLimit.Response: InteropFields {}
extension QuerySupportedInterfaces.Request: InteropFields {}

extension SetEndpointID.Request: InteropFields {
  var interopFields: String { "op=\(operation.rawValue) eid=\(eid.rawValue)" }
}

extension SetEndpointID.Response: InteropFields {
  var interopFields: String {
    let assignmentNumber: UInt8 =
      switch assignment {
      case .accepted: 0
      case .rejected: 1
      case .reserved(let value): value
      }
    let allocationNumber =
      switch allocation {
      case .noPool: 0
      case .poolRequired: 1
      case .poolAllocated: 2
      case .reserved: 3
      }
    return "assignment=\(assignmentNumber) allocation=\(allocationNumber) eid=\(eid.rawValue) "
      + "pool=\(poolSize)"
  }
}

extension GetEndpointID.Response: InteropFields {
  var interopFields: String {
    "eid=\(eid.rawValue) endpoint=\(endpointType.rawValue) eidType=\(eidType.rawValue) "
      + "medium=\(mediumSpecific)"
  }
}

extension GetEndpointUUID.Response: InteropFields {
  var interopFields: String { "uuid=\(uuidText(uuid))" }
}

extension GetVersionSupport.Request: InteropFields {
  var interopFields: String { "type=\(subject.rawValue)" }
}

extension GetVersionSupport.Response: InteropFields {
  var interopFields: String { "versions=" + listed(versions) { digits($0.rawValue) } }
}

extension GetMessageTypeSupport.Response: InteropFields {
  var interopFields: String { "types=" + listed(types) { "\($0.rawValue)" } }
}

extension GetVendorDefinedMessageSupport.Request: InteropFields {
  var interopFields: String { "selector=\(selector)" }
}

extension GetVendorDefinedMessageSupport.Response: InteropFields {
  var interopFields: String {
    let vendor =
      switch vendorID {
      case .pci(let number): "pci:\(digits(number))"
      case .iana(let number): "iana:\(digits(number))"
      }
    return "next=\(nextSelector) vendor=\(vendor) set=\(commandSet)"
  }
}

extension ResolveEndpointID.Request: InteropFields {
  var interopFields: String { "eid=\(eid.rawValue)" }
}

extension ResolveEndpointID.Response: InteropFields {
  var interopFields: String { "bridge=\(bridgeEID.rawValue) address=\(addressText(address))" }
}

extension AllocateEndpointIDs.Request: InteropFields {
  var interopFields: String {
    "op=\(operation.rawValue) count=\(eidCount) first=\(firstEID.rawValue)"
  }
}

extension AllocateEndpointIDs.Response: InteropFields {
  var interopFields: String {
    "status=\(status.rawValue) pool=\(poolSize) first=\(firstEID.rawValue)"
  }
}

extension RoutingInformationUpdate.Request: InteropFields {
  var interopFields: String {
    "entries="
      + listed(entries) {
        "\($0.type.rawValue):\($0.eidCount):\($0.firstEID.rawValue):\(addressText($0.address))"
      }
  }
}

extension GetRoutingTableEntries.Request: InteropFields {
  var interopFields: String { "handle=\(handle)" }
}

extension GetRoutingTableEntries.Response: InteropFields {
  var interopFields: String {
    "next=\(nextHandle) entries="
      + listed(entries) {
        "\($0.eidCount):\($0.firstEID.rawValue):\($0.type.rawValue):\($0.isStatic ? 1 : 0):"
          + "\($0.port.rawValue):\($0.binding.rawValue):\($0.medium.rawValue):"
          + addressText($0.address)
      }
  }
}

extension GetNetworkID.Response: InteropFields {
  var interopFields: String { "network=\(uuidText(networkID))" }
}

extension QueryHop.Request: InteropFields {
  var interopFields: String { "target=\(target.rawValue) type=\(messageType.rawValue)" }
}

extension QueryHop.Response: InteropFields {
  var interopFields: String {
    "next=\(nextEID.rawValue) type=\(messageType.rawValue) in=\(incomingUnitMax.rawValue) "
      + "out=\(outgoingUnitMax.rawValue)"
  }
}

extension ResolveUUID.Request: InteropFields {
  var interopFields: String { "uuid=\(uuidText(uuid)) handle=\(handle)" }
}

extension ResolveUUID.Response: InteropFields {
  var interopFields: String {
    "next=\(nextHandle) entries="
      + listed(entries) {
        "\($0.eid.rawValue):\($0.binding.rawValue):\($0.medium.rawValue):"
          + addressText($0.address)
      }
  }
}

extension QueryRateLimit.Response: InteropFields {
  var interopFields: String {
    "buffer=\(receiveBufferBytes) receive=\(receiveRateMax) max=\(transmitLimitMax) "
      + "min=\(transmitLimitMin) burstMax=\(burstMax) burst=\(burstPackets) "
      + "limit=\(transmitLimit) exempt=\(limitsOnlyNonRequested ? 1 : 0) "
      + "supported=\(isLimitingSupported ? 1 : 0)"
  }
}

extension RequestTXRateLimit.Request: InteropFields {
  var interopFields: String { "burst=\(burstPackets) rate=\(packetsPerSecond)" }
}

extension RequestTXRateLimit.Response: InteropFields {
  var interopFields: String { "burst=\(burstPackets) rate=\(packetsPerSecond)" }
}

extension UpdateRateLimit.Request: InteropFields {
  var interopFields: String { "burst=\(burstPackets) rate=\(packetsPerSecond)" }
}

extension QuerySupportedInterfaces.Response: InteropFields {
  var interopFields: String {
    "interfaces=" + listed(interfaces) { "\($0.medium.rawValue):\($0.eid.rawValue)" }
  }
}

private func listed<let capacity: Int, Element>(
  _ list: BoundedList<capacity, Element>, _ text: (Element) -> String
) -> String {
  list.isEmpty ? "none" : (0..<list.count).map { text(list[$0]) }.joined(separator: ",")
}

/// Every hex digit of `number`, the leading zeros too.
private func digits(_ number: some FixedWidthInteger & UnsignedInteger) -> String {
  let text = String(number, radix: 16)
  return String(repeating: "0", count: number.bitWidth / 4 - text.count) + text
}

private func addressText(_ address: AddressBytes) -> String {
  address.count == 0 ? "none" : (0..<address.count).map { digits(address[$0]) }.joined()
}

private func uuidText(_ uuid: EndpointUUID) -> String {
  let text = digits(uuid.high) + digits(uuid.low)
  var parts: [Substring] = []
  var rest = text[...]
  for length in [8, 4, 4, 4, 12] {
    parts.append(rest.prefix(length))
    rest = rest.dropFirst(length)
  }
  return parts.joined(separator: "-")
}
