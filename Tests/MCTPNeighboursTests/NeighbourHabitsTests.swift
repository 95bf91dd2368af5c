import MCTPNeighbours
import Testing

@Suite("Habits of neighbours")
struct NeighbourHabitsTests {
  @Test("The plainest neighbour answers always, at once, and sends nothing by itself")
  func plain() {
    let habits = NeighbourHabits.plain
    #expect(habits.answers == .always)
    #expect(habits.answerDelayMs == 0)
    #expect(habits.floodPerSecond == 0 && habits.notifyPerSecond == 0 && habits.asksEveryMs == 0)
  }
}
