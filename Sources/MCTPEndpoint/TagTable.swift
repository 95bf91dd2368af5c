public import MCTPWire

/// What tag keeping may cost. All of it is allocated once.
public struct TagLimits: Hashable, Sendable {
  /// Peers with tags in use at once. At least 1; about 110 bytes each.
  public var peersMax: Int
  /// Requests that wait for a tag. At least 1.
  public var waitingMax: Int
  /// How long a tag is kept when nobody releases or extends it.
  ///
  /// Choice: 6000, the upper bound of the instance ID expiration interval (DSP0237 1.1.0
  /// Table 9, MT4), as Linux, libmctp and mctp-estack do.
  public var lifetimeMs: UInt32

  public init(peersMax: Int = 64, waitingMax: Int = 64, lifetimeMs: UInt32 = 6000) {
    precondition(peersMax > 0 && waitingMax > 0)
    self.peersMax = peersMax
    self.waitingMax = waitingMax
    self.lifetimeMs = lifetimeMs
  }
}

/// The place of a request that waits for a tag.
public struct TagTicket: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt32

  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
}

public enum TagAllocation: Hashable, Sendable {
  /// TO is 1.
  case allocated(MessageTag)
  /// Poll `TagTable.nextReady`.
  case waiting(TagTicket)
  /// As many wait as may, or the peer cannot be addressed.
  case refused
}

/// The tags that this device owns: eight for each pair of local and remote EID
/// (DSP0236 1.3.3 §8), given out round robin.
///
/// A tag lives from `allocate` to `release` or to the end of its time. While eight are in use,
/// requests wait in order instead of failing. A tag that waits for any EID, because its request
/// went to null or broadcast, is not shared with any peer whose answer could be meant.
///
/// Poll `nextReady` after `release` and at `nextDeadline`.
public struct TagTable: ~Copyable {
  public struct Ready: Hashable, Sendable {
    public let ticket: TagTicket
    /// TO is 1.
    public let tag: MessageTag
  }

  public let limits: TagLimits
  /// Requests that wait: 0 to `limits.waitingMax`.
  public private(set) var waitingCount = 0

  private var records: FixedTable<TagRecord>
  private var waiting: FixedTable<TagWaiter?>
  private var lastTicket: UInt32 = 0

  public init(limits: TagLimits = TagLimits()) {
    self.limits = limits
    records = FixedTable(count: limits.peersMax, repeating: TagRecord())
    waiting = FixedTable(count: limits.waitingMax, repeating: nil)
  }

  /// Takes a tag for a message to `peer`, kept for `limits.lifetimeMs`. Nobody who waits is
  /// overtaken.
  public mutating func allocate(for peer: Peer, now: Instant) -> TagAllocation {
    guard let scope = TagScope(peer) else { return .refused }
    if !isOvertaking(scope, waitersBefore: waitingCount), let tag = take(scope, now: now) {
      return .allocated(tag)
    }
    guard waitingCount < waiting.count else { return .refused }
    lastTicket &+= 1
    let ticket = TagTicket(rawValue: lastTicket)
    waiting[waitingCount] = TagWaiter(ticket: ticket, scope: scope)
    waitingCount += 1
    return .waiting(ticket)
  }

  /// Gives the oldest request that can have a tag its tag; call it until it returns nil.
  public mutating func nextReady(now: Instant) -> Ready? {
    guard waitingCount > 0 else { return nil }
    for index in 0..<records.count { records[index].releaseExpired(now) }
    for index in 0..<waitingCount {
      guard let waiter = waiting[index] else { continue }
      if isOvertaking(waiter.scope, waitersBefore: index) { continue }
      guard let tag = take(waiter.scope, now: now) else { continue }
      removeWaiter(index)
      return Ready(ticket: waiter.ticket, tag: tag)
    }
    return nil
  }

  /// Stops waiting. A ticket that does not wait is ignored.
  public mutating func cancel(_ ticket: TagTicket) {
    for index in 0..<waitingCount where waiting[index]?.ticket == ticket {
      removeWaiter(index)
      return
    }
  }

