import MCTPNeighbours
import TestSupport
import Testing

@Suite("Owners above of another make", .spec("DSP0236 1.3.3 §9, §12"))
struct NeighbourOwnerTests {
  private typealias Plan = NeighbourConfiguration.OwnerPlan

  private static let grant = Plan.Grant(address: 0x30, eid: 20, poolFirst: 21, poolCount: 4)

  /// Answers as a bridge that wants three EIDs would: the packets that the owner sent meanwhile.
  private func assign(
    _ owner: Neighbour, eid: String = "14", wish: String = "03", status: String = "01",
    at now: UInt64 = 0
  ) -> [[UInt8]] {
    var said: [[UInt8]] = []
    for _ in 0..<8 {
      guard let out = owner.nextPacket(now: now) else { break }
      #expect(out.to == 0x30)
      said.append(out.packet)
      let tag = 0xC0 | out.packet[3] & 7
      let id = out.packet[5] & 0x1F
      var answer: [UInt8] = [1, out.packet[2], out.packet[1], tag, 0, id, out.packet[6], 0]
      switch out.packet[6] {
      case 0x01: answer += hex(status + eid + wish)
      case 0x02: answer += hex("00 10 00")
      case 0x08: answer += [0, out.packet[8], out.packet[9]]
      default: break
      }
      owner.receive(answer, from: 0x30, now: now)
    }
    return said
  }

