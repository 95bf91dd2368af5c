/// The packet error code of SMBus and I3C: CRC-8, polynomial 0x07, from 0, not reflected
/// (DSP0237 1.1.0 §6.2).
///
/// It covers the address byte too, which most drivers keep out of the buffer: start with
/// `update(0, address << 1 | rnw)` there.
public enum PEC {
  /// The code after one more byte.
  public static func update(_ pec: UInt8, _ byte: UInt8) -> UInt8 {
    pecTable0.span[Int(pec ^ byte)]
  }

  /// The code after all of `bytes`.
  ///
  /// Blocks of 16 bytes without a table: x^127 is 1 modulo the polynomial, so moving a block 128
  /// bits on, over the next one, is a shift by one bit. Half the instructions of tables alone.
  /// What remains takes four bytes a step: a byte-wise table is a chain of dependent loads, and
  /// took twice the time.
  public static func update(_ pec: UInt8, _ bytes: Span<UInt8>) -> UInt8 {
    var pec = pec
    var offset = 0
    let raw = bytes.bytes
    if bytes.count >= 32 {
      // A polynomial that is congruent to all bytes so far, in 128 bits.
      var high = word64(raw, at: 0) ^ UInt64(pec) << 56
      var low = word64(raw, at: 8)
      offset = 16
      while bytes.count &- offset >= 16 {
        let top = high >> 63
        high = (high << 1 | low >> 63) ^ word64(raw, at: offset)
        // x^128 is x: the bit that left comes back as bit 1.
        low = (low ^ top) << 1 ^ word64(raw, at: offset &+ 8)
        offset &+= 16
      }
      low = moved64(high) ^ low
      if bytes.count &- offset >= 8 {
        low = moved64(low) ^ word64(raw, at: offset)
        offset &+= 8
      }
      pec = step(0, UInt32(truncatingIfNeeded: low >> 32))
      pec = step(pec, UInt32(truncatingIfNeeded: low))
    }
    while bytes.count &- offset >= 4 {
      let word = raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self)
      pec = step(pec, UInt32(bigEndian: word))
      offset &+= 4
    }
    while offset < bytes.count {
      pec = update(pec, bytes[unchecked: offset])
      offset &+= 1
    }
    return pec
  }

  /// What is congruent to `word` moved 64 bits on: x^64 is x^4 + x + 1.
  @inline(__always)
  private static func moved64(_ word: UInt64) -> UInt64 {
    let beyond = word >> 63 ^ word >> 60
    return word ^ word << 1 ^ word << 4 ^ beyond ^ beyond << 1 ^ beyond << 4
  }

  /// The code after four more bytes, the first one in the high bits.
  @inline(__always)
  private static func step(_ pec: UInt8, _ word: UInt32) -> UInt8 {
    let word = word ^ UInt32(pec) << 24
    return pecTable3.span[Int(UInt8(truncatingIfNeeded: word >> 24))]
      ^ pecTable2.span[Int(UInt8(truncatingIfNeeded: word >> 16))]
      ^ pecTable1.span[Int(UInt8(truncatingIfNeeded: word >> 8))]
      ^ pecTable0.span[Int(UInt8(truncatingIfNeeded: word))]
  }

  /// Eight bytes, the first one in the high bits; the caller sees to it that they are there.
  @inline(__always)
  private static func word64(_ raw: RawSpan, at offset: Int) -> UInt64 {
    UInt64(
      bigEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
  }
}
