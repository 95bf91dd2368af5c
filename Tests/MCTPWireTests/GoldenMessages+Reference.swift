import MCTPWire

/// The reference's vectors, in its order.
let referenceMessages: [GoldenMessage] = [
  .request("V1", 17, SetEndpointID.Request(operation: .set, eid: EID(29))),
  .response("V2", 26, setEndpointID(.accepted, .noPool, 0x43)),
  .response(
    "V3", 0,
    GetRoutingTableEntries.Response(
      nextHandle: 0xFF,
      entries: BoundedList([
        routingEntry(10, .endpoint, port: 2, binding: .reserved, address: "00")
      ]))),
  .request("V4", 0, GetVersionSupport.Request(subject: MessageTypeSelector(.control))),
  .request("V5.request", 0, GetEndpointID.Request()),
  .response(
    "V5.response", 0,
    GetEndpointID.Response(eid: .null, endpointType: .simple, eidType: .staticPresent)),
  .request("V6.request", 0, SetEndpointID.Request(operation: .set, eid: EID(0x42))),
  .response("V6.response", 0, setEndpointID(.accepted, .noPool, 0x42)),
  .response(
    "V7", 0,
    GetEndpointID.Response(eid: EID(0x42), endpointType: .simple, eidType: .staticPresent)),
  .request("V8.request", 0, PrepareForEndpointDiscovery.Request()),
  .response("V8.response", 0, PrepareForEndpointDiscovery.Response()),
  .request("V9.request", 0, EndpointDiscovery.Request()),
  .response("V9.response", 0, EndpointDiscovery.Response()),
  .refusal("V10", 0, 0x0B, .errorUnsupportedCommand),
  .request("V11.request", 0, GetMessageTypeSupport.Request()),
  .response("V11.response", 0, GetMessageTypeSupport.Response(types: BoundedList([.control]))),
  .response("V12", 0, GetMessageTypeSupport.Response(types: BoundedList([.control, .spdm]))),
  .response(
    "V13", 0,
    GetMessageTypeSupport.Response(types: BoundedList([.control, .vendorPCI, .vendorIANA]))),
  .request("V14.request", 0, GetVendorDefinedMessageSupport.Request(selector: 0)),
  .refusal("V14.response", 0, 0x06, .errorInvalidData),
  .response(
    "V15", 0,
    GetVendorDefinedMessageSupport.Response(
      nextSelector: 0xFF, vendorID: .pci(0xABCD), commandSet: 1)),
  .response(
    "V16.first", 0,
    GetVendorDefinedMessageSupport.Response(
      nextSelector: 1, vendorID: .iana(0x1234_ABCD), commandSet: 0x5678)),
  .response(
    "V16.last", 0,
    GetVendorDefinedMessageSupport.Response(
      nextSelector: 0xFF, vendorID: .pci(0xABCD), commandSet: 0x5678)),
  .request("V17.request", 0, GetVersionSupport.Request(subject: MessageTypeSelector(.spdm))),
  .response("V17.response", 0, versions(0xF4F3_F2F1)),
  .response("V18", 0, versions(0xF1F0_FF00, 0xF1F1_FF00, 0xF1F2_FF00, 0xF1F3_F300)),
  .response("V22", 1, ResolveEndpointID.Response(bridgeEID: EID(10), address: address("0C"))),
  .request(
    "V23", 1,
    AllocateEndpointIDs.Request(operation: .allocate, eidCount: 10, firstEID: EID(9))),
  .request("V24", 1, QueryHop.Request(target: EID(8))),
  .request("V25", 0, routes(route(.endpoint, 1, 9, "12"))),
  .header("V26", isRequest: true, instanceID: 0, command: 0xF2),
  .response("V30", 3, setEndpointID(.rejected, .poolAllocated, 30, poolSize: 16)),
  .request("V31.request", 10, SetEndpointID.Request(operation: .set, eid: .null)),
  .refusal("V31.response", 10, 0x01, .errorInvalidData),
  .request(
    "V32.request", 5,
    AllocateEndpointIDs.Request(operation: .information, eidCount: 0, firstEID: .null)),
  .response(
    "V32.response", 5,
    AllocateEndpointIDs.Response(status: .accepted, poolSize: 4, firstEID: EID(31))),
  .request(
    "V33", 4, AllocateEndpointIDs.Request(operation: .force, eidCount: 4, firstEID: EID(31))),
  .request("V34.prepare", 6, PrepareForEndpointDiscovery.Request()),
  .request("V34.discovery", 7, EndpointDiscovery.Request()),
  .request("V34.datagram", 7, EndpointDiscovery.Request(), isDatagram: true),
  .request("V35.request", 0, DiscoveryNotify.Request()),
  .response("V35.response", 0, DiscoveryNotify.Response()),
  .header("V36.request", isRequest: true, instanceID: 11, command: 0xF2),
  .refusal("V36.response", 11, 0xF2, .errorUnsupportedCommand),
  .refusal("V37", 0, 0x04, .messageTypeNotSupported),
  .response("V38", 2, GetEndpointUUID.Response(uuid: sampleUUID)),
  .response(
    "V39", 3,
    QueryHop.Response(
      nextEID: EID(16), messageType: .all,
      incomingUnitMax: QueryHop.UnitSize(transmissionUnitBytes: 64),
      outgoingUnitMax: QueryHop.UnitSize(transmissionUnitBytes: 64))),
  .response(
    "V40", 5,
    GetRoutingTableEntries.Response(
      nextHandle: 0xFF,
      entries: BoundedList([
        routingEntry(8, .bridge, isStatic: true, port: 1, address: "60"),
        routingEntry(9, .endpoint, port: 1, address: "6A"),
        routingEntry(10, .endpoint, port: 1, address: "6C"),
        routingEntry(11, .bridge, isStatic: true, port: 0, address: "60"),
        routingEntry(12, .endpoint, port: 0, address: "62"),
        routingEntry(13, .endpoint, port: 0, address: "64"),
        routingEntry(14, eidCount: 3, .bridgeRange, port: 0, address: "66"),
        routingEntry(17, eidCount: 3, .bridgeRange, port: 0, address: "68"),
      ]))),
  .header("V41.request-TO0", isRequest: true, instanceID: 0, command: 0x02),
  .header("V41.response-TO1", isRequest: false, instanceID: 0, command: 0x02),
  .header("V41.IC1", isRequest: true, instanceID: 0, command: 0x02),
  .header("V41.response-D1", isRequest: false, isDatagram: true, instanceID: 0, command: 0x02),
  .response(
    "V43", 0,
    QuerySupportedInterfaces.Response(
      interfaces: BoundedList([
        QuerySupportedInterfaces.Interface(
          medium: MediumType(rawValue: 0x04), eid: EID(11)),
        QuerySupportedInterfaces.Interface(medium: .i3c, eid: EID(8)),
      ]))),
]

