import Testing

@testable import MCTPWorld

@Suite("Everything that may happen on a small board")
struct ExhaustiveTests {
  private func limits(
    _ depth: Int, faults: Int = 1, isSettled: Bool = false, calm: Int = 0
  ) -> ExhaustiveLimits {
    var limits = ExhaustiveLimits()
    limits.depth = depth
    limits.faults = faults
    limits.isSettled = isSettled
    limits.calmRunsMax = calm
    return limits
  }

  private func search(_ board: SmallBoard, _ limits: ExhaustiveLimits) -> ExhaustiveReport {
    var search = ExhaustiveSearch(board, limits)
    return search.run { _ in true }
  }

  @Test("Two ways to one state fold")
  func folds() throws {
    let board = try #require(SmallBoard.named("pair"))
    var first = SmallWorld(board, faults: 0, pings: 0)
    // Get Endpoint ID to each of the two devices is under way from the start.
    let asked = first.channels.indices.filter { !first.channels[$0].isEmpty }
    try #require(asked.count == 2)
    var second = first
    #expect(first.digest == second.digest)
    first.apply(.deliver(channel: asked[0]))
    #expect(first.digest != second.digest)
    first.apply(.deliver(channel: asked[1]))
    second.apply(.deliver(channel: asked[1]))
    second.apply(.deliver(channel: asked[0]))
    #expect(first.digest == second.digest)
  }

  @Test("A fault less to come is another state")
  func budget() throws {
    let board = try #require(SmallBoard.named("one"))
    let (one, two) = (
      SmallWorld(board, faults: 1, pings: 0), SmallWorld(board, faults: 2, pings: 0)
    )
    #expect(one.digest != two.digest)
  }

  @Test("A search counts the same each time, and every transition is a new state or folded")
  func repeats() throws {
    let board = try #require(SmallBoard.named("pair"))
    let (first, second) = (search(board, limits(5)), search(board, limits(5)))
    #expect(first.states == second.states)
    #expect(first.layers == second.layers)
    #expect(first.states - 1 + first.folded == first.transitions)
    #expect(first.folded > 0)
    #expect(first.isComplete)
    #expect(first.findings.isEmpty)
  }

  @Test("A device that takes another's EID is found, and the path repeats it")
  func planted() throws {
    var board = try #require(SmallBoard.named("pair"))
    board.devices[1].habit = .takesTheFirst
    // Both set up in order: EIDs 9 and 10, but the second takes 9 as well and says so when asked.
    let report = search(board, limits(0, faults: 0, calm: 1))
    let finding = try #require(report.findings.first)
    let replay = ExhaustiveReplay(board, limits(0, faults: 0), choices: finding.choices)
    #expect(replay.violation == finding.violation)
  }

  @Test("A device that keeps its EID says that it took another, and names its own when asked")
  func keeps() {
    var device = TinyDevice(number: 0, habit: .keepsItsEID)
    // Set Endpoint ID to 9, then to 10: the second answer names 10, Get Endpoint ID still 9.
    let header: [UInt8] = [0x01, 0x00, 0x08, 0xC8]
    _ = device.receive(header + [0x00, 0x81, 0x01, 0x00, 0x09], back: 0)
    let answer = device.receive(header + [0x00, 0x82, 0x01, 0x00, 0x0A], back: 0)
    #expect(answer == [0x01, 0x08, 0x09, 0xC0, 0x00, 0x02, 0x01, 0x00, 0x00, 0x0A, 0x00])
    let asked = device.receive(header + [0x00, 0x83, 0x02], back: 0)
    #expect(asked == [0x01, 0x08, 0x09, 0xC0, 0x00, 0x03, 0x02, 0x00, 0x09, 0x00, 0x00])
  }

  @Test("Boards that hold come to rest from every leaf", arguments: ["one", "pair", "bridge"])
  func rests(name: String) throws {
    let board = try #require(SmallBoard.named(name))
    let report = search(board, limits(3, calm: 10))
    #expect(report.findings.isEmpty, "\(report.findings)")
    #expect(report.calmRuns > 5)
  }

  @Test("Seen digests are seen, also those at the edge of the table and after it grew")
  func seen() {
    var seen = SeenStates()
    var fresh: [Int] = [0, 0]
    for round in 0..<2 {
      for digest in 0..<20_000 as Range<UInt64>
      where seen.insert(digest &* 0x9E37_79B9_7F4A_7C15 &+ 2) { fresh[round] += 1 }
    }
    #expect(fresh == [20_000, 0])
    #expect(seen.count == 20_000)
  }
}
