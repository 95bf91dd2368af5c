// The control requests that this router makes: as bus owner, as bridge, as endpoint
// (DSP0236 1.3.3 §11).
//
// Owns every request from `start` until its last outcome is taken, and what is remembered of each
// responder. Does no I/O and reads no clock. A request waits until its responder has nothing else
// to answer, its port and its responder have budget and an instance ID is free; then it leaves, is
// repeated with the same instance ID and tag while nobody answers, and ends with one outcome.
//
// The verbs, and what to poll after them:
//   start, responderAppeared       then `nextTransmission`
//   receive, undelivered, cancel, portDown   then `nextOutcome` and `nextTransmission`
//   nextTransmission               until nil; then `nextOutcome`
//   advance                        at `nextDeadline`; then `nextOutcome` and `nextTransmission`
// `nextDeadline` may change with each of them and looks through all requests: who asks every turn
// keeps the answer.

public import MCTPWire

public struct ControlRequester: Sendable {
  struct Port: Sendable {
    let timing: ControlTiming
    let responseTimeoutMs: UInt32
    let retryCount: UInt8
    let outstandingMax: Int
    var bucket: TokenBucket
    /// Of the next request: counted up, so that an ID rests as long as can be.
    var nextInstanceID = InstanceID(rawValue: 0)
    var nextTag: UInt8 = 0
    var counters = ControlRequesterCounters()
  }

  let requestCountMax: Int
  let outstandingMax: Int
  let peerCountMax: Int
  let peerBudget: ControlBudget
  let notReadyDelayMs: UInt32
  let notReadyCountMax: UInt8
  let jitterNanoseconds: UInt64
  var ports: [Port]
  /// In order of `start`.
  var requests: [PendingRequest] = []
  var peers: [ControlPeer] = []
  var outcomes: [ControlOutcome] = []
  /// The latest time that a verb told.
  var clock = Instant.zero
  private(set) var randomState: UInt64
  private var lastTicket: UInt32 = 0

  /// - Parameter seed: for the jitter; the same seed and verbs give the same times.
  public init(_ configuration: ControlRequesterConfiguration, seed: UInt64) {
    precondition(configuration.ports.count <= EngineLimits.portCountMax, "more than 32 ports")
    precondition(
      configuration.outstandingMax >= 1 && configuration.outstandingMax <= 32,
      "there are 32 instance IDs")
    precondition(
      configuration.requestCountMax >= 1
        && configuration.peerCountMax >= configuration.requestCountMax,
      "fewer responders than requests")
    requestCountMax = configuration.requestCountMax
    outstandingMax = configuration.outstandingMax
    peerCountMax = configuration.peerCountMax
    peerBudget = configuration.peerBudget
    notReadyDelayMs = configuration.notReadyDelayMs
    notReadyCountMax = configuration.notReadyCountMax
    jitterNanoseconds = UInt64(configuration.jitterMs) * 1_000_000
    randomState = seed
    ports = configuration.ports.map { ControlRequester.port($0) }
  }

  private static func port(_ configuration: ControlPortConfiguration) -> Port {
    let timing = ControlTiming(configuration.binding)
    let timeout = configuration.responseTimeoutMs ?? timing.responseTimeoutMsMin
    precondition(
      configuration.outstandingMax >= 1 && configuration.outstandingMax <= 8, "there are 8 tags")
    precondition(
      timeout >= timing.responseTimeoutMsMin && configuration.retryCount >= timing.retryCountMin,
      "MT2 or MN1 below the binding's minimum")
    precondition(
      UInt64(timeout) * UInt64(configuration.retryCount) <= UInt64(timing.instanceIDExpiryMsMax),
      "the repetitions do not fit MT4")
    return Port(
      timing: timing, responseTimeoutMs: timeout, retryCount: configuration.retryCount,
      outstandingMax: configuration.outstandingMax, bucket: TokenBucket(configuration.budget))
  }

  // MARK: Starting and ending

