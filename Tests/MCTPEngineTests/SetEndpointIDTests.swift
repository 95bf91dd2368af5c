import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("Set Endpoint ID", .spec("DSP0236 1.3.3 §12, command 0x01"))
struct SetEndpointIDTests {
  static let policies: [EIDPolicy] = [.single, .perUpstreamPort, .perPort]
  static let first = PhysicalAddress.i2c(0x51)
  static let second = PhysicalAddress.i2c(0x52)

  /// Three ports of one network, the first two with a role; the third owns its bus.
  private func rig(
    _ policy: EIDPolicy, _ role: PortRole = .endpoint, eids: [UInt8?] = [nil, nil, nil]
  ) throws -> Rig {
    try Rig(
      EngineConfiguration(
        eidPolicy: policy,
        ports: [
          .test(0, role: role, eid: eids[0]), .test(1, role: role, eid: eids[1]),
          .test(2, eid: eids[2]),
        ]))
  }

  /// Status, EID and pool size of the answer, after SUCCESS; else the completion code alone.
  private func set(
    _ rig: Rig, _ operation: UInt8, _ eid: UInt8, on port: UInt8 = 0,
    from address: PhysicalAddress = first
  ) -> [UInt8]? {
    guard let answer = rig.ask(request(0x01, [operation, eid], to: 0x00), on: port, from: address)
    else { return nil }
    return answer[7] == 0 ? Array(answer[8...]) : [answer[7]]
  }

  private func eids(_ rig: Rig) -> [UInt8] { (0..<3).map { rig.ownEID($0).rawValue } }

  @Test("Set and Force on a device without EID", arguments: policies, [0x00, 0x01] as [UInt8])
  func accepted(policy: EIDPolicy, operation: UInt8) throws {
    let rig = try rig(policy)
    #expect(set(rig, operation, 0x20) == [0x00, 0x20, 0x00])
    #expect(eids(rig) == (policy == .single ? [0x20, 0x20, 0x20] : [0x20, 0, 0]))
    #expect(rig.isOwn(0x20))
  }

  @Test(
    "An owned bus has no other owner: ERROR_UNSUPPORTED_CMD, whatever the operation",
    arguments: policies, [0, 1, 2, 3] as [UInt8])
  func ownedBus(policy: EIDPolicy, operation: UInt8) throws {
    let rig = try rig(policy, eids: [0x10, 0x10, 0x10])
    #expect(set(rig, operation, 0x20, on: 2) == [0x05])
    #expect(eids(rig) == [0x10, 0x10, 0x10])
    #expect(rig.events() == [])
  }

  @Test(
    "A peer keeps its EID and answers with it: rejected, in a SUCCESS",
    arguments: policies, [0, 1, 2] as [UInt8])
  func peer(policy: EIDPolicy, operation: UInt8) throws {
    let rig = try rig(policy, .peer, eids: [0x10, 0x10, 0x10])
    #expect(set(rig, operation, 0x20) == [0x10, 0x10, 0x00])
    #expect(eids(rig) == [0x10, 0x10, 0x10])
    #expect(rig.events() == [])
  }