  @Test("It finds the port, sets its EID, gives the pool that is asked for, and tells routes")
  func assignment() {
    let route = Plan.Route(type: 3, count: 3, first: 0x50, address: [0x68])
    let owner = Bench.owner(Plan(grants: [Self.grant], routes: [route]))
    #expect(
      assign(owner) == [
        hex("01 00 08 C8 00 80 02"), hex("01 00 08 C9 00 81 01 00 14"),
        hex("01 14 08 C8 00 82 08 00 03 15"), hex("01 14 08 C9 00 83 09 01 03 03 50 68"),
      ])
    #expect(owner.allComplaints() == [])
    #expect(owner.drain(60 * Bench.second).isEmpty)
  }

  @Test("Who wants no pool gets none; who has one gets Allocate 00b again")
  func pools() {
    let none = Bench.owner(Plan(grants: [Self.grant]))
    #expect(assign(none, wish: "00", status: "00").count == 2)
    #expect(none.allComplaints() == [])
    let again = Bench.owner(Plan(grants: [Self.grant]))
    #expect(assign(again, status: "02").last == hex("01 14 08 C8 00 82 08 00 03 15"))
    let poor = Bench.owner(Plan(grants: [.init(address: 0x30, eid: 20)]))
    #expect(assign(poor).count == 2)
  }

  @Test("One update has the fifteen routes that fit 64 bytes")
  func manyRoutes() {
    let routes = (0..<20).map { Plan.Route(type: 0, count: 1, first: 100 + $0, address: [0x68]) }
    let owner = Bench.owner(Plan(grants: [.init(address: 0x30, eid: 20)], routes: routes))
    let update = assign(owner).last ?? []
    #expect(update.count == 4 + 64 && update[7] == 15)
    #expect(update.suffix(4) == [0, 1, 114, 0x68])
  }

  @Test("Force is a habit, as is asking from the null EID")
  func habits() {
    var habits = NeighbourHabits()
    habits.forces = true
    habits.asksFromNullEID = true
    let owner = Bench.owner(Plan(grants: [Self.grant]), habits: habits)
    #expect(
      assign(owner) == [
        hex("01 00 00 C8 00 80 02"), hex("01 00 00 C9 00 81 01 01 14"),
        hex("01 14 00 C8 00 82 08 01 03 15"),
      ])
  }

  @Test("Each request is sent four times, 300 ms apart, and all begins anew after 5 s")
  func repetitions() {
    let owner = Bench.owner(Plan(grants: [Self.grant]))
    var times: [UInt64] = []
    var now: UInt64 = 0
    while now < 7 * Bench.second {
      for packet in owner.drain(now) {
        #expect(Array(packet[0..<3]) == hex("01 00 08"))
        times.append(now / Bench.millisecond)
      }
      #expect((owner.nextDeadline ?? 0) > now)
      now = owner.nextDeadline ?? .max
    }
    #expect(times == [0, 300, 600, 900, 6_200, 6_500, 6_800])
  }

  @Test("Another plan is carried out at once, and so is the old one after a restart")
  func anew() {
    let owner = Bench.owner(Plan(grants: [Self.grant]))
    _ = assign(owner)
    owner.plan.grants[0].eid = 40
    owner.plan.grants[0].poolFirst = 41
    let said = assign(owner, eid: "28", status: "02", at: Bench.second)
    #expect(said.count == 3 && said.last?.suffix(4) == hex("08 00 03 29")[...])
    #expect(assign(owner, at: 2 * Bench.second).isEmpty)
    owner.restart(now: 3 * Bench.second)
    #expect(assign(owner, eid: "28", at: 3 * Bench.second).count == 3)
  }

  @Test("Discovery Notify is answered and makes it assign anew, unless it ignores it")
  func notify() {
    let owner = Bench.owner(Plan(grants: [Self.grant]))
    _ = assign(owner)
    owner.receive(hex("01 00 00 C8 00 80 0D"), from: 0x30, now: Bench.second)
    #expect(owner.nextPacket(now: Bench.second)?.packet == hex("01 00 08 C0 00 00 0D 00"))
    #expect(assign(owner, at: Bench.second).count == 3)
    owner.habits.assignsOnNotify = false
    #expect(
      owner.hear("01 00 00 C8 00 81 0D", from: 0x30, at: 2 * Bench.second) == [
        hex("01 00 08 C0 00 01 0D 00")
      ])
    owner.habits.ignoresNotify = true
    #expect(owner.hear("01 00 00 C8 00 82 0D", from: 0x30, at: 3 * Bench.second).isEmpty)
  }

  @Test("It polls the EID that it gave, if asked")
  func polls() {
    let owner = Bench.owner(Plan(grants: [Self.grant], pollMs: 1_000))
    _ = assign(owner)
    #expect(owner.drain(Bench.second - 1).isEmpty)
    let poll = owner.drain(Bench.second)
    #expect(poll.count == 1 && poll[0].prefix(3) == [1, 20, 8] && poll[0].last == 0x02)
    // Nobody answers: no repetition, and the next poll in time.
    #expect(owner.drain(2 * Bench.second - 1).isEmpty)
  }

  @Test("It answers as a bus owner: its type, and 0x05 to Set Endpoint ID, which is a complaint")
  func asked() {
    let owner = Bench.owner(Plan())
    #expect(owner.ask("00 80 02", from: 0x30) == [hex("00 00 02 00 08 12 00")])
    #expect(owner.ask("00 81 01 00 0B", from: 0x30) == [hex("00 01 01 05")])
    #expect(owner.allComplaints() == [NeighbourComplaint.setOfOwner])
  }

  @Test("What stands behind it echoes, and asks by the port that has the way")
  func remote() {
    let owner = Bench.owner(
      Plan(
        grants: [Self.grant, .init(address: 0x31, eid: 50)],
        remote: [.init(name: "far", staticEID: 90, messageTypes: [1])]))
    _ = owner.drain()
    #expect(owner.hear("01 5A 15 C8 01 07", from: 0x30) == [hex("01 15 5A C0 01 07")])
    #expect(owner.children[0].nextEcho()?.source == 21)
    _ = owner.children[0].request([1, 9], to: 50, timeoutMs: 100, now: 0)
    #expect(owner.nextPacket(now: 0)?.to == 0x31)
    _ = owner.children[0].request([1, 9], to: 24, timeoutMs: 100, now: 0)
    #expect(owner.nextPacket(now: 0)?.to == 0x30)
  }

  @Test("It judges the answers: reserved bits, impossible status, another EID, another pool")
  func judgement() {
    func complaints(_ answers: [String]) -> [String] {
      let owner = Bench.owner(Plan(grants: [Self.grant]))
      for (index, answer) in answers.enumerated() {
        guard let out = owner.nextPacket(now: 0) else { break }
        let flags = 0xC0 | out.packet[3] & 7
        let head: [UInt8] = [1, 8, 20, flags, 0, UInt8(index), out.packet[6]]
        owner.receive(head + hex(answer), from: 0x30, now: 0)
      }
      return owner.allComplaints()
    }
    let found = "00 00 10 00"
    #expect(complaints([found, "00 01 14 03", "00 00 03 15"]) == [])
    #expect(complaints(["00 00 D0 00"]) == [NeighbourComplaint.reservedBits])
    #expect(complaints(["00 00 20 00"]) == [NeighbourComplaint.answerStatus])
    #expect(complaints(["00 00 10"]) == [NeighbourComplaint.answerLength])
    #expect(complaints(["05 00"]) == [NeighbourComplaint.longError])
    #expect(complaints([found, "00 41 14 03"]) == [NeighbourComplaint.reservedBits])
    #expect(complaints([found, "00 03 14 03"]) == [NeighbourComplaint.answerStatus])
    #expect(complaints([found, "00 01 14 00"]) == [NeighbourComplaint.answerStatus])
    #expect(complaints([found, "00 01 15 03"]) == [NeighbourComplaint.otherSetting])
    #expect(complaints([found, "00 01 14 03", "00 00 00 15"]) == [NeighbourComplaint.otherPool])
    #expect(complaints([found, "00 01 14 03", "00 01 03 15"]) == [])
  }
}
