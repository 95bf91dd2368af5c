import MCTPNeighbours
import TestSupport
import Testing

@Suite("Habits of neighbours")
struct NeighbourHabitsTests {
  private func device(eid: UInt8 = 9, _ change: (inout NeighbourHabits) -> Void) -> Neighbour {
    var habits = NeighbourHabits()
    change(&habits)
    return Bench.device(eid: eid, habits: habits)
  }

  /// All packets and their times, with `nextDeadline` as the only clock.
  private func run(_ neighbour: Neighbour, until end: UInt64) -> [(at: UInt64, packet: [UInt8])] {
    var said: [(at: UInt64, packet: [UInt8])] = []
    var now: UInt64 = 0
    while now <= end {
      for packet in neighbour.drain(now) { said.append((now, packet)) }
      guard let next = neighbour.nextDeadline else { break }
      #expect(next > now)
      now = next
    }
    return said
  }

  @Test("The plainest neighbour answers always, at once, and sends nothing by itself")
  func plain() {
    let habits = NeighbourHabits.plain
    #expect(habits.answers == .always)
    #expect(habits.answerDelayMs == 0)
    #expect(habits.floodPerSecond == 0 && habits.notifyPerSecond == 0 && habits.asksEveryMs == 0)
    let device = Bench.device(eid: 9)
    device.advance(to: 100 * Bench.second)
    #expect(device.nextDeadline == nil)
    #expect(device.nextPacket(now: 100 * Bench.second) == nil)
    #expect(device.nextGarbageFrame(now: 100 * Bench.second) == nil)
  }

  @Test("Never, twice, not each third")
  func answers() {
    func counts(_ answers: NeighbourHabits.Answers) -> [Int] {
      let device = device { $0.answers = answers }
      return (0..<6).map { device.ask("00 8\($0) 02").count }
    }
    #expect(counts(.always) == [1, 1, 1, 1, 1, 1])
    #expect(counts(.never) == [0, 0, 0, 0, 0, 0])
    #expect(counts(.twice) == [2, 2, 2, 2, 2, 2])
    #expect(counts(.notEach(3)) == [1, 1, 0, 1, 1, 0])
  }

  @Test("An answer that is late leaves so much later")
  func delay() {
    let device = device { $0.answerDelayMs = 250 }
    device.receive(hex("01 09 08 C8 00 80 02"), from: nil, now: 5)
    #expect(device.drain(5).isEmpty)
    #expect(device.nextDeadline == 250 * Bench.millisecond + 5)
    #expect(device.drain(250 * Bench.millisecond + 4).isEmpty)
    #expect(device.drain(250 * Bench.millisecond + 5).count == 1)
  }

  @Test("Answers that are too long or too short")
  func lengths() {
    let long = device { $0.trailingByteCount = 3 }
    #expect(long.ask("00 80 02") == [hex("00 00 02 00 09 02 00 00 00 00")])
    #expect(long.hear("01 09 08 C8 01 02") == [hex("01 08 09 C0 01 02")])
    let short = device { $0.missingByteCount = 2 }
    #expect(short.ask("00 80 02") == [hex("00 00 02 00 09")])
    let bare = device { $0.missingByteCount = 200 }
    #expect(bare.ask("00 80 02") == [hex("00 00 02 00")])
    let full = device { $0.trailingByteCount = 255 }
    #expect(full.ask("00 80 02")[0].count == 64)
  }

  @Test("Errors at times, and at the beginning")
  func errors() {
    let each = device {
      $0.errorEach = 2
      $0.errorCode = 0x01
    }
    #expect((0..<4).map { each.ask("00 8\($0) 02")[0][3] } == [0, 1, 0, 1])
    let slow = device { $0.notReadyMs = 1_000 }
    #expect(slow.ask("00 80 05") == [hex("00 00 05 04")])
    #expect(slow.ask("00 81 02")[0][3] == 0)
    #expect(slow.ask("00 82 05", at: Bench.second)[0][3] == 0)
    slow.restart(now: 2 * Bench.second)
    #expect(slow.ask("00 83 05", at: 2 * Bench.second) == [hex("00 03 05 04")])
  }

