import MCTPWire
import TestSupport
import Testing

@Suite("Rules of single control commands", .spec("DSP0236 1.3.3 §12"))
struct CommandRuleTests {
  @Test("Set Endpoint ID: all 256 status bytes")
  func setEndpointIDStatus() throws {
    for status in UInt8.min...UInt8.max {
      let response = try SetEndpointID.Response(decoding: [status, 9, 0].span)
      let assignments: [SetEndpointID.Assignment] = [
        .accepted, .rejected, .reserved(2), .reserved(3),
      ]
      let allocations: [SetEndpointID.Allocation] = [
        .noPool, .poolRequired, .poolAllocated, .reserved,
      ]
      #expect(response.assignment == assignments[Int(status) / 16 % 4])
      #expect(response.allocation == allocations[Int(status) % 4])
      var body = ControlBody()
      try response.encode(into: &body)
      #expect(body.bytes == [status & 0b0011_0011, 9, 0])
    }
  }

  @Test("Get Endpoint ID: all 256 type bytes")
  func getEndpointIDTypes() throws {
    for types in UInt8.min...UInt8.max {
      let response = try GetEndpointID.Response(decoding: [9, types, 0].span)
      let endpointTypes: [GetEndpointID.EndpointType] = [
        .simple, .busOwnerOrBridge, .reserved2, .reserved3,
      ]
      let eidTypes: [GetEndpointID.EIDType] = [
        .dynamic, .staticSupported, .staticPresent, .staticDiffers,
      ]
      #expect(response.endpointType == endpointTypes[Int(types) / 16 % 4])
      #expect(response.eidType == eidTypes[Int(types) % 4])
      var body = ControlBody()
      try response.encode(into: &body)
      #expect(body.bytes == [9, types & 0b0011_0011, 0])
    }
  }

  @Test("Get Routing Table Entries: all 256 flag bytes come back")
  func routingTableFlags() throws {
    for flags in UInt8.min...UInt8.max {
      let data: [UInt8] = [0xFF, 1, 1, 9, flags, 5, 0x24, 0]
      let response = try GetRoutingTableEntries.Response(decoding: data.span)
      let entry = response.entries[0]
      #expect(entry.type.rawValue == flags / 64)
      #expect(entry.isStatic == (flags / 32 % 2 == 1))
      #expect(entry.port.rawValue == flags % 32)
      var body = ControlBody()
      try response.encode(into: &body)
      #expect(body.bytes == data)
    }
  }

  @Test("Get Routing Table Entries cannot carry an entry type of more than two bits")
  func routingTableType() {
    let response = GetRoutingTableEntries.Response(
      nextHandle: 0xFF,
      entries: BoundedList([routingEntry(9, RoutingEntryType(rawValue: 4), port: 0, address: "")]))
    var body = ControlBody()
    #expect(throws: WireError.invalidValue) { try response.encode(into: &body) }
  }

  @Test(
    "Get Routing Table Entries: pages hold 9, 8 and 4 entries",
    arguments: [("", 9), ("60", 8), ("02AE00000001", 4)])
  func routingTableRoom(digits: String, count: Int) throws {
    var page = GetRoutingTableEntries.Response(nextHandle: 0)
    let entry = routingEntry(9, .endpoint, port: 0, address: digits)
    while page.hasRoom(for: entry) { try page.entries.append(entry) }
    #expect(page.entries.count == count)
    let body = try page.body(instanceID: InstanceID(rawValue: 0))
    #expect(body.count + entry.byteCount > 64)
  }

  @Test(
    "Resolve UUID: pages hold 14, 11 and 5 entries",
    arguments: [("", 14), ("60", 11), ("02AE00000001", 5)])
  func resolveUUIDRoom(digits: String, count: Int) throws {
    var page = ResolveUUID.Response(nextHandle: 0)
    let entry = ResolveUUID.Entry(
      eid: EID(9), binding: .smbus, medium: .serial, address: address(digits))
    while page.hasRoom(for: entry) { try page.entries.append(entry) }
    #expect(page.entries.count == count)
    let body = try page.body(instanceID: InstanceID(rawValue: 0))
    #expect(body.count + entry.byteCount > 64)
  }

