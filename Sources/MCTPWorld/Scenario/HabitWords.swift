// Habits of neighbours in the words of scenario files: one table, for reading, for writing and for
// laying one over another.

internal import MCTPNeighbours

/// One habit: its word, and what follows it.
struct HabitWord {
  enum Form {
    /// The word alone makes it this.
    case flag(WritableKeyPath<NeighbourHabits, Bool>, Bool)
    /// `WORD N`
    case count(WritableKeyPath<NeighbourHabits, UInt8>, ClosedRange<UInt64>)
    /// `WORD N`, where 0 means something too
    case value(WritableKeyPath<NeighbourHabits, UInt8?>, ClosedRange<UInt64>)
    /// `WORD each N`
    case each(WritableKeyPath<NeighbourHabits, UInt32>)
    /// `WORD for TIME`
    case lasting(WritableKeyPath<NeighbourHabits, UInt32>)
    /// `WORD every TIME`
    case every(WritableKeyPath<NeighbourHabits, UInt32>)
    /// `WORD N/s`
    case rate(WritableKeyPath<NeighbourHabits, UInt32>)
    /// `WORD held`, `zero`, `wish` or `COUNT at FIRST`
    case pool(WritableKeyPath<NeighbourHabits, NeighbourHabits.PoolAnswer>)
    /// `answers always`, `never`, `twice`, `not-each N`, `late TIME`
    case answers
    /// `errors each N [code C]`
    case errors
    /// `reports +N`
    case reports
    /// `floods N/s [to EID] [of BYTES]`
    case floods
    /// `spoofs EID N/s [to EID]`
    case spoofs
    /// `broken N/s [to EID]`
    case broken
    /// `claims COUNT at FIRST`
    case claims
    /// `table singles`, `pool-range`, `bridge-range`, `bridge-only`, `none`, `refused CODE`
    case table
  }

  let word: String
  let form: Form

  private init(_ word: String, _ form: Form) {
    self.word = word
    self.form = form
  }

  static var all: [HabitWord] { responders + senders + bridges + owners }

  private static let code: ClosedRange<UInt64> = 1...255
  private static let eid: ClosedRange<UInt64> = 0...255

  private static var responders: [HabitWord] {
    [
      HabitWord("answers", .answers), HabitWord("trailing", .count(\.trailingByteCount, 1...200)),
      HabitWord("missing", .count(\.missingByteCount, 1...200)), HabitWord("errors", .errors),
      HabitWord("not-ready", .lasting(\.notReadyMs)),
      HabitWord("refuses-set", .value(\.setRefusal, code)),
      HabitWord("static", .flag(\.keepsStaticEID, true)),
      HabitWord("sets", .value(\.setSetting, eid)), HabitWord("reports", .reports),
      HabitWord("keeps-eid", .flag(\.keepsEIDOverRestart, true)),
      HabitWord("forgets", .every(\.forgetsEIDEveryMs)),
      HabitWord("needs-set", .flag(\.needsSetEndpointID, true)),
      HabitWord("hides-control", .flag(\.listsControl, false)),
    ]
  }

  private static var senders: [HabitWord] {
    [
      HabitWord("notifies", .rate(\.notifyPerSecond)), HabitWord("floods", .floods),
      HabitWord("spoofs", .spoofs), HabitWord("garbage", .rate(\.garbagePerSecond)),
      HabitWord("garbage-frames", .rate(\.garbageFramesPerSecond)),
      HabitWord("asks", .every(\.asksEveryMs)), HabitWord("broken", .broken),
      HabitWord("deaf", .flag(\.isDeafAfterBadFrame, true)),
      HabitWord("frame-source", .value(\.frameSourceAddress, 0...0x7F)),
    ]
  }

  private static var bridges: [HabitWord] {
    [
      HabitWord("wants", .count(\.poolWish, 1...246)),
      HabitWord("pool-answer", .pool(\.allocateAnswer)),
      HabitWord("pool-tells", .pool(\.poolInformation)),
      HabitWord("never-allocated", .flag(\.neverSaysAllocated, true)),
      HabitWord("tells-wish", .flag(\.tellsWishWhileHeld, true)),
      HabitWord("says-no-pool", .flag(\.saysNoPool, true)),
      HabitWord("refuses-second", .flag(\.refusesSecondAllocate, true)),
      HabitWord("claims", .claims), HabitWord("table", .table),
      HabitWord("table-misses", .each(\.tableMissesChildrenEach)),
      HabitWord("settles", .lasting(\.settlesMs)),
      HabitWord("refuses-update", .value(\.updateRefusal, code)),
      HabitWord("keeps-pool", .flag(\.keepsPoolOverRestart, true)),
    ]
  }

  private static var owners: [HabitWord] {
    [
      HabitWord("ignores-notify", .flag(\.ignoresNotify, true)),
      HabitWord("assigns-once", .flag(\.assignsOnNotify, false)),
      HabitWord("forces", .flag(\.forces, true)),
      HabitWord("null-source", .flag(\.asksFromNullEID, true)),
    ]
  }
}

extension NeighbourHabits.PoolAnswer {
  var words: String {
    switch self {
    case .held: "held"
    case .zero: "zero"
    case .wish: "wish"
    case .fixed(let count, let first): "\(count) at \(first)"
    }
  }
}

extension NeighbourHabits.TableForm {
  static let plainWords: [(String, NeighbourHabits.TableForm?)] = [
    ("singles", .singles), ("pool-range", .poolRange), ("bridge-range", .bridgeRange),
    ("bridge-only", .bridgeOnly), ("none", NeighbourHabits.TableForm.none), ("refused", nil),
  ]

  var words: String {
    switch self {
    case .refused(let code): "refused \(hexadecimal(code))"
    default: NeighbourHabits.TableForm.plainWords.first { $0.1 == self }?.0 ?? ""
    }
  }
}

func hexadecimal(_ value: UInt8) -> String {
  let digits = String(value, radix: 16)
  return "0x" + (digits.count < 2 ? "0" : "") + digits
}
