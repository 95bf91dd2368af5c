// The order of one port's queue as far as it can be known from outside: forwarded packets show when
// they are put there, the router's own only when they leave. First in, first out does the rest.

struct QueueLine {
  /// A drop for want of room says that so many packets waited: those that were not known must be
  /// the router's own, and leave before anything that came later.
  private struct Claim {
    var beforeForward: UInt64
    var ownTarget: UInt64
  }

  /// Forwarded packets that were ever put in the queue, and that began to leave.
  private(set) var forwardsAppended: UInt64 = 0
  private(set) var forwardsBegun: UInt64 = 0
  private(set) var ownBegun: UInt64 = 0
  private var claims: [Claim] = []

  mutating func appendForward() { forwardsAppended &+= 1 }
  mutating func beginOwn() { ownBegun &+= 1 }

  mutating func beginForward() { forwardsBegun &+= 1 }

  /// A packet found no room while `known` packets were known to wait where `bound` may.
  mutating func wasFull(known: Int, bound: Int) {
    guard known < bound else { return }
    let target = ownBegun &+ UInt64(bound - known)
    if let last = claims.last, last.beforeForward == forwardsAppended, last.ownTarget >= target {
      return
    }
    claims.append(Claim(beforeForward: forwardsAppended, ownTarget: target))
  }

  /// How many of the router's own packets are missing that must have waited when a packet found no
  /// room, now that one which came after it has begun to leave; 0 for none.
  mutating func missing() -> UInt64 {
    guard let first = claims.first, forwardsBegun > first.beforeForward else { return 0 }
    let due = claims.prefix { forwardsBegun > $0.beforeForward }
    claims.removeFirst(due.count)
    return due.map { $0.ownTarget > ownBegun ? $0.ownTarget - ownBegun : 0 }.max() ?? 0
  }

  /// The port went down: what waited is gone.
  mutating func clear() {
    forwardsBegun = forwardsAppended
    claims.removeAll(keepingCapacity: true)
  }
}
