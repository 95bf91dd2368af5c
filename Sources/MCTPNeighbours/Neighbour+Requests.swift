/// What it asks and what comes back: the world's traffic by EID, and its own questions to the
/// router by link address.
extension Neighbour {
  /// A message of the world's traffic that waits for its answer.
  struct Request {
    var ticket: UInt32
    var peer: UInt8
    var tag: UInt8
    var deadline: UInt64
    /// Its tag rests, so that a late answer is not taken for that of another request.
    var isOver = false
  }

  /// A control request of its own.
  struct Question {
    enum Purpose: Equatable {
      case asking
      /// Index of the owner's task.
      case task(Int)
    }

    var purpose: Purpose
    var body: [UInt8]
    var destination: UInt8
    var address: UInt8?
    var source: UInt8
    var tag: UInt8
    var deadline: UInt64
    var timeout: UInt64
    var repeats: Int
  }

  /// Tag lifetime.
  private static let tagRest: UInt64 = 6_000_000_000

  /// `body` has its type byte. A ticket; nil: no tag is free, it has no EID, or no memory.
  public func request(
    _ body: [UInt8], to peer: UInt8, timeoutMs: UInt32, now: UInt64
  ) -> UInt32? {
    advance(to: now)
    guard eid != 0, !body.isEmpty, body.count <= NeighbourAssemblies.byteCountMax,
      !habits.needsSetEndpointID || hasBeenSet, let way = way(to: peer),
      let tag = takeTag(peer)
    else { return nil }
    let header = NeighbourHeader(destination: peer, source: eid, flags: 0x08 | tag)
    var message = NeighbourOutbox.Message(body, header, address: way.link, readyAt: clock)
    message.isInside = child(peer) != nil
    guard outbox.add(message) else {
      freeTag(tag, peer)
      return nil
    }
    let ticket = nextTicket
    nextTicket = nextTicket &+ 1
    let deadline = clock + max(UInt64(timeoutMs), 1) * 1_000_000
    requests.append(Request(ticket: ticket, peer: peer, tag: tag, deadline: deadline))
    due(deadline)
    return ticket
  }

  // ---- tags --------------------------------------------------------------------------------

  func takeTag(_ peer: UInt8) -> UInt8? {
    let index = Int(peer)
    let taken = tags[index] | unasked.reservedTags(habits, peer)
    guard taken != 0xFF else { return nil }
    for step: UInt8 in 0..<8 {
      let tag = (nextTag[index] + step) & 7
      guard taken & 1 << tag == 0 else { continue }
      tags[index] |= 1 << tag
      nextTag[index] = (tag + 1) & 7
      return tag
    }
    return nil
  }

  func freeTag(_ tag: UInt8, _ peer: UInt8) { tags[Int(peer)] &= ~(1 << tag) }

  struct Way {
    /// Nil on I3C, on lines, and on the bus behind a bridge.
    var link: UInt8?
  }

  /// Nil: there is no way.
  func way(to peer: UInt8) -> Way? {
    guard case .i2c = configuration.medium, !isChild else { return Way(link: nil) }
    if isOwner, let address = grantAddress(for: peer) { return Way(link: address) }
    return configuration.bridgeAddress.map { Way(link: $0) }
  }

  // ---- answers -----------------------------------------------------------------------------

  /// Somebody waits for a message with this source and tag.
  func isWaiting(_ header: NeighbourHeader, from source: UInt8?) -> Bool {
    for request in requests
    where request.peer == header.source && request.tag == header.tag && !request.isOver {
      return true
    }
    for question in questions where matches(question, header, source) { return true }
    return false
  }

  private func matches(
    _ question: Question, _ header: NeighbourHeader, _ source: UInt8?
  ) -> Bool {
    guard question.tag == header.tag, question.address == source || question.address == nil
    else { return false }
    return question.destination == 0 || question.destination == 0xFF
      || question.destination == header.source
  }

  /// Tags towards the null EID are counted apart from those towards the EID that answers, so tag
  /// and source may fit both a question and a request.
  func isQuestionAnswer(
    _ body: [UInt8], _ header: NeighbourHeader, from source: UInt8?
  ) -> Bool {
    guard body.count >= 4, body[0] == 0 else { return false }
    for question in questions where matches(question, header, source) {
      return body[1] & 0x1F == question.body[1] & 0x1F && body[2] == question.body[2]
    }
    return false
  }

