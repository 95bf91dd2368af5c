/// What the router does that no standard allows, in the words that `nextComplaint` says.
public enum NeighbourComplaint {
  public static let twoRequests = "two requests under way at once"
  public static let needlessForce = "Force Set Endpoint ID although it never had another EID"
  public static let needlessForcedPool = "Force Allocate Endpoint IDs of the pool that it holds"
  public static let reusedInstance = "an instance ID again within 5 s for another request"
  public static let tooLong = "a control message longer than 64 bytes"
  public static let severalPackets = "a control message in several packets"
  public static let reservedHeaderBits = "reserved bits set in a packet's header"
  public static let reservedBits = "reserved bits set in a control message"
  public static let integrityBit = "a control message with an integrity check"
  public static let wrongFlags = "TO, Rq and D do not fit each other"
  public static let wrongLength = "a control request of a wrong length"
  public static let illegalEID = "an EID that none may have"
  public static let poolTooLarge = "a pool larger than it asked for"
  public static let poolDoesNotFollow = "a pool that does not follow the bridge's EID"
  public static let setOfOwner = "Set Endpoint ID to a bus owner"
  public static let nullBridged = "a packet from the null EID came over a bridge"
  public static let mismatchedAnswer = "an answer with another instance ID or command"
  public static let longError = "bytes after a completion code that says error"
  public static let answerLength = "an answer of a wrong length"
  public static let answerStatus = "an answer with an impossible status"
  public static let otherSetting = "Set Endpoint ID accepted with another EID"
  public static let otherPool = "Allocate Endpoint IDs accepted with another pool"
}

/// What the judge remembers.
struct NeighbourJudge {
  struct Heard {
    var tag: UInt8
    var body: [UInt8]
    var at: UInt64
  }

  /// A little less than MT2, the least that a requester waits.
  static let patience: UInt64 = 250_000_000

  /// Whoever last spoke to the null EID from the router's address.
  var routerEID: UInt8 = 0
  /// Since power-on.
  var hasHeldEID = false
  /// By instance ID.
  var heard = [Heard?](repeating: nil, count: 32)
  /// The request that is not answered yet.
  var open: Heard?

  mutating func answerLeft() { open = nil }
}

extension Neighbour {
  private func isRouter(_ source: UInt8?) -> Bool {
    guard case .i2c = configuration.medium else { return !isChild }
    guard let source, !isChild else { return false }
    if source == configuration.bridgeAddress { return true }
    return isOwner && plan.grants.contains { $0.address == source }
  }

  /// The router itself says this: null and broadcast never come over a bridge.
  private func isFromRouter(_ header: NeighbourHeader, _ source: UInt8?) -> Bool {
    let isLocal = header.destination == 0 || header.destination == 0xFF
    guard isLocal || (header.source != 0 && header.source == judge.routerEID) else { return false }
    return isRouter(source)
  }

  func judgePacket(_ packet: [UInt8], _ header: NeighbourHeader, from source: UInt8?) {
    guard isFromRouter(header, source) else {
      // Whoever has no EID answers from the null EID.
      if header.source == 0, header.isTagOwner, header.destination == eid, isRouter(source) {
        complain(NeighbourComplaint.nullBridged)
      }
      return
    }
    if header.source != 0 { judge.routerEID = header.source }
    if packet[0] & 0xF0 != 0 { complain(NeighbourComplaint.reservedHeaderBits) }
    guard header.isStart, packet.count > 4, packet[4] & 0x7F == 0 else { return }
    if packet[4] != 0 { complain(NeighbourComplaint.integrityBit) }
    if !header.isEnd { complain(NeighbourComplaint.severalPackets) }
    if packet.count > 68 { complain(NeighbourComplaint.tooLong) }
  }

  // ---- requests ----------------------------------------------------------------------------

  func judgeControl(_ body: [UInt8], _ header: NeighbourHeader, from source: UInt8?) {
    guard body.count >= 3, isFromRouter(header, source) else { return }
    if body[1] & 0x20 != 0 { complain(NeighbourComplaint.reservedBits) }
    let isRequest = body[1] & 0x80 != 0
    if isRequest != header.isTagOwner || (!isRequest && body[1] & 0x40 != 0) {
      return complain(NeighbourComplaint.wrongFlags)
    }
    guard isRequest else { return }
    judgeOrder(body, header)
    guard let length = Self.requestLengths[Int(min(body[2], 0x15))], body[2] < 0x15 else { return }
    guard length.contains(body.count) else { return complain(NeighbourComplaint.wrongLength) }
    if body[2] == 0x01 { judgeSet(body[3], body[4]) }
    if body[2] == 0x08 { judgeAllocate(body[3], body[4], body[5]) }
  }

  private func judgeOrder(_ body: [UInt8], _ header: NeighbourHeader) {
    if let open = judge.open, open.body != body, clock < open.at + NeighbourJudge.patience {
      complain(NeighbourComplaint.twoRequests)
    }
    let heard = NeighbourJudge.Heard(tag: header.tag, body: body, at: clock)
    // A repetition counts from the first one: what waited on the wire may come close together.
    if body[1] & 0x40 == 0, judge.open?.body != body { judge.open = heard }
    let id = Int(body[1] & 0x1F)
    if let before = judge.heard[id], before.tag == header.tag, before.body != body,
      clock < before.at + Self.instanceLife
    {
      complain(NeighbourComplaint.reusedInstance)
    }
    judge.heard[id] = heard
  }

