/// The digests that were seen: 8 bytes a place, at most three quarters of the places taken.
struct SeenStates {
  private var places: [UInt64]
  private(set) var count = 0

  init() { places = [UInt64](repeating: 0, count: 1 << 12) }

  var byteCount: Int { places.count * 8 }

  /// False when it was there.
  mutating func insert(_ digest: UInt64) -> Bool {
    // 0 marks an empty place.
    let digest = digest == 0 ? 1 : digest
    if count * 4 >= places.count * 3 { grow() }
    guard place(digest) else { return false }
    count += 1
    return true
  }

  private mutating func place(_ digest: UInt64) -> Bool {
    let mask = places.count - 1
    var index = Int(truncatingIfNeeded: digest >> 7) & mask
    while places[index] != 0 {
      if places[index] == digest { return false }
      index = (index + 1) & mask
    }
    places[index] = digest
    return true
  }

  private mutating func grow() {
    let old = places
    places = [UInt64](repeating: 0, count: old.count * 2)
    for digest in old where digest != 0 { _ = place(digest) }
  }
}
