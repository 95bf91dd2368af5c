import AdminProtocol
import BusIO
import MCTPWire
import TestSupport
import Testing

@testable import RouterDaemon

@Suite("A bridge below, with a pool of its own", .spec("DSP0236 1.3.3 §9"))
struct TwoRoutersTests {
  private static let upper = """
    version: 1
    router: { name: top, eid: 8, eid-ranges: [8-31], pool-max: 4 }
    ports:
      - { name: down, bus: serial, device: LINE, discovery: { interval: 200, health: 1000 } }
      - name: slots
        bus: i2c
        device: simulated
        address: 0x10
        speed: 1000000
        discovery: { addresses: [0x1d] }
    devices:
      - { name: fan, port: slots, address: 0x1d }

    """

  /// Wants six EIDs: for two devices and four in reserve.
  private static let lower = """
    version: 1
    router: { name: riser, uuid: 4f3b1e52-93d7-4a0e-8c41-2b6f0d9a7002, pool-reserve: 4 }
    ports:
      - { name: up, bus: serial, device: LINE, role: endpoint }
      - name: cards
        bus: i2c
        device: simulated
        address: 0x10
        speed: 1000000
        discovery: { addresses: [0x1d, 0x1e], interval: 200 }
    devices:
      - { name: one, port: cards, address: 0x1d }
      - { name: two, port: cards, address: 0x1e }

    """

  private func bridge(_ bench: DaemonBench) throws -> EndpointRow {
    try #require(bench.router.endpointRows().first { $0.port == "down" && $0.via == nil })
  }

  /// Pings by the upper router while both run.
  private func ping(_ pair: RouterPair, _ eid: UInt8, from: UInt8? = nil) throws -> UInt8 {
    let client = try pair.upper.client()
    try client.begin(PingRequest(eid: eid, from: from, timeoutMs: 10_000))
    let isAnswered = pair.run { client.hasLine }
    try #require(isAnswered)
    let line = try #require(client.nextLine())
    return try AdminReply<PingResult>(decoding: line).outcome.get().responder
  }

  @Test("It gets an EID and a pool, gives the pool to its devices, and all is shown above")
  func twoRouters() throws {
    let pair = try RouterPair(upper: TwoRoutersTests.upper, lower: TwoRoutersTests.lower)
    let (upper, lower) = (pair.upper, pair.lower)
    let isComplete = pair.run {
      upper.router.endpointRows().count { $0.via != nil && $0.state?.known == .up } == 2
    }
    try #require(isComplete, "\(upper.router.endpointRows())")
    let riser = try bridge(upper)
    let eid = try #require(riser.eid)
    #expect(riser.state?.known == .up)
    #expect(riser.kind.known == .bridge)
    #expect(riser.origin?.known == .pointToPoint)
    #expect(riser.uuid == "4f3b1e52-93d7-4a0e-8c41-2b6f0d9a7002")
    let pool = try #require(riser.pool)
    #expect(pool.first == eid + 1)
    #expect(pool.count == 4)
    #expect(pool.asked == 6)
    #expect(pool.limit == "the topology gives no bridge more than 4")
    let granted = try #require(upper.allEvents().first { $0.kind.known == .poolGranted })
    #expect(granted.text.contains("asked for 6 EIDs and got 4, because the topology"))
    #expect(granted.fields.pool == pool)
    #expect(granted.fields.bridge == eid)

    let rows = upper.router.endpointRows().filter { $0.via == eid }
    #expect(rows.count == 2)
    for row in rows {
      let member = try #require(row.eid)
      #expect((eid + 1...eid + 4).contains(member))
      #expect(row.origin?.known == .routingTable)
      #expect(row.port == "down")
      #expect(try ping(pair, member) == member)
      #expect(try ping(pair, member, from: try upper.eid("fan")) == member)
    }
    #expect(Set(rows.map(\.eid)) == Set([try lower.eid("one"), try lower.eid("two")]))
    #expect(try upper.ask(TreeRequest()).endpoints.filter { $0.via == eid }.count == 2)

    let above = try #require(try upper.router.eids(EIDsRequest()).networks.first)
    let run = try #require(above.ranges.first { $0.state.known == .pool })
    #expect(run.first == eid + 1)
    #expect(run.last == eid + 4)
    #expect(run.device == eid)
    let below = try #require(try lower.router.eids(EIDsRequest()).networks.first)
    #expect(below.ownPool == PoolRow(first: eid + 1, count: 4, asked: 6))
    #expect(lower.eventKinds().contains(.ownEIDChanged))
    let given = try #require(lower.allEvents().first { $0.kind.known == .ownPoolChanged })
    #expect(given.text.contains("EIDs \(eid + 1)-\(eid + 4) of network 1 were given"))

    // The owner above told the bridge of itself, and of all others as what is behind it.
    let told = try #require(lower.router.endpointRows().first { $0.eid == 8 })
    #expect(told.port == "up")
    #expect(told.kind.known == .bridge)
    #expect(told.source.known == .discovered)
    #expect(told.state == nil)
    let fan = try upper.eid("fan")
    #expect(
      try lower.ask(RoutesRequest()).routes.contains {
        $0.port == "up" && $0.firstEID <= fan && fan <= $0.lastEID
      })

    // What is behind it is its own to give.
    let client = try upper.client()
    let member = try #require(rows.first?.eid)
    #expect(try client.ask(AllocateRequest(eid: member, count: 2)).failure?.code == .notABridge)
    #expect(try client.ask(AllocateRequest(eid: eid, count: 2)).get().text.contains("2 EIDs"))
    let isSmaller = pair.run { (try? bridge(upper))?.pool?.count == 2 }
    #expect(isSmaller)
    upper.expectBalancedBooks()
    lower.expectBalancedBooks()
  }
}
