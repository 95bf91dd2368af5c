/// A device, a bridge or an owner above of another make, on one bus with a port of the router.
/// Packets in, packets out; it shares no code with the router. Time is in nanoseconds and never
/// goes back.
public final class Neighbour {
  public struct Outgoing: Hashable, Sendable {
    public var packet: [UInt8]
    /// I2C address, seven bits; nil on I3C and lines.
    public var to: UInt8?
  }

  public enum Outcome: Hashable, Sendable {
    case answered(UInt32, by: UInt8, body: [UInt8])
    case timedOut(UInt32)
    /// It restarted meanwhile.
    case failed(UInt32)
  }

  /// What the router answered to a question of the habit `asksEveryMs`: whole control messages,
  /// type byte included.
  public struct Answer: Hashable, Sendable {
    public var question: [UInt8]
    /// Nil: none within a second.
    public var answer: [UInt8]?
    public var at: UInt64
    /// Destination EID of the question: 0, or 0xFF for a broadcast.
    public var destination: UInt8
  }

  public private(set) var configuration: NeighbourConfiguration
  public let children: [Neighbour]
  /// It lives behind a bridge or an owner: its bus is nobody else's.
  let isChild: Bool

  public var habits: NeighbourHabits {
    didSet { deadline = 0 }
  }

  /// Owners only; a change makes it assign anew.
  public var plan: NeighbourConfiguration.OwnerPlan {
    didSet {
      guard plan != oldValue else { return }
      beginTasks()
    }
  }

  /// 0: none.
  public internal(set) var eid: UInt8

  var clock: UInt64 = 0
  /// A lower bound of when `advance` has something to do.
  var deadline: UInt64 = 0
  var poweredAt: UInt64 = 0
  var random: NeighbourRandom
  var outbox: NeighbourOutbox
  var assemblies = NeighbourAssemblies()

  // ---- requests
  /// Tags that are taken, a bit each, by peer EID.
  var tags = [UInt8](repeating: 0, count: 256)
  var nextTag = [UInt8](repeating: 0, count: 256)
  var requests: [Request] = []
  var nextTicket: UInt32 = 1
  var questions: [Question] = []
  var nextInstanceID: UInt8 = 0

  // ---- responder
  var hasBeenSet = false
  var lastServed: Served?
  var requestCount: UInt32 = 0
  var controlCount: UInt32 = 0
  var forgetAt: UInt64?
  var judge = NeighbourJudge()

  // ---- by itself
  var unasked = NeighbourUnasked()
  var asking = NeighbourAsking()

  // ---- bridges and owners
  var bridge = BridgeState()
  var tasks: [OwnerTask] = []
  /// What it hears comes from behind it, and its answers go there.
  var isHearingInside = false
  /// Whose turn it is to send: 0 is its own, then the children.
  private var turn = 0

  // ---- for the world
  var outcomes = NeighbourQueue<Outcome>(countMax: 65_536)
  var echoes = NeighbourQueue<(body: [UInt8], source: UInt8)>(countMax: 4_096)
  var answers = NeighbourQueue<Answer>(countMax: 4_096)
  var complaints = NeighbourQueue<String>(countMax: 64)

  public convenience init(
    _ configuration: NeighbourConfiguration, habits: NeighbourHabits = .plain, seed: UInt64
  ) {
    self.init(configuration, habits: habits, seed: seed, isChild: false)
  }