  @Test("Set Endpoint ID refused, rejected, accepted with another setting")
  func setAnswers() {
    let refuser = device { $0.setRefusal = 0x01 }
    #expect(refuser.ask("00 80 01 00 42") == [hex("00 00 01 01")])
    let keeper = device { $0.keepsStaticEID = true }
    #expect(keeper.ask("00 80 01 01 42") == [hex("00 00 01 00 10 09 00")])
    #expect(refuser.eid == 9 && keeper.eid == 9)
    let liar = device { $0.setSetting = 0x07 }
    #expect(liar.ask("00 80 01 00 42") == [hex("00 00 01 00 00 07 00")])
    #expect(liar.eid == 0x42)
    let shifted = device(eid: 0) { $0.reportedEIDOffset = 3 }
    #expect(shifted.ask("00 80 02") == [hex("00 00 02 00 00 00 00")])
    #expect(shifted.ask("00 81 01 00 FD") == [hex("00 01 01 00 00 09 00")])
    #expect(shifted.ask("00 82 02") == [hex("00 02 02 00 09 00 00")])
    #expect(shifted.eid == 0xFD)
  }

  @Test("An EID over a restart, and one that is forgotten")
  func eids() {
    let plain = device(eid: 0) { _ in }
    let keeper = device(eid: 0) { $0.keepsEIDOverRestart = true }
    for device in [plain, keeper] {
      _ = device.ask("00 81 01 00 42")
      device.restart(now: 1)
    }
    #expect(plain.eid == 0 && keeper.eid == 0x42)
    let forgetful = device(eid: 0) { $0.forgetsEIDEveryMs = 1_000 }
    _ = forgetful.ask("00 81 01 00 42")
    forgetful.advance(to: 0)
    #expect(forgetful.nextDeadline == Bench.second)
    forgetful.advance(to: Bench.second)
    #expect(forgetful.eid == 0)
    _ = forgetful.ask("00 82 01 00 42", at: Bench.second)
    #expect(forgetful.eid == 0x42)
    forgetful.advance(to: 2 * Bench.second)
    #expect(forgetful.eid == 0)
  }

  @Test("Another device in its place has another UUID and other types, and the EID of power-on")
  func exchange() {
    let device = Bench.device(uuid: Bench.uuid)
    _ = device.ask("00 80 01 00 42")
    let other = [UInt8](repeating: 7, count: 16)
    device.exchange(uuid: other, messageTypes: [5], now: 1)
    #expect(device.eid == 0)
    #expect(device.ask("00 81 03", at: 1) == [hex("00 01 03 00") + other])
    #expect(device.ask("00 82 05", at: 1) == [hex("00 02 05 00 02 00 05")])
  }

  @Test("Who learns its owner from Set Endpoint ID says nothing else before")
  func needsSet() {
    let device = device { $0.needsSetEndpointID = true }
    #expect(device.ask("00 80 05").isEmpty)
    #expect(device.hear("01 09 08 C8 01 02").isEmpty)
    #expect(device.request([1], to: 20, timeoutMs: 10, now: 0) == nil)
    #expect(device.ask("00 81 02").count == 1)
    #expect(device.ask("00 82 01 00 09").count == 1)
    #expect(device.ask("00 83 05").count == 1)
    #expect(device.hear("01 09 08 C8 01 02").count == 1)
    device.restart(now: 1)
    #expect(device.ask("00 84 05", at: 1).isEmpty)
  }

  @Test("Discovery Notify, so often, from the null EID or its own")
  func notify() {
    let said = run(device { $0.notifyPerSecond = 10 }, until: Bench.second)
    #expect(said.map(\.at) == (1...10).map { UInt64($0) * 100 * Bench.millisecond })
    #expect(said[0].packet == hex("01 00 00 CF 00 80 0D"))
    #expect(said[1].packet == hex("01 00 09 CF 00 81 0D"))
  }

  @Test("A flood keeps its rate, its size and a tag of its own, and gives way to answers")
  func flood() {
    let device = device {
      $0.floodPerSecond = 1_000
      $0.floodDestination = 20
      $0.floodByteCount = 64
    }
    let said = run(device, until: Bench.second)
    #expect(said.count == 1_000)
    for one in said {
      #expect(one.packet.count == 68 && Array(one.packet[0..<3]) == [1, 20, 9])
      #expect(one.packet[3] & 0xCF == 0xCF && one.packet[4] == 0x7E)
    }
    for _ in 0..<7 {
      #expect(device.request([1], to: 20, timeoutMs: 1_000, now: 2 * Bench.second) != nil)
    }
    #expect(device.request([1], to: 20, timeoutMs: 1_000, now: 2 * Bench.second) == nil)
    #expect(device.drain(2 * Bench.second, limit: 7).allSatisfy { $0[3] != 0xCF })
    // A second nobody took anything: it does not catch up with all of it.
    #expect(device.drain(3 * Bench.second).count < 20)
  }

