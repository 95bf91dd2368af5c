/// CRC-32C: reflected polynomial 0x82F63B78, initial value and final XOR all ones.
public struct CRC32C: Hashable, Sendable {
  /// Bytes of the check at the end of a body.
  public static let byteCount = 4

  private var register: UInt32 = 0xFFFF_FFFF

  public init() {}

  /// The check over the bytes so far.
  public var value: UInt32 { ~register }

  public mutating func update(_ bytes: Span<UInt8>) {
    let table = nibbleTable.span
    for index in bytes.indices {
      register ^= UInt32(bytes[index])
      register = register >> 4 ^ table[Int(register & 0x0F)]
      register = register >> 4 ^ table[Int(register & 0x0F)]
    }
  }

  /// True when the last four bytes of `body` are the check over all before them, least
  /// significant byte first, as NVMe-MI has it. Any bytes are judged; fewer than four are wrong.
  public static func isValid(_ body: Span<UInt8>) -> Bool {
    let checked = body.count - byteCount
    guard checked >= 0 else { return false }
    var crc = CRC32C()
    crc.update(body.extracting(0..<checked))
    for index in 0..<byteCount
    where body[checked + index] != UInt8(truncatingIfNeeded: crc.value >> (8 * UInt32(index))) {
      return false
    }
    return true
  }
}

// Half-byte steps: 64 bytes of flash, and only NVMe-MI messages that end here pass through.
private let nibbleTable: InlineArray<16, UInt32> = [
  0x0000_0000, 0x105E_C76F, 0x20BD_8EDE, 0x30E3_49B1,
  0x417B_1DBC, 0x5125_DAD3, 0x61C6_9362, 0x7198_540D,
  0x82F6_3B78, 0x92A8_FC17, 0xA24B_B5A6, 0xB215_72C9,
  0xC38D_26C4, 0xD3D3_E1AB, 0xE330_A81A, 0xF36E_6F75,
]
