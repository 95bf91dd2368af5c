// What a transfer on the virtual I3C bus costs and does: one clock for START, repeated START and
// STOP, nine a byte (eight bits and the acknowledge or transition bit).

internal import MCTPWire

extension VirtualI3CBus {
  /// Gives the free wire to the interrupt with the lowest dynamic address, else to the
  /// controller: a target's address arbitrates below the controller's 0x7E.
  mutating func useFreeBus(at start: Instant) {
    guard activity == nil else { return }
    if let index = members.firstIndex(where: { $0.wantsInterrupt && $0.interruptsEnabled }) {
      members[index].wantsInterrupt = false
      let at = clock.instant(2 + 9 * 2, after: start)
      members[index].announcedAt = at
      let period = members[index].faults.loseInterruptEvery
      var isLost = members[index].interruptCounter.hits(every: period)
      if !isLost, impairment.losesInterrupt() {
        isLost = true
        reannounce(index, after: at)
      }
      activity = .interrupt(
        Interrupt(
          dynamicAddress: members[index].dynamicAddress, mandatoryByte: Self.mctpMandatoryByte,
          at: at),
        isLost: isLost)
    } else if let (transfer, address) = waiting {
      waiting = nil
      begin(transfer, to: address, at: start)
    }
  }

  private mutating func begin(_ transfer: Transfer, to address: UInt8, at instant: Instant) {
    guard let index = index(at: address),
      !members[index].nakCounter.hits(every: members[index].faults.nakEvery)
    else {
      finish(.addressNotAcknowledged, clocks: 2 + 9, start: instant)
      return
    }
    let fate = nextFate(of: transfer)
    let start = instant.advanced(byNanoseconds: fate.holdNanoseconds)
    if fate.hit == .notAcknowledged {
      if case .read = transfer, !members[index].outgoing.isEmpty { reannounce(index, after: start) }
      finish(.addressNotAcknowledged, clocks: 2 + 9, start: start)
      return
    }
    switch transfer {
    case .write(let bytes): beginWrite(bytes, to: index, fate, start: start)
    case .read(let byteCountMax): beginRead(byteCountMax, from: index, fate, start: start)
    case .directGet(let command):
      let bytes = value(of: command, index)
      finish(.sent, bytes: bytes, clocks: 3 + 9 * (3 + bytes.count), start: start)
    case .directSet(let command, let bytes):
      finish(
        .sent, clocks: 3 + 9 * (3 + bytes.count), start: start,
        effect: .set(life: members[index].life, command, bytes))
    }
  }

  /// Draws it, and counts what happens in any case.
  private mutating func nextFate(of transfer: Transfer) -> FrameFate {
    let fate: FrameFate
    switch transfer {
    case .write: fate = impairment.next(.i3cWrite)
    case .read: fate = impairment.next(.i3cRead)
    case .directGet(.getStatus): fate = impairment.next(.i3cStatus)
    case .directGet, .directSet: fate = .perfect
    }
    if fate.hit == .notAcknowledged || fate.hit == .held { impairment.count(fate.hit) }
    return fate
  }

  /// A target without room does not acknowledge its address; one cannot refuse data in I3C, so
  /// that what is past its maximum write length is lost.
  private mutating func beginWrite(
    _ bytes: [UInt8], to index: Int, _ fate: FrameFate, start: Instant
  ) {
    guard members[index].incoming.count < members[index].framesMax else {
      finish(.addressNotAcknowledged, clocks: 2 + 9, start: start)
      return
    }
    var arriving = Array(bytes.prefix(members[index].target.maxWriteByteCount))
    if members[index].corruptCounter.hits(every: members[index].faults.corruptEvery) {
      arriving = arriving.flippingOneBit(keepFirst: 0, using: &generator)
    } else {
      damage(&arriving, of: index, fate, isRead: false)
    }
    if fate.hit == .lost || fate.hit == .duplicated { impairment.count(fate.hit) }
    finish(
      .sent, clocks: 2 + 9 * (1 + bytes.count), start: start,
      effect: .write(life: members[index].life, arriving, copyCount: fate.copyCount))
  }

  private mutating func damage(
    _ bytes: inout [UInt8], of index: Int, _ fate: FrameFate, isRead: Bool
  ) {
    guard fate.hit == .damaged, !bytes.isEmpty else { return }
    bytes = fate.flippingBits(of: bytes, keepFirst: 0)
    // The frame may have been damaged before, and this the cure.
    bytes.spoilI3CFrame(dynamicAddress: members[index].dynamicAddress, isRead: isRead)
    impairment.count(.damaged)
  }

