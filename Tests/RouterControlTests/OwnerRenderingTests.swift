import AdminProtocol
import RouterControl
import Testing

@Suite("Rendering of the bus owner")
struct OwnerRenderingTests {
  private let plain = TextStyle(isBold: false)

  private func widest(_ text: String) -> Int {
    text.split(separator: "\n").reduce(0) { max($0, $1.count) }
  }

  @Test("Endpoints: how they do, who they are, what only some have")
  func endpoints() {
    let result = EndpointsResult(endpoints: [
      EndpointRow(
        eid: 8, network: 1, port: nil, address: nil, messageTypes: [0], source: .own, name: "demo"),
      EndpointRow(
        eid: 9, network: 1, port: "i2c-a", address: "0x1d", kind: .simple,
        uuid: "21f0f554-7f7c-4211-9ca1-6d0f000ea9e7", messageTypes: [0, 1, 5, 0x42, 4, 0x7E],
        state: .up, reason: .answered, sinceMs: 192_000, lastContactMs: 900, origin: .listed,
        source: .discovered),
      EndpointRow(
        eid: 10, network: 1, port: "i2c-a", address: "0x20", kind: .bridge, state: .suspect,
        reason: .noAnswer, sinceMs: 4250, lastContactMs: 9950, origin: .scanned,
        pool: PoolRow(first: 11, count: 15, asked: 40, limit: "EID 26 is leased"),
        routingUpdate: .init(.pending, entryCount: 3, dueInMs: 400),
        quirks: [.answersOtherEID, .nilUUID], source: .discovered),
      EndpointRow(
        eid: 11, network: 1, port: "i2c-a", address: "0x20", via: 10, state: .down,
        reason: .bridgeSuspected, sinceMs: 90_061_000, origin: .routingTable, source: .discovered),
      EndpointRow(
        eid: nil, network: 1, port: "i2c-a", address: "0x21", state: .unknown,
        reason: .noFreeEID, sinceMs: 0, origin: .listed, quirks: [.refusesSet],
        source: .discovered),
    ])
    #expect(
      result.text(plain) == """
        NET  EID  PORT   ADDRESS  VIA  KIND    STATE    REASON            SINCE
          1    8  -      -          -  -       -        -                 -
          1    9  i2c-a  0x1d       -  simple  up       answered          3 min 12 s
          1   10  i2c-a  0x20       -  bridge  suspect  no-answer         4.3 s
          1   11  i2c-a  0x20      10  -       down     bridge-suspected  1 d 1 h
          1    -  i2c-a  0x21       -  -       unknown  no-free-eid       0.0 s

        NET  EID  NAME  FROM           UUID                                  MESSAGE TYPES
          1    8  demo  self           -                                     control
          1    9  -     listed         21f0f554-7f7c-4211-9ca1-6d0f000ea9e7  control pldm spdm 0x42
                                                                             nvme-mi vendor-pci
          1   10  -     scanned        -                                     -
          1   11  -     routing-table  -                                     -

        EID 10: pool 11-25, asked for 40, given 15, because EID 26 is leased
        EID 10: knows 3 routes, is told the others in 0.4 s
        EID 10: quirks answers-other-eid, nil-uuid
        EID 10: last answer 10.0 s ago
        0x21 on i2c-a: quirks refuses-set

        """)
    #expect(EndpointsResult(endpoints: []).text(plain) == "No endpoints are known.\n")
  }

  @Test("The widest words of endpoints fit 100 columns")
  func widestEndpoints() {
    let row = EndpointRow(
      eid: 254, network: 255, port: "i3c-mezz", address: "02ae00000000", via: 253, kind: .unknown,
      uuid: "21f0f554-7f7c-4211-9ca1-6d0f000ea9e7", messageTypes: Array(0...8),
      state: .quarantined, reason: .bridgeSuspected, sinceMs: 3_599_000,
      origin: .discoveryNotify, source: .discovered, name: "thermomete")
    #expect(widest(EndpointsResult(endpoints: [row]).text(plain)) <= 100)
  }

  @Test("In several networks the notes name the network")
  func networks() {
    let rows = [UInt8(1), 2].map {
      EndpointRow(
        eid: 9, network: $0, port: "a", address: nil, pool: PoolRow(first: nil, count: 0, asked: 4),
        routingUpdate: $0 == 1 ? .init(.current, entryCount: 1) : .init(.unsupported),
        source: .discovered)
    }
    #expect(
      EndpointsResult(endpoints: rows).text(plain).hasSuffix(
        """

        EID 9 in network 1: no pool, asked for 4
        EID 9 in network 1: knows 1 route
        EID 9 in network 2: no pool, asked for 4
        EID 9 in network 2: does not take Routing Information Update

        """))
  }

  @Test("Pools that cannot be are shown without crashing")
  func hostilePools() {
    for (first, count) in [(UInt8(255), 2), (8, Int.max), (8, Int.min), (0, -1), (255, 256)] {
      let row = EndpointRow(
        eid: 9, network: 1, port: "a", address: nil,
        pool: PoolRow(first: first, count: count, asked: .max), source: .discovered)
      let text = EndpointsResult(endpoints: [row]).text(plain)
      #expect(text.hasSuffix("EID 9: no pool, asked for \(Int.max)\n"))
    }
  }

  @Test("EIDs are ranges of equal state, with their numbers below")
  func eids() {
    let result = EIDsResult(networks: [
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
          EIDRangeRow(first: 27, last: 27, state: .reserved, device: 27),
          EIDRangeRow(
            first: 28, last: 28, state: .fixed, holder: .init(address: "02ae00000000")),
          EIDRangeRow(first: 29, last: 40, state: .freeUsedBefore),
          EIDRangeRow(first: 41, last: 47, state: .free),
          EIDRangeRow(first: 48, last: 250, state: .notOurs),
          EIDRangeRow(first: 251, last: 254, state: .quarantined, remainingMs: 100),
        ]),
      .init(network: 2, ranges: [EIDRangeRow(first: 8, last: 254, state: .free)]),
    ])
    let text = result.text(plain)
    #expect(
      text == """
        NET     EIDS  COUNT  STATE             DETAIL
          1        8      1  own               -
          1        9      1  leased            fan, i2c-a 0x1d, 21f0f554-7f7c-4211-9ca1-6d0f000ea9e7
          1    10-24     15  pool              of bridge 9
          1    25-26      2  quarantined       4.3 s left
          1       27      1  reserved          for EID 27
          1       28      1  fixed             02ae00000000
          1    29-40     12  free-used-before  -
          1    41-47      7  free              -
          1   48-250    203  not-ours          -
          1  251-254      4  quarantined       0.1 s left
          2    8-254    247  free              -

        network 1: 1 own, 1 leased, 15 pool, 6 quarantined, 1 reserved, 1 fixed, \
        12 free-used-before, 7 free, 203 not-ours
        network 1: from the bus owner above: pool 8-47, asked for 60, given 40
        network 2: 247 free

        """)
    #expect(EIDsResult(networks: []).text(plain) == "This router gives no EIDs.\n")
    let backwards = EIDsResult(networks: [
      .init(network: 1, ranges: [EIDRangeRow(first: 9, last: 8, state: .free)])
    ])
    #expect(backwards.text(plain).hasSuffix("network 1: 0 free\n"))
  }

  @Test("Discovery shows what is asked next, when, and why")
  func discovery() {
    let result = DiscoveryResult(ports: [
      .init(
        name: "i2c-a", network: 1,
        questions: [
          .init(
            address: "0x1d", dueInMs: 0, state: .down, reason: .noAnswer, origin: .listed,
            failureCount: 7),
          .init(
            address: "0x1e", dueInMs: 61_000, state: .unknown, reason: .notAskedYet,
            origin: .scanned, failureCount: 0),
        ],
        counters: [
          .init(name: "answered", count: 3), .init(name: "late", count: 0),
          .init(name: "timed-out", count: 7),
        ]),
      .init(
        name: "tty", network: 1,
        questions: [
          .init(
            address: nil, dueInMs: 250, state: .unknown, reason: .waitsForPool,
            origin: .pointToPoint, failureCount: 1)
        ]),
      .init(name: "usb", network: 2, pause: .portDown),
    ])
    #expect(
      result.text(plain) == """
        PORT   NEXT  IN         STATE    REASON          FOUND BY        FAILURES
        i2c-a  0x1d  now        down     no-answer       listed                 7
        i2c-a  0x1e  1 min 1 s  unknown  not-asked-yet   scanned                0
        tty    -     0.3 s      unknown  waits-for-pool  point-to-point         1

        i2c-a: answered 3, timed-out 7
        usb: asks nothing, port-down

        """)
    #expect(
      DiscoveryResult(ports: [.init(name: "a", network: 1, pause: .nothingDue)]).text(plain)
        == "Nothing is going to be asked.\n\na: asks nothing, nothing-due\n")
    #expect(DiscoveryResult(ports: []).text(plain) == "No ports are configured.\n")
  }

  @Test("A command says what was begun and where to see the rest")
  func command() {
    #expect(
      CommandResult(text: "asking EID 9\u{1B} now", lastSequence: 41).text(plain)
        == "asking EID 9? now\n`router-ctl events --since 41` shows what comes of it\n")
  }
}