  private init(
    _ configuration: NeighbourConfiguration, habits: NeighbourHabits, seed: UInt64, isChild: Bool
  ) {
    self.configuration = configuration
    self.habits = habits
    self.isChild = isChild
    eid = configuration.eid
    random = NeighbourRandom(seed: seed)
    outbox = NeighbourOutbox(unit: configuration.transmissionUnitBytes)
    var behind: [NeighbourConfiguration.Child] = []
    plan = NeighbourConfiguration.OwnerPlan()
    switch configuration.role {
    case .device: break
    case .bridge(let termini): behind = termini
    case .owner(let ownerPlan):
      behind = ownerPlan.remote
      plan = ownerPlan
    }
    children = behind.enumerated().map { index, child in
      Neighbour(
        NeighbourConfiguration(
          name: child.name, medium: configuration.medium, eid: child.staticEID, uuid: child.uuid,
          bridgeAddress: configuration.bridgeAddress,
          transmissionUnitBytes: configuration.transmissionUnitBytes,
          messageTypes: child.messageTypes),
        habits: .plain, seed: seed &+ UInt64(index + 1) &* 0x1_0000_0001, isChild: true)
    }
    beginTasks()
  }

  // ---- outcomes ----------------------------------------------------------------------------

  public func nextOutcome() -> Outcome? { outcomes.removeFirst() }

  /// What reached it to be echoed, whole bodies.
  public func nextEcho() -> (body: [UInt8], source: UInt8)? { echoes.removeFirst() }

  public func nextAnswer() -> Answer? { answers.removeFirst() }

  /// What it saw the router do that no standard allows, see `NeighbourComplaint`.
  public func nextComplaint() -> String? { complaints.removeFirst() }

  // ---- packets -----------------------------------------------------------------------------

  /// Puts this packet on its wire as it is, in turn with what it has to say itself.
  public func send(packet: [UInt8], to address: UInt8?) {
    var message = NeighbourOutbox.Message(
      packet, NeighbourHeader(destination: 0, source: 0, flags: 0), address: address,
      readyAt: clock)
    message.isRaw = true
    _ = outbox.add(message)
  }

  /// The next packet for its wire; what it sends unasked takes the room that messages leave.
  public func nextPacket(now: UInt64) -> Outgoing? {
    advance(to: now)
    for _ in 0...children.count {
      let present = turn
      turn = turn == children.count ? 0 : turn + 1
      if present == 0 {
        if let own = nextOwnPacket() { return own }
      } else if let packet = nextPacketUpward(from: children[present - 1]) {
        return packet
      }
    }
    return nextUnaskedPacket()
  }

  /// What it has for those behind it stays inside.
  private func nextOwnPacket() -> Outgoing? {
    while let own = outbox.next(now: clock) {
      if own.endsControlAnswer { judge.answerLeft() }
      guard own.isInside else { return Outgoing(packet: own.bytes, to: own.address) }
      child(own.bytes[1])?.receive(own.bytes, from: nil, now: clock)
    }
    return nil
  }

  /// Whatever the bytes are, it returns.
  public func receive(_ packet: [UInt8], from source: UInt8?, now: UInt64) {
    advance(to: now)
    guard let header = NeighbourHeader(packet) else { return }
    if let child = child(header.destination) {
      if header.source != 0 { child.receive(packet, from: nil, now: clock) }
      return
    }
    judgePacket(packet, header, from: source)
    guard header.destination == 0 || header.destination == 0xFF || header.destination == eid,
      packet.count - 4 <= configuration.transmissionUnitBytes
    else { return }
    if !header.isTagOwner, !isWaiting(header, from: source) { return }
    guard let body = assemblies.take(packet, header, address: source, now: clock) else {
      if !header.isEnd { due(clock + NeighbourAssemblies.timeout) }
      return
    }
    deliver(body, header, from: source)
  }

  private func deliver(_ body: [UInt8], _ header: NeighbourHeader, from source: UInt8?) {
    if header.source >= 8 { asking.note(header.source) }
    if !header.isTagOwner, !isQuestionAnswer(body, header, from: source),
      takeOutcome(body, header)
    {
      return
    }
    let type = body[0] & 0x7F
    if type == 0 {
      takeControl(body, header, from: source)
    } else if header.isTagOwner {
      takeEcho(body, type, header, from: source)
    }
  }

