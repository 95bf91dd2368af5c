import MCTPNeighbours
import MCTPSimulation
import MCTPWire
import MCTPWorld
import Testing

@Suite("What seeds draw of neighbours, loads and what stays")
struct DrawTests {
  static let text = """
    router below ../bridge.yaml
    owner boss below.up eid 9 grants 10 pool 11-30
    bridge card below.i2c 0x30 children 2
    neighbour disk below.i2c 0x31 eid 40
    device spare below.i2c 0x32
    traffic 20/s sizes 16
    faults from 1s to 9s draw 1-6
    """
  let scenario: Scenario

  init() throws { scenario = try Fixture.scenario(Self.text) }

  @Test("Every kind is drawn on a board where each can be")
  func kinds() {
    var kinds: Set<FaultKind> = []
    var makes: Set<Int> = []
    for seed in UInt64(0)..<3000 {
      let plan = scenario.plan(seed: seed)
      kinds.formUnion(plan.faults.map(\.kind))
      makes.formUnion(plan.makes)
    }
    // There is no I3C here, and who is of another make is no fault.
    #expect(Set(FaultKind.allCases).subtracting(kinds) == [.interruptLoss, .otherMake])
    // The fan of the topology and `spare`: the others are of another make already.
    #expect(makes == [0, 6])
  }

  /// Known answer: a draw that changes makes every seed in a report worthless.
  @Test("What a seed draws of other makes stays the same")
  func known() {
    #expect(scenario.plan(seed: 2).lines == Self.linesOfSeed2)
  }

  static let linesOfSeed2 = [
    "traffic 13/s",
    "of another make: fan",
    "f1   8.372 s   to 8.410 s    flood           device fan: floods 206/s to 255",
    "f2   1.120 s   to 4.395 s    damage          wire below.up: damage 5.0625%",
    "f3   5.797 s   to 6.131 s    duplicate       wire below.up: duplicate 0.1807%",
    "f4   0.000 s   to 3.029 s    keeps-eid       device fan: keeps-eid",
    "f5   0.000 s   to 6.645 s    keeps-eid       device card: keeps-eid",
    "f6   0.000 s   on            asks            device card: asks every 28ms",
    "f7   1.919 s                 renumber        owner boss: grants 65 pool 66-85",
  ]

  @Test("Drawn habits are those of the device's part, and over at the end unless they stay")
  func habits() {
    for seed in UInt64(0)..<500 {
      let drawn = scenario.plan(seed: seed)
      let plan = drawn.plan
      var habits = plan.board.devices.map(\.habits)
      for timed in plan.events {
        guard case .habits(let device, let new) = timed.event else { continue }
        #expect(plan.board.devices[device].neighbour != nil, "seed \(seed)")
        habits[device] = new
      }
      for device in habits.indices where habits[device] != .plain {
        let stays = plan.staying.contains {
          switch $0 {
          case .habits(device, _), .temperament(device, _): true
          default: false
          }
        }
        #expect(stays, "seed \(seed), device \(device)")
      }
    }
  }

  @Test("One fault that stays at most excuses somebody, and two devices are left to be served")
  func stays() {
    var count = 0
    for seed in UInt64(0)..<2000 {
      let drawn = scenario.plan(seed: seed)
      let staying = drawn.faults.filter { $0.kind == .stays }
      #expect(staying.count <= 1, "seed \(seed)")
      guard !staying.isEmpty else { continue }
      count += 1
      let plan = drawn.plan
      #expect(!plan.staying.isEmpty)
      #expect(plan.board.devices.count - plan.excused.count >= 2, "seed \(seed)")
    }
    #expect(count > 50)
  }

