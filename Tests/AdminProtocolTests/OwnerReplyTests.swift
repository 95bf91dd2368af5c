import AdminProtocol
import MCTPWire
import Testing

/// The wire form of what the bus owner tells.
@Suite("Replies of the bus owner")
struct OwnerReplyTests {
  @Test("The line of an endpoint on the wire is this, absent fields left out")
  func endpoint() {
    let rows = [Samples.endpoints.endpoints[2], Samples.endpoints.endpoints[3]]
    #expect(
      AdminReplyLine.success(id: 7, EndpointsResult(endpoints: rows))
        == bytes(
          "{\"id\":7,\"result\":{\"endpoints\":["
            + "{\"address\":\"0x20\",\"eid\":10,\"kind\":\"bridge\",\"lastContactMs\":1250,"
            + "\"messageTypes\":[0],\"network\":1,\"origin\":\"discovery-notify\","
            + "\"pool\":{\"asked\":40,\"count\":15,\"first\":11,\"limit\":\"EID 26 is leased\"},"
            + "\"port\":\"i2c-a\",\"quirks\":[\"answers-other-eid\",\"nil-uuid\"],"
            + "\"reason\":\"no-answer\","
            + "\"routingUpdate\":{\"dueInMs\":400,\"entryCount\":3,\"state\":\"pending\"},"
            + "\"sinceMs\":250,\"source\":\"discovered\",\"state\":\"suspect\",\"via\":9},"
            + "{\"address\":\"0x21\",\"kind\":\"unknown\",\"messageTypes\":[],\"network\":1,"
            + "\"origin\":\"listed\",\"port\":\"i2c-a\",\"quirks\":[],\"reason\":\"no-free-eid\","
            + "\"sinceMs\":0,\"source\":\"discovered\",\"state\":\"unknown\"}"
            + "]},\"version\":1}\n"))
  }

  @Test("The line of an event on the wire is this")
  func event() {
    var fields = EventRow.Fields()
    fields.eid = 9
    fields.reason = OpenName(.noAnswer)
    let row = EventRow(
      sequence: 42, ageMs: 3, kind: .endpointDown, text: "EID 9 is down", fields: fields)
    #expect(
      AdminReplyLine.success(id: 7, row)
        == bytes(
          "{\"id\":7,\"result\":{\"ageMs\":3,\"fields\":{\"eid\":9,\"reason\":\"no-answer\"},"
            + "\"kind\":\"endpoint-down\",\"sequence\":42,\"text\":\"EID 9 is down\"},"
            + "\"version\":1}\n"))
  }

  @Test("A name of a newer daemon is kept as text")
  func unknownName() throws {
    let line = bytes(
      "{\"version\":1,\"id\":1,\"result\":{\"sequence\":1,\"ageMs\":0,\"kind\":\"moon-rise\","
        + "\"text\":\"t\",\"fields\":{\"height\":3}}}")
    let row = try #require(try? AdminReply<EventRow>(decoding: line).outcome.get())
    #expect(row.kind.text == "moon-rise")
    #expect(row.kind.known == nil)
    #expect(OpenName(EventKindName.portUp).known == .portUp)
  }

  @Test("Names in the closed lists are stable")
  func names() {
    #expect(
      names(EndpointStateName.self) == "unknown probing up suspect down quarantined")
    #expect(
      names(EndpointReasonName.self)
        == "not-asked-yet answered no-answer port-down bridge-lost bridge-returned eid-changed "
        + "eid-clash eid-refused no-free-eid disappeared uuid-clash lease waits-for-pool "
        + "bridge-suspected asked")
    #expect(names(EndpointKindName.self) == "unknown simple bridge")
    #expect(
      names(EndpointOriginName.self)
        == "listed scanned point-to-point reported discovery-notify lease command routing-table "
        + "pool")
    #expect(names(EndpointSourceName.self) == "self simulated static discovered")
    #expect(
      names(EndpointQuirkName.self)
        == "answers-other-eid refuses-set types-count-wrong nil-uuid no-uuid no-message-types "
        + "no-versions version-bytes-swapped vendor-selector-jumps holds-other-pool refuses-pool "
        + "refuses-routing-update refuses-routing-table simple-with-pool routing-table-endless")
    #expect(names(RoutingUpdateName.self) == "current pending unsupported")
    #expect(
      names(EIDStateName.self)
        == "free free-used-before own fixed leased pool reserved quarantined not-ours")
    #expect(names(DiscoveryPauseName.self) == "not-bus-owner port-down nothing-due")
    #expect(
      names(EventKindName.self)
        == "listening events-lost numbering-restarted endpoint-up endpoint-suspect endpoint-down "
        + "endpoint-quarantined subtree-lost subtree-returned eid-changed quirk-found "
        + "duplicate-eid duplicate-uuid duplicate-resolved eids-exhausted route-refused "
        + "pool-granted pool-lost own-pool-changed routing-update-acknowledged "
        + "routing-update-failed routing-update-applied routing-table-read lease-changed "
        + "lease-dropped lease-refused port-up port-down own-eid-changed state-set-aside "
        + "state-not-written")
  }

  private func names<List: NameList>(_ list: List.Type) -> String {
    list.allCases.map { $0.rawValue }.joined(separator: " ")
  }

  @Test("EIDs of equal state join, whatever differs keeps them apart")
  func ranges() {
    var network = EIDsResult.Network(network: 1)
    let states: [(UInt8, EIDStateName, UInt8?)] = [
      (8, .own, nil), (9, .pool, 8), (10, .pool, 8), (11, .pool, 8), (12, .pool, 20),
      (13, .free, nil), (14, .free, nil), (16, .free, nil), (254, .notOurs, nil),
    ]
    for (eid, state, device) in states {
      network.append(EIDRangeRow(first: eid, last: eid, state: state, device: device))
    }
    network.append(EIDRangeRow(first: 255, last: 255, state: .notOurs))
    network.append(EIDRangeRow(first: 0, last: 0, state: .notOurs))
    #expect(
      network.ranges == [
        EIDRangeRow(first: 8, last: 8, state: .own),
        EIDRangeRow(first: 9, last: 11, state: .pool, device: 8),
        EIDRangeRow(first: 12, last: 12, state: .pool, device: 20),
        EIDRangeRow(first: 13, last: 14, state: .free),
        EIDRangeRow(first: 16, last: 16, state: .free),
        EIDRangeRow(first: 254, last: 255, state: .notOurs),
        EIDRangeRow(first: 0, last: 0, state: .notOurs),
      ])
  }

  @Test(
    "Addresses are read as people write them",
    arguments: [
      ("0x1d", .i2c(0x1D)), ("0X1D", .i2c(0x1D)), ("29", .i2c(0x1D)), ("0x08", .i2c(0x08)),
      ("0x77", .i2c(0x77)), ("119", .i2c(0x77)), ("02ae00000000", .i3c(0x02AE_0000_0000)),
      ("0x02AE0000FFFF", .i3c(0x02AE_0000_FFFF)), ("000000000029", .i3c(0x29)),
      ("", nil), ("-", nil), ("0x", nil), ("1d", nil), ("0x07", nil), ("0x78", nil), ("7", nil),
      ("120", nil), ("+29", nil), ("0x+1", nil), ("0x0x1d", nil), (" 29", nil), ("0x1d ", nil),
      ("02ae0000000", nil), ("02ae000000000", nil), ("02ae0000000g", nil), ("２９", nil),
    ] as [(String, PhysicalAddress?)])
  func addresses(text: String, address: PhysicalAddress?) {
    #expect(PhysicalAddress(text: text) == address)
    #expect(AssignRequest(eid: 9, port: "a", address: text).physicalAddress == address)
  }

  @Test("A device on a medium without addresses has the address of none")
  func noAddress() {
    #expect(AssignRequest(eid: 9, port: "tty").physicalAddress == PhysicalAddress.none)
  }

  @Test("Commands say in words what was begun")
  func begun() {
    #expect(DiscoverRequest(port: "i2c-a").begunText == "asking every address of port i2c-a")
    #expect(
      AssignRequest(eid: 9, port: "i2c-a", address: "0x1d").begunText
        == "giving EID 9 to 0x1d on port i2c-a")
    #expect(AssignRequest(eid: 9, port: "tty").begunText == "giving EID 9 to port tty")
    #expect(
      AllocateRequest(eid: 9, count: 15).begunText == "allocating 15 EIDs to the bridge with EID 9")
    #expect(
      ForgetRequest(eid: 9).begunText == "EID 9 is taken back; it rests before it is given again")
    #expect(RecoverRequest(eid: 9).begunText == "asking EID 9 now")
  }
}
