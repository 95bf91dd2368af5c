import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("The own EIDs of a bridge", .spec("DSP0236 1.3.3 §9"))
struct OwnEIDTests {
  /// The three options: upstream port 0, owned ports 1 and 2.
  private func rig(_ policy: EIDPolicy, eids: [UInt8?]) throws -> Rig {
    try Rig(
      EngineConfiguration(
        eidPolicy: policy,
        ports: [
          .test(0, role: .endpoint, eid: eids[0]), .test(1, eid: eids[1]), .test(2, eid: eids[2]),
        ]))
  }

  @Test("Every own EID is reached from every port, and is no source from outside")
  func everywhere() throws {
    for (policy, eids) in [
      (.single, [8, 8, 8]), (.perUpstreamPort, [8, nil, nil]), (.perPort, [8, 9, 10]),
    ] as [(EIDPolicy, [UInt8?])] {
      for port in UInt8(0)..<3 {
        for eid in eids.compactMap({ $0 }) {
          let rig = try rig(policy, eids: eids)
          let answer = rig.ask(request(0x05, from: 0x20, to: eid), on: port)
          #expect(answer == [0x01, 0x20, eid, 0xC0, 0, 0, 5, 0, 1, 0])
          #expect(rig.receive(packet(eid, to: 0x00), on: port) == .dropped(.sourceIsSelf))
        }
      }
    }
  }

  @Test("Option B: owned ports have no EID and use the first one of the device")
  func noneOnOwnedPorts() throws {
    let rig = try rig(.perUpstreamPort, eids: [8, nil, nil])
    #expect(rig.ownEID(1) == .null)
    #expect((0..<3).map { rig.sourceEID($0) } == [EID(8), EID(8), EID(8)])
    let answer = rig.ask(request(0x02, from: 0x20, to: 0x00), on: 1)
    #expect(answer?.prefix(3) == [0x01, 0x20, 0x08], "not from the null EID")
    #expect(answer?.dropFirst(7) == [0x00, 0x08, 0x12, 0x00])
  }

  @Test("Options B and C: a port that waits for its own EID has none, whatever others have")
  func unassigned() throws {
    let upstream = try Rig(
      EngineConfiguration(
        eidPolicy: .perUpstreamPort,
        ports: [.test(0, role: .endpoint, eid: 8), .test(1, role: .endpoint)]))
    let all = try rig(.perPort, eids: [nil, 9, 10])
    for (rig, port) in [(upstream, 1), (all, 0)] as [(Rig, UInt8)] {
      #expect(rig.sourceEID(port) == .null)
      let answer = rig.ask(request(0x02, from: 0x20, to: 0x00), on: port)
      #expect(answer == hex("01 20 00 C0 00 00 02 00 00 10 00"))
    }
  }

  @Test("Option A: the EID of the device is the source on every port")
  func single() throws {
    let rig = try rig(.single, eids: [nil, 8, nil])
    #expect((0..<3).map { rig.sourceEID($0) } == [EID(8), EID(8), EID(8)])
    #expect(rig.sourceEID(0) == EID(8))
  }

  @Test("The same EID in two networks names two devices")
  func networks() throws {
    let rig = try Rig(
      EngineConfiguration(
        eidPolicy: .perPort,
        ports: [
          .test(0, eid: 8), .test(1, network: 2, eid: 9), .test(2, network: 2, check: .off),
        ]),
      routes: [.test(8, port: 1, at: .i2c(0x40))])
    #expect(rig.isOwn(8, network: 1))
    #expect(!rig.isOwn(8, network: 2))
    #expect(!rig.isOwn(8, network: 3))
    #expect(rig.entry(for: 8, network: 1) == nil)
    #expect(rig.entry(for: 8, network: 2)?.port == PortID(rawValue: 1))
    #expect(rig.receive(packet(0x20, to: 8), on: 2) == .forwarded(PortID(rawValue: 1)))
    #expect(rig.receive(packet(0x20, to: 8, flags: 0xC0), on: 0) == .deliver)
    #expect(rig.receive(packet(8, to: 9, flags: 0xC0), on: 1) == .deliver)
  }
}
