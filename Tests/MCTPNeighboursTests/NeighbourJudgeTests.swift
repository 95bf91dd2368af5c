import MCTPNeighbours
import TestSupport
import Testing

@Suite("What neighbours complain of")
struct NeighbourJudgeTests {
  private func complaints(
    of packets: [String], eid: UInt8 = 0, answers: Bool = true,
    habits: NeighbourHabits = .plain
  ) -> [String] {
    let device = Bench.device(eid: eid, habits: habits)
    for packet in packets {
      device.receive(hex(packet), from: nil, now: 0)
      if answers { _ = device.drain() }
    }
    return device.allComplaints()
  }

  @Test("A router that keeps to the standard hears no complaint")
  func none() {
    let setUp = [
      "01 00 08 C8 00 80 02", "01 00 08 C8 00 81 01 00 09", "01 09 08 C8 00 82 03",
      "01 09 08 C8 00 83 05", "01 09 08 C8 00 84 04 FF", "01 09 08 C8 00 85 06 00",
      "01 00 08 C8 00 80 02", "01 FF 08 C8 00 C7 0C",
    ]
    #expect(complaints(of: setUp) == [])
  }

  @Test(
    "Form: header, flags, integrity bit, length, packets",
    arguments: [
      ("11 00 08 C8 00 80 02", NeighbourComplaint.reservedHeaderBits),
      ("01 00 08 C8 00 A0 02", NeighbourComplaint.reservedBits),
      ("01 00 08 C8 80 80 02", NeighbourComplaint.integrityBit),
      ("01 00 08 C0 00 80 02", NeighbourComplaint.wrongFlags),
      ("01 00 08 C8 00 00 02 00", NeighbourComplaint.wrongFlags),
      ("01 00 08 C8 00 80 02 00", NeighbourComplaint.wrongLength),
      ("01 00 08 88 00 80 02 00", NeighbourComplaint.severalPackets),
      ("01 00 08 C8 00 80 01 04 09", NeighbourComplaint.reservedBits),
      ("01 00 08 C8 00 80 01 00 07", NeighbourComplaint.illegalEID),
      ("01 00 08 C8 00 80 01 01 09", NeighbourComplaint.needlessForce),
      ("01 09 00 C8 00 80 02", NeighbourComplaint.nullBridged),
    ])
  func form(packet: String, complaint: String) {
    // A device without an EID, but for what was bridged to one.
    let eid: UInt8 = complaint == NeighbourComplaint.nullBridged ? 9 : 0
    let all = complaints(of: [packet], eid: eid)
    if packet.hasPrefix("01 00 08 C0") {
      // Nobody waits for this tag, so the message is not looked into.
      #expect(all == [])
    } else {
      #expect(all == [complaint])
    }
  }

  @Test("A control message above 64 bytes")
  func tooLong() {
    let device = Bench.device(unit: 128)
    device.receive(
      hex("01 00 08 C8 00 80 F2") + [UInt8](repeating: 0, count: 62), from: nil, now: 0)
    #expect(device.allComplaints() == [NeighbourComplaint.tooLong])
  }

  @Test("Two requests at once, not so if the first was answered or its time was up")
  func twoAtOnce() {
    let two = ["01 00 08 C8 00 80 02", "01 00 08 C9 00 81 05"]
    #expect(complaints(of: two, answers: false) == [NeighbourComplaint.twoRequests])
    #expect(complaints(of: two) == [])
    let again = ["01 00 08 C8 00 80 02", "01 00 08 C8 00 80 02"]
    #expect(complaints(of: again, answers: false) == [])
    let device = Bench.device()
    device.receive(hex(two[0]), from: nil, now: 0)
    device.receive(hex(two[1]), from: nil, now: 300 * Bench.millisecond)
    #expect(device.allComplaints() == [])
    // First, its repetition and the next request, close together after a wait on the wire.
    let late = Bench.device()
    late.receive(hex(two[0]), from: nil, now: 0)
    late.receive(hex(two[0]), from: nil, now: 240 * Bench.millisecond)
    late.receive(hex(two[1]), from: nil, now: 260 * Bench.millisecond)
    #expect(late.allComplaints() == [])
  }

  @Test("An instance ID of another request within 5 s, of the same tag")
  func instances() {
    func after(_ second: String, _ delay: UInt64) -> [String] {
      let device = Bench.device()
      _ = device.hear("01 00 08 C8 00 80 02")
      _ = device.hear(second, at: delay)
      return device.allComplaints()
    }
    #expect(after("01 00 08 C8 00 80 05", Bench.second) == [NeighbourComplaint.reusedInstance])
    #expect(after("01 00 08 C9 00 80 05", Bench.second) == [])
    #expect(after("01 00 08 C8 00 80 02", Bench.second) == [])
    #expect(after("01 00 08 C8 00 80 05", 5 * Bench.second) == [])
  }

