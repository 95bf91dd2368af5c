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
  }

  /// What occupies the wire: one winner, and who lost to it.
  struct Transfer: Sendable {
    let start: Instant
    let writes: [Write]
    /// In order of time.
    var outcomes: [Completion]
    /// The frame that reaches its targets, with their indices; empty when nobody takes it.
    let received: (frame: [UInt8], targets: [Int])
    let end: Instant

    var nextOutcomeAt: Instant? { outcomes.first?.at }

    mutating func takeOutcome(until now: Instant) -> Completion? {
      guard let first = outcomes.first, first.at <= now else { return nil }
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

  /// Puts `writes` on the wire at one instant and works out how that ends.
  mutating func begin(_ writes: [Write], at start: Instant) {
    var outcomes: [Completion] = []
    for write in writes where write.fault == .arbitrationLost {
      outcomes.append(
        Completion(
          controller: write.controller, result: .arbitrationLost,
          at: clock.instant(clocks(bytes: 1), after: start)))
    }
    var end = clock.instant(clocks(bytes: 1), after: start)
    var received: (frame: [UInt8], targets: [Int]) = ([], [])
    let (winners, losers) = arbitrate(writes.filter { $0.fault != .arbitrationLost })
    if let winner = winners.first {
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
    outcomes.sort { ($0.at, $0.controller.index) < ($1.at, $1.controller.index) }
    idleSince = nil
    transfer = Transfer(
      start: start, writes: writes, outcomes: outcomes, received: received, end: end)
  }

  private func clocks(bytes: Int) -> Int { 2 + 9 * bytes }

  /// Bytewise arbitration: whoever sends more than the lowest byte leaves after that byte.
  ///
  /// Choice: a frame that is the beginning of a longer one wins over it; the I2C specification
  /// leaves STOP against data undefined. Equal frames do not notice each other and all go out.
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
    let addressed = members.indices.filter {
      members[$0].isAttached && members[$0].address == address && $0 != write.controller.index
    }
    guard isWrite, !addressed.isEmpty, write.fault != .nak else {
      return (.addressNotAcknowledged, 1, [])
    }
    var takenBytes = 1
    var targets: [Int] = []
    for index in addressed {
      let member = members[index]
      let hasRoom = member.receptions.count < member.receptionsMax
      let takes = hasRoom ? min(member.frameByteCountMax, write.frame.count) : 1
      takenBytes = max(takenBytes, takes)
      if hasRoom && takes == write.frame.count { targets.append(index) }
    }
    guard takenBytes == write.frame.count else {
      return (.dataNotAcknowledged, takenBytes + 1, [])
    }
    return (.sent, write.frame.count, targets)
  }

  /// Hands a finished transfer's frame to its targets that are still there.
  mutating func deliver(_ transfer: Transfer) {
    for index in transfer.received.targets where members[index].isAttached {
      members[index].receptions.append(transfer.received.frame)
    }
  }
}
