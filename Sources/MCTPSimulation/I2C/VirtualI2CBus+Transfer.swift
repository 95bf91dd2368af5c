// Arbitration, acknowledgement and timing of one transfer: one clock for START, nine a byte, one
// for STOP. Choice: the free time between STOP and the next START is not counted; it is below one
// clock at every SMBus rate.

internal import MCTPWire

extension VirtualI2CBus {
  enum Fault: Sendable { case none, nak, arbitrationLost, corrupt }

  /// A write that a controller wants on the wire.
  struct Write: Sendable {
    let controller: Node
    let frame: [UInt8]
    let fault: Fault
    let fate: FrameFate
  }

  /// What occupies the wire: one winner, and who lost to it.
  struct Transfer: Sendable {
    let start: Instant
    let writes: [Write]
    /// In order of time.
    var outcomes: [Completion]
    /// The frame that reaches its targets, with their indices; empty when nobody takes it.
    var received: (frame: [UInt8], targets: [Int])
    /// The winner's.
    let fate: FrameFate
    let end: Instant

    var nextOutcomeAt: Instant? { outcomes.first?.at }

    mutating func takeOutcome(until now: Instant) -> Completion? {
      guard let at = nextOutcomeAt, at <= now else { return nil }
      return outcomes.removeFirst()
    }
  }

  /// The fault that hits the write `node` starts now; counts the write for each armed fault.
  mutating func nextFault(of node: Node) -> Fault {
    let faults = members[node.index].faults
    let isNAK = members[node.index].nakCounter.hits(every: faults.nakEvery)
    let isLost = members[node.index].arbitrationCounter.hits(every: faults.arbitrationLostEvery)
    let isCorrupt = members[node.index].corruptCounter.hits(every: faults.corruptEvery)
    return isLost ? .arbitrationLost : isNAK ? .nak : isCorrupt ? .corrupt : .none
  }

  /// A write with what goes wrong with it: what is armed on the node, else what the wire does.
  mutating func nextWrite(of node: Node, _ frame: [UInt8]) -> Write {
    let armed = nextFault(of: node)
    guard armed == .none else {
      return Write(controller: node, frame: frame, fault: armed, fate: .perfect)
    }
    let fate = impairment.next(.i2cWrite)
    let fault: Fault
    switch fate.hit {
    case .arbitrationLost: fault = .arbitrationLost
    case .notAcknowledged: fault = .nak
    default: fault = .none
    }
    // These two happen to this controller whoever else is there; the others to the frame of who
    // wins, and are counted with it.
    if fate.hit == .arbitrationLost || fate.hit == .held { impairment.count(fate.hit) }
    return Write(controller: node, frame: frame, fault: fault, fate: fate)
  }

  /// Puts `writes` on the wire at one instant and works out how that ends.
  mutating func begin(_ writes: [Write], at instant: Instant) {
    // Who holds the clock low holds everybody up.
    var holdNanoseconds: UInt64 = 0
    var hasLost = false
    for write in writes {
      holdNanoseconds = max(holdNanoseconds, write.fate.holdNanoseconds)
      if write.fault == .arbitrationLost { hasLost = true }
    }
    let start = instant.advanced(byNanoseconds: holdNanoseconds)
    var outcomes: [Completion] = []
    var racing = writes
    if hasLost {
      for write in writes where write.fault == .arbitrationLost {
        outcomes.append(
          Completion(
            controller: write.controller, result: .arbitrationLost,
            at: clock.instant(clocks(bytes: 1), after: start)))
      }
      racing.removeAll { $0.fault == .arbitrationLost }
    }
    var end = clock.instant(clocks(bytes: 1), after: start)
    var received: (frame: [UInt8], targets: [Int]) = ([], [])
    var fate = FrameFate.perfect
    let (winners, losers) = arbitrate(racing)
    if let winner = winners.first {
      fate = winner.fate
      let (result, byteCount, targets) = acknowledge(winner)
      end = clock.instant(clocks(bytes: byteCount), after: start)
      for same in winners {
        outcomes.append(Completion(controller: same.controller, result: result, at: end))
      }
      for (loser, byte) in losers {
        // A refusal before the first difference is everybody's.
        let sharesEnd = byte >= byteCount
        outcomes.append(
          Completion(
            controller: loser.controller,
            result: sharesEnd && result != .sent ? result : .arbitrationLost,
            at: sharesEnd ? end : clock.instant(1 + 9 * (byte + 1), after: start)))
      }
      if result == .sent {
        let isCorrupt = winner.fault == .corrupt
        received.targets = targets
        received.frame =
          isCorrupt
          ? winner.frame.flippingOneBit(keepFirst: 1, using: &generator) : winner.frame
      }
    }
    if outcomes.count > 1 {
      outcomes.sort { ($0.at, $0.controller.index) < ($1.at, $1.controller.index) }
    }
    idleSince = nil
    transfer = Transfer(
      start: instant, writes: writes, outcomes: outcomes, received: received, fate: fate,
      end: end)
  }

