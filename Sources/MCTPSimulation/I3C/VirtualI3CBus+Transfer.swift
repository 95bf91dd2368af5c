// What a transfer on the virtual I3C bus costs and does: one clock for START, repeated START and
// STOP, nine a byte (eight bits and the acknowledge or transition bit).

internal import MCTPWire

extension VirtualI3CBus {
  /// Gives the free wire to the interrupt with the lowest dynamic address, else to the
  /// controller: a target's address arbitrates below the controller's 0x7E.
  mutating func useFreeBus(at start: Instant) {
    guard activity == nil else { return }
    let interrupting = members.firstIndex { $0.wantedInterrupt != nil && $0.interruptsEnabled }
    if let index = interrupting, let byte = members[index].wantedInterrupt {
      members[index].wantedInterrupt = nil
      let at = clock.instant(2 + 9 * 2, after: start)
      if byte == Self.mctpMandatoryByte { members[index].announcedAt = at }
      let period = members[index].faults.loseInterruptEvery
      let isLost = members[index].interruptCounter.hits(every: period)
      activity = .interrupt(
        Interrupt(dynamicAddress: members[index].dynamicAddress, mandatoryByte: byte, at: at),
        isLost: isLost)
    } else if let (transfer, address) = waiting {
      waiting = nil
      begin(transfer, to: address, at: start)
    }
  }

  /// Raises the interrupt for the oldest outgoing frame unless it is announced already: one
  /// interrupt announces one packet.
  mutating func announce(_ index: Int) {
    let member = members[index]
    guard member.target.interruptsWithByte, !member.outgoing.isEmpty else { return }
    if let announcedAt = member.announcedAt,
      time < announcedAt.advanced(byMs: Self.announcementStaleMs)
    {
      return
    }
    members[index].wantedInterrupt = Self.mctpMandatoryByte
  }

  private mutating func begin(_ transfer: Transfer, to address: UInt8, at start: Instant) {
    guard let index = index(at: address),
      !members[index].nakCounter.hits(every: members[index].faults.nakEvery)
    else {
      finish(.addressNotAcknowledged, clocks: 2 + 9, start: start)
      return
    }
    switch transfer {
    case .write(let bytes): beginWrite(bytes, to: index, start: start)
    case .read(let byteCountMax): beginRead(byteCountMax, from: index, start: start)
    case .directGet(let command):
      let bytes = value(of: command, index)
      finish(.sent, bytes: bytes, clocks: 3 + 9 * (3 + bytes.count), start: start)
    case .directSet(let command, let bytes):
      finish(
        .sent, clocks: 3 + 9 * (3 + bytes.count), start: start,
        effect: .set(address, command, bytes))
    }
  }

  /// A target without room does not acknowledge its address; one cannot refuse data in I3C, so
  /// that what is past its maximum write length is lost.
  private mutating func beginWrite(_ bytes: [UInt8], to index: Int, start: Instant) {
    guard members[index].incoming.count < members[index].framesMax else {
      finish(.addressNotAcknowledged, clocks: 2 + 9, start: start)
      return
    }
    var arriving = Array(bytes.prefix(members[index].target.maxWriteByteCount))
    if members[index].corruptCounter.hits(every: members[index].faults.corruptEvery) {
      arriving = arriving.flippingOneBit(keepFirst: 0, using: &generator)
    }
    finish(
      .sent, clocks: 2 + 9 * (1 + bytes.count), start: start,
      effect: .write(members[index].dynamicAddress, arriving))
  }

  /// A target with nothing to send does not acknowledge; one with less than `byteCountMax` ends
  /// early; what a shorter read leaves behind is lost.
  private mutating func beginRead(_ byteCountMax: Int, from index: Int, start: Instant) {
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
    }
    finish(
      .sent, bytes: bytes, clocks: 2 + 9 * (1 + byteCount), start: start,
      effect: .read(members[index].dynamicAddress))
  }

  private mutating func finish(
    _ result: TransmissionResult, bytes: [UInt8] = [], clocks: Int, start: Instant,
    effect: Effect = .none
  ) {
    activity = .transfer(
      Completion(result: result, bytes: bytes, at: clock.instant(clocks, after: start)),
      effect: effect)
  }

  /// A target that left during the transfer is not there to see its end.
  mutating func apply(_ effect: Effect, at now: Instant) {
    switch effect {
    case .none: break
    case .write(let address, let bytes):
      if let index = index(at: address) { members[index].incoming.append(bytes) }
    case .read(let address):
      guard let index = index(at: address), !members[index].outgoing.isEmpty else { return }
      members[index].outgoing.removeFirst()
      members[index].announcedAt = nil
      if members[index].wantedInterrupt == Self.mctpMandatoryByte {
        members[index].wantedInterrupt = nil
      }
      announce(index)
    case .set(let address, let command, let bytes):
      if let index = index(at: address) { set(command, bytes, index) }
    }
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
