import MCTPNeighbours
import TestSupport
import Testing

@Suite("Habits of bridges")
struct NeighbourBridgeHabitsTests {
  private func assigned(_ change: (inout NeighbourHabits) -> Void) -> Neighbour {
    var habits = NeighbourHabits()
    change(&habits)
    let bridge = Bench.bridge(children: 2, habits: habits)
    _ = bridge.hear("01 00 0B CA 00 82 01 00 0E", from: 0x30)
    return bridge
  }

  private let allocate = "00 84 08 00 02 0F"
  private let information = "00 85 08 02 00 00"
  private let set = "00 86 01 00 0E"

  @Test("What an accepted Allocate says: what it holds, zero, its wish, anything")
  func allocateAnswers() {
    func answer(_ form: NeighbourHabits.PoolAnswer) -> [[UInt8]] {
      assigned {
        $0.allocateAnswer = form
        $0.poolWish = 9
      }.ask(allocate, from: 0x30)
    }
    #expect(answer(.held) == [hex("00 04 08 00 00 02 0F")])
    #expect(answer(.zero) == [hex("00 04 08 00 00 00 0F")])
    #expect(answer(.wish) == [hex("00 04 08 00 00 09 0F")])
    #expect(answer(.fixed(count: 3, first: 0x50)) == [hex("00 04 08 00 00 03 50")])
  }

  @Test("What information says is a habit of its own")
  func information10b() {
    let bridge = assigned {
      $0.poolInformation = .wish
      $0.poolWish = 40
    }
    #expect(bridge.ask(allocate, from: 0x30) == [hex("00 04 08 00 00 02 0F")])
    #expect(bridge.ask(information, from: 0x30) == [hex("00 05 08 00 00 28 0F")])
  }

  @Test("Set Endpoint ID says 01b for ever, or nothing of a pool")
  func allocationBits() {
    let forgetful = assigned { $0.neverSaysAllocated = true }
    _ = forgetful.ask(allocate, from: 0x30)
    #expect(forgetful.ask(set, from: 0x30) == [hex("00 06 01 00 01 0E 02")])
    let silent = assigned { $0.saysNoPool = true }
    #expect(silent.ask(set, from: 0x30) == [hex("00 06 01 00 00 0E 00")])
    #expect(silent.ask(allocate, from: 0x30) == [hex("00 04 08 00 00 02 0F")])
  }

  @Test("A bridge that tells its wish does so while it holds less")
  func wishWhileHeld() {
    let bridge = assigned {
      $0.tellsWishWhileHeld = true
      $0.poolWish = 5
    }
    _ = bridge.ask(allocate, from: 0x30)
    #expect(bridge.ask(set, from: 0x30) == [hex("00 06 01 00 02 0E 05")])
  }

  @Test("A second Allocate 00b is rejected with what it holds, 01b is not")
  func secondAllocate() {
    let bridge = assigned { $0.refusesSecondAllocate = true }
    _ = bridge.ask(allocate, from: 0x30)
    #expect(bridge.ask("00 87 08 00 02 30", from: 0x30) == [hex("00 07 08 00 01 02 0F")])
    #expect(bridge.children.map(\.eid) == [15, 16])
    #expect(bridge.ask("00 88 08 01 02 30", from: 0x30) == [hex("00 08 08 00 00 02 30")])
    #expect(bridge.children.map(\.eid) == [48, 49])
  }

  @Test("A pool that it claims shows in both answers until it was given one")
  func claimedPool() {
    let bridge = assigned { $0.claimedPool = .init(count: 5, first: 0x64) }
    #expect(bridge.ask(set, from: 0x30) == [hex("00 06 01 00 02 0E 05")])
    #expect(bridge.ask(information, from: 0x30) == [hex("00 05 08 00 00 05 64")])
    #expect(bridge.ask(allocate, from: 0x30) == [hex("00 04 08 00 00 02 0F")])
    #expect(bridge.ask("00 87 08 02 00 00", from: 0x30) == [hex("00 07 08 00 00 02 0F")])
  }

  @Test("Each second reading of the table lacks the children")
  func missingChildren() {
    let bridge = assigned { $0.tableMissesChildrenEach = 2 }
    _ = bridge.ask(allocate, from: 0x30)
    let counts = (0..<4).map { bridge.ask("00 9\($0) 0A 00", from: 0x30)[0][5] }
    #expect(counts == [3, 1, 3, 1])
  }

  @Test("A routing update may be refused")
  func updateRefusal() {
    let bridge = assigned { $0.updateRefusal = 0x80 }
    #expect(bridge.ask("00 87 09 01 02 01 0B 60", from: 0x30) == [hex("00 07 09 80")])
    #expect(bridge.ask("00 88 07 0B", from: 0x30) == [hex("00 08 07 02")])
  }

  @Test("A forced Allocate of the same range renumbers all the same")
  func forceRenumbers() {
    let bridge = assigned { $0.settlesMs = 1_000 }
    _ = bridge.ask(allocate, from: 0x30)
    bridge.advance(to: Bench.second)
    #expect(bridge.children.map(\.eid) == [15, 16])
    _ = bridge.ask("00 90 08 00 02 0F", from: 0x30, at: Bench.second)
    #expect(bridge.children.map(\.eid) == [15, 16])
    _ = bridge.ask("00 91 08 01 02 0F", from: 0x30, at: Bench.second)
    #expect(bridge.children.map(\.eid) == [0, 0])
    bridge.advance(to: 2 * Bench.second)
    #expect(bridge.children.map(\.eid) == [15, 16])
  }
}
