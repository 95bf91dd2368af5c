import MCTPWire
import Testing

@testable import LeaseStore

@Suite("When leases are written")
struct WriteScheduleTests {
  private func at(_ ms: UInt32) -> Instant { Instant.zero.advanced(byMs: ms) }

  @Test("200 ms after the first change, however many follow")
  func coalesces() {
    var schedule = WriteSchedule()
    #expect(schedule.nextDeadline == nil)
    schedule.noteChange(now: at(1_000))
    schedule.noteChange(now: at(1_150))
    #expect(schedule.nextDeadline == at(1_200))
    let early = schedule.begin(now: at(1_199))
    #expect(!early)
    let due = schedule.begin(now: at(1_200))
    #expect(due)
    #expect(schedule.nextDeadline == nil)
    schedule.end(success: true, now: at(1_210))
    #expect(schedule.nextDeadline == nil)
  }

  @Test("Never twice within a second, also for changes during a write")
  func spacing() {
    var schedule = WriteSchedule()
    schedule.noteChange(now: at(0))
    _ = schedule.begin(now: at(200))
    schedule.noteChange(now: at(210))
    schedule.noteChange(now: at(900))
    let second = schedule.begin(now: at(5_000))
    #expect(!second)
    schedule.end(success: true, now: at(220))
    #expect(schedule.nextDeadline == at(1_200))
    _ = schedule.begin(now: at(1_200))
    schedule.end(success: true, now: at(1_300))
    schedule.noteChange(now: at(1_400))
    #expect(schedule.nextDeadline == at(2_200))
    _ = schedule.begin(now: at(2_200))
    schedule.end(success: true, now: at(2_210))
    schedule.noteChange(now: at(9_000))
    #expect(schedule.nextDeadline == at(9_200))
  }

  @Test("Failures are tried again after 1, 2, 4 ... 60 s; changes do not hasten it; success resets")
  func backsOff() {
    var schedule = WriteSchedule()
    schedule.noteChange(now: at(0))
    var now = at(200)
    for wait: UInt32 in [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] {
      let begun = schedule.begin(now: now)
      #expect(begun)
      schedule.end(success: false, now: now)
      schedule.noteChange(now: now)
      #expect(schedule.nextDeadline == now.advanced(byMs: wait))
      now = now.advanced(byMs: wait)
    }
    #expect(schedule.failureCount == 8)
    _ = schedule.begin(now: now)
    schedule.end(success: true, now: now)
    #expect(schedule.failureCount == 0)
    #expect(schedule.nextDeadline == nil)
  }
}
