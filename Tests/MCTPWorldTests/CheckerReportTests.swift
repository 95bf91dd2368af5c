import MCTPEngine
import MCTPNeighbours
import MCTPWire
import TestSupport
import Testing

@testable import MCTPWorld

/// What is reported and told of, beside what passes on the wires. Port a has address 0x10, EID 8.
@Suite("The checker and reports") struct CheckerReportTests {
  private func allocate(_ played: Played, instanceID: UInt8, count: UInt8 = 2) {
    // Allocate Endpoint IDs 00b: two EIDs from 60 on, to EID 50 (DSP0236 1.3.3 §12.9).
    played.sends([1, 50, 8, 0xC8, 0, 0x80 | instanceID, 0x08, 0, count, 60], to: 0x33)
    played.took(
      [1, 8, 50, 0xC0, 0, instanceID, 0x08, 0, 0, count, 60], from: 0x33, .answered)
  }

  @Test("A pool that was taken and is given again and again is found")
  func poolAgain() throws {
    let played = try Played()
    played.assign(50, to: 0x33)
    for step in 1...4 as ClosedRange<UInt8> {
      played.go(to: 2000 * UInt32(step))
      allocate(played, instanceID: step)
    }
    #expect(played.found == "manners")
    #expect(played.checker.violation?.text.contains("took them each time") == true)
  }

  @Test("A pool that is given again after an answer was missing is not blamed")
  func poolAfterMiss() throws {
    let played = try Played()
    played.assign(50, to: 0x33)
    for step in 1...4 as ClosedRange<UInt8> {
      played.go(to: 6000 * UInt32(step))
      // Get Endpoint ID, sent twice before it is answered.
      let question: [UInt8] = [1, 50, 8, 0xCA, 0, 0x90 | step, 0x02]
      played.sends(question, to: 0x33)
      played.sends(question, to: 0x33)
      played.took(
        [1, 8, 50, 0xC2, 0, 0x10 | step, 0x02, 0, 50, 0x10, 0], from: 0x33, .answered)
      allocate(played, instanceID: step)
    }
    #expect(played.found == nil)
  }

  private let up = OwnerEvent.endpointUp(
    EndpointNumber(rawValue: 1), eid: EID(50), network: 1, port: PortID(rawValue: 0),
    address: .i2c(0x33), via: nil)

  @Test("The same event more than four times a minute is found", arguments: [4, 5])
  func equalEvents(_ count: Int) throws {
    let played = try Played()
    for step in 0..<count {
      played.go(to: 1000 * UInt32(step))
      played.checker.ownerEvent(up, router: 0)
    }
    #expect(played.found == (count > 4 ? "manners" : nil))
  }

  @Test("The same event is no repetition when something happened between, or after a minute")
  func explainedEvents() throws {
    let played = try Played()
    for step in 0..<20 as Range<UInt32> {
      played.go(to: 1000 * step)
      played.checker.ownerEvent(
        .endpointSuspect(EndpointNumber(rawValue: 1), eid: EID(50), reason: .noAnswer), router: 0)
      played.checker.ownerEvent(up, router: 0)
    }
    for step in 0..<10 as Range<UInt32> {
      played.go(to: 100_000 + 16_000 * step)
      played.checker.ownerEvent(up, router: 0)
    }
    #expect(played.found == nil)
  }

  private func notify(_ played: Played, at seconds: UInt32) {
    played.go(to: 1000 * seconds)
    let instanceID = UInt8(truncatingIfNeeded: seconds / 10) & 0x1F
    // Discovery Notify to whoever owns the bus of port d.
    played.sends([1, 0, 0, 0xC8, 0, 0x80 | instanceID, 0x0D], on: 3, to: 0x10)
  }

  @Test("Discovery Notify that nobody answers is found when it never slows down")
  func notifyForEver() throws {
    let played = try Played()
    for step in 0..<19 as Range<UInt32> { notify(played, at: 10 * step) }
    #expect(played.found == nil)
    notify(played, at: 190)
    #expect(played.found == "manners")
  }

  @Test("Discovery Notify each half minute goes on for ever")
  func seldomNotify() throws {
    let played = try Played()
    for step in 0..<30 as Range<UInt32> { notify(played, at: 30 * step) }
    #expect(played.found == nil)
  }
}
