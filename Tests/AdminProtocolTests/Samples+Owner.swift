import AdminProtocol

// Of the bus owner.
extension Samples {
  static let endpoints = EndpointsResult(endpoints: [
    EndpointRow(
      eid: 9, network: 1, port: "i2c-a", address: "0x1d",
      uuid: "21f0f554-7f7c-4211-9ca1-6d0f000ea9e7", messageTypes: [0, 1, 5], source: .simulated,
      name: "fan"),
    EndpointRow(eid: 8, network: 1, port: nil, address: nil, source: .own),
    EndpointRow(
      eid: 10, network: 1, port: "i2c-a", address: "0x20", via: 9, kind: .bridge,
      messageTypes: [0], state: .suspect, reason: .noAnswer, sinceMs: 250, lastContactMs: 1250,
      origin: .discoveryNotify,
      pool: PoolRow(first: 11, count: 15, asked: 40, limit: "EID 26 is leased"),
      routingUpdate: .init(.pending, entryCount: 3, dueInMs: 400),
      quirks: [.answersOtherEID, .nilUUID], source: .discovered),
    EndpointRow(
      eid: nil, network: 1, port: "i2c-a", address: "0x21", state: .unknown,
      reason: .noFreeEID, sinceMs: 0, origin: .listed, source: .discovered),
  ])

  static let eids = EIDsResult(networks: [
    .init(
      network: 1, ownPool: PoolRow(first: 8, count: 40, asked: 60),
      ranges: [
        EIDRangeRow(first: 8, last: 8, state: .own),
        EIDRangeRow(
          first: 9, last: 9, state: .leased,
          holder: .init(
            port: "i2c-a", address: "0x1d", uuid: "21f0f554-7f7c-4211-9ca1-6d0f000ea9e7",
            name: "fan")),
        EIDRangeRow(first: 10, last: 24, state: .pool, device: 9),
        EIDRangeRow(first: 25, last: 26, state: .quarantined, remainingMs: 4250),
        EIDRangeRow(first: 27, last: 47, state: .freeUsedBefore),
        EIDRangeRow(first: 48, last: 254, state: .notOurs),
      ]),
    .init(network: 2),
  ])

  static let tree = TreeResult(
    name: "demo", uuid: "21f0f554-7f7c-4211-9ca1-6d0f000ea9e8",
    ports: [
      .init(
        name: "i2c-a", number: 0, bus: "i2c", role: "owner", network: 1, state: "up",
        address: "0x10", eid: 8),
      .init(
        name: "tty", number: 31, bus: "serial", role: "endpoint", network: 2, state: "waiting",
        stateReason: "no such device"),
    ], endpoints: endpoints.endpoints)

  static let discovery = DiscoveryResult(ports: [
    .init(
      name: "i2c-a", network: 1,
      questions: [
        .init(
          address: "0x1d", dueInMs: 4250, state: .down, reason: .noAnswer, origin: .listed,
          failureCount: 7)
      ], counters: [.init(name: "timed-out", count: 7)]),
    .init(name: "tty", network: 2, pause: .portDown),
  ])

  static let command = CommandResult(text: "asking EID 9 now", lastSequence: .max)

  static var event: EventRow {
    var fields = EventRow.Fields()
    fields.network = 1
    fields.eid = 9
    fields.formerEID = 12
    fields.port = "i2c-a"
    fields.address = "0x1d"
    fields.otherPort = "i2c-b"
    fields.otherAddress = "0x1e"
    fields.bridge = 10
    fields.blamed = 10
    fields.uuid = "21f0f554-7f7c-4211-9ca1-6d0f000ea9e7"
    fields.reason = OpenName(.bridgeLost)
    fields.quirks = [OpenName(.nilUUID)]
    fields.eids = [11, 12, 13]
    fields.pool = PoolRow(first: nil, count: 0, asked: 40)
    fields.entryCount = 3
    fields.completionCode = 5
    fields.missedCount = 17
    return EventRow(
      sequence: 42, ageMs: 3, kind: .subtreeLost, text: "what is behind EID 10 is gone",
      fields: fields)
  }
}