  private func clocks(bytes: Int) -> Int { 2 + 9 * bytes }

  /// Bytewise arbitration: whoever sends more than the lowest byte leaves after that byte.
  ///
  /// Choice: a frame that is the beginning of a longer one wins over it; the I2C specification
  /// leaves STOP against data undefined. Equal frames do not notice each other: they are one frame
  /// on the wire, which has the first one's fault and fate, and all end as it does. A fault that
  /// was armed for another of them has no effect.
  ///
  /// - Returns: who stays to the end, and who leaves after which byte.
  private func arbitrate(_ writes: [Write]) -> (
    winners: [Write], losers: [(write: Write, byte: Int)]
  ) {
    var racing = writes
    var losers: [(write: Write, byte: Int)] = []
    var index = 0
    while racing.count > 1, !racing.allSatisfy({ $0.frame.count == index }) {
      // A frame that is over counts as lower than every byte.
      let values = racing.map { index < $0.frame.count ? Int($0.frame[index]) : -1 }
      let lowest = values.min() ?? 0
      for (write, value) in zip(racing, values) where value > lowest {
        losers.append((write, index))
      }
      racing = zip(racing, values).filter { $0.1 == lowest }.map(\.0)
      index += 1
    }
    return (racing, losers)
  }

  /// Who takes the winner's frame, and after how many bytes it ends.
  ///
  /// A target without room refuses the first data byte; one whose buffer is too short refuses the
  /// first byte past its end. Where several share an address, one that acknowledges hides the
  /// others' refusal, because a 0 on the wire beats a 1.
  private func acknowledge(_ write: Write) -> (
    TransmissionResult, byteCount: Int, targets: [Int]
  ) {
    let address = write.frame[0] >> 1
    let isWrite = write.frame[0] & 1 == 0
    var addressed: [Int] = []
    for index in members.indices
    where members[index].address == address && members[index].isOnWire
      && index != write.controller.index
    {
      addressed.append(index)
    }
    guard isWrite, !addressed.isEmpty, write.fault != .nak,
      members[write.controller.index].isReachable
    else {
      return (.addressNotAcknowledged, 1, [])
    }
    var takenBytes = 1
    var targets: [Int] = []
    for index in addressed {
      let hasRoom = members[index].receptions.count < members[index].receptionsMax
      let takes = hasRoom ? min(members[index].frameByteCountMax, write.frame.count) : 1
      takenBytes = max(takenBytes, takes)
      if hasRoom && takes == write.frame.count { targets.append(index) }
    }
    guard takenBytes == write.frame.count else {
      return (.dataNotAcknowledged, takenBytes + 1, [])
    }
    return (.sent, write.frame.count, targets)
  }

  /// Hands a finished transfer's frame to its targets, as its fate is.
  mutating func deliver(_ transfer: Transfer) {
    let fate = transfer.fate
    if fate.hit == .notAcknowledged { impairment.count(fate.hit) }
    guard !transfer.received.targets.isEmpty else { return }
    var frame = transfer.received.frame
    switch fate.hit {
    case .lost:
      impairment.count(.lost)
      return
    case .damaged where frame.count > 1:
      frame = fate.flippingBits(of: frame, keepFirst: 1)
      // The frame may have been damaged before, and this the cure.
      frame.spoilSMBusFrame()
      impairment.count(.damaged)
    case .duplicated: impairment.count(.duplicated)
    default: break
    }
    let arriving = LateFrame(
      at: impairment.arrival(of: fate, at: transfer.end), frame: frame,
      targets: transfer.received.targets, copyCount: fate.copyCount)
    if arriving.at <= transfer.end {
      hand(arriving)
    } else if late.count < Self.lateFramesMax {
      late.append(arriving)
    } else {
      impairment.counts.overruns += arriving.targets.count * arriving.copyCount
    }
  }

  mutating func deliverLate(until instant: Instant) {
    while let at = late.first?.at, at <= instant { hand(late.removeFirst()) }
  }

  /// What is on its way to a node that leaves does not wait for its next life.
  mutating func forgetUnderWay(to node: Node) {
    if let index = transfer?.received.targets.firstIndex(of: node.index) {
      transfer?.received.targets.remove(at: index)
      impairment.counts.gone += 1
    }
    for place in late.indices {
      guard let index = late[place].targets.firstIndex(of: node.index) else { continue }
      late[place].targets.remove(at: index)
      impairment.counts.gone += late[place].copyCount
    }
    late.removeAll { $0.targets.isEmpty }
  }

  /// To those targets that are still there. The first copy of a frame that is not late has its
  /// room: the target said so when it acknowledged.
  private mutating func hand(_ arriving: LateFrame) {
    for index in arriving.targets {
      guard members[index].isOnWire else {
        impairment.counts.gone += arriving.copyCount
        continue
      }
      for _ in 0..<arriving.copyCount {
        if members[index].receptions.count < members[index].receptionsMax {
          members[index].receptions.append(arriving.frame)
          receptionCount += 1
        } else {
          impairment.counts.overruns += 1
        }
      }
    }
  }
}
