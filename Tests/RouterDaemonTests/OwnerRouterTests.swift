import AdminProtocol
import BusIO
import MCTPWire
import TestSupport
import Testing

@testable import RouterDaemon

@Suite("The router as a bus owner", .spec("DSP0236 1.3.3 §9"))
struct OwnerRouterTests {
  @Test("Devices on I2C, I3C and a serial line get EIDs by themselves, and all reach all")
  func givesEIDs() throws {
    let names = OwnerTopology.threeBusesNames
    let bench = try DaemonBench(OwnerTopology.threeBuses)
    try bench.waitUntilUp(names)
    let eids = try names.map { try bench.eid($0) }
    #expect(Set(eids).count == names.count)
    #expect(eids.allSatisfy { (9...31).contains($0) && $0 != 20 }, "\(eids)")
    let client = try bench.client()
    for to in eids {
      let answer = try client.ask(PingRequest(eid: to, timeoutMs: 10_000)).get()
      #expect(answer.responder == to)
      for from in eids where from != to {
        let answer = try client.ask(PingRequest(eid: to, from: from, timeoutMs: 10_000)).get()
        #expect(answer.responder == to, "from \(from)")
      }
    }
    bench.expectBalancedBooks()
  }

  @Test("Every endpoint is shown once, with what is known of it and who says so")
  func endpoints() throws {
    let bench = try DaemonBench(OwnerTopology.threeBuses)
    try bench.waitUntilUp(OwnerTopology.threeBusesNames)
    let rows = try bench.ask(EndpointsRequest()).endpoints
    #expect(
      Set(rows.map { $0.name ?? "EID \($0.eid.map { "\($0)" } ?? "none")" })
        == ["owner", "fan", "disk", "card", "dimm", "host", "relic", "EID none", "EID 41"])
    #expect(rows.count == 9)
    #expect(Set(rows.compactMap(\.eid)).count == rows.compactMap(\.eid).count)

