import MCTPWire

/// Messages worked out from the tables of the standard, where control.hex has no other vector.
let tableMessages: [GoldenMessage] = [
  .request("W1", 0, GetEndpointUUID.Request()),
  .request("W2", 0, GetNetworkID.Request()),
  .response("W3", 0, GetNetworkID.Response(networkID: sampleUUID)),
  .request("W4", 0, ResolveUUID.Request(uuid: sampleUUID, handle: 0)),
  .response(
    "W5", 0,
    ResolveUUID.Response(
      nextHandle: 0xFF,
      entries: BoundedList([
        ResolveUUID.Entry(
          eid: EID(9), binding: .smbus, medium: MediumType(rawValue: 0x04),
          address: address("3A")),
        ResolveUUID.Entry(
          eid: EID(10), binding: .i3c, medium: .i3c, address: address("02AE00000000")),
      ]))),
  .request("W6", 0, QueryRateLimit.Request()),
  .response("W7", 0, rateLimits),
  .response("W8", 0, rateLimits, encodes: false),
  .request(
    "W9", 0, RequestTXRateLimit.Request(burstPackets: 0x010203, packetsPerSecond: 50)),
  .request(
    "W10", 0, RequestTXRateLimit.Request(burstPackets: 0x010203, packetsPerSecond: 50),
    encodes: false),
  .response("W11", 0, RequestTXRateLimit.Response(burstPackets: 16, packetsPerSecond: 50)),
  .request("W12", 0, UpdateRateLimit.Request(burstPackets: 16, packetsPerSecond: 50)),
  .request(
    "W13", 0, UpdateRateLimit.Request(burstPackets: 16, packetsPerSecond: 50), encodes: false),
  .response("W14", 0, UpdateRateLimit.Response()),
  .request("W15", 0, routes(route(.endpoint, 1, 9, "02AE00000001"))),
  .request("W16", 0, routes(route(.bridge, 1, 9, ""), route(.range, 3, 10, ""))),
  .refusal("W17", 0, 0x09, .insufficientTableSpace),
  .request("W18", 0, GetRoutingTableEntries.Request(handle: 0)),
  .response(
    "W19", 0,
    GetRoutingTableEntries.Response(
      nextHandle: 2,
      entries: BoundedList([
        routingEntry(
          20, eidCount: 3, .range, isStatic: true, port: 31, binding: .serial,
          medium: .serial, address: ""),
        routingEntry(
          9, .endpoint, port: 3, binding: .i3c, medium: .i3c, address: "02AE00000001"),
      ]))),
  .response(
    "W20", 2,
    QueryHop.Response(
      nextEID: EID(14), messageType: MessageTypeSelector(.control),
      incomingUnitMax: QueryHop.UnitSize(transmissionUnitBytes: 80),
      outgoingUnitMax: QueryHop.UnitSize(transmissionUnitBytes: 256))),
  .request("W21", 0, QuerySupportedInterfaces.Request()),
  .response(
    "W22", 0,
    GetEndpointID.Response(
      eid: EID(8), endpointType: .busOwnerOrBridge, eidType: .staticPresent, mediumSpecific: 1)),
  .request("W23", 0, GetVersionSupport.Request(subject: .baseSpecification)),
  .response(
    "W24", 0,
    AllocateEndpointIDs.Response(status: .rejected, poolSize: 4, firstEID: EID(31))),
  .request("W25", 0, SetEndpointID.Request(operation: .reset, eid: EID(29))),
  .request("W26", 0, SetEndpointID.Request(operation: .force, eid: EID(29)), encodes: false),
  .response("W27", 0, setEndpointID(.accepted, .noPool, 29), encodes: false),
  .request("W28", 0, routes(route(.bridgeRange, 3, 20, "")), encodes: false),
]

private let rateLimits = QueryRateLimit.Response(
  receiveBufferBytes: 4096, receiveRateMax: 100, transmitLimitMax: 1000, transmitLimitMin: 1,
  burstMax: 32, burstPackets: 16, transmitLimit: 50, limitsOnlyNonRequested: true,
  isLimitingSupported: true)