  /// It never told the router anything about EIDs and pools that is not so.
  private var isHonest: Bool {
    habits.setRefusal == nil && !habits.keepsStaticEID && habits.setSetting == nil
      && habits.reportedEIDOffset == 0 && habits.errorEach == 0 && habits.claimedPool == nil
      && habits.allocateAnswer == .held && habits.poolInformation == .held
      && !habits.refusesSecondAllocate && habits.missingByteCount == 0
      && !habits.neverSaysAllocated && !habits.saysNoPool
  }

  private func judgeSet(_ operation: UInt8, _ asked: UInt8) {
    if isOwner { complain(NeighbourComplaint.setOfOwner) }
    if operation & 0xFC != 0 { complain(NeighbourComplaint.reservedBits) }
    if operation & 2 == 0, asked < 8 || asked == 0xFF { complain(NeighbourComplaint.illegalEID) }
    let hasAnother = eid == 0 ? judge.hasHeldEID : eid != asked
    if operation & 3 == 1, !hasAnother, isHonest { complain(NeighbourComplaint.needlessForce) }
  }

  private func judgeAllocate(_ operation: UInt8, _ count: UInt8, _ first: UInt8) {
    if operation & 0xFC != 0 { complain(NeighbourComplaint.reservedBits) }
    guard operation & 2 == 0, isBridge, isHonest else { return }
    if count > 0 {
      if count > max(poolSize, bridge.poolCount) { complain(NeighbourComplaint.poolTooLarge) }
      if first < 8 || Int(first) + Int(count) > 0xFF { complain(NeighbourComplaint.illegalEID) }
      if Int(first) != Int(eid) + 1 { complain(NeighbourComplaint.poolDoesNotFollow) }
    }
    let isSame = count > 0 && count == bridge.poolCount && first == bridge.poolFirst
    if operation & 3 == 1, isSame { complain(NeighbourComplaint.needlessForcedPool) }
  }

  /// Body bytes of a request by command, 0x00 to 0x14 (DSP0236 1.3.3 table 12).
  private static let requestLengths: [ClosedRange<Int>?] = [
    nil, 5...5, 3...3, 3...3, 4...4, 3...3, 4...4, 4...4, 6...6, 4...64, 4...4, 3...3, 3...3,
    3...3, 3...3, 5...5, 20...20, 3...3, 10...11, 10...11, 3...3, nil,
  ]

  // ---- answers to its questions ------------------------------------------------------------

  func judgeAnswer(_ body: [UInt8], to question: [UInt8], _ header: NeighbourHeader) {
    guard body.count >= 4 else { return complain(NeighbourComplaint.answerLength) }
    if header.source >= 8 { judge.routerEID = header.source }
    if body[1] & 0x20 != 0 { complain(NeighbourComplaint.reservedBits) }
    guard body[1] & 0x1F == question[1] & 0x1F, body[2] == question[2] else {
      return complain(NeighbourComplaint.mismatchedAnswer)
    }
    guard body[3] == Code.success else {
      if body.count != 4 { complain(NeighbourComplaint.longError) }
      return
    }
    guard isRightAnswerLength(body) else { return complain(NeighbourComplaint.answerLength) }
    switch body[2] {
    case 0x01: judgeSetAnswer(body, question)
    case 0x02:
      if body[5] & 0xCC != 0 { complain(NeighbourComplaint.reservedBits) }
      if body[5] & 0x20 != 0 { complain(NeighbourComplaint.answerStatus) }
      if (1...7).contains(body[4]) || body[4] == 0xFF { complain(NeighbourComplaint.illegalEID) }
    case 0x08: judgeAllocateAnswer(body, question)
    default: break
    }
  }

  private func isRightAnswerLength(_ body: [UInt8]) -> Bool {
    switch body[2] {
    case 0x01, 0x02, 0x08: return body.count == 7
    case 0x03, 0x0E: return body.count == 20
    case 0x04: return body.count >= 5 && body.count == 5 + 4 * Int(body[4])
    case 0x05: return body.count >= 5 && body.count == 5 + Int(body[4])
    case 0x06: return body.count == 10 || body.count == 12
    case 0x07: return body.count >= 5 && hasRightAddress(body.count - 5)
    case 0x09, 0x0D: return body.count == 4
    case 0x0A: return isRightTable(body)
    case 0x0F: return body.count == 10
    case 0x14: return body.count >= 7 && body.count == 5 + 2 * Int(body[4])
    default: return true
    }
  }

  private func isRightTable(_ body: [UInt8]) -> Bool {
    guard body.count >= 6 else { return false }
    var index = 6
    for _ in 0..<Int(body[5]) {
      guard index + 6 <= body.count else { return false }
      index += 6 + Int(body[index + 5])
    }
    return index == body.count
  }

  private func judgeSetAnswer(_ body: [UInt8], _ question: [UInt8]) {
    if body[4] & 0xCC != 0 { complain(NeighbourComplaint.reservedBits) }
    if body[4] & 0x20 != 0 || body[4] & 3 == 3 { complain(NeighbourComplaint.answerStatus) }
    if body[4] & 3 == 0 ? body[6] != 0 : body[6] == 0 {
      complain(NeighbourComplaint.answerStatus)
    }
    if body[4] >> 4 & 3 == 0, body[5] != question[4] { complain(NeighbourComplaint.otherSetting) }
  }

  private func judgeAllocateAnswer(_ body: [UInt8], _ question: [UInt8]) {
    if body[4] & 0xFC != 0 { complain(NeighbourComplaint.reservedBits) }
    if body[4] & 2 != 0 { complain(NeighbourComplaint.answerStatus) }
    let isAccepted = body[4] & 3 == 0 && question[3] & 2 == 0
    if isAccepted, body[5] != question[4] || (question[4] != 0 && body[6] != question[5]) {
      complain(NeighbourComplaint.otherPool)
    }
  }
}
