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
  /// Four bytes a step: a byte-wise table is a chain of dependent loads, and took twice the time.
  /// Eight bytes a step gained less than a fifth on top, for twice the tables.
  public static func update(_ pec: UInt8, _ bytes: Span<UInt8>) -> UInt8 {
    var pec = pec
    var offset = 0
    let raw = bytes.bytes
    while bytes.count &- offset >= 4 {
      let word =
        UInt32(
          littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self))
        ^ UInt32(pec)
      pec =
        pecTable3.span[Int(UInt8(truncatingIfNeeded: word))]
        ^ pecTable2.span[Int(UInt8(truncatingIfNeeded: word >> 8))]
        ^ pecTable1.span[Int(UInt8(truncatingIfNeeded: word >> 16))]
        ^ pecTable0.span[Int(UInt8(truncatingIfNeeded: word >> 24))]
      offset &+= 4
    }
    while offset < bytes.count {
      pec = update(pec, bytes[offset])
      offset &+= 1
    }
    return pec
  }
}