/// The reference's bring-up of a network with two bridges, and the queries after it.
let bringUpMessages: [GoldenMessage] = [
  .request("E1", 0, SetEndpointID.Request(operation: .set, eid: EID(9))),
  .response("E2", 0, setEndpointID(.accepted, .noPool, 9)),
  .request("E3", 1, SetEndpointID.Request(operation: .set, eid: EID(10))),
  .response("E4", 1, setEndpointID(.accepted, .noPool, 10)),
  .request("E5", 0, SetEndpointID.Request(operation: .set, eid: EID(12))),
  .response("E6", 0, setEndpointID(.accepted, .noPool, 12)),
  .request("E7", 1, SetEndpointID.Request(operation: .set, eid: EID(13))),
  .response("E8", 1, setEndpointID(.accepted, .noPool, 13)),
  .request("E9", 2, SetEndpointID.Request(operation: .set, eid: EID(14))),
  .response("E10", 2, setEndpointID(.accepted, .poolRequired, 14, poolSize: 2)),
  .request("E11", 3, SetEndpointID.Request(operation: .set, eid: EID(17))),
  .response("E12", 3, setEndpointID(.accepted, .poolRequired, 17, poolSize: 2)),
  .request(
    "E13", 4, AllocateEndpointIDs.Request(operation: .allocate, eidCount: 2, firstEID: EID(15))),
  .response(
    "E14", 4, AllocateEndpointIDs.Response(status: .accepted, poolSize: 2, firstEID: EID(15))),
  .request(
    "E15", 5, AllocateEndpointIDs.Request(operation: .allocate, eidCount: 2, firstEID: EID(18))),
  .response(
    "E16", 5, AllocateEndpointIDs.Response(status: .accepted, poolSize: 2, firstEID: EID(18))),
  .request(
    "E17", 6,
    routes(
      route(.bridge, 1, 11, "60"), route(.endpoint, 1, 12, "62"), route(.endpoint, 1, 13, "64"),
      route(.bridgeRange, 3, 17, "68"), route(.range, 3, 8, "60"))),
  .response("E18", 6, RoutingInformationUpdate.Response()),
  .request(
    "E19", 7,
    routes(
      route(.bridge, 1, 11, "60"), route(.endpoint, 1, 12, "62"), route(.endpoint, 1, 13, "64"),
      route(.bridgeRange, 3, 14, "66"), route(.range, 3, 8, "60"))),
  .response("E20", 7, RoutingInformationUpdate.Response()),
  .request("E21", 0, SetEndpointID.Request(operation: .set, eid: EID(16))),
  .response("E22", 0, setEndpointID(.accepted, .noPool, 16)),
  .request("E23", 0, SetEndpointID.Request(operation: .set, eid: EID(19))),
  .response("E24", 0, setEndpointID(.accepted, .noPool, 19)),
  .request("E25", 0, ResolveEndpointID.Request(eid: EID(16))),
  .response("E26", 0, ResolveEndpointID.Response(bridgeEID: EID(14), address: .i2c(0x33))),
  .response("E27", 0, ResolveEndpointID.Response(bridgeEID: EID(11), address: .i2c(0x30))),
  .response("E28", 0, ResolveEndpointID.Response(bridgeEID: EID(13), address: .i2c(0x32))),
]

