import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("Verdicts", .spec("DSP0236 1.3.3 §8.7"))
struct VerdictTests {
  static let addresses: [PhysicalAddress] = [.none, .i2c(0x40), .i2c(0x41), .i2c(0x42)]

  /// A random bridge and the rules that it must follow.
  private func bridge(
    _ random: inout SplitMix64
  ) throws -> (rig: Rig, rules: RoutingRules) {
    let checks: [SourceCheck] = [.strict, .loose, .off]
    var ports: [PortConfiguration] = []
    for index in 0..<(1 + random.below(6)) {
      ports.append(
        .test(
          UInt8(index), network: UInt8(1 + random.below(2)),
          eid: random.below(3) == 0 ? nil : UInt8(8 + random.below(12)),
          unit: [64, 65, 128][random.below(3)], queue: 1024, check: checks[random.below(3)]))
    }
    let rig = try Rig(EngineConfiguration(eidPolicy: .perPort, ports: ports))
    var rules = RoutingRules(ports: [], own: [:], routes: [])
    for (index, port) in ports.enumerated() {
      let isUp = random.below(5) != 0
      rig.setUp(UInt8(index), isUp)
      rules.ports.append(
        .init(
          network: port.network, check: port.sourceCheck, unit: port.transmissionUnitBytes,
          isUp: isUp))
      if let eid = port.eid { rules.own[port.network, default: []].insert(eid.rawValue) }
    }
    for _ in 0..<20 {
      let count = random.below(2) == 0 ? 1 : 2 + random.below(4)
      let entry = RoutingTableEntry.test(
        UInt8(8 + random.below(30)), UInt8(count), port: UInt8(random.below(ports.count)),
        at: Self.addresses[random.below(4)], unit: random.below(4) == 0 ? 70 : nil)
      // Overlapping ranges of one owner may differ in what their paths carry: keep them apart.
      let isApart = rules.routes.allSatisfy {
        $0.eidCount == 1 || count == 1 || $0.lastEID < entry.firstEID || entry.lastEID < $0.firstEID
      }
      if isApart, rig.error(adding: entry) == nil { rules.routes.append(entry) }
    }
    return (rig, rules)
  }

  @Test(
    "For random bridges and packets, `verdict` follows the rules and `receive` agrees",
    arguments: 0..<30)
  func agreement(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let (rig, rules) = try bridge(&random)
    var seen: Set<RoutingVerdict> = []
    for _ in 0..<1000 {
      let source = random.below(20) == 0 ? UInt8(random.below(256)) : UInt8(random.below(40))
      let destination = random.below(20) == 0 ? UInt8(random.below(256)) : UInt8(random.below(40))
      let ingress = random.below(rules.ports.count)
      let address = Self.addresses[random.below(4)]
      let count = [1, 2, 64, 65, 66, 70, 71, 128, 129][random.below(9)]
      let expected = rules.verdict(
        source: source, destination: destination, on: ingress, from: address,
        payloadByteCount: count)
      let verdict = rig.verdict(
        source: source, destination: destination, on: UInt8(ingress), from: address,
        payloadByteCount: count)
      if verdict != expected {
        Issue.record("\(source) to \(destination) on \(ingress): \(verdict), not \(expected)")
      }
      seen.insert(verdict)
      // The same through `receive`: not a start, so that what is local is delivered.
      let bytes = [0x01, destination, source, 0x18] + random.bytes(count)
      let disposition = rig.receive(bytes, on: UInt8(ingress), from: address)
      let agrees =
        switch verdict {
        case .local: disposition == .deliver
        case .drop(let reason): disposition == .dropped(reason)
        case .forward(let egress, let nextHop):
          disposition == .forwarded(egress)
            && rig.drain(egress.rawValue) == [.init(destination: nextHop, bytes: bytes)]
        }
      if !agrees { Issue.record("\(verdict), but \(disposition)") }
    }
    #expect(seen.count >= 4, "the run saw too little")
  }

  @Test("A verdict has no effects")
  func pure() throws {
    let rig = try DropTests.bridge()
    for destination in UInt8.min...UInt8.max {
      _ = rig.verdict(
        source: 0x20, destination: destination, on: 0, from: .i2c(0x40), payloadByteCount: 64)
    }
    #expect(rig.dropCount == 0)
    #expect(rig.counters(0).packetsIn == 0)
    #expect(rig.drainAll() == [[], [], []])
  }
}
