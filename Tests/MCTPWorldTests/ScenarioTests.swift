import MCTPSimulation
import MCTPWire
import MCTPWorld
import Testing
import Topology

@Suite struct ScenarioTests {
  @Test func every_scenario_of_the_folder_loads_and_has_a_title() throws {
    let names = try Fixture.files(".sim")
    #expect(names.count >= 8)
    for name in names {
      let path = Fixture.folder + "/" + name
      let scenario = try Scenario.read(try Fixture.text(path), fileName: path) {
        try Fixture.text($0)
      }
      #expect(!scenario.title.isEmpty, "\(name)")
      #expect(scenario.name + ".sim" == name)
    }
  }

  /// What a topology expects on a simulated bus may be a router that the scenario joins to it.
  @Test func topologies_of_the_folder_are_without_warnings_but_of_devices_that_are_elsewhere()
    throws
  {
    for name in try Fixture.files(".yaml") {
      let topology = try Topology.parse(
        try Fixture.text(Fixture.folder + "/" + name), fileName: name)
      // In a ring, and with two ports on one bus, the owner above has ranges of its own. A table
      // that is full of routes to nobody has more warnings than are told.
      let warnings = topology.warnings.filter {
        !$0.message.hasPrefix("no device is simulated at")
          && !$0.message.contains("has an owner above, at port")
          && !$0.message.hasSuffix("more, left out here")
      }
      #expect(warnings.isEmpty, "\(name): \(warnings)")
    }
  }

  @Test func the_big_board_has_eight_buses_and_sixty_endpoints() throws {
    let path = Fixture.folder + "/big.sim"
    let scenario = try Scenario.read(try Fixture.text(path), fileName: path) {
      try Fixture.text($0)
    }
    #expect(scenario.board.wires.count == 8)
    #expect(scenario.board.devices.count == 60)
  }

  @Test func joined_ports_share_the_first_ones_wire() throws {
    let board = try Fixture.scenario(Fixture.tree).board
    #expect(
      board.wires.map(\.name) == ["top.i2c", "top.i3c", "top.line", "top.leg", "below.i2c"])
    #expect(board.joints.map(\.wire) == [0, 1, 2, 3, 2, 4])
    #expect(board.wires[2].medium == .serial(baudRate: 115_200))
  }

  @Test func a_name_that_two_topologies_have_gets_its_routers_name() throws {
    let board = try Fixture.scenario(Fixture.tree).board
    #expect(board.devices.map(\.name) == ["top.fan", "dimm", "below.fan", "spare"])
    #expect(board.devices.map(\.wire) == [0, 1, 4, 0])
    #expect(board.devices.map(\.isPresent) == [true, true, true, false])
    // On I2C a device sends to its bus owner.
    #expect(board.devices[0].configuration.bridgeAddress == .i2c(0x10))
    #expect(board.devices[2].configuration.bridgeAddress == .i2c(0x20))
    #expect(board.devices[0].configuration.messageTypes == [.pldm, .vendorPCI, .vendorIANA])
  }

  @Test func devices_are_left_out_and_added_with_all_their_properties() throws {
    let board = try Fixture.scenario(
      """
      router top owner.yaml
      omit dimm
      device card top.i3c 0x4cc000000ff eid 0x20 types spdm,9 unit 128 polled absent
      device twin top.i2c 0x1d uuid 6d6a1a0e-3f43-4f0c-8d0b-2f5a4d1c001e
      device nic top.line
      """
    ).board
    #expect(board.devices.map(\.name) == ["fan", "card", "twin", "nic"])
    let card = board.devices[1]
    #expect(card.address == .i3c(0x04CC_0000_00FF))
    #expect(card.configuration.eid == EID(0x20))
    #expect(card.configuration.messageTypes == [.spdm, .pcieMI, .vendorPCI, .vendorIANA])
    #expect(card.configuration.transmissionUnitBytes == 128)
    #expect(!card.hasInterrupts)
    #expect(!card.isPresent)
    #expect(board.devices[2].address == board.devices[0].address)
    #expect(
      board.devices[2].configuration.uuid == EndpointUUID("6d6a1a0e-3f43-4f0c-8d0b-2f5a4d1c001e"))
    #expect(board.devices[3].address == .none)
  }

  @Test func ports_of_one_router_become_legs_of_a_mux() throws {
    let board = try Fixture.scenario(
      """
      router top owner.yaml
      mux slots top.i2c top.leg
      """
    ).board
    #expect(board.muxes == ["slots"])
    #expect(board.wires.map(\.mux) == [0, nil, nil, 0])
  }

  @Test func the_script_says_what_happens_in_world_events() throws {
    let scenario = try Fixture.scenario(
      Fixture.tree + """

        at 0.5s remove dimm            # comments are left out
        at 600ms insert spare
        at 1s restart top.fan
        at 2s device dimm answers late 300ms answers not-each 3 reports +2
        at 2s device spare floods 100/s to 9 garbage 5/s garbage-frames 6/s forgets every 2s
        at 2500us wire below.up loss 1% damage 0.05% burst 10ppm of 7 delay 5ms hold 2% for 20ms
        at 3s cut top.line
        at 4s mend below.up
        at 5s kill below
        at 6s start below without leases
        at 7s down below.i2c
        at 8s up below.i2c
        """)
    var moody = Temperament.good
    moody.answers = .notEach(3)
    moody.answerDelayMs = 300
    moody.reportedEIDOffset = 2
    var loud = Temperament.good
    loud.floodPerSecond = 100
    loud.floodDestination = EID(9)
    loud.garbagePerSecond = 5
    loud.garbageFramesPerSecond = 6
    loud.forgetsEIDEveryMs = 2000
    var dirty = FrameFaults.none
    dirty.lossPPM = 10_000
    dirty.damagePPM = 500
    dirty.burstPPM = 10
    dirty.burstFrameCount = 7
    dirty.delayMaxMicroseconds = 5000
    dirty.holdPPM = 20_000
    dirty.holdMicroseconds = 20_000
    let port = PortID(rawValue: 1)
    #expect(
      scenario.script.flatMap(\.events) == [
        .remove(device: 1), .insert(device: 3), .restart(device: 0),
        .temperament(device: 1, moody), .temperament(device: 3, loud), .faults(wire: 2, dirty),
        .cut(wire: 2), .mend(wire: 2), .kill(router: 1), .start(router: 1, keepsLeases: false),
        .portDown(router: 1, port: port), .portUp(router: 1, port: port),
      ])
    #expect(scenario.script[0].at == Instant.zero.advanced(byMs: 500))
    #expect(scenario.script[5].at == Instant(nanoseconds: 2_500_000))
    #expect(scenario.script[0].text == "at 0.5s remove dimm")
  }

  @Test func what_is_not_said_has_its_default() throws {
    let scenario = try Fixture.scenario("router top owner.yaml")
    #expect(scenario.traffic.requestsPerSecond == 0)
    #expect(scenario.kinds == FaultKind.allCases)
    #expect(scenario.drawnCount == 1...5)
    let other = try Fixture.scenario(
      """
      router top owner.yaml
      recover within 12s
      clean for 500ms
      faults from 100ms to 2s draw 0 of cut loss
      """)
    #expect(other.recoveryMs == 12_000)
    #expect(other.cleanMs == 500)
    #expect(other.drawnCount == 0...0)
    #expect(other.kinds == [.loss, .cut])
    #expect(other.quietFrom == Instant.zero.advanced(byMs: 2000))
  }
}
