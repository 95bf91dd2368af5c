public import MCTPWire

/// A set of EIDs of one network: 256 bits, no memory of its own.
public struct EIDSet: Hashable, Sendable {
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  public init() {}

  public init(first: EID, count: Int) {
    for offset in 0..<max(count, 0) where Int(first.rawValue) + offset < 256 {
      insert(EID(UInt8(Int(first.rawValue) + offset)))
    }
  }

  private func word(_ index: UInt8) -> UInt64 {
    switch index {
    case 0: words.0
    case 1: words.1
    case 2: words.2
    default: words.3
    }
  }

  private mutating func set(_ word: UInt64, at index: UInt8) {
    switch index {
    case 0: words.0 = word
    case 1: words.1 = word
    case 2: words.2 = word
    default: words.3 = word
    }
  }

  public func contains(_ eid: EID) -> Bool {
    word(eid.rawValue >> 6) & (1 << UInt64(eid.rawValue & 63)) != 0
  }

  public mutating func insert(_ eid: EID) {
    let index = eid.rawValue >> 6
    set(word(index) | 1 << UInt64(eid.rawValue & 63), at: index)
  }

  public mutating func remove(_ eid: EID) {
    let index = eid.rawValue >> 6
    set(word(index) & ~(1 << UInt64(eid.rawValue & 63)), at: index)
  }

  public var count: Int {
    words.0.nonzeroBitCount + words.1.nonzeroBitCount + words.2.nonzeroBitCount
      + words.3.nonzeroBitCount
  }

  public var isEmpty: Bool { count == 0 }

  /// All of them, lowest first.
  public var members: [EID] {
    var all: [EID] = []
    for value in 0..<256 where contains(EID(UInt8(value))) { all.append(EID(UInt8(value))) }
    return all
  }

  public static func == (left: EIDSet, right: EIDSet) -> Bool { left.words == right.words }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(words.2)
    hasher.combine(words.3)
  }
}
