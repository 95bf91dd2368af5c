internal import MCTPWire

// Who may write, and until when.
extension I2CMuxTree {
  /// Asks for the bus for one frame; a leg has one write at a time.
  func begin(_ leg: Int, _ frame: Span<UInt8>, now: Instant) -> Bool {
    advance(to: now)
    guard let packet = I2CMuxPacket(frame) else { preconditionFailure("a frame of no packet") }
    if legs[leg].isRoot {
      legs[leg].rootDestination = packet.address
      claim(packet.address, for: leg)
      return true
    }
    if turn == nil { grant(to: leg) }
    guard mayWrite(leg, packet) else {
      wait(leg)
      return false
    }
    // What came before the mux moves came from where it was.
    if lastTransmitter != leg { receiver?.pump(now: now) }
    endWait(leg)
    lastTransmitter = leg
    claim(packet.address, for: leg)
    var isOpening = false
    if packet.isRequest {
      let begun = exchanges.begin(packet)
      if begun.hasExpired { legs[leg].counters.expired &+= 1 }
      isOpening = begun.isNew
    }
    turn?.isFresh = false
    turn?.failed = nil
    turn?.writing = packet
    turn?.isOpening = isOpening
    return true
  }

  func finish(_ leg: Int, _ result: TransmissionResult, now: Instant) {
    note(now)
    if legs[leg].isRoot {
      if result == .sent { lastWriters[Int(legs[leg].rootDestination)] = UInt8(leg) }
      return
    }
    guard let present = turn, present.leg == leg, let packet = present.writing else { return }
    turn?.writing = nil
    if result == .sent { lastWriters[Int(packet.address)] = UInt8(leg) }
    if result != .sent, present.isOpening {
      exchanges.forget(packet)
    } else {
      exchanges.extend(packet, to: now.advanced(byMs: I2CMuxTree.answerTimeoutMs))
    }
    if result.isRetryable {
      turn?.failed = packet
      turn?.retryUntil = now.advanced(byMs: I2CMuxTree.retryMsMax)
    }
    settle()
  }

  /// Ends what has been held for long enough; reads what was received before it does.
  func advance(to now: Instant) {
    note(now)
    guard let turn, let deadline = deadline(of: turn.leg), deadline <= now else { return }
    receiver?.pump(now: now)
    settle()
  }

  /// The leg's port is down: nothing of it waits or is waited for.
  func leave(_ leg: Int) {
    endWait(leg)
    if turn?.leg == leg {
      endTurn()
    } else if let turn, !doOthersWait(beside: turn.leg) {
      self.turn?.contestedAt = nil
    }
  }

  /// True when the leg waits and `begin` would let it write.
  func isReady(_ leg: Int) -> Bool {
    guard let turn, turn.leg == leg, turn.writing == nil else { return false }
    return turn.isFresh || !doOthersWait(beside: leg)
  }

  /// When the tree must be looked at again: only the leg that has the turn is told.
  func deadline(of leg: Int) -> Instant? {
    guard let turn, turn.leg == leg, !turn.isFresh, turn.writing == nil else { return nil }
    var deadline = exchanges.lastDeadline ?? .zero
    if turn.failed != nil { deadline = max(deadline, turn.retryUntil) }
    return min(deadline, turn.end ?? deadline)
  }
}

extension I2CMuxTree {
  /// A turn that has been held for too long was ended by `advance` before.
  private func mayWrite(_ leg: Int, _ packet: I2CMuxPacket) -> Bool {
    guard let turn, turn.leg == leg else { return false }
    if turn.isFresh || !doOthersWait(beside: leg) { return true }
    // An answer of ours delays the others by its transfer only, and the mux is there already.
    if !packet.header.messageTag.tagOwner || packet == turn.failed { return true }
    return !packet.header.som && exchanges.contains(packet)
  }

  /// Ends the turn when there is nothing to hold the tree for, or it has been held enough.
  func settle() {
    guard let turn, !turn.isFresh, turn.writing == nil else { return }
    let expired = exchanges.expire(now)
    legs[turn.leg].counters.expired &+= UInt64(expired)
    let isForced = turn.end.map { $0 <= now } ?? false
    let isRetrying = turn.failed != nil && turn.retryUntil > now
    if isForced || (exchanges.isEmpty && !isRetrying) { endTurn() }
  }

  private func endTurn() {
    guard let ended = turn else { return }
    let left = exchanges.removeAll()
    legs[ended.leg].counters.expired &+= UInt64(left)
    legs[ended.leg].counters.countHold(now.nanoseconds(since: ended.startedAt))
    turn = nil
    if let next = waiting.first { grant(to: next) }
  }

  private func grant(to leg: Int) {
    endWait(leg)
    turn = Turn(leg: leg, startedAt: now, contestedAt: waiting.isEmpty ? nil : now)
    legs[leg].counters.countTurn()
  }

  private func wait(_ leg: Int) {
    if !waiting.contains(leg) {
      waiting.append(leg)
      legs[leg].waitingSince = now
    }
    guard let turn else { return }
    if turn.leg != leg {
      if turn.contestedAt == nil { self.turn?.contestedAt = now }
    } else {
      // It came with something else: what failed is not tried again.
      self.turn?.failed = nil
      settle()
    }
  }

  /// It has the turn, or goes down.
  private func endWait(_ leg: Int) {
    guard let index = waiting.firstIndex(of: leg) else { return }
    waiting.remove(at: index)
    legs[leg].counters.countWait(now.nanoseconds(since: legs[leg].waitingSince))
  }

  /// The first write to an address counts from its beginning, because the answer may be read before
  /// the write's result; later ones when they went through.
  private func claim(_ address: UInt8, for leg: Int) {
    if lastWriters[Int(address)] == I2CMuxTree.noLeg { lastWriters[Int(address)] = UInt8(leg) }
  }
}
