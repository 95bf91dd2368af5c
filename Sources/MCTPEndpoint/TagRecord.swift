import MCTPWire

/// The eight tags of one peer.
struct TagRecord {
  /// Nil: the record was never used.
  private(set) var scope: TagScope?
  private var mask: UInt8 = 0
  private var next: UInt8 = 0
  private var lastUse = Instant.zero
  private var deadlines = InlineArray<8, Instant>(repeating: .zero)

  init(_ scope: TagScope? = nil) { self.scope = scope }

  /// One bit a tag; a tag whose time is up is free.
  func inUse(_ now: Instant) -> UInt8 {
    guard mask != 0 else { return 0 }
    var live = mask
    for tag in 0..<8 where deadlines[tag] <= now { live &= ~(1 << UInt8(tag)) }
    return live
  }

  var earliestExpiry: Instant? {
    var earliest: Instant?
    for tag in 0..<8 where mask & 1 << UInt8(tag) != 0 {
      if earliest.map({ deadlines[tag] < $0 }) ?? true { earliest = deadlines[tag] }
    }
    return earliest
  }

  /// The next free tag in turn; nil when all eight are in use or in `occupied`.
  mutating func take(avoiding occupied: UInt8, until deadline: Instant, now: Instant) -> UInt8? {
    releaseExpired(now)
    for step in 0..<UInt8(8) {
      let tag = (next + step) & 0x07
      guard (mask | occupied) & 1 << tag == 0 else { continue }
      mask |= 1 << tag
      next = (tag + 1) & 0x07
      lastUse = now
      deadlines[Int(tag)] = deadline
      return tag
    }
    return nil
  }

  mutating func releaseExpired(_ now: Instant) { mask = inUse(now) }

  mutating func release(_ tag: UInt8) { mask &= ~(1 << tag) }

  mutating func keep(_ tag: UInt8, until deadline: Instant) {
    if mask & 1 << tag != 0 { deadlines[Int(tag)] = deadline }
  }

  func isOlder(than other: TagRecord) -> Bool {
    other.scope != nil && lastUse < other.lastUse
  }
}

/// A request in the queue for a tag.
struct TagWaiter {
  let ticket: TagTicket
  let scope: TagScope
}