/// 21f0f554-7f7c-4211-9ca1-6d0f000ea9e7.
let sampleUUID = EndpointUUID(high: 0x21F0_F554_7F7C_4211, low: 0x9CA1_6D0F_000E_A9E7)

func setEndpointID(
  _ assignment: SetEndpointID.Assignment, _ allocation: SetEndpointID.Allocation, _ eid: UInt8,
  poolSize: UInt8 = 0
) -> SetEndpointID.Response {
  SetEndpointID.Response(
    assignment: assignment, allocation: allocation, eid: EID(eid), poolSize: poolSize)
}

func versions(_ numbers: UInt32...) -> GetVersionSupport.Response {
  GetVersionSupport.Response(versions: BoundedList(numbers.map { VersionNumber(rawValue: $0) }))
}

func routes(_ entries: RoutingInformationUpdate.Entry...) -> RoutingInformationUpdate.Request {
  RoutingInformationUpdate.Request(entries: BoundedList(entries))
}

func route(
  _ type: RoutingEntryType, _ eidCount: UInt8, _ firstEID: UInt8, _ digits: String
) -> RoutingInformationUpdate.Entry {
  RoutingInformationUpdate.Entry(
    type: type, eidCount: eidCount, firstEID: EID(firstEID), address: address(digits))
}

/// An entry on SMBus or I2C at 400 kHz unless told otherwise.
func routingEntry(
  _ firstEID: UInt8, eidCount: UInt8 = 1, _ type: RoutingEntryType, isStatic: Bool = false,
  port: UInt8, binding: BindingType = .smbus, medium: MediumType = MediumType(rawValue: 0x04),
  address digits: String
) -> GetRoutingTableEntries.Entry {
  GetRoutingTableEntries.Entry(
    eidCount: eidCount, firstEID: EID(firstEID), type: type, isStatic: isStatic,
    port: PortID(rawValue: port), binding: binding, medium: medium, address: address(digits))
}
