import MCTPNeighbours
import MCTPSimulation
import MCTPWire
import MCTPWorld
import Testing

@Suite("Words for devices of another make")
struct NeighbourWordsTests {
  @Test("A neighbour has its properties and habits, and is no device of ours")
  func neighbour() throws {
    let board = try Fixture.scenario(
      """
      router top owner.yaml
      neighbour card top.i2c 0x30 eid 0x20 uuid 6d6a1a0e-3f43-4f0c-8d0b-2f5a4d1c001e types spdm \
      unit 128 absent trailing 4 refuses-set 0x05 answers late 20ms
      neighbour nic top.line deaf
      """
    ).board
    let card = board.devices[2]
    #expect(card.name == "card" && !card.isPresent && card.address == .i2c(0x30))
    guard case .neighbour(let configuration, let habits) = card.make else {
      Issue.record("card is no neighbour")
      return
    }
    #expect(configuration.medium == .i2c(address: 0x30))
    #expect(configuration.bridgeAddress == 0x10)
    #expect(configuration.eid == 0x20)
    #expect(
      configuration.uuid == [
        0x6D, 0x6A, 0x1A, 0x0E, 0x3F, 0x43, 0x4F, 0x0C, 0x8D, 0x0B, 0x2F, 0x5A, 0x4D, 0x1C, 0x00,
        0x1E,
      ])
    #expect(configuration.transmissionUnitBytes == 128)
    #expect(configuration.messageTypes == [0x05, 0x7E, 0x7F])
    var expected = NeighbourHabits.plain
    expected.trailingByteCount = 4
    expected.setRefusal = 5
    expected.answerDelayMs = 20
    #expect(habits == expected)
    #expect(board.devices[3].neighbour?.medium == .serial)
    #expect(board.devices[3].habits.isDeafAfterBadFrame)
    #expect(board.devices[0].make == .ours)
  }

  @Test("What is behind a bridge has devices of its own, where the bridge is")
  func bridge() throws {
    let board = try Fixture.scenario(
      """
      router top owner.yaml
      bridge card top.i2c 0x30 children a,b=40 table refused 0x05
      bridge riser top.line children 2
      """
    ).board
    #expect(
      board.devices.map(\.name) == [
        "fan", "dimm", "card", "card.a", "card.b", "riser", "riser.c1", "riser.c2",
      ])
    #expect(board.devices.map(\.behind) == [nil, nil, nil, 2, 2, nil, 5, 5])
    #expect(board.devices[4].make == .behind(device: 2, child: 1))
    #expect(board.devices[4].configuration.eid == EID(40))
    #expect(board.devices[3].wire == board.devices[2].wire)
    #expect(
      board.devices[2].neighbour?.role
        == .bridge([.init(name: "a"), .init(name: "b", staticEID: 40)]))
    #expect(board.devices[2].habits.tableForm == .refused(5))
  }

  static let ownerLine =
    "owner boss below.up eid 9 remote disk=60 grants 10 pool 11-20 tells endpoint 60 "
    + "tells range 70-79 polls every 2s ignores-notify"

  @Test("An owner grants, tells and polls; on a line nobody has an address")
  func owner() throws {
    let board = try Fixture.scenario("router below ../bridge.yaml\n" + Self.ownerLine).board
    let boss = board.devices[1]
    let plan = try #require(boss.grants)
    #expect(plan.grants == [.init(address: nil, eid: 10, poolFirst: 11, poolCount: 10)])
    #expect(
      plan.routes == [
        .init(type: 0, count: 1, first: 60, address: []),
        .init(type: 3, count: 10, first: 70, address: []),
      ])
    #expect(plan.remote == [.init(name: "disk", staticEID: 60)])
    #expect(plan.pollMs == 2000)
    #expect(boss.habits.ignoresNotify)
    #expect(board.devices[2].name == "boss.disk")
  }

  @Test("On I2C a grant goes to the router's port and a route leads to the owner")
  func ownerOnI2C() throws {
    let board = try Fixture.scenario(
      """
      router guest guest.yaml
      owner boss guest.up 0x12 eid 9 grants 10 tells bridge 9 tells endpoint 11-12 at 0x44
      """
    ).board
    let plan = try #require(board.devices[0].grants)
    #expect(plan.grants == [.init(address: 0x33, eid: 10)])
    #expect(
      plan.routes == [
        .init(type: 2, count: 1, first: 9, address: [0x24]),
        .init(type: 0, count: 1, first: 11, address: [0x88]),
        .init(type: 0, count: 1, first: 12, address: [0x88]),
      ])
  }

  /// Each habit's words, and how they are written again.
  static let habits: [(said: String, written: String)] = [
    ("answers not-each 3 answers late 5ms", "answers not-each 3 answers late 5ms"),
    ("missing 2 errors each 4", "missing 2 errors each 4 code 0x04"),
    ("errors each 1 code 0x01 not-ready for 2s", "errors each 1 code 0x01 not-ready for 2000ms"),
    ("static sets 0 reports +3 keeps-eid", "static sets 0x00 reports +3 keeps-eid"),
    ("forgets every 1s needs-set hides-control", "forgets every 1000ms needs-set hides-control"),
    ("notifies 5/s floods 9/s to 8 of 20", "notifies 5/s floods 9/s to 8 of 20"),
    ("spoofs 99 3/s to 8 garbage 4/s", "spoofs 99 3/s to 8 garbage 4/s"),
    ("garbage-frames 2/s asks every 10ms deaf", "garbage-frames 2/s asks every 10ms deaf"),
    ("broken 7/s to 8 frame-source 0x44", "broken 7/s to 8 frame-source 0x44"),
    ("wants 5 pool-answer zero pool-tells 9 at 30", "wants 5 pool-answer zero pool-tells 9 at 30"),
    (
      "never-allocated tells-wish says-no-pool refuses-second",
      "never-allocated tells-wish says-no-pool refuses-second"
    ),
    ("claims 4 at 50 table bridge-only", "claims 4 at 50 table bridge-only"),
    ("table refused 1 table-misses each 2", "table refused 0x01 table-misses each 2"),
    (
      "settles for 1s refuses-update 5 keeps-pool",
      "settles for 1000ms refuses-update 0x05 keeps-pool"
    ),
    (
      "ignores-notify assigns-once forces null-source",
      "ignores-notify assigns-once forces null-source"
    ),
  ]

  @Test("Every habit is written as it is read", arguments: habits)
  func words(_ habits: (said: String, written: String)) throws {
    let scenario = try Fixture.scenario(
      "router top owner.yaml\nbridge b top.i2c 0x30 children 1\nat 1s device b " + habits.said)
    let event = try #require(scenario.script[0].events.first)
    #expect(event.text(on: scenario.board) == "b from now on: " + habits.written)
    let again = try Fixture.scenario(
      "router top owner.yaml\nbridge b top.i2c 0x30 children 1\nat 1s device b " + habits.written)
    #expect(again.script[0].events == [event])
  }

  @Test("A script's habits come on top of those that the device has, until it is good")
  func habitsAdd() throws {
    let scenario = try Fixture.scenario(
      """
      router top owner.yaml
      neighbour n top.i2c 0x30 trailing 1
      at 1s device n deaf answers twice
      at 2s device n trailing 3
      at 3s device n good
      at 4s device n static
      faults from 1s to 9s draw 0
      """)
    let told = scenario.scriptedPlan(seed: 1).plan.events.compactMap {
      if case .habits(device: 2, let habits) = $0.event { habits } else { nil }
    }
    #expect(told.map(\.trailingByteCount) == [1, 3, 0, 0, 1])
    #expect(told.map(\.answers) == [.twice, .twice, .always, .always, .always])
    #expect(told.map(\.keepsStaticEID) == [false, false, false, true, false])
  }

  @Test("Lines of a script become events of neighbours, owners and routers")
  func events() throws {
    let text = """
      router below ../bridge.yaml
      \(Self.ownerLine)
      neighbour card below.i2c 0x30
      at 1s owner boss grants 30 pool 31-40
      at 2s device card sends 0109 0ac8 to 0x20
      at 3s exchange card uuid 6d6a1a0e-3f43-4f0c-8d0b-2f5a4d1c001e types pldm
      at 4s router below assigns 12 i2c 0x1d
      at 4s router below allocates 5 to 12 network 2
      at 4s router below forgets 12
      at 4s router below recovers 12
      at 4s router below discovers i2c
      at 5s lag below for 300ms
      at 6s kill below after 3
      at 7s start below with ../bridge.yaml
      at 8s traffic 7/s
      """.replacing("0109 0ac8", with: "01090ac87e")
    let scenario = try Fixture.scenario(text)
    var plan = try #require(scenario.board.devices[1].grants)
    plan.grants = [.init(address: nil, eid: 30, poolFirst: 31, poolCount: 10)]
    plan.routes = []
    let port = PortID(rawValue: 1)
    let uuid = try #require(EndpointUUID("6d6a1a0e-3f43-4f0c-8d0b-2f5a4d1c001e"))
    #expect(
      scenario.script.flatMap(\.events) == [
        .grants(device: 1, plan),
        .sends(device: 3, packet: [0x01, 0x09, 0x0A, 0xC8, 0x7E], to: .i2c(0x20)),
        .exchange(
          device: 3,
          BoardIdentity(uuid: uuid, messageTypes: [.pldm, .vendorPCI, .vendorIANA])),
        .command(router: 0, .assign(EID(12), on: port, at: .i2c(0x1D))),
        .command(router: 0, .allocate(5, to: EID(12), network: 2)),
        .command(router: 0, .forget(EID(12), network: 1)),
        .command(router: 0, .recover(EID(12), network: 1)),
        .command(router: 0, .discover(on: port)), .lag(router: 0, ms: 300),
        .killAfter(router: 0, steps: 3), .topology(router: 0, other: 0),
        .start(router: 0, keepsLeases: true), .load(requestsPerSecond: 7),
      ])
    #expect(scenario.board.routers[0].otherTopologies.count == 1)
  }

  /// A line, the column of its error, words of the message.
  static let bad: [(line: String, column: Int, words: String)] = [
    ("neighbour n top.i2c 0x30 trailling 1", 26, "`trailling` is no word for a neighbour"),
    ("neighbour n top.i2c 0x30 children 2", 26, "`children` is no word for a neighbour"),
    ("neighbour n top.i2c 0x30 trailing 0", 35, "`0` is no number"),
    ("neighbour n top.i2c 0x30 pool-answer 3", 39, "`at` is missing"),
    ("neighbour n top.i2c 0x30 pool-answer all", 38, "`all` is no pool"),
    ("neighbour n top.i2c 0x30 table", 31, "form of a routing table is missing"),
    ("neighbour n top.i2c 0x30 not-ready 1s", 36, "`1s` is here, where `for` belongs"),
    ("bridge b top.i2c 0x30", 22, "a bridge has something behind it"),
    ("bridge b top.i2c 0x30 children a,a", 32, "`a` is nobody behind a neighbour"),
    ("bridge b top.i2c 0x30 children a=7", 32, "`a=7` is nobody behind a neighbour"),
    ("bridge b top.i2c 0x30 children 0", 32, "0 are no children"),
    ("owner o top.i2c 0x30 eid 9 grants 10", 9, "top.i2c is no endpoint of an owner"),
    ("owner o guest.up 0x30 grants 10", 32, "an owner has an EID"),
    ("owner o guest.up 0x30 eid 9", 28, "an owner grants an EID"),
    ("owner o guest.up 0x30 eid 9 grants 10 pool 20-11", 44, "`20-11` are no EIDs"),
    ("owner o guest.up 0x30 eid 9 grants 10 remote disk", 46, "has an EID each"),
    ("at 1s device fan trailing 1", 18, "`trailing` is no habit of a device"),
    ("at 1s device fan sends 01020304", 18, "fan is of our own make"),
    ("at 1s exchange fan uuid x", 20, "fan is of our own make"),
    ("at 1s device card sends 0102", 25, "`0102` is no packet"),
    ("at 1s remove card.c1", 14, "card.c1 lives inside card"),
    ("at 1s owner fan grants 10", 13, "fan is no owner"),
    ("at 1s router top explodes", 18, "`explodes` is no command of a router"),
    ("at 1s router top assigns 7 i2c 0x1d", 26, "`7` is no EID"),
    ("at 1s start top with ../bridge.yaml", 22, "the ports of ../bridge.yaml are not those"),
    ("at 1s restart fan stays", 19, "this is not mended"),
    ("at 1s traffic load 5", 20, "`5` is no load"),
    ("traffic load 0.05", 14, "`0.05` is no load"),
    ("traffic 5/s between fan and fan", 29, "two devices are a pair"),
  ]

  @Test("An error names line, column and what is wrong", arguments: bad)
  func errors(_ bad: (line: String, column: Int, words: String)) throws {
    let text = """
      router top owner.yaml
      router guest guest.yaml
      bridge card top.i2c 0x40 children 1
      \(bad.line)
      """
    let error = try #require(throws: ScenarioError.self) { try Fixture.scenario(text) }
    let problem = try #require(error.problems.first)
    #expect(error.problems.count == 1)
    #expect(problem.line == 4)
    #expect(problem.column == bad.column, "\(problem)")
    #expect(problem.message.contains(bad.words), "\(problem)")
  }
}