    let fan = try bench.endpoint("fan")
    #expect(fan.port == "slots")
    #expect(fan.address == "0x1d")
    #expect(fan.kind.known == .simple)
    #expect(fan.uuid == OwnerTopology.fanID)
    #expect(fan.messageTypes == [0x00, 0x01, 0x7E, 0x7F])
    #expect(fan.state?.known == .up)
    #expect(fan.reason?.known == .answered)
    #expect(fan.lastContactMs != nil)
    #expect(fan.origin?.known == .listed)
    #expect(fan.source.known == .discovered)
    #expect(fan.via == nil)
    #expect(try bench.endpoint("disk").quirks.contains(OpenName(.noUUID)))
    let events = bench.allEvents()
    let quirk = try #require(
      events.first { $0.kind.known == .quirkFound && $0.fields.address == "0x1e" })
    #expect(quirk.text.hasSuffix(" has no UUID"), "\(quirk.text)")
    #expect(quirk.fields.quirks == [OpenName(.noUUID)])
    let up = try #require(
      events.first { $0.kind.known == .endpointUp && $0.fields.address == "0x1d" })
    #expect(up.text == "EID \(try bench.eid("fan")) is up at 0x1d on port slots")
    #expect(try bench.endpoint("card").origin?.known == .scanned)
    #expect(try bench.endpoint("dimm").origin?.known == .reported)
    #expect(try bench.endpoint("dimm").address == "04cc00000001")
    #expect(try bench.endpoint("host").origin?.known == .pointToPoint)
    #expect(try bench.endpoint("host").address == nil)

    let relic = try bench.endpoint("relic")
    #expect(relic.eid == 40)
    #expect(relic.source.known == .simulated)
    #expect(relic.state == nil)
    let own = try bench.endpoint("owner")
    #expect(own.eid == 8)
    #expect(own.source.known == .own)
    #expect(rows.first { $0.eid == 41 }?.source.known == .static)
  }

  @Test("What is expected and silent is shown with its age since the router's start")
  func silentDevice() throws {
    let bench = try DaemonBench(OwnerTopology.threeBuses)
    let isAsked = bench.run {
      bench.router.endpointRows().contains {
        $0.address == "0x1f" && $0.reason?.known == .noAnswer
      }
    }
    #expect(isAsked)
    let row = try #require(bench.router.endpointRows().first { $0.address == "0x1f" })
    #expect(row.state?.known == .unknown)
    #expect(row.lastContactMs == nil)
    let uptimeMs = bench.router.now.nanoseconds(since: bench.router.startTime) / 1_000_000
    #expect(try #require(row.sinceMs) <= uptimeMs)
  }

  @Test("Every EID is shown as what it is: own, leased with its holder, kept, free, not ours")
  func eids() throws {
    let bench = try DaemonBench(
      OwnerTopology.slots(["fan": 0x1D, "disk": 0x1E], ranges: "8-15, 24-31"))
    try bench.waitUntilUp(["fan", "disk"])
    let (fan, disk) = (try bench.eid("fan"), try bench.eid("disk"))
    let answer = try bench.ask(EIDsRequest())
    let network = try #require(answer.networks.first)
    #expect(answer.networks.count == 1)
    #expect(network.network == 1)
    #expect(network.ownPool == nil)
    // Without gaps, in order, from the first to the last that can be assigned.
    var next = 8
    for row in network.ranges {
      #expect(Int(row.first) == next)
      next = Int(row.last) + 1
    }
    #expect(next == 255)
    func row(_ eid: UInt8) throws -> EIDRangeRow {
      try #require(network.ranges.first { $0.first <= eid && eid <= $0.last })
    }
    #expect(try row(8).state.known == .own)
    for (eid, name, address) in [(fan, "fan", "0x1d"), (disk, "disk", "0x1e")] {
      let leased = try row(eid)
      #expect(leased.state.known == .leased)
      #expect(leased.first == leased.last)
      #expect(leased.holder == .init(port: "slots", address: address, name: name))
    }
    #expect(try row(16).state.known == .notOurs)
    #expect(try row(16).last == 23)
    #expect(try row(32).last == 254)
    let free = network.ranges.filter { $0.state.known == .free }
    #expect(free.reduce(0) { $0 + Int($1.last - $1.first) + 1 } == 16 - 3)

    let error = try bench.client().ask(EIDsRequest(network: 7)).failure
    #expect(error?.code == .unknownNetwork)
  }

  @Test("An EID that the topology keeps shows for whom")
  func fixedEIDs() throws {
    let bench = try DaemonBench(
      OwnerTopology.threeBuses
        + "endpoints:\n  - { uuid: 6d6a1a0e-3f43-4f0c-8d0b-2f5a4d1c00ff, eid: 30 }\n")
    let ranges = try #require(try bench.router.eids(EIDsRequest()).networks.first).ranges
    let byPlace = try #require(ranges.first { $0.first == 20 })
    #expect(byPlace.state.known == .fixed)
    #expect(byPlace.last == 20)
    #expect(byPlace.holder == .init(port: "slots", address: "0x1f"))
    let byUUID = try #require(ranges.first { $0.first == 30 })
    #expect(byUUID.state.known == .fixed)
    #expect(byUUID.holder == .init(uuid: "6d6a1a0e-3f43-4f0c-8d0b-2f5a4d1c00ff"))
  }

  @Test("The tree has every port and every endpoint; one network of it can be asked for")
  func tree() throws {
    let bench = try DaemonBench(OwnerTopology.threeBuses)
    try bench.waitUntilUp(OwnerTopology.threeBusesNames)
    let tree = try bench.ask(TreeRequest())
    #expect(tree.name == "owner")
    #expect(tree.uuid == "4f3b1e52-93d7-4a0e-8c41-2b6f0d9a7001")
    #expect(tree.ports.map(\.name) == ["slots", "memory", "nic", "old"])
    #expect(tree.ports.map(\.number) == [0, 1, 2, 3])
    #expect(tree.ports.allSatisfy { $0.state == "up" && $0.eid == 8 && $0.role == "owner" })
    #expect(tree.ports.map(\.address) == ["0x10", nil, nil, "0x10"])
    #expect(tree.endpoints.count == 9)
    #expect(try bench.ask(TreeRequest(network: 1)).endpoints.count == 9)
    #expect(try bench.client().ask(TreeRequest(network: 2)).failure?.code == .unknownNetwork)
  }

  @Test("Discovery says what is asked next and why, and why nothing is")
  func discovery() throws {
    let bench = try DaemonBench(OwnerTopology.threeBuses)
    try bench.waitUntilUp(OwnerTopology.threeBusesNames)
    let ports = try bench.ask(DiscoveryRequest()).ports
    #expect(ports.map(\.name) == ["slots", "memory", "nic", "old"])
    let question = try #require(ports[0].questions.first)
    #expect(question.address == "0x1f")
    #expect(question.origin.known == .listed)
    #expect(question.state.known == .unknown)
    #expect(question.failureCount >= 1)
    #expect(question.dueInMs <= 250)
    #expect(ports[0].pause == nil)
    #expect(ports[1].questions == [])
    #expect(ports[1].pause?.known == .nothingDue)
    #expect(ports[3].pause?.known == .notBusOwner)
    let counters = Dictionary(
      uniqueKeysWithValues: ports[1].counters.map { ($0.name, $0.count) })
    #expect(counters["answered", default: 0] > 0)
    #expect(counters["requests", default: 0] >= counters["answered", default: 0])

    #expect(try bench.ask(DiscoveryRequest(port: "nic")).ports.map(\.name) == ["nic"])
    let error = try bench.client().ask(DiscoveryRequest(port: "nicc")).failure
    #expect(error?.code == .unknownPort)
    #expect(error?.hint?.contains("slots, memory, nic, old") ?? false)
  }

  @Test("An owner that has found everything and checks nothing does not wake up")
  func idle() throws {
    let folder = try StateFolder()
    let bench = try DaemonBench(
      OwnerTopology.slots(["fan": 0x1D, "disk": 0x1E]), stateDirectory: folder.path)
    try bench.waitUntilUp(["fan", "disk"])
    let isIdle = bench.run { bench.router.nextDeadline == nil }
    #expect(isIdle)
  }

  @Test("A router that gives no EIDs says so, shows its tree, and nothing wakes it")
  func noOwner() throws {
    let bench = try DaemonBench(
      """
      version: 1
      router: { name: plain, eid: 8 }
      ports:
        - { name: slots, bus: i2c, device: simulated, address: 0x10 }
      routes:
        - { eids: 9, port: slots, address: 0x1d }
      devices:
        - { name: fan, port: slots, address: 0x1d, eid: 9 }

      """)
    let client = try bench.client()
    #expect(try client.ask(EIDsRequest()).failure?.code == .unsupported)
    #expect(try client.ask(DiscoveryRequest()).failure?.code == .unsupported)
    #expect(try client.ask(DiscoverRequest(port: "slots")).failure?.code == .unsupported)
    let assign = AssignRequest(eid: 10, port: "slots", address: "0x1d")
    #expect(try client.ask(assign).failure?.code == .unsupported)
    #expect(try client.ask(AllocateRequest(eid: 9, count: 1)).failure?.code == .unsupported)
    #expect(try client.ask(ForgetRequest(eid: 9)).failure?.code == .unsupported)
    let error = try client.ask(RecoverRequest(eid: 9)).failure
    #expect(error?.code == .unsupported)
    #expect(error?.hint?.contains("discovery") ?? false)
    #expect(try client.ask(TreeRequest()).get().endpoints.map(\.eid) == [8, 9])
    #expect(bench.router.nextDeadline == nil)
  }
}

extension Result {
  /// Nil for a success.
  var failure: Failure? {
    guard case .failure(let error) = self else { return nil }
    return error
  }
}
