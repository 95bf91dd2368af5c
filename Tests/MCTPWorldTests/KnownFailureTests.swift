import MCTPWire
import MCTPWorld
import Testing

@Suite("Known failures") struct KnownFailureTests {
  private static let good = """
    # A comment.
    limit 2
    H1 congestion is taken for loss
      run known/congestion --seed 3
      fails up bystander is down
      avoid overload flood
    N2 a pool of size 0 counts as refused
      run known/pool --no-faults
      fails ownership
    """

  @Test("An entry has a name, a cause, the run that shows it, what is violated, and what to avoid")
  func reads() throws {
    let list = try KnownFailures.read(Self.good, fileName: "failures")
    #expect(list.entries.map(\.name) == ["H1", "N2"])
    let first = try #require(list.entries.first)
    #expect(first.cause == "congestion is taken for loss")
    #expect(first.scenario == "known/congestion" && first.seed == 3 && first.isDrawn)
    #expect(first.invariant == "up" && first.text == "bystander is down")
    #expect(list.avoided == ["overload", "flood"])
    #expect(list.entries.last?.isDrawn == false)
  }

  @Test("A failure explains what it names, and nothing else")
  func explains() throws {
    let list = try KnownFailures.read(Self.good, fileName: "failures")
    let first = try #require(list.entries.first)
    #expect(first.explains(Violation("up", at: .zero, "EID 9: the bystander is down")))
    #expect(!first.explains(Violation("up", at: .zero, "EID 9: the talker is down")))
    #expect(!first.explains(Violation("books", at: .zero, "the bystander is down")))
  }

  @Test(
    "The list may only shrink: its limit is the number of its entries",
    arguments: [("limit 1", "the list may only shrink"), ("limit 3", "lower it to 2")])
  func limit(_ line: String, _ hint: String) throws {
    let text = Self.good.replacing("limit 2", with: line)
    let error = #expect(throws: ScenarioError.self) {
      try KnownFailures.read(text, fileName: "failures")
    }
    #expect(error?.description.contains(hint) == true)
  }

  @Test(
    "What is wrong is said with its line",
    arguments: [
      ("limit 0\n  run known/x", "failures:2:", "an entry begins with its name"),
      ("limit 1\nH1 a cause\n  fails up", "failures:2:", "`run` line"),
      ("limit 1\nH1 a cause\n  run x --speed", "failures:3:", "--seed N"),
      ("limit 2\nH1 a\n run x\n fails up\nH1 b", "failures:5:", "there already"),
      ("H1 a\n run x\n fails up", "failures:1:", "begin with a line `limit N`"),
    ])
  func problems(_ text: String, _ place: String, _ words: String) throws {
    let error = #expect(throws: ScenarioError.self) {
      try KnownFailures.read(text, fileName: "failures")
    }
    #expect(error?.description.contains(place) == true)
    #expect(error?.description.contains(words) == true)
  }
}
