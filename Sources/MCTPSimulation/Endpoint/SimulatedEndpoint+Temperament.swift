// What a device does that a good one does not: late, missing and double answers, a wrong EID, a
// forgotten one, packets and frames that nobody asked for.

internal import MCTPEndpoint
public import MCTPWire

extension SimulatedEndpoint {
  /// An answer that leaves later.
  struct PendingAnswer {
    let due: Instant
    let body: [UInt8]
    let message: Message
    let local: EID
  }

  /// Choice: as many answers as a small device has room for; what is above counts as
  /// `.egressQueueFull`.
  static let pendingAnswersMax = 32

  func adoptTemperament() {
    let everyMs = UInt64(temperament.forgetsEIDEveryMs ?? 0)
    forgetting = Recurrence(periodNanoseconds: everyMs * 1_000_000, from: time)
    flood = Recurrence(perSecond: temperament.floodPerSecond, from: time)
    garbage = Recurrence(perSecond: temperament.garbagePerSecond, from: time)
    garbageFrames = Recurrence(perSecond: temperament.garbageFramesPerSecond, from: time)
    hasSchedule =
      forgetting.happens || flood.happens || garbage.happens || garbageFrames.happens
  }

  func advanceSchedules(to now: Instant) {
    flood.advance(to: now)
    garbage.advance(to: now)
    garbageFrames.advance(to: now)
    if forgetting.take(now) { forgetEID() }
  }

  /// A static EID is the configuration's.
  private func forgetEID() {
    eid = configuration.eid
    isDiscovered = false
  }

  /// Power off and on: a dynamic EID, messages under way, answers kept back and instance IDs are
  /// gone. Packets of messages that were not whole count as `.portDown`, and so does each answer
  /// or message that has not left whole; so fails each request under way. The temperament stays,
  /// and what it does by time begins anew.
  public func restart(now: Instant) {
    time = max(time, now)
    // Requests end as outcomes.
    let unsent = pending.count + messages.exchangeCount - open.count
    let ended = messages.heldPacketCount + unsent
    if ended > 0 { count(.portDown, packets: ended) }
    for ticket in open { report(.failed(outward(ticket), .portDown)) }
    open = []
    expected = [:]
    ticketBase &+= lastTicket
    lastTicket = 0
    messages = MessageEndpoint(limits: configuration.limits)
    isDeadlineKnown = false
    instanceID = InstanceID(rawValue: 0)
    pending = []
    answerCount = 0
    forgetEID()
    adoptTemperament()
  }

  /// What this device says its EID is.
  func reported(_ eid: EID) -> EID {
    guard temperament.reportedEIDOffset != 0, eid.isAssignable else { return eid }
    let first = Int(EID.assignable.lowerBound.rawValue)
    let count = Int(EID.assignable.upperBound.rawValue) - first + 1
    let place = (Int(eid.rawValue) - first + Int(temperament.reportedEIDOffset)) % count
    return EID(UInt8(truncatingIfNeeded: first + place))
  }

  /// Answers from the EID that was asked, or from the own one when the request named none: after
  /// Set Endpoint ID that is the new one.
  ///
  /// Choice: who never answers does what it is asked all the same.
  func respond(_ body: [UInt8], to message: Message, now: Instant) {
    let asked = message.terminus.destination
    let local = asked.isAssignable ? asked : eid
    for _ in 0..<copiesOfNextAnswer() {
      if temperament.answerDelayMs == 0, pending.isEmpty {
        submit(body, to: message, from: local, now: now)
      } else if pending.count < SimulatedEndpoint.pendingAnswersMax {
        let due = now.advanced(byMs: temperament.answerDelayMs)
        pending.append(
          PendingAnswer(
            due: max(due, pending.last?.due ?? due), body: body, message: message, local: local))
      } else {
        count(.egressQueueFull)
      }
    }
  }

  private func copiesOfNextAnswer() -> Int {
    switch temperament.answers {
    case .always: return 1
    case .never: return 0
    case .twice: return 2
    case .notEach(let period):
      answerCount += 1
      guard answerCount >= period else { return 1 }
      answerCount = 0
      return 0
    }
  }

  func sendPending(until now: Instant) {
    while let first = pending.first, first.due <= now {
      pending.removeFirst()
      submit(first.body, to: first.message, from: first.local, now: now)
    }
  }

  private func submit(_ body: [UInt8], to message: Message, from local: EID, now: Instant) {
    isDeadlineKnown = false
    do throws(SendError) {
      try messages.respond(
        body.span, to: message, from: local,
        transmissionUnitBytes: configuration.transmissionUnitBytes, now: now)
    } catch {
      count(.egressQueueFull)
    }
  }
}

extension SimulatedEndpoint {
  func nextUnasked(now: Instant) -> AddressedPacket? {
    var bytes: [UInt8] = []
    if flood.take(now) {
      bytes = floodPacket()
    } else if garbage.take(now) {
      bytes = garbagePacket()
    } else {
      return nil
    }
    packetsOut += 1
    if let witness { witness.sent(bytes.span, to: configuration.bridgeAddress) }
    return AddressedPacket(bytes: bytes, address: configuration.bridgeAddress)
  }

  /// A numbered packet with 64 bytes of payload: what every path carries. Choice: of type SPDM,
  /// which no simulated device answers, so that a flood goes one way.
  private func floodPacket() -> [UInt8] {
    floodCount &+= 1
    let number = floodCount.bigEndian
    var bytes: [UInt8] = [
      PacketHeader.supportedVersion, temperament.floodDestination.rawValue, eid.rawValue,
      0xC8 | UInt8(truncatingIfNeeded: floodCount) & 0x07,
      MessageTypeByte(.spdm).rawValue,
    ]
    withUnsafeBytes(of: number) { unsafe bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: repeatElement(0xF1, count: PacketHeader.byteCount + 64 - bytes.count))
    return bytes
  }

  /// 0 to 72 random bytes; half of those with room for it have a header that may pass for one:
  /// version 1, from the own EID. What is below a header or above the medium's largest packet is
  /// refused there and counted.
  private func garbagePacket() -> [UInt8] {
    var bytes = randomBytes(0...72)
    if bytes.count > PacketHeader.byteCount, generator.index(2) == 0 {
      bytes[0] = PacketHeader.supportedVersion
      bytes[2] = eid.rawValue
    }
    return bytes
  }

  /// 1 to 72 random bytes for a frame that must not become a packet: the medium's device gives
  /// them a form that cannot; nil while none is due.
  public func nextGarbageFrame(now: Instant) -> [UInt8]? {
    guard hasSchedule, garbageFrames.take(now) else { return nil }
    return randomBytes(1...72)
  }

  private func randomBytes(_ count: ClosedRange<UInt32>) -> [UInt8] {
    (0..<generator.number(count)).map { _ in
      UInt8(truncatingIfNeeded: generator.next() >> 24)
    }
  }
}
