/// First in, first out, without moving everything at each step. The oldest goes when it is full.
struct NeighbourQueue<Element> {
  private var elements: [Element] = []
  private var head = 0
  private let countMax: Int

  init(countMax: Int) { self.countMax = countMax }

  mutating func append(_ element: Element) {
    if elements.count - head >= countMax { head += 1 }
    elements.append(element)
    trim()
  }

  mutating func removeFirst() -> Element? {
    guard head < elements.count else { return nil }
    let element = elements[head]
    head += 1
    trim()
    return element
  }

  private mutating func trim() {
    if head == elements.count {
      elements.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 64, head * 2 >= elements.count {
      elements.removeFirst(head)
      head = 0
    }
  }
}

/// SplitMix64: the same seed gives the same neighbour.
struct NeighbourRandom {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }

  mutating func byte() -> UInt8 { UInt8(next() >> 56) }

  /// 0 to `count` - 1; `count` above 0.
  mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }
}

/// Something that happens so many times a second. What nobody took in time is not caught up with
/// beyond a few.
struct NeighbourRate {
  private static let dueMax: UInt64 = 8

  /// Times it is due and was not taken.
  private(set) var due: UInt64 = 0
  private(set) var nextAt: UInt64?

  mutating func advance(_ now: UInt64, perSecond: UInt32) {
    guard perSecond > 0 else {
      due = 0
      nextAt = nil
      return
    }
    let interval = max(1_000_000_000 / UInt64(perSecond), 1)
    guard let at = nextAt, at <= now + interval else {
      nextAt = now + interval
      return
    }
    guard at <= now else { return }
    let times = (now - at) / interval + 1
    due = min(due + times, Self.dueMax)
    nextAt = at + times * interval
  }

  mutating func take() -> Bool {
    guard due > 0 else { return false }
    due -= 1
    return true
  }
}