  private func takeEcho(
    _ body: [UInt8], _ type: UInt8, _ header: NeighbourHeader, from source: UInt8?
  ) {
    guard configuration.messageTypes.contains(type) else { return }
    echoes.append((body, header.source))
    guard !habits.needsSetEndpointID || hasBeenSet else { return }
    answer(body, to: header, address: source, isControl: false)
  }

  // ---- time --------------------------------------------------------------------------------

  /// After `advance(to: t)` this is later than `t`.
  public var nextDeadline: UInt64? {
    var next = deadline
    for child in children { next = min(next, child.deadline) }
    return next == .max ? nil : next
  }

  public func advance(to now: UInt64) {
    if now > clock { clock = now }
    for child in children { child.advance(to: clock) }
    guard clock >= deadline else { return }
    assemblies.expire(clock)
    expireRequests()
    expireQuestions()
    if let at = forgetAt, at <= clock { forget() }
    settleChildren()
    stepTasks()
    unasked.advance(clock, habits)
    stepAsking()
    deadline = .max
    var next = later(assemblies.nextDeadline)
    next = min(next, later(outbox.nextReady(after: clock)))
    for request in requests { next = min(next, later(request.deadline)) }
    for question in questions { next = min(next, later(question.deadline)) }
    for task in tasks { next = min(next, later(task.nextAt)) }
    next = min(next, later(nextForgetting()))
    next = min(next, later(bridge.settlesAt))
    next = min(next, later(unasked.nextAt))
    next = min(next, later(asking.nextAt))
    deadline = min(deadline, next)
  }

  private func later(_ at: UInt64?) -> UInt64 {
    guard let at, at > clock else { return .max }
    return at
  }

  func due(_ at: UInt64) { if at < deadline { deadline = max(at, clock + 1) } }

  private func nextForgetting() -> UInt64? {
    let interval = UInt64(habits.forgetsEIDEveryMs) * 1_000_000
    guard interval > 0 else {
      forgetAt = nil
      return nil
    }
    if forgetAt == nil || (forgetAt ?? 0) > clock + interval { forgetAt = clock + interval }
    return forgetAt
  }

  private func forget() {
    forgetAt = nil
    lastServed = nil
    changeEID(configuration.eid)
  }

  func changeEID(_ new: UInt8) {
    guard new != eid else { return }
    judge.hasHeldEID = true
    eid = new
    dropQuestionsOfOldEID()
  }

  /// Another device takes the place of this one, powered off until now: with this UUID (16 bytes;
  /// empty: none) and these types, and the EID that this one has from power-on.
  ///
  /// - Parameter messageTypes: nil: those that were announced before.
  public func exchange(uuid: [UInt8], messageTypes: [UInt8]?, now: UInt64) {
    configuration.uuid = uuid
    if let messageTypes { configuration.messageTypes = messageTypes }
    restart(now: now)
  }

  /// Power went and came back.
  public func restart(now: UInt64) {
    advance(to: now)
    if !habits.keepsEIDOverRestart { eid = configuration.eid }
    poweredAt = clock
    outbox.removeAll()
    assemblies.removeAll()
    for request in requests { outcomes.append(.failed(request.ticket)) }
    requests.removeAll()
    questions.removeAll()
    tags = [UInt8](repeating: 0, count: 256)
    hasBeenSet = false
    lastServed = nil
    forgetAt = nil
    judge = NeighbourJudge()
    asking = NeighbourAsking()
    unasked = NeighbourUnasked()
    for child in children {
      let childEID = child.eid
      child.restart(now: clock)
      if habits.keepsPoolOverRestart { child.eid = childEID }
    }
    if !habits.keepsPoolOverRestart { bridge = BridgeState() }
    beginTasks()
  }

  func complain(_ text: String) { complaints.append(text) }

  func child(_ eid: UInt8) -> Neighbour? {
    guard eid >= 8 else { return nil }
    for child in children where child.eid == eid { return child }
    return nil
  }
}
