/// What an I3C target is: fixed but for its lengths, which SETMRL and SETMWL change.
public struct VirtualI3CTarget: Hashable, Sendable {
  /// Bus characteristics of a target that interrupts with a mandatory byte: bits 2 and 1.
  public static let interruptingBCR: UInt8 = 0x06
  /// Neither interrupts nor a mandatory byte: the controller has to ask.
  public static let silentBCR: UInt8 = 0x00
  /// Device characteristics of an MCTP device (DSP0233).
  public static let mctpDCR: UInt8 = 0xCC

  /// 48 bits.
  public var provisionedID: UInt64
  public var bcr: UInt8
  public var dcr: UInt8
  /// Most bytes of one private read, PEC included.
  public var maxReadByteCount: Int
  /// Most bytes of one private write, PEC included.
  public var maxWriteByteCount: Int

  /// - Parameters:
  ///   - maxReadByteCount: 8 to 65535; 69 is a baseline packet and its PEC.
  ///   - maxWriteByteCount: as `maxReadByteCount`.
  public init(
    provisionedID: UInt64, bcr: UInt8 = interruptingBCR, dcr: UInt8 = mctpDCR,
    maxReadByteCount: Int = 69, maxWriteByteCount: Int = 69
  ) {
    self.provisionedID = provisionedID & 0xFFFF_FFFF_FFFF
    self.bcr = bcr
    self.dcr = dcr
    self.maxReadByteCount = min(max(maxReadByteCount, 8), 0xFFFF)
    self.maxWriteByteCount = min(max(maxWriteByteCount, 8), 0xFFFF)
  }

  /// True when it raises in-band interrupts and sends a mandatory byte with them.
  public var interruptsWithByte: Bool { bcr & 0x06 == 0x06 }
}