  /// Gives a tag back. One that is not in use is ignored.
  public mutating func release(_ tag: MessageTag, of peer: Peer) {
    guard let scope = TagScope(peer), let index = record(of: scope) else { return }
    records[index].release(tag.tag)
  }

  /// Keeps a tag in use until `deadline`, earlier or later than before.
  public mutating func keep(_ tag: MessageTag, of peer: Peer, until deadline: Instant) {
    guard let scope = TagScope(peer), let index = record(of: scope) else { return }
    records[index].keep(tag.tag, until: deadline)
  }

  public func isInUse(_ tag: MessageTag, of peer: Peer, now: Instant) -> Bool {
    guard let scope = TagScope(peer), let index = record(of: scope) else { return false }
    return records[index].inUse(now) & tag.bit != 0
  }

  /// When somebody who waits may get an expired tag; nil when nobody waits.
  public var nextDeadline: Instant? {
    guard waitingCount > 0 else { return nil }
    var earliest: Instant?
    for index in 0..<records.count {
      guard let expiry = records[index].earliestExpiry else { continue }
      if earliest.map({ expiry < $0 }) ?? true { earliest = expiry }
    }
    return earliest
  }
}

extension TagTable {
  /// Whether a packet with TO = 0 is for a tag in use.
  func isInUse(answeredBy header: PacketHeader, from origin: PacketOrigin, now: Instant) -> Bool {
    answered(by: header, from: origin, now: now) != nil
  }

  /// A broadcast request's tag is not released: others may answer late too.
  mutating func release(answeredBy header: PacketHeader, from origin: PacketOrigin, now: Instant) {
    guard let index = answered(by: header, from: origin, now: now),
      records[index].scope?.isBroadcast == false
    else { return }
    records[index].release(header.messageTag.tag)
  }

  private func answered(by header: PacketHeader, from origin: PacketOrigin, now: Instant) -> Int? {
    for index in 0..<records.count {
      guard let scope = records[index].scope, scope.isAnswered(by: header, from: origin) else {
        continue
      }
      if records[index].inUse(now) & header.messageTag.bit != 0 { return index }
    }
    return nil
  }

  private func record(of scope: TagScope) -> Int? {
    for index in 0..<records.count where records[index].scope == scope { return index }
    return nil
  }

  private func isOvertaking(_ scope: TagScope, waitersBefore end: Int) -> Bool {
    for index in 0..<end {
      if let waiter = waiting[index], waiter.scope.conflicts(with: scope) { return true }
    }
    return false
  }

  private mutating func removeWaiter(_ index: Int) {
    for later in (index + 1)..<max(index + 1, waitingCount) { waiting[later - 1] = waiting[later] }
    waitingCount -= 1
    waiting[waitingCount] = nil
  }

  private mutating func take(_ scope: TagScope, now: Instant) -> MessageTag? {
    var occupied: UInt8 = 0
    var own: Int?
    var idle: Int?
    for index in 0..<records.count {
      let inUse = records[index].inUse(now)
      guard let other = records[index].scope else {
        if idle.map({ records[$0].scope != nil }) ?? true { idle = index }
        continue
      }
      if other == scope { own = index }
      if other.conflicts(with: scope) { occupied |= inUse }
      guard inUse == 0 else { continue }
      if idle.map({ records[index].isOlder(than: records[$0]) }) ?? true { idle = index }
    }
    guard let index = own ?? idle else { return nil }
    if own == nil { records[index] = TagRecord(scope) }
    let deadline = now.advanced(byMs: limits.lifetimeMs)
    guard let tag = records[index].take(avoiding: occupied, until: deadline, now: now) else {
      return nil
    }
    return MessageTag(tag, tagOwner: true)
  }
}

extension MessageTag {
  /// One bit of eight.
  var bit: UInt8 { 1 << tag }
}
