import BusIO
import MCTPWire
import TestSupport
import Testing

/// A mux with one device a leg, all with the same address, in steps of a millisecond. The mux stays
/// where the last write put it, and a device whose leg is not selected when its answer is ready is
/// not acknowledged and gives up.
private struct MuxModel {
  struct Outcome {
    var answers = 0
    /// Answers that were ready within the hold and were not heard.
    var lostInTime = 0
    /// Packets that a port delivered though another leg's device sent them.
    var misplaced = 0
    var accepted = [0, 0, 0]
    var finished = [0, 0, 0]
    var expired: UInt64 = 0
    var waitMaxMs: UInt64 = 0
  }

  private struct Answer {
    let leg: Int
    let tag: UInt8
    let dueMs: Int
    let isInTime: Bool
  }

  private struct Leg {
    /// The packet in the port's hands, and how often it was tried.
    var packet: [UInt8]?
    var attempts = 0
    var writeEndMs: Int?
    /// When each tag may be used again at the latest.
    var tagBusyUntilMs = [Int](repeating: 0, count: 8)
    var isDown = false
  }

  private let bench: MuxBench
  private var random: MuxRandom
  private var legs = [Leg](repeating: Leg(), count: 3)
  private var answers: [Answer] = []
  private var writesSeen = 0
  private var selected: Int?
  private var ms = 0
  private(set) var outcome = Outcome()

  init(seed: UInt64, isScheduled: Bool) {
    bench = MuxBench(legCount: 3, isScheduled: isScheduled)
    random = MuxRandom(state: seed)
  }

  static func run(seed: UInt64, isScheduled: Bool) -> Outcome {
    var model = MuxModel(seed: seed, isScheduled: isScheduled)
    for _ in 0..<12_000 { model.step(isBusy: true) }
    for _ in 0..<1_000 { model.step(isBusy: false) }
    for leg in 0..<3 {
      model.outcome.expired += model.bench.counter(leg, "mux-expired") ?? 0
      model.outcome.waitMaxMs = max(
        model.outcome.waitMaxMs, model.bench.counter(leg, "mux-wait-max-ms") ?? 0)
    }
    return model.outcome
  }

  private mutating func step(isBusy: Bool) {
    ms += 1
    bench.now = bench.now.advanced(byMs: 1)
    devicesAnswer()
    for leg in 0..<3 {
      if isBusy { plug(leg) }
      endWrite(leg)
    }
    service()
    for leg in 0..<3 { transmit(leg, mayBeNew: isBusy) }
    service()
  }

  private mutating func devicesAnswer() {
    for answer in answers where answer.dueMs <= ms && !legs[answer.leg].isDown {
      outcome.answers += 1
      if selected == answer.leg {
        let packet: [UInt8] = [1, 8, 0x20 + UInt8(answer.leg), 0xC0 | answer.tag, 1]
        bench.receiver.frames.append(smbusFrame(packet, to: 0x10, from: 0x1D))
        legs[answer.leg].tagBusyUntilMs[Int(answer.tag)] = 0
      } else if answer.isInTime {
        outcome.lostInTime += 1
      }
    }
    answers.removeAll { $0.dueMs <= ms }
  }

  /// Devices of the system come and go.
  private mutating func plug(_ leg: Int) {
    let oneIn = legs[leg].isDown ? 200 : 4_000
    guard Int.random(in: 0..<oneIn, using: &random) == 0 else { return }
    bench.links[leg].isPresent.toggle()
    legs[leg].isDown = !bench.links[leg].isPresent
    if legs[leg].isDown {
      legs[leg].writeEndMs = nil
      answers.removeAll { $0.leg == leg }
    }
  }

  private mutating func endWrite(_ leg: Int) {
    guard let end = legs[leg].writeEndMs, end <= ms, let packet = legs[leg].packet else { return }
    legs[leg].writeEndMs = nil
    let isSent = Int.random(in: 0..<10, using: &random) > 1
    bench.links[leg].result = isSent ? .sent : .addressNotAcknowledged
    guard isSent, Int.random(in: 0..<10, using: &random) > 0 else { return }
    let isSlow = Int.random(in: 0..<4, using: &random) == 0
    let delayMs = Int.random(in: 1..<(isSlow ? 500 : 50), using: &random)
    answers.append(
      Answer(leg: leg, tag: packet[3] & 7, dueMs: ms + delayMs, isInTime: delayMs < 300))
  }

  /// The loop: ports, results, retries as the engine does them, then what began to be written.
  private mutating func service() {
    for leg in 0..<3 {
      bench.ports[leg].service(now: bench.now, sink: bench.sinks[leg])
      collect(leg)
    }
    bench.turn()
    for leg in 0..<3 { collect(leg) }
    seeWrites()
  }

  private mutating func collect(_ leg: Int) {
    for event in bench.events(leg) {
      if event.hasPrefix("packet") {
        if !event.hasPrefix("packet 1d: 01 08 2\(leg)") { outcome.misplaced += 1 }
      } else if event.hasPrefix("finished") {
        outcome.finished[leg] += 1
        let isTriedAgain = event == "finished addressNotAcknowledged" && legs[leg].attempts < 12
        if !isTriedAgain { legs[leg].packet = nil }
        if isTriedAgain { transmit(leg, mayBeNew: false) }
      }
    }
  }

  private mutating func transmit(_ leg: Int, mayBeNew: Bool) {
    guard bench.ports[leg].hasCredit else { return }
    if legs[leg].packet == nil {
      let isWanted = Int.random(in: 0..<40, using: &random) == 0
      let busy = legs[leg].tagBusyUntilMs.filter { $0 > ms }.count
      guard mayBeNew, isWanted, busy < 4,
        let tag = legs[leg].tagBusyUntilMs.firstIndex(where: { $0 <= ms })
      else { return }
      legs[leg].tagBusyUntilMs[tag] = ms + 2_000
      legs[leg].packet = [1, 0x20 + UInt8(leg), 8, 0xC8 | UInt8(tag), 1]
      legs[leg].attempts = 0
    }
    guard let packet = legs[leg].packet else { return }
    legs[leg].attempts += 1
    outcome.accepted[leg] += 1
    bench.ports[leg].transmit(packet.span, to: .i2c(0x1D), now: bench.now)
    seeWrites()
  }

  private mutating func seeWrites() {
    while writesSeen < bench.writes.count {
      let leg = bench.writes[writesSeen].leg
      selected = leg
      legs[leg].writeEndMs = ms + Int.random(in: 1...3, using: &random)
      writesSeen += 1
    }
  }
}

@Suite("A model of a mux under random traffic")
struct I2CMuxModelTests {
  @Test("No answer that is ready within the hold is lost or misplaced", arguments: 1...4)
  func scheduled(_ seed: Int) {
    let outcome = MuxModel.run(seed: UInt64(seed), isScheduled: true)
    #expect(outcome.answers > 50)
    #expect(outcome.lostInTime == 0)
    #expect(outcome.misplaced == 0)
    #expect(outcome.accepted == outcome.finished)
    // Devices that answer late or never are in the run, so the hold ends without them too.
    #expect(outcome.expired > 0)
    // Two other legs with a hold and a round of retries each.
    #expect(outcome.waitMaxMs > 0 && outcome.waitMaxMs < 2_000)
  }

  @Test("Without turns the same traffic loses answers")
  func unscheduled() {
    let outcome = MuxModel.run(seed: 1, isScheduled: false)
    #expect(outcome.answers > 50)
    #expect(outcome.lostInTime > 10)
    #expect(outcome.accepted == outcome.finished)
  }
}
