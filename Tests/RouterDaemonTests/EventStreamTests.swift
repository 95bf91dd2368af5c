import AdminProtocol
import BusIO
import Glibc
import MCTPWire
import TestSupport
import Testing

@testable import RouterDaemon

@Suite("The stream of events")
struct EventStreamTests {
  private func bench() throws -> DaemonBench {
    try DaemonBench(
      """
      version: 1
      router: { name: plain, eid: 8 }
      ports:
        - { name: slots, bus: i2c, device: simulated, address: 0x10 }

      """)
  }

  /// Events as a router with much trouble has them, in one turn of its loop.
  private func tell(_ bench: DaemonBench, _ numbers: ClosedRange<Int>) {
    for number in numbers {
      bench.router.tell(RouterEvent(.portDown, .trouble, "trouble \(number)"))
    }
    bench.router.turn(until: .zero)
  }

  private func next(_ client: AdminTestClient) throws -> EventRow {
    let line = try #require(client.nextLine())
    return try AdminReply<EventRow>(decoding: line).outcome.get()
  }

  @Test("It begins with where it stands, then what is kept, then what happens")
  func since() throws {
    let bench = try bench()
    let client = try bench.client()
    try client.begin(EventsRequest(since: 0))
    let start = try next(client)
    #expect(start.kind.known == .listening)
    #expect(start.sequence == 1)
    let up = try next(client)
    #expect(up.kind.known == .portUp)
    #expect(up.sequence == 1)
    #expect(up.text == "port slots is up")
    #expect(up.fields.port == "slots")
    tell(bench, 2...3)
    for number in 2...3 {
      let event = try next(client)
      #expect(event.sequence == UInt64(number))
      #expect(event.text == "trouble \(number)")
    }
    let late = try bench.client()
    try late.begin(EventsRequest())
    #expect(try next(late).sequence == 3)
    tell(bench, 4...4)
    #expect(try next(late).text == "trouble 4")
    #expect(try next(client).text == "trouble 4")
    let later = try bench.client()
    try later.begin(EventsRequest(since: 3))
    #expect(try next(later).kind.known == .listening)
    #expect(try next(later).sequence == 4)
  }

  @Test("A number of an earlier run is told, and all events follow")
  func restarted() throws {
    let bench = try bench()
    let client = try bench.client()
    try client.begin(EventsRequest(since: 77))
    #expect(try next(client).kind.known == .listening)
    #expect(try next(client).kind.known == .numberingRestarted)
    #expect(try next(client).sequence == 1)
  }

  @Test("A client that does not read holds up nobody and is told how many events it missed")
  func slowClient() throws {
    let bench = try bench()
    let (fast, slow) = (try bench.client(), try bench.client())
    try fast.begin(EventsRequest(since: 0))
    try slow.begin(EventsRequest(since: 0))
    #expect(try next(fast).kind.known == .listening)
    #expect(try next(fast).sequence == 1)
    // Far more than the slow client's socket, its buffer and the log hold together.
    let last = 20_000
    var seen: UInt64 = 1
    for first in stride(from: 2, through: last, by: 100) {
      tell(bench, first...min(first + 99, last))
      for _ in first...min(first + 99, last) {
        let event = try next(fast)
        #expect(event.sequence == seen + 1)
        seen = event.sequence
      }
    }
    #expect(seen == UInt64(last))
    #expect(
      bench.router.admin?.connections.values.allSatisfy {
        $0.pendingByteCount < 2 * AdminServer.followerBytesMax
      } ?? false)

    #expect(try next(slow).kind.known == .listening)
    var known: UInt64 = 0
    var missed: UInt64 = 0
    while known < UInt64(last) {
      let event = try next(slow)
      if event.kind.known == .eventsLost {
        let count = try #require(event.fields.missedCount)
        #expect(event.sequence == known + count)
        missed += count
      } else {
        #expect(event.sequence == known + 1)
      }
      known = event.sequence
    }
    #expect(missed > 0)
    // In step again.
    tell(bench, (last + 1)...(last + 1))
    #expect(try next(slow).text == "trouble \(last + 1)")
    #expect(try next(fast).text == "trouble \(last + 1)")
  }

  @Test("A stream ends with its connection; one that only stopped sending goes on")
  func hangUp() throws {
    let bench = try bench()
    let (first, second) = (try bench.client(), try bench.client())
    try first.begin(EventsRequest())
    try second.begin(EventsRequest())
    #expect(try next(first).kind.known == .listening)
    #expect(try next(second).kind.known == .listening)
    #expect(bench.router.admin?.followerCount == 2)
    second.stopSending()
    first.hangUp()
    bench.settle()
    #expect(bench.router.admin?.followerCount == 1)
    tell(bench, 2...2)
    #expect(try next(second).text == "trouble 2")
    second.hangUp()
    bench.settle()
    #expect(bench.router.admin?.followerCount == 0)
    #expect(bench.router.admin?.connections.isEmpty ?? false)
    tell(bench, 3...3)
    #expect(bench.router.nextDeadline == nil)
  }

  @Test("A connection that follows is served as before, and follows once only")
  func otherRequests() throws {
    let bench = try bench()
    let client = try bench.client()
    try client.begin(EventsRequest())
    #expect(try next(client).kind.known == .listening)
    #expect(try client.ask(StatusRequest()).get().name == "plain")
    #expect(try client.ask(EventsRequest()).failure?.code == .busy)
    tell(bench, 2...2)
    #expect(try next(client).text == "trouble 2")
    #expect(bench.router.admin?.followerCount == 1)
  }

  @Test("A device that is not there is told once, however often it is tried")
  func portThatWaits() throws {
    let bench = try DaemonBench(
      """
      version: 1
      router: { name: plain, eid: 8 }
      ports:
        - { name: line, bus: serial, device: /dev/mctp-test-missing }

      """)
    bench.router.devicesChanged()
    bench.router.devicesChanged()
    let events = bench.allEvents()
    #expect(events.map(\.kind.known) == [.portDown])
    #expect(events[0].fields.port == "line")
    #expect(events[0].text.contains("/dev/mctp-test-missing"))
    bench.router.portChangedCondition(
      .waiting(reason: "another one", retryAt: .zero), on: PortID(rawValue: 0))
    #expect(bench.allEvents().count == 1)
    bench.router.portChangedCondition(.up, on: PortID(rawValue: 0))
    bench.router.portChangedCondition(
      .waiting(reason: "it hung up", retryAt: .zero), on: PortID(rawValue: 0))
    #expect(bench.eventKinds() == [.portDown, .portUp, .portDown])
    #expect(bench.allEvents()[2].text == "port line is down: it hung up")
  }

  @Test("An EID that an owner above gives this router is an event", .spec("DSP0236 1.3.3 §12"))
  func ownEID() throws {
    let lines = try SerialRouterBench(
      ["up": "role: endpoint"], router: "uuid: \(uuid)", routes: "  []\n")
    // Set Endpoint ID: set, EID 33; from the owner at EID 9.
    try lines.send(serialFrame(hex("01 00 09 c8 00 81 01 00 21")), to: "up")
    let isTold = lines.bench.run { lines.bench.eventKinds().contains(.ownEIDChanged) }
    #expect(isTold)
    let event = try #require(lines.bench.allEvents().first { $0.kind.known == .ownEIDChanged })
    #expect(event.text == "this router has EID 33 on port up")
    #expect(event.fields.eid == 33)
    #expect(event.fields.formerEID == nil)
    #expect(event.fields.port == "up")
    #expect(event.fields.network == 1)
  }

  private var uuid: String { "4f3b1e52-93d7-4a0e-8c41-2b6f0d9a7002" }
}