  /// Takes a request. It leaves with `nextTransmission`, not before.
  ///
  /// - Parameter source: this router's EID on the port's bus; null while it has none.
  public mutating func start<Request: ControlRequest>(
    _ request: Request, to destination: ControlDestination, source: EID,
    options: ControlRequestOptions = ControlRequestOptions(), now: Instant
  ) throws(ControlStartError) -> ControlTicket {
    tell(now)
    guard Int(destination.port.rawValue) < ports.count else { throw .unknownPort }
    let isPhysical = destination.eid == .null || destination.eid == .broadcast
    guard !destination.eid.isReserved, !(isPhysical && destination.isBehindBridge) else {
      throw .destinationIllegal
    }
    guard requests.count + outcomes.count < requestCountMax else { throw .full }
    let body: ControlBody
    do throws(WireError) {
      body = try request.body(
        instanceID: InstanceID(rawValue: 0), isDatagram: options.isDatagram)
    } catch {
      throw .unencodable(error)
    }

    let index = Int(destination.port.rawValue)
    lastTicket &+= 1
    let ticket = ControlTicket(rawValue: lastTicket)
    let peer = peerIndex(destination.responder, now: now)
    peers[peer].openCount += 1
    ports[index].counters.started += 1
    let retryCount = options.retryCount ?? ports[index].retryCount
    // Repetitions have to fit MT4, so a long wait shortens itself rather than lose them.
    let longest = ports[index].timing.instanceIDExpiryMsMax / UInt32(max(retryCount, 1))
    let timeout = max(
      min(options.responseTimeoutMs ?? 0, longest), ports[index].responseTimeoutMs)
    requests.append(
      PendingRequest(
        ticket: ticket, destination: destination, source: source, body: body,
        command: Request.command, options: options, responseTimeoutMs: timeout,
        retryCount: destination.eid == .broadcast ? 0 : retryCount, peer: peer))
    return ticket
  }

  /// Ends a request without an outcome; false when it is not open. A responder that may still
  /// answer is not asked anything else until that answer's time is over.
  @discardableResult
  public mutating func cancel(_ ticket: ControlTicket, now: Instant) -> Bool {
    tell(now)
    guard let index = requests.firstIndex(where: { $0.ticket == ticket && !$0.isCancelled })
    else { return false }
    ports[requests[index].portIndex].counters.cancelled += 1
    if requests[index].isOutstanding {
      requests[index].isCancelled = true
    } else {
      remove(index)
    }
    return true
  }

  /// Ends every request on a port.
  public mutating func portDown(_ port: PortID, now: Instant) {
    tell(now)
    for index in requests.indices.reversed() where requests[index].destination.port == port {
      if requests[index].isCancelled {
        remove(index)
      } else {
        finish(index, .portDown)
      }
    }
  }

  /// The responder showed that it is there, for instance by Discovery Notify: what it did not
  /// answer before no longer slows requests to it down.
  public mutating func responderAppeared(_ responder: ControlResponder) {
    for index in peers.indices where peers[index].responder == responder {
      peers[index].forgive()
    }
  }

  /// The oldest outcome that nobody took; nil when there is none.
  public mutating func nextOutcome() -> ControlOutcome? {
    outcomes.isEmpty ? nil : outcomes.removeFirst()
  }

  // MARK: Inside

  mutating func tell(_ now: Instant) {
    if clock < now { clock = now }
  }

  /// The responder's place, which it keeps while it has requests. A new one takes the place of the
  /// one that has been idle longest when all are taken.
  private mutating func peerIndex(_ responder: ControlResponder, now: Instant) -> Int {
    var idle: Int?
    for index in peers.indices {
      if peers[index].responder == responder { return index }
      if peers[index].openCount == 0, idle.map({ peers[index].lastUse < peers[$0].lastUse }) ?? true
      {
        idle = index
      }
    }
    let peer = ControlPeer(responder, budget: peerBudget, now: now)
    if peers.count < peerCountMax {
      peers.append(peer)
      return peers.count - 1
    }
    guard let idle else { preconditionFailure("there are as many responders as requests") }
    peers[idle] = peer
    return idle
  }

  /// Ends a request with its last outcome.
  mutating func finish(_ index: Int, _ result: ControlResult, roundTrip: UInt64 = 0) {
    let request = requests[index]
    ports[request.portIndex].counters.countEnd(result)
    switch result {
    case .timedOut, .undelivered: peers[request.peer].countFailure()
    case .answered, .refused, .portDown, .sent, .broadcastEnded: break
    }
    outcomes.append(
      ControlOutcome(
        ticket: request.ticket, command: request.command, destination: request.destination,
        result: result, isLast: true, transmissions: request.transmissionsOfAll,
        roundTripNanoseconds: roundTrip))
    remove(index)
  }

  mutating func remove(_ index: Int) {
    rememberEnd(of: index, wasAnswered: false)
    peers[requests[index].peer].openCount -= 1
    requests.remove(at: index)
  }

  /// Keeps what tells a late answer. An answered request was noted when it was answered.
  mutating func rememberEnd(of index: Int, wasAnswered: Bool) {
    let request = requests[index]
    guard request.isOutstanding else { return }
    peers[request.peer].finished = ControlPeer.Finished(
      instanceID: request.instanceID, command: request.command, wasAnswered: wasAnswered,
      time: clock)
    requests[index].state = .waiting
  }

  /// 0 ... `jitterNanoseconds` (SplitMix64).
  mutating func jitter() -> UInt64 {
    randomState &+= 0x9E37_79B9_7F4A_7C15
    var mixed = randomState
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return (mixed ^ (mixed >> 31)) % (jitterNanoseconds + 1)
  }
}