  @Test("A spoofed source is on each of its packets, garbage is random, frames of it are no frames")
  func spoofAndGarbage() {
    let spoofer = device {
      $0.spoofPerSecond = 4
      $0.spoofedSource = 0x33
      $0.spoofDestination = 0x44
    }
    let spoofed = run(spoofer, until: Bench.second)
    #expect(spoofed.count == 4)
    #expect(spoofed.allSatisfy { Array($0.packet[0..<4]) == [1, 0x44, 0x33, 0xCD] })
    let garbage = run(device { $0.garbagePerSecond = 50 }, until: Bench.second)
    #expect(garbage.count == 50)
    #expect(garbage.allSatisfy { (4...68).contains($0.packet.count) })
    #expect(Set(garbage.map(\.packet)).count == 50)
    let bridge = Bench.bridge(children: 0)
    bridge.habits.garbageFramesPerSecond = 100
    var frames = 0
    for step in 0..<1_000 {
      while let frame = bridge.nextGarbageFrame(now: UInt64(step) * Bench.millisecond) {
        frames += 1
        #expect(frame[0] == 0x60 && NeighbourSMBus.packet(frame, own: 0x30) == nil)
      }
    }
    #expect(frames == 99)
  }

  @Test("No broken message is taken by a strict receiver; each kind comes")
  func broken() {
    let device = device {
      $0.brokenMessagesPerSecond = 100
      $0.floodDestination = 20
    }
    let receiver = Bench.device(eid: 20, types: [0x7E])
    let said = run(device, until: Bench.second)
    var starts = 0
    for one in said {
      #expect(Array(one.packet[1..<3]) == [20, 9] && one.packet[3] & 0x0F == 0x0E)
      if one.packet[3] & 0x80 != 0 { starts += 1 }
      receiver.receive(one.packet, from: nil, now: one.at)
    }
    #expect(starts == 100 && said.count == 240)
    #expect(receiver.nextEcho() == nil)
    #expect(receiver.drain(Bench.second).isEmpty)
  }

  @Test("It asks one thing after the other, pages too, and hands the answers to the world")
  func asks() {
    let device = device { $0.asksEveryMs = 100 }
    var said: [[UInt8]] = []
    var now: UInt64 = 0
    while said.count < 20, now < 100 * Bench.second {
      for packet in device.drain(now) {
        said.append(packet)
        #expect(packet[3] & 0xF8 == 0xC8 && packet[2] == 9)
        guard packet[5] & 0x40 == 0 else { continue }
        let next: UInt8 = packet[6] == 0x0A && packet[7] == 0 ? 5 : 0xFF
        var answer: [UInt8] = [1, 9, 8, 0xC0 | packet[3] & 7, 0, packet[5] & 0x1F, packet[6]]
        answer += packet[6] == 0x0A ? [0, next, 0] : [5]
        device.receive(answer, from: nil, now: now)
      }
      now = device.nextDeadline ?? .max
    }
    #expect(
      said.prefix(15).map { $0[6] } == [
        7, 0x0F, 0x0A, 0x0A, 4, 4, 4, 5, 6, 2, 3, 0x0E, 0x14, 2, 2,
      ])
    #expect(said[3][7] == 5)
    #expect(said.prefix(15).map { $0[1] } == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF])
    #expect(said[14][5] & 0xC0 == 0xC0)
    var answers = 0
    while let answer = device.nextAnswer() {
      answers += 1
      #expect(answer.answer?[2] == answer.question[2])
    }
    #expect(answers == 19)
    #expect(device.allComplaints() == [])
  }

  @Test("A question without an answer is told after a second")
  func unanswered() {
    let device = device { $0.asksEveryMs = 100 }
    device.advance(to: 0)
    #expect(device.drain(100 * Bench.millisecond).count == 1)
    #expect(device.drain(1_100 * Bench.millisecond - 1).isEmpty)
    #expect(device.nextAnswer() == nil)
    device.advance(to: 1_100 * Bench.millisecond)
    let answer = device.nextAnswer()
    #expect(answer != nil && answer?.answer == nil && answer?.at == 1_100 * Bench.millisecond)
  }
}
