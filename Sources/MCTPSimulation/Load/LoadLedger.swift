// What a traffic generator sends and what became of it, for simulated and for real ports.
//
// Owns: one book a flow, the generator that draws sizes. Life: `next` until nil whenever
// `nextDeadline` has come or a message ended; `received` for every message that comes to one of
// the endpoints; `noteHurt` for messages that the caller itself spoiled; `expire` now and then;
// `close` at the end.

public import MCTPWire

/// One message to send; its body is in the caller's buffer.
public struct LoadMessage: Hashable, Sendable {
  public let flow: UInt16
  public let sequence: UInt32
  public let source: EID
  public let destination: EID
  /// `.echo` is sent as a request, `.oneWay` as a message that nobody answers.
  public let kind: LoadFlow.Kind
}

/// What a message that came in was.
public enum LoadArrival: Hashable, Sendable {
  /// Whole, in time and for the first time.
  case completed(flow: UInt16, nanoseconds: UInt64)
  /// A request at its destination: to be answered with the same body.
  case echo(flow: UInt16)
  case late(flow: UInt16)
  case duplicate(flow: UInt16)
  /// The flow is known when the message's first bytes are as they were sent.
  case damaged(flow: UInt16?)
  case misdelivered(flow: UInt16)
  /// No load message at all.
  case foreign
}

public struct LoadLedger: Sendable {
  public let plan: LoadPlan
  private var books: [FlowBook]
  private var sizeWeights: [UInt64]
  private var generator: SeededGenerator
  /// Flows take turns.
  private var turn = 0
  /// Damaged ones of which nobody knows the flow; messages that are no load messages.
  private var unattributed = LoadCounts()
  public private(set) var foreignCount: UInt64 = 0

  /// - Precondition: flows, windows, rates, weights and sizes are within the ranges that `LoadPlan`
  ///   and `LoadFlow` name.
  public init(_ plan: LoadPlan) {
    precondition(!plan.flows.isEmpty && plan.flows.count <= 65_536, "1 to 65536 flows")
    for flow in plan.flows {
      precondition(!flow.sizes.isEmpty, "a flow has a size")
      for size in flow.sizes {
        precondition(
          size.weight > 0 && size.bytes >= LoadBody.byteCountMin
            && size.bytes <= LoadBody.byteCountMax, "sizes are 16 to 65535 bytes, weights above 0")
      }
      switch flow.pacing {
      case .rate(let perSecond):
        precondition((1...1_000_000_000).contains(perSecond), "rates are 1 to 1000000000")
      case .window(let count): precondition(count > 0, "a window is above 0")
      }
    }
    self.plan = plan
    books = Array(repeating: FlowBook(), count: plan.flows.count)
    sizeWeights = plan.flows.map { $0.sizes.reduce(0) { $0 + UInt64($1.weight) } }
    generator = SeededGenerator(seed: plan.seed)
  }

  public func counts(ofFlow index: Int) -> LoadCounts { books[index].counts }

  /// All flows, and damaged messages of no known flow.
  public var total: LoadCounts {
    books.reduce(into: unattributed) { $0 += $1.counts }
  }

  /// Messages under way.
  public var openCount: Int { books.reduce(0) { $0 + $1.openCount } }
}

extension LoadLedger {
  /// When `next` or `expire` has something to do: `Instant.zero` for at once; nil while only
  /// arrivals matter.
  ///
  /// - Parameter canSend: false while the flow's source takes no message.
  public func nextDeadline(where canSend: (LoadFlow) -> Bool = { _ in true }) -> Instant? {
    var earliest: Instant?
    for (index, flow) in plan.flows.enumerated() {
      if let sentAt = books[index].oldestSentAt {
        let deadline = sentAt.advanced(byMs: plan.lostAfterMs)
        earliest = earliest.map { min($0, deadline) } ?? deadline
      }
      guard books[index].hasRoom, canSend(flow) else { continue }
      switch flow.pacing {
      case .window(let count): if books[index].openCount < count { return .zero }
      case .rate:
        guard let dueAt = books[index].dueAt else { return .zero }
        earliest = earliest.map { min($0, dueAt) } ?? dueAt
      }
    }
    return earliest
  }

  /// The next message that is due; nil when none is. It counts as sent.
  ///
  /// - Parameters:
  ///   - body: replaced by the message's bytes.
  ///   - canSend: as in `nextDeadline`.
  public mutating func next(
    now: Instant, body: inout [UInt8], where canSend: (LoadFlow) -> Bool = { _ in true }
  ) -> LoadMessage? {
    for step in 0..<plan.flows.count {
      let index = (turn + step) % plan.flows.count
      guard books[index].hasRoom, isDue(index, now), canSend(plan.flows[index]) else { continue }
      turn = (index + 1) % plan.flows.count
      return send(index, now: now, body: &body)
    }
    return nil
  }

  private mutating func isDue(_ index: Int, _ now: Instant) -> Bool {
    switch plan.flows[index].pacing {
    case .window(let count): return books[index].openCount < count
    case .rate:
      guard let dueAt = books[index].dueAt else {
        books[index].dueAt = now
        return true
      }
      return dueAt <= now
    }
  }

