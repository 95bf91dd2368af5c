/// One block of a pcapng file being made: type, length, body, length again, little-endian.
struct CaptureBlock {
  private var bytes: [UInt8] = []

  init(type: UInt32) {
    append(type)
    // The length, when it is known.
    append(UInt32(0))
  }

  mutating func append(_ byte: UInt8) { bytes.append(byte) }

  mutating func append(_ value: UInt16) {
    bytes.append(UInt8(truncatingIfNeeded: value))
    bytes.append(UInt8(truncatingIfNeeded: value >> 8))
  }

  mutating func append(_ value: UInt32) {
    append(UInt16(truncatingIfNeeded: value))
    append(UInt16(truncatingIfNeeded: value >> 16))
  }

  mutating func appendBigEndian(_ value: UInt16) { append(value.byteSwapped) }
  mutating func appendBigEndian(_ value: UInt32) { append(value.byteSwapped) }

  /// Zeros up to the next multiple of four.
  mutating func pad() {
    while bytes.count % 4 != 0 { bytes.append(0) }
  }

  /// - Parameter value: its length is written, its padding not counted.
  mutating func appendOption(_ code: UInt16, _ value: [UInt8]) {
    append(code)
    append(UInt16(truncatingIfNeeded: value.count))
    bytes += value
    pad()
  }

  mutating func endOptions() { append(UInt32(0)) }

  /// The whole block.
  func finished() -> [UInt8] {
    var block = self
    let byteCount = UInt32(bytes.count + 4)
    block.append(byteCount)
    for index in 0..<4 {
      block.bytes[4 + index] = UInt8(truncatingIfNeeded: byteCount >> UInt32(8 * index))
    }
    return block.bytes
  }
}
