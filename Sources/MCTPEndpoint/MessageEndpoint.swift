public import MCTPWire

/// Messages in and out of one device: packets to messages, messages to packets, and responses to
/// the requests they belong to (DSP0236 1.3.3 §8).
///
/// Owns every byte between a packet and a message, allocated once. A request lives from `request`
/// to one of: `Delivery.Outcome.response`, `Delivery.failedRequest`,
/// `EndpointEvent.requestTimedOut`, `cancel`.
///
/// What to poll, and after which calls:
/// - `nextPacket` after `request`, `send`, `respond`, `cancel`, `receive`, `nextEvent`, and when
///   a path that took no packets takes them again: until it returns nil.
/// - `nextEvent` at `nextDeadline`, which every call may change: until it returns nil; then
///   `nextPacket`.
public struct MessageEndpoint: ~Copyable {
  public let limits: EndpointLimits

  var reassembler: Reassembler
  var tags: TagTable
  var exchanges: FixedTable<Exchange>
  var pool: BlockPool
  var sequences = SequenceMemory()
  /// Slots of `exchanges` in the order their messages were given: the first `orderCount`.
  var order: FixedTable<Int>
  var orderCount = 0
  private var lastTicket: UInt32 = 0

  public init(limits: EndpointLimits = EndpointLimits()) {
    self.limits = limits
    reassembler = Reassembler(limits: limits.reassembly)
    tags = TagTable(limits: limits.tags)
    let pool = BlockPool(byteCount: limits.outboundBytesMax)
    exchanges = FixedTable(count: limits.exchangesMax, repeating: Exchange.empty(in: pool))
    self.pool = pool
    order = FixedTable(count: limits.exchangesMax, repeating: 0)
  }

  /// The body of the message that the last `receive` completed, type byte first; else empty.
  public var message: Span<UInt8> {
    @_lifetime(borrow self) get { reassembler.message }
  }

  /// Packets held in unfinished messages: the open side of the books.
  public var heldPacketCount: Int { reassembler.heldPacketCount }

  /// Messages being sent and requests being waited for: 0 to `limits.exchangesMax`.
  public var exchangeCount: Int { orderCount }

  /// When `nextEvent` has something to say; nil when nothing is under way.
  public var nextDeadline: Instant? {
    var earliest = reassembler.nextDeadline
    if let deadline = tags.nextDeadline, earliest.map({ deadline < $0 }) ?? true {
      earliest = deadline
    }
    for position in 0..<orderCount {
      let deadline = exchanges[order[position]].deadline
      if earliest.map({ deadline < $0 }) ?? true { earliest = deadline }
    }
    return earliest
  }

  /// The next thing that time brought about; call it until it returns nil.
  public mutating func nextEvent(now: Instant) -> EndpointEvent? {
    if let ended = reassembler.expireNext(now: now) { return .assemblyEnded(ended) }
    for position in 0..<orderCount {
      let slot = order[position]
      let exchange = exchanges[slot]
      guard exchange.deadline <= now else { continue }
      close(slot, now: now)
      guard case .request = exchange.kind else { return .sendAbandoned(exchange.peer) }
      return .requestTimedOut(exchange.ticket, answerCount: exchange.answerCount)
    }
    assignTags(now: now)
    return nil
  }

  /// Gives a request up; one that is finished is ignored. Its tag rests for its lifetime, so
  /// that a late response meets no other request.
  public mutating func cancel(_ ticket: RequestTicket, now: Instant) {
    for position in 0..<orderCount {
      let slot = order[position]
      guard case .request = exchanges[slot].kind, exchanges[slot].ticket == ticket else { continue }
      close(slot, now: now)
      return
    }
  }
}

extension MessageEndpoint {
  mutating func nextTicket() -> RequestTicket {
    lastTicket &+= 1
    return RequestTicket(rawValue: lastTicket)
  }

  func freeSlot() -> Int? {
    guard orderCount < exchanges.count else { return nil }
    for slot in 0..<exchanges.count where exchanges[slot].isFree { return slot }
    return nil
  }

  mutating func open(_ exchange: Exchange, in slot: Int) {
    exchanges[slot] = exchange
    order[orderCount] = slot
    orderCount += 1
  }

  /// Frees the slot. A tag that was sent with rests for its lifetime from now on.
  mutating func close(_ slot: Int, now: Instant) {
    var exchange = exchanges[slot]
    pool.free(&exchange.chain)
    switch (exchange.state, exchange.kind) {
    case (.waitingForTag(let ticket), _): tags.cancel(ticket)
    case (_, .response): break
    default:
      let rest = now.advanced(byMs: limits.tags.lifetimeMs)
      tags.keep(exchange.tag, of: exchange.peer, until: rest)
    }
    exchange.state = .free
    exchanges[slot] = exchange
    var kept = 0
    for position in 0..<orderCount where order[position] != slot {
      order[kept] = order[position]
      kept += 1
    }
    orderCount = kept
  }

  /// Hands tags to the requests that wait for them.
  mutating func assignTags(now: Instant) {
    while let ready = tags.nextReady(now: now) {
      for position in 0..<orderCount {
        let slot = order[position]
        guard case .waitingForTag(let ticket) = exchanges[slot].state, ticket == ready.ticket else {
          continue
        }
        exchanges[slot].tag = ready.tag
        startSending(slot, now: now)
      }
    }
  }

  /// The tag is held until the last packet has left, however long that takes.
  mutating func startSending(_ slot: Int, now: Instant) {
    var exchange = exchanges[slot]
    exchange.state = .sending
    exchange.deadline = now.advanced(byMs: limits.sendStallMs)
    exchange.cursor = pool.start(of: exchange.chain)
    exchanges[slot] = exchange
    if exchange.tag.tagOwner {
      tags.keep(exchange.tag, of: exchange.peer, until: Instant(nanoseconds: .max))
    }
  }
}