  @Test(
    "Routing Information Update: bodies hold 20, 15, 12 and 6 entries",
    arguments: [(0, 20), (1, 15), (2, 12), (6, 6)])
  func routingUpdateRoom(addressByteCount: Int, count: Int) throws {
    let digits = String(repeating: "00", count: addressByteCount)
    var request = RoutingInformationUpdate.Request()
    for _ in 0..<count { try request.entries.append(route(.endpoint, 1, 9, digits)) }
    #expect(
      RoutingInformationUpdate.Request.entryCountMax(addressByteCount: addressByteCount) == count)
    #expect(throws: Never.self) { try request.body(instanceID: InstanceID(rawValue: 0)) }
    #expect(throws: WireError.noRoom) {
      try request.entries.append(route(.endpoint, 1, 9, digits))
      _ = try request.body(instanceID: InstanceID(rawValue: 0))
    }
  }

  @Test("Routing Information Update: the address length follows from the entry count")
  func routingUpdateAddressLength() throws {
    for (digits, length) in [("", 0), ("12", 1), ("0102", 2), ("02AE00000001", 6)] {
      let data = hex("02" + "00010A" + digits + "00010B" + digits)
      let request = try RoutingInformationUpdate.Request(decoding: data.span)
      #expect(request.entries.count == 2)
      #expect(request.entries[1] == route(.endpoint, 1, 11, digits))
      let known = try RoutingInformationUpdate.Request(
        decoding: data.span, addressByteCount: length)
      #expect(known == request)
      #expect(throws: WireError.self) {
        try RoutingInformationUpdate.Request(decoding: data.span, addressByteCount: length + 1)
      }
    }
  }

  @Test("Routing Information Update refuses addresses of different lengths")
  func routingUpdateMixed() {
    let request = routes(route(.endpoint, 1, 9, "12"), route(.endpoint, 1, 10, ""))
    var body = ControlBody()
    #expect(throws: WireError.countMismatch) { try request.encode(into: &body) }
  }

  @Test(
    "Query Hop: transmission units count in steps of 16 above 64",
    arguments: [
      (64, 0x0000), (79, 0x0000), (80, 0x0001), (250, 0x000B), (256, 0x000C), (1024, 0x003C),
      (1_048_624, 0xFFFF), (1_048_640, 0xFFFF), (63, 0x0000), (Int.min, 0x0000), (Int.max, 0xFFFF),
    ] as [(Int, UInt16)])
  func unitSizes(transmissionUnitBytes: Int, rawValue: UInt16) {
    let size = QueryHop.UnitSize(transmissionUnitBytes: transmissionUnitBytes)
    #expect(size.rawValue == rawValue)
  }

  @Test(
    "Query Hop: a size in the answer is read in bytes",
    arguments: [(0x0000, 64), (0x0001, 80), (0x000C, 256), (0xFFFF, 1_048_624)] as [(UInt16, Int)])
  func unitSizesRead(rawValue: UInt16, transmissionUnitBytes: Int) {
    #expect(
      QueryHop.UnitSize(rawValue: rawValue).transmissionUnitBytes == transmissionUnitBytes)
  }

  @Test("Rate limits: a burst of more than 24 bits is neither read nor sent")
  func wideBursts() {
    #expect(throws: WireError.invalidValue) {
      try RequestTXRateLimit.Request(decoding: hex("01 00 00 00 00 00 00 32").span)
    }
    #expect(throws: WireError.invalidValue) {
      try UpdateRateLimit.Request(decoding: hex("01 00 00 00 00 00 00 32").span)
    }
    let request = RequestTXRateLimit.Request(burstPackets: 0x100_0000, packetsPerSecond: 1)
    var body = ControlBody()
    #expect(throws: WireError.invalidValue) { try request.encode(into: &body) }
  }

  @Test("Query Supported Interfaces lists at least one")
  func noInterfaces() {
    #expect(throws: WireError.invalidValue) {
      try QuerySupportedInterfaces.Response(decoding: [0].span)
    }
    let response = QuerySupportedInterfaces.Response(interfaces: BoundedList([]))
    var body = ControlBody()
    #expect(throws: WireError.invalidValue) { try response.encode(into: &body) }
  }

  @Test("Lists hold what one body carries", arguments: [14, 59, 29])
  func listCapacities(count: Int) throws {
    // What 64 bytes hold, worked out by hand; each list is filled and then overfilled.
    let id = InstanceID(rawValue: 0)
    switch count {
    case 14:
      var list = GetVersionSupport.Response.Versions()
      for _ in 0..<count { try list.append(VersionNumber(rawValue: 0)) }
      #expect(list.isFull)
      #expect(try GetVersionSupport.Response(versions: list).body(instanceID: id).count == 61)
    case 59:
      var list = GetMessageTypeSupport.Response.Types()
      for _ in 0..<count { try list.append(.pldm) }
      #expect(list.isFull)
      #expect(try GetMessageTypeSupport.Response(types: list).body(instanceID: id).count == 64)
    default:
      var list = QuerySupportedInterfaces.Response.Interfaces()
      for _ in 0..<count {
        try list.append(QuerySupportedInterfaces.Interface(medium: .i3c, eid: EID(9)))
      }
      #expect(list.isFull)
      #expect(
        try QuerySupportedInterfaces.Response(interfaces: list).body(instanceID: id).count == 63)
    }
  }

  @Test("Vendor defined messages: an unknown vendor ID format is refused")
  func vendorFormats() {
    for format in UInt8(2)...UInt8.max {
      #expect(throws: WireError.invalidValue) {
        try GetVendorDefinedMessageSupport.Response(
          decoding: [0xFF, format, 0, 0, 0, 0, 0, 0].span)
      }
    }
  }
}
