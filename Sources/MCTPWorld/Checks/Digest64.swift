/// A running 64-bit digest of words and bytes, the same in every process and on every machine.
///
/// Choice: not Swift's `Hasher`, whose seed differs per process, and a word at a time instead of a
/// byte at a time, because every packet of a run goes through it several times. Each step is a
/// one-to-one map of the state for a given word and of the word for a given state: two inputs of
/// one length that differ in a single word never collide, others with a chance of 2^-64.
public struct Digest64: Hashable, Sendable {
  public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  public init() {}

  public init(_ bytes: Span<UInt8>) { add(bytes) }

  @inline(__always)
  public mutating func add(_ word: UInt64) {
    value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
    value ^= value >> 32
  }

  /// The count goes first, so that no two sequences of byte strings run together.
  public mutating func add(_ bytes: Span<UInt8>) {
    add(UInt64(bytes.count))
    bytes.withUnsafeBytes { raw in
      var offset = 0
      while offset + 8 <= raw.count {
        add(UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        offset += 8
      }
      guard offset < raw.count else { return }
      var last: UInt64 = 0
      while offset < raw.count {
        last = last << 8 | UInt64(raw[offset])
        offset += 1
      }
      add(last)
    }
  }
}
