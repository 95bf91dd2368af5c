/// The check sums of the media, bit by bit as the reference writes them down. No tables: what is
/// short enough to be read is short enough to be believed.
enum NeighbourChecksum {
  /// CRC-8, polynomial 0x07, of the bytes in `range`; `value` is that of what came before.
  static func pec(_ bytes: [UInt8], _ range: Range<Int>, after value: UInt8 = 0) -> UInt8 {
    var crc = value
    for index in range { crc = pec(byte: bytes[index], after: crc) }
    return crc
  }

  static func pec(byte: UInt8, after value: UInt8 = 0) -> UInt8 {
    var crc = value ^ byte
    for _ in 0..<8 { crc = crc & 0x80 != 0 ? (crc << 1) ^ 0x07 : crc << 1 }
    return crc
  }

  /// FCS-16 of a serial frame before its first byte.
  static let fcsStart: UInt16 = 0xFFFF

  static func fcs(byte: UInt8, after value: UInt16) -> UInt16 {
    var fcs = value ^ UInt16(byte)
    for _ in 0..<8 { fcs = fcs & 1 != 0 ? (fcs >> 1) ^ 0x8408 : fcs >> 1 }
    return fcs
  }
}
