/// A running 64-bit digest of an engine's state, the same in every process and on every machine.
///
/// Times go in relative to the present, so that two moments with the same future are one state.
public struct StateDigest: Sendable {
  public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325
  /// The present.
  public let now: UInt64

  /// - Parameter now: nanoseconds.
  public init(now: UInt64) { self.now = now }

  @inline(__always)
  public mutating func add(_ word: UInt64) {
    value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
    value ^= value >> 32
  }

  @inline(__always)
  public mutating func add(_ value: Int) { add(UInt64(bitPattern: Int64(value))) }

  @inline(__always)
  public mutating func add(_ flag: Bool) { add(flag ? UInt64(1) : 0) }

  /// The count goes first, so that no two sequences of byte strings run together.
  public mutating func add(_ bytes: Span<UInt8>) {
    add(bytes.count)
    var word: UInt64 = 0
    for index in bytes.indices {
      word = word << 8 | UInt64(bytes[index])
      guard index & 7 == 7 else { continue }
      add(word)
      word = 0
    }
    if bytes.count & 7 != 0 { add(word) }
  }
}
