/// The frame check sequence of the serial binding: RFC 1662's FCS-16 without the final complement,
/// sent high byte first (DSP0253).
///
/// It covers revision, length and the unescaped packet.
public enum FCS {
  /// What a check starts from. Linux before 5.17 started from 0: such peers fail every frame.
  public static let initial: UInt16 = 0xFFFF

  /// The check after one more byte.
  public static func update(_ fcs: UInt16, _ byte: UInt8) -> UInt16 {
    fcs >> 8 ^ fcsTable0.span[Int(UInt8(truncatingIfNeeded: fcs) ^ byte)]
  }

  /// The check after all of `bytes`.
  ///
  /// Four bytes a step, as in `PEC.update`; here it took two fifths of the byte-wise time.
  public static func update(_ fcs: UInt16, _ bytes: Span<UInt8>) -> UInt16 {
    var fcs = fcs
    var offset = 0
    let raw = bytes.bytes
    while bytes.count &- offset >= 4 {
      let word =
        UInt32(
          littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self))
        ^ UInt32(fcs)
      fcs =
        fcsTable3.span[Int(UInt8(truncatingIfNeeded: word))]
        ^ fcsTable2.span[Int(UInt8(truncatingIfNeeded: word >> 8))]
        ^ fcsTable1.span[Int(UInt8(truncatingIfNeeded: word >> 16))]
        ^ fcsTable0.span[Int(UInt8(truncatingIfNeeded: word >> 24))]
      offset &+= 4
    }
    while offset < bytes.count {
      fcs = update(fcs, bytes[offset])
      offset &+= 1
    }
    return fcs
  }
}
