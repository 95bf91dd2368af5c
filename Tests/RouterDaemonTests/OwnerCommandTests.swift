import AdminProtocol
import MCTPWire
import Testing

@testable import RouterDaemon

@Suite("Commands to the bus owner")
struct OwnerCommandTests {
  /// An owner that is idle: both devices are up, and nothing is asked any more.
  private func idleBench() throws -> DaemonBench {
    let bench = try DaemonBench(OwnerTopology.slots(["fan": 0x1D, "disk": 0x1E]))
    try bench.waitUntilUp(["fan", "disk"])
    try waitUntilIdle(bench)
    return bench
  }

  private func waitUntilIdle(_ bench: DaemonBench) throws {
    let isIdle = bench.run { bench.router.nextDeadline == nil }
    try #require(isIdle)
  }

  private func answered(_ bench: DaemonBench) throws -> UInt64 {
    let port = try #require(
      try bench.router.discovery(DiscoveryRequest(port: "slots")).ports.first)
    return try #require(port.counters.first { $0.name == "answered" }).count
  }

  @Test("A device is given another EID, answers to it and sends from it")
  func assign() throws {
    let bench = try idleBench()
    let client = try bench.client()
    let (before, disk) = (try bench.eid("fan"), try bench.eid("disk"))
    let answer = try client.ask(AssignRequest(eid: 25, port: "slots", address: "0x1d")).get()
    #expect(answer.text == "giving EID 25 to 0x1d on port slots")
    // What came of the command is told after the number that it was answered with.
    #expect(bench.allEvents().last?.sequence == answer.lastSequence)
    let isTold = bench.run {
      bench.allEvents().contains {
        $0.sequence > answer.lastSequence && $0.kind.known == .endpointUp && $0.fields.eid == 25
      }
    }
    #expect(isTold)
    #expect(try bench.eid("fan") == 25)
    #expect(try client.ask(PingRequest(eid: 25, timeoutMs: 10_000)).get().responder == 25)
    let fromFan = PingRequest(eid: disk, from: 25, timeoutMs: 10_000)
    #expect(try client.ask(fromFan).get().responder == disk)
    let fromDisk = PingRequest(eid: 25, from: disk, timeoutMs: 10_000)
    #expect(try client.ask(fromDisk).get().responder == 25)
    // The former EID is nobody's: neither routed nor a device's to send from, and at rest.
    #expect(try client.ask(PingRequest(eid: before, timeoutMs: 100)).failure?.code == .unroutable)
    let fromFormer = PingRequest(eid: disk, from: before, timeoutMs: 100)
    #expect(try client.ask(fromFormer).failure?.code == .sourceNotOwn)
    let ranges = try #require(try client.ask(EIDsRequest()).get().networks.first).ranges
    let rests = try #require(ranges.first { $0.first <= before && before <= $0.last })
    #expect(rests.state.known == .quarantined)
    #expect(try #require(rests.remainingMs) <= 5000)
    bench.expectBalancedBooks()
  }

  @Test("A forgotten device loses its EID and is found anew")
  func forget() throws {
    let bench = try idleBench()
    let before = try bench.eid("fan")
    let answer = try bench.ask(ForgetRequest(eid: before))
    #expect(answer.text.contains("EID \(before) is taken back"))
    try bench.waitUntilUp(["fan", "disk"])
    let later = bench.allEvents().filter { $0.sequence > answer.lastSequence }
    let kinds = later.compactMap(\.kind.known)
    #expect(kinds.contains(.leaseDropped))
    #expect(kinds.contains(.endpointUp))
    let down = try #require(later.first { $0.kind.known == .endpointDown })
    #expect(down.fields.eid == before)
    #expect(down.fields.reason?.known == .asked)
    let eid = try bench.eid("fan")
    #expect(try bench.ask(PingRequest(eid: eid, timeoutMs: 10_000)).responder == eid)
  }

  @Test("An endpoint is asked when somebody wants it, and so is a whole port")
  func asks() throws {
    let bench = try idleBench()
    let first = try answered(bench)
    let eid = try bench.eid("disk")
    #expect(try bench.ask(RecoverRequest(eid: eid)).text == "asking EID \(eid) now")
    let isAsked = bench.run { (try? answered(bench)) == first + 1 }
    #expect(isAsked)
    try waitUntilIdle(bench)
    _ = try bench.ask(DiscoverRequest(port: "slots"))
    let areAsked = bench.run { (try? answered(bench)) == first + 3 }
    #expect(areAsked)
    try waitUntilIdle(bench)
    #expect(try answered(bench) == first + 3)
  }

  @Test("What cannot be carried out is refused with a reason and changes nothing")
  func refusals() throws {
    let bench = try DaemonBench(OwnerTopology.threeBuses)
    try bench.waitUntilUp(OwnerTopology.threeBusesNames)
    let client = try bench.client()
    let (fan, disk) = (try bench.eid("fan"), try bench.eid("disk"))

    func expect(
      _ request: some AdminParameters, _ code: AdminErrorCode, _ words: String,
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let error = try client.ask(request).failure
      #expect(error?.code == code, sourceLocation: sourceLocation)
      #expect(
        error?.message.contains(words) ?? false, "\(error?.message ?? "none")",
        sourceLocation: sourceLocation)
    }

    func assign(_ eid: UInt8, _ port: String, _ address: String?) -> AssignRequest {
      AssignRequest(eid: eid, port: port, address: address)
    }
    try expect(assign(fan, "slots", "0x1e"), .eidTaken, "a device's")
    try expect(assign(8, "slots", "0x1e"), .eidTaken, "this router's own")
    try expect(assign(20, "slots", "0x1e"), .eidTaken, "kept for a device")
    try expect(assign(100, "slots", "0x1e"), .eidTaken, "not for this router to give")
    try expect(assign(25, "slot", "0x1e"), .unknownPort, "`slot`")
    try expect(assign(25, "old", "0x1e"), .notBusOwner, "port old")
    try expect(assign(25, "slots", nil), .invalidParameter, "bus of kind i2c")
    try expect(assign(25, "slots", "04cc00000001"), .invalidParameter, "bus of kind i2c")
    try expect(assign(25, "slots", "0x10"), .invalidParameter, "this router's own address")
    try expect(assign(25, "memory", "0x1e"), .invalidParameter, "bus of kind i3c")
    try expect(assign(25, "nic", "0x1e"), .invalidParameter, "bus of kind serial")
    try expect(AllocateRequest(eid: disk, count: 4), .notABridge, "no bridge")
    try expect(AllocateRequest(eid: 29, count: 4), .unknownEndpoint, "EID 29")
    try expect(ForgetRequest(eid: 29), .unknownEndpoint, "EID 29")
    try expect(ForgetRequest(eid: 8), .unknownEndpoint, "EID 8")
    try expect(RecoverRequest(eid: 40), .unknownEndpoint, "EID 40")
    try expect(ForgetRequest(eid: fan, network: 9), .unknownNetwork, "network 9")
    try expect(DiscoverRequest(port: "slot"), .unknownPort, "`slot`")
    try expect(DiscoverRequest(port: "old"), .notBusOwner, "port old")
    #expect(try bench.eid("fan") == fan)
    #expect(try bench.eid("disk") == disk)
  }

  @Test("A port that is down is not asked")
  func portDown() throws {
    let bench = try DaemonBench(
      """
      version: 1
      router: { name: owner, eid: 8, eid-ranges: [8-31] }
      ports:
        - { name: line, bus: serial, device: /dev/mctp-test-missing, discovery: {} }

      """)
    let client = try bench.client()
    #expect(try client.ask(DiscoverRequest(port: "line")).failure?.code == .portDown)
    let assign = AssignRequest(eid: 9, port: "line")
    #expect(try client.ask(assign).failure?.code == .portDown)
    let port = try #require(try client.ask(DiscoveryRequest()).get().ports.first)
    #expect(port.questions == [])
    #expect(port.pause?.known == .portDown)
  }
}