  @Test(
    "Null, reserved and broadcast EIDs are ERROR_INVALID_DATA and change nothing",
    arguments: [0x00, 0x01] as [UInt8])
  func notAssignable(operation: UInt8) throws {
    let rig = try rig(.single, eids: [0x10, 0x10, 0x10])
    for eid in [0, 1, 2, 3, 4, 5, 6, 7, 255] as [UInt8] {
      #expect(set(rig, operation, eid) == [0x02], "EID \(eid)")
    }
    #expect(eids(rig) == [0x10, 0x10, 0x10])
    for eid in [8, 254] as [UInt8] { #expect(set(rig, operation, eid) == [0x00, eid, 0x00]) }
  }

  @Test("Single EID: the first bus to assign wins, others are rejected with the EID in force")
  func firstBusWins() throws {
    let rig = try rig(.single)
    #expect(set(rig, 0, 0x20, on: 0) == [0x00, 0x20, 0x00])
    #expect(set(rig, 0, 0x30, on: 1, from: Self.second) == [0x10, 0x20, 0x00])
    #expect(eids(rig) == [0x20, 0x20, 0x20])
    #expect(set(rig, 0, 0x21, on: 0) == [0x00, 0x21, 0x00], "the originator may change it")
    #expect(set(rig, 1, 0x30, on: 1, from: Self.second) == [0x00, 0x30, 0x00], "forced")
    #expect(set(rig, 0, 0x22, on: 0) == [0x10, 0x30, 0x00], "force makes the other bus originator")
    #expect(set(rig, 0, 0x31, on: 1, from: Self.second) == [0x00, 0x31, 0x00])
    #expect(eids(rig) == [0x31, 0x31, 0x31])
  }

  @Test("V30 without a pool: rejection is completion code SUCCESS with a status, to the byte")
  func rejectionBytes() throws {
    let rig = try rig(.single)
    #expect(set(rig, 0, 30, on: 1, from: Self.second) == [0x00, 30, 0x00])
    let answer = rig.ask(hex("01 1E 28 C8 00 83 01 00 12"), on: 0, from: Self.first)
    #expect(answer == hex("01 28 1E C0 00 03 01 00 10 1E 00"))
  }

  @Test("A static EID does not count as assigned by another bus")
  func staticIsInitial() throws {
    let rig = try rig(.single, eids: [0x10, 0x10, 0x10])
    #expect(set(rig, 0, 0x20, on: 1) == [0x00, 0x20, 0x00])
    #expect(eids(rig) == [0x20, 0x20, 0x20])
  }

  @Test("Each network has an EID of its own and an originator of its own")
  func networksApart() throws {
    let rig = try Rig(
      EngineConfiguration(
        eidPolicy: .single,
        ports: [.test(0, role: .endpoint), .test(1, network: 2, role: .endpoint)]))
    #expect(set(rig, 0, 0x20, on: 0) == [0x00, 0x20, 0x00])
    #expect(rig.ownEID(1) == .null)
    #expect(set(rig, 0, 0x30, on: 1) == [0x00, 0x30, 0x00])
    #expect(set(rig, 0, 0x21, on: 0) == [0x00, 0x21, 0x00])
    #expect([rig.ownEID(0), rig.ownEID(1)] == [EID(0x21), EID(0x30)])
  }

  @Test(
    "One EID a port: each port decides alone",
    arguments: [.perUpstreamPort, .perPort] as [EIDPolicy])
  func portsApart(policy: EIDPolicy) throws {
    let rig = try rig(policy, eids: [nil, nil, 0x40])
    #expect(set(rig, 0, 0x20, on: 0) == [0x00, 0x20, 0x00])
    #expect(set(rig, 0, 0x30, on: 1) == [0x00, 0x30, 0x00])
    #expect(set(rig, 0, 0x31, on: 1) == [0x00, 0x31, 0x00])
    #expect(eids(rig) == [0x20, 0x31, 0x40])
  }

  @Test(
    "Reset goes back to the static EID, and without one it is ERROR_INVALID_DATA",
    arguments: policies)
  func reset(policy: EIDPolicy) throws {
    let with = try rig(policy, eids: [0x10, 0x10, 0x10])
    #expect(set(with, 1, 0x20) == [0x00, 0x20, 0x00])
    // The EID byte is ignored, even a reserved one.
    #expect(set(with, 2, 0x00) == [0x00, 0x10, 0x00])
    #expect(eids(with) == [0x10, 0x10, 0x10])
    #expect(set(with, 0, 0x30, on: 1) == [0x00, 0x30, 0x00], "nobody is originator after it")
    let without = try rig(policy)
    #expect(set(without, 0, 0x20) == [0x00, 0x20, 0x00])
    #expect(set(without, 2, 0x10) == [0x02])
    #expect(without.ownEID(0) == EID(0x20))
  }

  @Test("Set Discovered is ERROR_INVALID_DATA where the binding has no such flag")
  func setDiscovered() throws {
    let rig = try rig(.single)
    #expect(set(rig, 3, 0x20) == [0x02])
    #expect(eids(rig) == [0, 0, 0])
  }

  @Test("Reserved bits of the operation are ignored")
  func reservedBits() throws {
    let rig = try rig(.single)
    #expect(set(rig, 0xFC, 0x20) == [0x00, 0x20, 0x00])
    #expect(set(rig, 0xF9, 0x21, on: 1) == [0x00, 0x21, 0x00])
  }

  @Test("The answer comes from the EID that was asked, after a null request from the new one")
  func source() throws {
    let rig = try rig(.perPort)
    #expect(
      rig.ask(hex("01 00 08 C8 00 80 01 00 09"), from: Self.first)
        == hex("01 08 09 C0 00 00 01 00 00 09 00"), "row 2 of the worked example")
    #expect(
      rig.ask(hex("01 09 08 C8 00 80 01 00 0A"), from: Self.first)
        == hex("01 08 09 C0 00 00 01 00 00 0A 00"))
    #expect(
      rig.ask(hex("01 09 08 C8 00 80 02"), from: Self.first) == nil, "9 is nobody's any more")
  }

  @Test("The former EID is forgotten, the new one is taken at once")
  func tables() throws {
    let rig = try rig(.perPort, eids: [0x10, nil, 0x12])
    #expect(set(rig, 0, 0x20) == [0x00, 0x20, 0x00])
    #expect(rig.receive(packet(0x50, to: 0x10), on: 0) == .dropped(.destinationUnroutable))
    #expect(rig.receive(packet(0x20, to: 0x12), on: 0) == .dropped(.sourceIsSelf))
    #expect(rig.receive(packet(0x10, to: 0x20, flags: 0xC0), on: 0) == .deliver)
  }

  @Test("An EID that the table gives to another is ours once it is assigned to us")
  func takesOver() throws {
    let rig = try rig(.perPort)
    try rig.engine.apply(adding: .test(0x20, 4, port: 1, at: .i2c(0x40)))
    #expect(set(rig, 0, 0x21) == [0x00, 0x21, 0x00])
    #expect(rig.entry(for: 0x21) == nil)
    #expect(rig.entry(for: 0x22)?.firstEID == EID(0x20))
    #expect(rig.receive(packet(0x50, to: 0x21, flags: 0xC0), on: 0) == .deliver)
  }

  @Test("Events say which port changed, from and to which EID, and who did it")
  func events() throws {
    let one = try rig(.perPort)
    _ = set(one, 0, 0x20, on: 1, from: Self.second)
    _ = set(one, 0, 0x20, on: 1, from: Self.second)
    #expect(
      one.events() == [
        .ownEIDChanged(
          port: PortID(rawValue: 1), from: .null, to: EID(0x20), owner: Self.second)
      ], "the same EID again is no change")
    let all = try rig(.single, eids: [0x10, 0x10, 0x10])
    _ = set(all, 0, 0x20)
    #expect(
      all.events()
        == (0..<3).map {
          .ownEIDChanged(
            port: PortID(rawValue: $0), from: EID(0x10), to: EID(0x20), owner: Self.first)
        })
    #expect(all.events() == [])
  }

  @Test("Events that nobody takes are counted, the oldest are kept")
  func eventsLost() throws {
    let rig = try rig(.perPort)
    for round in 0..<70 { _ = set(rig, 0, UInt8(0x20 + round)) }
    let events = rig.events()
    #expect(events.count == 65)
    for round in 0..<64 {
      #expect(
        events[round]
          == .ownEIDChanged(
            port: PortID(rawValue: 0), from: EID(round == 0 ? 0 : UInt8(0x1F + round)),
            to: EID(UInt8(0x20 + round)), owner: Self.first))
    }
    #expect(events.last == .eventsLost(count: 6))
    #expect(rig.events() == [])
    _ = set(rig, 0, 0x20)
    #expect(rig.events().count == 1)
  }

  @Test(
    "Get Endpoint ID tells bridge or owner, and whether the EID is the static one",
    .spec("DSP0236 1.3.3 §12, command 0x02"))
  func getEndpointID() throws {
    let rig = try rig(.perPort, eids: [0x10, nil, 0x12])
    func ask(_ eid: UInt8, on port: UInt8) -> [UInt8]? {
      rig.ask(request(0x02, to: eid), on: port).map { Array($0[7...]) }
    }
    #expect(ask(0x00, on: 0) == [0, 0x10, 0x12, 0])
    // Not assigned: an owner must see that this port still needs an EID.
    #expect(ask(0x00, on: 1) == [0, 0x00, 0x10, 0])
    #expect(ask(0xFF, on: 1) == [0, 0x00, 0x10, 0])
    // Asked by the EID of another port.
    #expect(ask(0x12, on: 0) == [0, 0x12, 0x12, 0])
    #expect(ask(0x12, on: 1) == [0, 0x12, 0x12, 0])
    #expect(set(rig, 0, 0x20, on: 0) == [0x00, 0x20, 0x00])
    #expect(set(rig, 0, 0x30, on: 1) == [0x00, 0x30, 0x00])
    #expect(ask(0x00, on: 0) == [0, 0x20, 0x13, 0])
    #expect(ask(0x20, on: 1) == [0, 0x20, 0x13, 0])
    #expect(ask(0x30, on: 0) == [0, 0x30, 0x10, 0])
  }
}