  @Test("What is avoided is not there, and the rest is as it was")
  func avoided() throws {
    let avoided = try Avoidance(text: "loss,pool-answer,other-make,overload:1.5")
    for seed in UInt64(0)..<500 {
      let (all, some) = (scenario.plan(seed: seed), scenario.plan(seed: seed, avoiding: avoided))
      #expect(some.makes.isEmpty)
      let left = all.faults.filter {
        ![.loss, .poolAnswer].contains($0.kind) && ![.loss, .poolAnswer].contains($0.cause)
      }
      #expect(some.faults.map(\.number) == left.map(\.number))
      for line in some.lines where line.contains("overload") {
        let percent = line.split(separator: " ").dropLast(7).last.flatMap { UInt32($0) }
        #expect(try #require(percent, "\(line)") <= 150)
      }
    }
    #expect(throws: OmissionError.self) { try Avoidance(text: "los") }
    #expect(avoided.text == "loss,other-make,pool-answer,overload:1.50")
    #expect(try Avoidance(text: avoided.text) == avoided)
  }

  @Test("A device that is left of our own make takes its habits with it")
  func makesLeft() throws {
    let drawn = try #require(
      (UInt64(0)..<3000).lazy.map { scenario.plan(seed: $0) }.first { plan in
        plan.makes == [6] && plan.lines.contains { $0.contains("device spare: trailing") }
      })
    let ours = try drawn.without(text: "make:spare")
    #expect(ours.makesLeft.isEmpty)
    #expect(ours.board.devices[6].make == .ours)
    #expect(!ours.lines.contains { $0.contains("device spare: trailing") })
    #expect(ours.omissions.map { $0.text(scenario.board) } == ["make:spare"])
    #expect(throws: OmissionError.self) { try drawn.without(text: "make:card") }
  }

  @Test("What stays is not mended, and who is behind it is excused")
  func scriptThatStays() throws {
    let tree = try Fixture.scenario(
      Fixture.tree + "\nat 2s cut top.line stays\nat 3s wire top.i2c loss 1%")
    let plan = tree.scriptedPlan(seed: 1).plan
    #expect(plan.staying == [.cut(wire: 2)])
    // The fan of the router below, behind the line.
    #expect(plan.excused == [2])
    #expect(!plan.events.contains { $0.event == .mend(wire: 2) })
    #expect(plan.events.contains { $0.event == .faults(wire: 0, .none) && $0.at == plan.quietFrom })
  }

  /// By hand: a body of 64 bytes is one packet, on I2C 2 + 9 * 73 = 659 clocks, at 100 kHz 6.59 ms.
  /// Between two devices of one bus a request and its answer cross it four times: 26.36 ms. 37.9
  /// requests a second fill it.
  @Test("A load is so many times what the busiest wire carries")
  func load() throws {
    let board = "router top owner.yaml\ndevice a top.i2c 0x30\n"
    let once = try Fixture.scenario(board + "traffic load 1 sizes 64 between a and fan")
    #expect(once.traffic.requestsPerSecond == 37)
    #expect(once.traffic.pair == Traffic.Pair(2, 0))
    let twice = try Fixture.scenario(board + "traffic load 2 sizes 64 between a and fan")
    #expect(twice.traffic.requestsPerSecond == 75)
    // 37 requests a second are 975 ms in each.
    #expect(once.board.loadPercents(of: once.traffic) == [98, 0, 0, 0])
    // One more wire: the request and its answer cross the bus once each.
    let across = try Fixture.scenario(board + "traffic load 1 sizes 64 between a and dimm")
    #expect(across.traffic.requestsPerSecond == 75)
    let long = once.lasting(ms: 3_600_000, loadPercent: 200)
    #expect(long.traffic.requestsPerSecond == 75)
    #expect(long.quietFrom == Instant.zero.advanced(byMs: 3_600_000))
    #expect(long.plan(seed: 3).faults.isEmpty)
  }

  @Test("Times go up to a thousand hours")
  func times() throws {
    let long = try Fixture.scenario(
      "router top owner.yaml\nat 80min remove fan\nfaults from 1h to 1.5h draw 0\nclean for 2min")
    #expect(long.script.isEmpty == false)
    #expect(long.quietFrom == Instant.zero.advanced(byMs: 5_400_000))
  }
}