  /// True: it was an answer to the world's traffic.
  func takeOutcome(_ body: [UInt8], _ header: NeighbourHeader) -> Bool {
    guard
      let index = requests.firstIndex(where: {
        $0.peer == header.source && $0.tag == header.tag && !$0.isOver
      })
    else { return false }
    let request = requests.remove(at: index)
    freeTag(request.tag, request.peer)
    outcomes.append(.answered(request.ticket, by: header.source, body: body))
    return true
  }

  /// A control message with TO cleared.
  func takeQuestionAnswer(_ body: [UInt8], _ header: NeighbourHeader, from source: UInt8?) {
    guard let index = questions.firstIndex(where: { matches($0, header, source) }) else { return }
    let question = questions[index]
    judgeAnswer(body, to: question.body, header)
    guard body.count >= 4, body[1] & 0x1F == question.body[1] & 0x1F, body[2] == question.body[2]
    else { return }
    questions.remove(at: index)
    freeTag(question.tag, question.destination)
    conclude(question, body)
  }

  private func conclude(_ question: Question, _ body: [UInt8]?) {
    switch question.purpose {
    case .asking: concludeAsking(question, body)
    case .task(let index): concludeTask(index, question, body)
    }
    deadline = 0
  }

  // ---- time --------------------------------------------------------------------------------

  func expireRequests() {
    var hasOver = false
    for index in requests.indices where requests[index].deadline <= clock {
      if requests[index].isOver {
        freeTag(requests[index].tag, requests[index].peer)
        hasOver = true
      } else {
        outcomes.append(.timedOut(requests[index].ticket))
        requests[index].isOver = true
        requests[index].deadline = clock + Self.tagRest
      }
    }
    if hasOver { requests.removeAll { $0.isOver && $0.deadline <= clock } }
  }

  func expireQuestions() {
    var index = 0
    while index < questions.count {
      guard questions[index].deadline <= clock else {
        index += 1
        continue
      }
      if questions[index].repeats > 0 {
        questions[index].repeats -= 1
        questions[index].deadline = clock + questions[index].timeout
        transmit(questions[index])
        index += 1
      } else {
        let question = questions.remove(at: index)
        freeTag(question.tag, question.destination)
        conclude(question, nil)
      }
    }
  }

  func dropQuestionsOfOldEID() {
    questions.removeAll { question in
      guard question.purpose == .asking else { return false }
      freeTag(question.tag, question.destination)
      return true
    }
    asking.isUnderWay = false
    deadline = 0
  }

  // ---- questions ---------------------------------------------------------------------------

  /// The control request with a new instance ID.
  func controlRequest(_ command: UInt8, _ parameters: [UInt8], isDatagram: Bool = false) -> [UInt8]
  {
    let id = nextInstanceID
    nextInstanceID = (id + 1) & 0x1F
    return [0x00, (isDatagram ? 0xC0 : 0x80) | id, command] + parameters
  }

  /// False: no tag is free.
  func ask(
    _ body: [UInt8], for purpose: Question.Purpose, to destination: UInt8, address: UInt8?,
    source: UInt8, timeoutMs: UInt64, repeats: Int
  ) -> Bool {
    guard let tag = takeTag(destination) else { return false }
    let timeout = timeoutMs * 1_000_000
    let question = Question(
      purpose: purpose, body: body, destination: destination, address: address, source: source,
      tag: tag, deadline: clock + timeout, timeout: timeout, repeats: repeats)
    questions.append(question)
    transmit(question)
    due(question.deadline)
    return true
  }

  private func transmit(_ question: Question) {
    let header = NeighbourHeader(
      destination: question.destination, source: question.source, flags: 0x08 | question.tag)
    _ = outbox.add(
      NeighbourOutbox.Message(
        question.body, header, address: question.address, readyAt: clock))
  }

  /// Questions to one port of the router come one after the other.
  func isAsked(_ address: UInt8?) -> Bool {
    for question in questions where question.address == address { return true }
    return false
  }
}