  /// A target with nothing to send does not acknowledge; one with less than `byteCountMax` ends
  /// early; what a shorter read leaves behind is lost.
  private mutating func beginRead(
    _ byteCountMax: Int, from index: Int, _ fate: FrameFate, start: Instant
  ) {
    guard let frame = members[index].outgoing.first else {
      members[index].announcedAt = nil
      finish(.addressNotAcknowledged, clocks: 2 + 9, start: start)
      return
    }
    var bytes = Array(
      frame.prefix(min(max(byteCountMax, 1), members[index].target.maxReadByteCount)))
    let byteCount = bytes.count
    if members[index].corruptCounter.hits(every: members[index].faults.corruptEvery) {
      bytes = bytes.flippingOneBit(keepFirst: 0, using: &generator)
    } else {
      damage(&bytes, of: index, fate, isRead: true)
    }
    finish(
      .sent, bytes: bytes, clocks: 2 + 9 * (1 + byteCount), start: start,
      effect: .read(life: members[index].life))
  }

  private mutating func finish(
    _ result: TransmissionResult, bytes: [UInt8] = [], clocks: Int, start: Instant,
    effect: Effect = .none
  ) {
    activity = .transfer(
      Completion(result: result, bytes: bytes, at: clock.instant(clocks, after: start)),
      effect: effect)
  }

  /// A target that left or was restarted during the transfer does not see its end, whoever has its
  /// address by then. Choice: a read then ends as if it had had nothing to send: what it held is
  /// gone and counted. A write ends as sent: a target refuses no data in I3C, so that the
  /// controller does not hear of it.
  ///
  /// - Returns: false when the transfer is not acknowledged after all.
  mutating func apply(_ effect: Effect) -> Bool {
    switch effect {
    case .none: break
    case .write(let life, let bytes, let copyCount):
      guard let index = index(ofLife: life) else {
        impairment.counts.gone += copyCount
        return true
      }
      for _ in 0..<copyCount {
        if members[index].incoming.count < members[index].framesMax {
          members[index].incoming.append(bytes)
          heldWriteCount += 1
        } else {
          impairment.counts.overruns += 1
        }
      }
    case .read(let life):
      guard let index = index(ofLife: life) else { return false }
      members[index].outgoing.removeFirst()
      members[index].announcedAt = nil
      members[index].reannounceAt = nil
      members[index].wantsInterrupt = false
      announce(index)
    case .set(let life, let command, let bytes):
      if let index = index(ofLife: life) { set(command, bytes, index) }
    }
    return true
  }

  private func value(of command: I3CCommonCommand, _ index: Int) -> [UInt8] {
    let member = members[index]
    func bigEndian(_ value: UInt64, _ byteCount: Int) -> [UInt8] {
      (0..<byteCount).reversed().map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }
    switch command {
    case .getMaxWriteLength: return bigEndian(UInt64(member.target.maxWriteByteCount), 2)
    case .getMaxReadLength:
      // A target with a mandatory byte also says how many bytes an interrupt may carry.
      return bigEndian(UInt64(member.target.maxReadByteCount), 2)
        + (member.target.bcr & 0x04 != 0 ? [1] : [])
    case .getProvisionedID: return bigEndian(member.target.provisionedID, 6)
    case .getBusCharacteristics: return [member.target.bcr]
    case .getDeviceCharacteristics: return [member.target.dcr]
    case .getStatus: return [0, member.outgoing.isEmpty ? 0 : 1]
    case .enableEvents, .disableEvents, .setMaxWriteLength, .setMaxReadLength: return []
    }
  }

  private mutating func set(_ command: I3CCommonCommand, _ bytes: [UInt8], _ index: Int) {
    let length = bytes.count >= 2 ? Int(bytes[0]) << 8 | Int(bytes[1]) : nil
    switch (command, length) {
    case (.enableEvents, _) where bytes.first.map({ $0 & 1 != 0 }) ?? false:
      members[index].interruptsEnabled = true
    case (.disableEvents, _) where bytes.first.map({ $0 & 1 != 0 }) ?? false:
      members[index].interruptsEnabled = false
    case (.setMaxWriteLength, .some(let length)):
      members[index].target.maxWriteByteCount = max(length, 8)
      generation += 1
    case (.setMaxReadLength, .some(let length)):
      members[index].target.maxReadByteCount = max(length, 8)
      generation += 1
    default: break
    }
  }
}