  @Test("Force is right for who has, or had, another EID, or refused one")
  func force() {
    let force = "01 00 08 C8 00 81 01 01 09"
    #expect(complaints(of: [force], eid: 10) == [])
    #expect(complaints(of: [force], eid: 9) == [NeighbourComplaint.needlessForce])
    var habits = NeighbourHabits()
    habits.setRefusal = 1
    #expect(complaints(of: [force], habits: habits) == [])
    let forgetful = Bench.device(eid: 10)
    forgetful.habits.forgetsEIDEveryMs = 1
    forgetful.advance(to: 0)
    _ = forgetful.hear(force, at: Bench.millisecond)
    #expect(forgetful.allComplaints() == [])
  }

  @Test("Pools: too many, not behind the EID, none to have, the same one by force")
  func pools() {
    func complaints(_ allocate: String) -> [String] {
      let bridge = Bench.bridge(children: 2)
      _ = bridge.hear("01 00 0B C8 00 80 01 00 0E", from: 0x30)
      _ = bridge.hear("01 0E 0B C8 00 81 08 00 02 0F", from: 0x30)
      _ = bridge.hear("01 0E 0B C8 00 82 08" + allocate, from: 0x30)
      return bridge.allComplaints()
    }
    #expect(complaints("00 02 0F") == [])
    #expect(complaints("00 03 0F") == [NeighbourComplaint.poolTooLarge])
    #expect(complaints("01 02 10") == [NeighbourComplaint.poolDoesNotFollow])
    #expect(complaints("01 02 0F") == [NeighbourComplaint.needlessForcedPool])
    #expect(complaints("05 01 0F") == [NeighbourComplaint.reservedBits])
    #expect(complaints("00 00 00") == [])
  }

  @Test("What others say by way of the router is not the router's fault")
  func others() {
    let bridge = Bench.bridge(children: 0)
    _ = bridge.hear("01 00 0B C8 00 80 01 00 0E", from: 0x30)
    for packet in ["11 0E 28 C8 00 A0 02", "01 0E 28 C8 00 80 02 00", "01 0E 28 88 00 80 02"] {
      _ = bridge.hear(packet, from: 0x30)
    }
    _ = bridge.hear("11 00 0B C8 00 A0 02", from: 0x44)
    #expect(bridge.allComplaints() == [])
    // The router's own EID, to this EID.
    _ = bridge.hear("11 0E 0B C8 00 82 02", from: 0x30)
    #expect(bridge.allComplaints() == [NeighbourComplaint.reservedHeaderBits])
  }

  @Test("Answers to its questions: another instance, an error with more, tables that do not add up")
  func answers() {
    func complaint(_ number: Int, _ make: (UInt8) -> [UInt8]) -> [String] {
      let device = Bench.device(eid: 9)
      device.habits.asksEveryMs = 10
      var now: UInt64 = 0
      for index in 0...number {
        var said: [[UInt8]] = []
        while said.isEmpty {
          said = device.drain(now)
          now = said.isEmpty ? device.nextDeadline ?? .max : now
        }
        let id = said[0][5] & 0x1F
        let head: [UInt8] = [1, 9, 8, 0xC0 | said[0][3] & 7]
        let body = index == number ? make(id) : [0, id, said[0][6], 5]
        device.receive(head + body, from: nil, now: now)
      }
      return device.allComplaints()
    }
    #expect(complaint(1) { [0, $0, 0x0F] + hex("00 10 FF 00 00 00 00") } == [])
    #expect(complaint(0) { [0, $0 ^ 1, 7, 2] } == [NeighbourComplaint.mismatchedAnswer])
    #expect(complaint(0) { [0, $0, 7, 2, 0] } == [NeighbourComplaint.longError])
    #expect(complaint(2) { [0, $0, 0x0A] + hex("00 FF 01 01 0A 02 00 04 01 00") } == [])
    #expect(
      complaint(2) { [0, $0, 0x0A] + hex("00 FF 02 01 0A 02 00 04 01 00") }
        == [NeighbourComplaint.answerLength])
    let table = hex(
      """
      00 FF 08 01 08 A1 01 04 01 60 01 09 01 01 04 01 6A 01 0A 01 01 04 01 6C 01 0B A0 01 04 01 60
      01 0C 00 01 04 01 62 01 0D 00 01 04 01 64 03 0E 40 01 04 01 66 03 11 40 01 04 01 68
      """)
    #expect(complaint(2) { [0, $0, 0x0A] + table } == [])
    #expect(complaint(11) { [0, $0, 0x14] + hex("00 02 04 0B 30 08") } == [])
  }
}
