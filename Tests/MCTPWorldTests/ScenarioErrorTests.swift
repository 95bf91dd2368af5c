import MCTPSimulation
import MCTPWorld
import Testing

@Suite struct ScenarioErrorTests {
  /// A scenario's last line, where in it the error is, and words of its message.
  static let bad: [(line: String, column: Int, words: String)] = [
    ("ruoter a owner.yaml", 1, "`ruoter` is no statement"),
    ("router top owner.yaml", 8, "top is there already"),
    ("router 1st owner.yaml", 8, "`1st` is no name"),
    ("router other nothing.yaml", 14, "board/nothing.yaml cannot be read"),
    ("router other", 13, "path of a topology file is missing"),
    ("router usb kernel.yaml", 12, "port usb of board/kernel.yaml is a kernel link"),
    ("omit nobody", 6, "no topology has a device `nobody`"),
    ("omit fan", 6, "several topologies have a device `fan`"),
    ("join top.line top.nothing", 15, "there is no port `top.nothing`"),
    ("join top.line below.i2c", 15, "below.i2c is I2C at 100000 Hz"),
    ("join top.i2c below.i2c", 14, "two bus owners"),
    ("mux m top.i2c", 14, "at least two legs"),
    ("mux m top.i2c top.i3c", 15, "is no I2C port"),
    ("mux m top.i2c below.i2c", 15, "cannot be legs of one mux"),
    ("device dimm top.i2c 0x33", 8, "dimm is there already"),
    ("device new top.i2c", 19, "I2C address is missing"),
    ("device new top.i2c 0x80", 20, "`0x80` is no I2C address"),
    ("device new top.i2c 0x10", 20, "it is the address of top.i2c"),
    ("device new top.i3c 0x04cc00000001", 20, "has that provisioned ID already"),
    ("device new top.i2c 0x33 uuid 12", 30, "`12` is no UUID"),
    ("device new top.i2c 0x33 types pldm,x", 31, "`x` is no message type"),
    ("device new top.i2c 0x33 polled", 31, "only devices on I3C"),
    ("traffic 200", 9, "`200` is no rate"),
    ("traffic 200/s sizes 8", 21, "`8` is no size"),
    ("at 1 remove dimm", 4, "`1` is no time"),
    ("at 1001h remove dimm", 4, "`1001h` is no time"),
    ("at 1.0000000001s remove dimm", 4, "is no time"),
    ("at 1s explode dimm", 7, "`explode` is no event"),
    ("at 1s remove disk", 14, "there is no device `disk`"),
    ("at 1s remove dimm now", 19, "`now` is one word too many"),
    ("at 1s wire top.i2c loss 101%", 25, "`101%` is no chance"),
    ("at 1s wire top.i2c los 1%", 20, "`los` is no fault of a wire"),
    ("at 1s device dimm answers rarely", 27, "`rarely` is no way to answer"),
    ("at 1s start below without", 26, "`leases` is missing"),
    ("at 10s remove dimm", 4, "not before 9.000 s"),
    ("at 9s remove dimm", 4, "not before 9.000 s"),
    ("at 0x1s remove dimm", 4, "`0x1s` is no time"),
    ("at 1s wire top.i2c loss 0x1%", 25, "`0x1%` is no chance"),
    ("at 1s device dimm reports ++1", 27, "`++1` is no offset"),
    ("at 1s device dimm reports +256", 27, "`+256` is no offset"),
    ("device new top.i2c 0x+9", 20, "`0x+9` is no I2C address"),
    ("recover within 9s", 16, "`9s` is too short"),
    ("recover after 3s", 9, "`after` is here, where `within` belongs"),
    ("faults from 1s to 2s", 1, "`faults` is there twice"),
  ]

  @Test(arguments: bad)
  func an_error_names_line_column_and_what_is_wrong(
    _ bad: (line: String, column: Int, words: String)
  ) throws {
    var text = Fixture.tree.replacing("join top.line below.up\n", with: "")
    if bad.line.hasPrefix("traffic") {
      text = text.replacing("traffic 100/s sizes 16,64\n", with: "")
    }
    text += "\n" + bad.line
    let line = text.split(separator: "\n").count
    let error = try #require(throws: ScenarioError.self) { try Fixture.scenario(text) }
    let problem = try #require(error.problems.first)
    #expect(error.problems.count == 1)
    #expect(problem.line == line)
    #expect(problem.column == bad.column)
    #expect(problem.message.contains(bad.words), "\(problem)")
    #expect(problem.description.hasPrefix("board/test.sim:\(line):\(bad.column): error: "))
  }