  private mutating func send(_ index: Int, now: Instant, body: inout [UInt8]) -> LoadMessage {
    let flow = plan.flows[index]
    if case .rate(let perSecond) = flow.pacing {
      // Choice: what could not be sent for a second is not made up for: `sent` shows the rate that
      // was kept.
      let earliest = Instant(nanoseconds: max(now.nanoseconds, 1_000_000_000) - 1_000_000_000)
      let due = max(books[index].dueAt ?? now, earliest)
      books[index].dueAt = due.advanced(byNanoseconds: 1_000_000_000 / UInt64(perSecond))
    }
    let sequence = books[index].open(now: now)
    let load = LoadBody(
      flow: UInt16(index), sequence: sequence, byteCount: drawSize(of: flow, sizeWeights[index]))
    load.write(to: &body, seed: plan.seed)
    books[index].counts.sent += 1
    return LoadMessage(
      flow: UInt16(index), sequence: sequence, source: flow.source,
      destination: flow.destination, kind: flow.kind)
  }

  private mutating func drawSize(of flow: LoadFlow, _ weights: UInt64) -> Int {
    guard flow.sizes.count > 1 else { return flow.sizes[0].bytes }
    var draw = generator.below(weights)
    for size in flow.sizes {
      if draw < UInt64(size.weight) { return size.bytes }
      draw -= UInt64(size.weight)
    }
    return flow.sizes[0].bytes
  }
}

extension LoadLedger {
  /// Takes the body of a message that came to the endpoint `eid`. Whatever the bytes are, it
  /// returns.
  ///
  /// - Parameter isResponse: the message's sender does not own its tag.
  public mutating func received(
    _ body: Span<UInt8>, by eid: EID, isResponse: Bool = false, now: Instant
  ) -> LoadArrival {
    guard let load = LoadBody(body, seed: plan.seed), Int(load.flow) < books.count else {
      guard LoadBody.hasPrefix(body) else {
        foreignCount += 1
        return .foreign
      }
      unattributed.damaged += 1
      return .damaged(flow: nil)
    }
    let index = Int(load.flow)
    guard load.matches(body, seed: plan.seed) else {
      books[index].counts.damaged += 1
      return .damaged(flow: load.flow)
    }
    let flow = plan.flows[index]
    switch flow.kind {
    case .oneWay where !isResponse && eid == flow.destination: break
    case .echo where isResponse && eid == flow.source: break
    case .echo where !isResponse && eid == flow.destination:
      books[index].counts.reached += 1
      return .echo(flow: load.flow)
    default:
      books[index].counts.misdelivered += 1
      return .misdelivered(flow: load.flow)
    }
    return complete(load, now: now)
  }

  private mutating func complete(_ load: LoadBody, now: Instant) -> LoadArrival {
    let index = Int(load.flow)
    guard let (state, sentAt) = books[index].standing(of: load.sequence) else {
      guard books[index].isForgotten(load.sequence) else {
        // Whole, and yet nobody sent it: another run with the same seed.
        foreignCount += 1
        return .foreign
      }
      books[index].counts.late += 1
      return .late(flow: load.flow)
    }
    switch state {
    case .completed:
      books[index].counts.duplicated += 1
      return .duplicate(flow: load.flow)
    case .lost:
      books[index].counts.late += 1
      return .late(flow: load.flow)
    case .open: break
    }
    let elapsed = now.nanoseconds(since: sentAt)
    guard elapsed < UInt64(plan.lostAfterMs) * 1_000_000 else {
      books[index].end(load.sequence, .lost)
      books[index].counts.lost += 1
      books[index].counts.late += 1
      return .late(flow: load.flow)
    }
    books[index].end(load.sequence, .completed)
    books[index].counts.completed += 1
    books[index].counts.completedBytes += UInt64(load.byteCount)
    if let highest = books[index].highestCompleted, load.sequence &- highest > UInt32.max / 2 {
      books[index].counts.reordered += 1
    } else {
      books[index].highestCompleted = load.sequence
    }
    return .completed(flow: load.flow, nanoseconds: elapsed)
  }

  /// A message that the caller itself spoiled on its way: lost at once, so that it holds up no
  /// window. One that has ended already is left as it is.
  public mutating func noteHurt(flow: UInt16, sequence: UInt32) {
    let index = Int(flow)
    guard index < books.count, books[index].standing(of: sequence)?.state == .open else { return }
    books[index].end(sequence, .lost)
    books[index].counts.lost += 1
    books[index].counts.hurt += 1
  }

  /// Gives up what is not complete after `LoadPlan.lostAfterMs`.
  public mutating func expire(now: Instant) {
    let patience = UInt64(plan.lostAfterMs) * 1_000_000
    guard now.nanoseconds >= patience else { return }
    expire(sentUntil: Instant(nanoseconds: now.nanoseconds - patience))
  }

  /// Gives up everything under way: the end.
  public mutating func close() { expire(sentUntil: Instant(nanoseconds: .max)) }

  private mutating func expire(sentUntil limit: Instant) {
    for index in books.indices {
      while books[index].expireOldest(sentUntil: limit) { books[index].counts.lost += 1 }
    }
  }
}
