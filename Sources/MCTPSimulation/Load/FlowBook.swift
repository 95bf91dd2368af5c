internal import MCTPWire

/// What the ledger remembers of one flow: the messages under way, and how the latest ones ended.
///
/// A ring of records by sequence number. It grows while more messages are under way than it holds;
/// a message that ended is remembered until its place is needed.
struct FlowBook {
  enum State: UInt8 {
    case open, completed, lost
  }

  private struct Record {
    var sentAt = Instant.zero
    /// Nil for none, or one before those that the ring holds.
    var state: State?
  }

  /// Choice: a million under way; beyond, the flow waits for its oldest message.
  private static let recordsMax = 1 << 20
  /// Choice: so many ended messages at least, so that a repeated one is known as such.
  private static let historyMin = 1024

  private(set) var nextSequence: UInt32 = 0
  /// Every message before this one has ended.
  private var oldest: UInt32 = 0
  private(set) var openCount = 0
  private var records = [Record](repeating: Record(), count: 2 * FlowBook.historyMin)

  /// When the next message is due under a rate.
  var dueAt: Instant?
  var highestCompleted: UInt32?
  var counts = LoadCounts()

  private var span: Int { Int(nextSequence &- oldest) }
  private func place(_ sequence: UInt32) -> Int { Int(sequence) & (records.count - 1) }

  var hasRoom: Bool { span < FlowBook.recordsMax - FlowBook.historyMin }

  /// When the oldest message under way was sent; nil when none is.
  var oldestSentAt: Instant? { openCount > 0 ? records[place(oldest)].sentAt : nil }

  /// Opens the next message; returns its sequence number.
  mutating func open(now: Instant) -> UInt32 {
    if span >= records.count - FlowBook.historyMin { grow() }
    let sequence = nextSequence
    records[place(sequence)] = Record(sentAt: now, state: .open)
    nextSequence &+= 1
    openCount += 1
    return sequence
  }

  /// How the message stands, and when it was sent; nil when it was never sent or is forgotten.
  func standing(of sequence: UInt32) -> (state: State, sentAt: Instant)? {
    let age = nextSequence &- sequence
    guard age >= 1, Int(age) <= records.count, Int(age) <= counts.sent else { return nil }
    let record = records[place(sequence)]
    return record.state.map { ($0, record.sentAt) }
  }

  /// Whether the flow sent this sequence number, though nobody remembers how it ended.
  func isForgotten(_ sequence: UInt32) -> Bool {
    let age = nextSequence &- sequence
    return age >= 1 && Int(age) <= counts.sent && standing(of: sequence) == nil
  }

  /// Ends an open message.
  mutating func end(_ sequence: UInt32, _ state: State) {
    records[place(sequence)].state = state
    openCount -= 1
    while oldest != nextSequence, records[place(oldest)].state != .open { oldest &+= 1 }
  }

  /// Gives up the oldest message under way if it was sent at `limit` or before.
  mutating func expireOldest(sentUntil limit: Instant) -> Bool {
    guard openCount > 0, records[place(oldest)].sentAt <= limit else { return false }
    end(oldest, .lost)
    return true
  }

  private mutating func grow() {
    var larger = [Record](repeating: Record(), count: 2 * records.count)
    for age in 1...UInt32(records.count) {
      let sequence = nextSequence &- age
      larger[Int(sequence) & (larger.count - 1)] = records[place(sequence)]
    }
    // What is older than the smaller ring is forgotten.
    records = larger
  }
}