  @Test("Two lines cannot say at one time how one part is from then on")
  func linesOfOneTime() throws {
    let pairs = [
      "remove dimm|insert dimm", "cut top.i2c|mend top.i2c", "down top.i2c|up top.i2c",
      "kill below|start below", "device dimm good|device dimm answers never",
      "wire top.line loss 1%|wire below.up perfect",
    ]
    for pair in pairs {
      let lines = pair.split(separator: "|")
      let text = Fixture.tree + "\nat 2s \(lines[0])\nat 3s restart dimm\nat 2s \(lines[1])"
      let error = try #require(throws: ScenarioError.self) { try Fixture.scenario(text) }
      #expect(error.problems.map(\.line) == [10], "\(pair)")
      #expect(error.problems.first?.message.contains("line 8 says something else") == true)
    }
    let apart = "\nat 2s remove dimm\nat 2.5s insert dimm\nat 2s restart dimm\nat 2s cut top.i2c"
    #expect(try Fixture.scenario(Fixture.tree + apart).script.count == 4)
  }

  @Test("A leg of a mux is joined to no other router's port")
  func joinedLeg() throws {
    let error = try #require(throws: ScenarioError.self) {
      try Fixture.scenario(
        """
        router top owner.yaml
        router guest guest.yaml
        join top.i2c guest.up
        mux slots top.leg top.i2c
        """)
    }
    #expect(error.problems.map(\.line) == [4])
    #expect(error.problems.first?.message.contains("joined to another router's port") == true)
  }

  @Test("Faults that last less than a millisecond are refused, not drawn from")
  func shortFaults() throws {
    let error = try #require(throws: ScenarioError.self) {
      try Fixture.scenario("router top owner.yaml\nfaults from 0s to 500us of late")
    }
    #expect(error.problems.first?.message.contains("less than 1ms") == true)
  }

  @Test func all_errors_of_the_script_are_reported_by_line() throws {
    let error = try #require(throws: ScenarioError.self) {
      try Fixture.scenario("at 1s remove x\nrouter top owner.yaml\ntraffic many\nat 2s cut y")
    }
    #expect(error.problems.map(\.line) == [1, 3, 4])
  }

  @Test func errors_of_a_topology_are_shown_with_their_own_lines() throws {
    let error = try #require(throws: ScenarioError.self) {
      try Scenario.read("router a b.yaml", fileName: "a.sim") { _ in "version: 2\n" }
    }
    #expect("\(error)".contains("a.sim:1:10: error: the topology of router a has errors"))
    #expect("\(error)".contains("b.yaml:1:"))
  }

  @Test func a_serial_line_has_two_ends() throws {
    let error = try #require(throws: ScenarioError.self) {
      try Fixture.scenario(Fixture.tree + "\ndevice nic top.line")
    }
    #expect("\(error)".contains("the serial line top.line has two ends, and here are top.line"))
  }

  @Test func a_scenario_without_a_router_says_so() throws {
    let error = try #require(throws: ScenarioError.self) { try Fixture.scenario("# nothing\n") }
    #expect("\(error)".hasPrefix("board/test.sim: error: there is no router"))
  }

  @Test func whatever_the_bytes_are_reading_returns_or_throws() {
    var generator = SeededGenerator(seed: 1)
    let words =
      Fixture.tree.split(whereSeparator: \.isWhitespace).map(String.init) + [
        "at", "1s", "wire", "device", "answers", "loss", "%", "/s", "#", "0x", "+", "-", "\u{0}",
      ]
    for _ in 0..<500 {
      let text = (0..<20).map { _ in
        (words.randomElement(using: &generator) ?? "")
          + (Int.random(in: 0..<5, using: &generator) == 0 ? "\n" : " ")
      }.joined()
      _ = try? Fixture.scenario("router top owner.yaml\n" + text)
    }
  }
}
