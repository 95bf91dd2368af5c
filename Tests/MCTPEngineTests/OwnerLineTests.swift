import MCTPEngine
import MCTPWire
import TestSupport
import Testing

@Suite("On a line without an EID", .spec("DSP0236 1.3.3 §12, command 0x0D"))
struct OwnerLineTests {
  /// Port 0 is a line to whoever is above, port 1 an owned bus.
  private func below() throws -> Rig {
    var up = PortConfiguration.test(
      0, role: .endpoint, address: .none, binding: .serial, medium: .serial)
    up.sendsDiscoveryNotify = true
    return try Rig(
      EngineConfiguration(
        ports: [up, .owned(1, DiscoveryPolicy(listed: []))], busOwner: BusOwnerConfiguration()))
  }

  /// When packets left through port 0 within a time without any answer, in ms.
  private func times(_ rig: Rig, ms: UInt64) -> [UInt64] {
    var times: [UInt64] = []
    while let due = rig.nextDeadline, due.nanoseconds <= ms * 1_000_000 {
      rig.advance(to: due)
      for sent in rig.drain(0) {
        #expect(Array(sent.bytes[0..<4].prefix(3)) == [0x01, 0x00, 0x00])
        #expect(sent.bytes[4] == 0x00 && sent.bytes[6] == 0x0D)
        times.append(due.nanoseconds / 1_000_000)
      }
    }
    return times
  }

  @Test("Discovery Notify goes out at once, from the null EID to the null EID")
  func tells() throws {
    #expect(try times(below(), ms: 250).count == 1)
  }

  @Test("Nobody above: it is told less and less often, one request at a time")
  func backsOff() throws {
    let rig = try below()
    let times = times(rig, ms: 600_000)
    // Each is sent three times at most (MN1 = 2); ten seconds apart at last.
    #expect(times.count <= 3 * (4 + 60))
    #expect(times.count >= 60)
  }

  @Test("An owner above that puts it off is asked one thing at a time")
  func oneAtATime() throws {
    let rig = try below()
    var answered = 0
    while let due = rig.nextDeadline, due.nanoseconds <= 60_000_000_000 {
      rig.advance(to: due)
      for sent in rig.drain(0) {
        // ERROR_NOT_READY (DSP0236 1.3.3 §12), which keeps a request open for longer than the
        // first interval lasts.
        let head = [0x01, 0x00, 0x0B, 0xC0 | sent.bytes[3] & 0x07, 0x00, sent.bytes[5] & 0x1F]
        #expect(rig.receive(head + [0x0D, 0x04], on: 0, from: .none) == .answered)
        answered += 1
      }
      let counters = rig.requesterCounters()
      #expect(counters.started - counters.timedOut - counters.refused <= 1)
    }
    #expect(answered >= 20)
    #expect(rig.requesterCounters().refused >= 3)
  }

  @Test("With an EID it is quiet")
  func ends() throws {
    let rig = try below()
    _ = times(rig, ms: 250)
    _ = rig.receive(hex("01 00 0B CA 00 82 01 00 0E"), on: 0, from: .none)
    _ = rig.drain(0)
    #expect(times(rig, ms: 60_000).isEmpty)
    #expect(rig.ownEID(0) == EID(14))
  }
}
