/// A target on an I3C bus, as the bus told when it was enumerated.
public struct I3CDevice: Hashable, Sendable {
  /// Device characteristics of an MCTP device (DSP0233).
  public static let mctpDCR: UInt8 = 0xCC

  /// 48 bits: who it is, whatever its address.
  public var provisionedID: UInt64
  /// Seven bits, unshifted: where it is now.
  public var dynamicAddress: UInt8
  /// Bus characteristics: bit 1 it interrupts, bit 2 with a mandatory byte.
  public var bcr: UInt8
  public var dcr: UInt8
  /// MRL: most bytes of one private read, PEC included.
  public var maxReadByteCount: Int
  /// MWL: most bytes of one private write, PEC included.
  public var maxWriteByteCount: Int

  public init(
    provisionedID: UInt64, dynamicAddress: UInt8, bcr: UInt8, dcr: UInt8 = mctpDCR,
    maxReadByteCount: Int, maxWriteByteCount: Int
  ) {
    self.provisionedID = provisionedID
    self.dynamicAddress = dynamicAddress
    self.bcr = bcr
    self.dcr = dcr
    self.maxReadByteCount = maxReadByteCount
    self.maxWriteByteCount = maxWriteByteCount
  }

  public var isMCTP: Bool { dcr == I3CDevice.mctpDCR }

  /// True when it announces packets itself; one that cannot is polled with GETSTATUS (DSP0233).
  public var announcesPackets: Bool { bcr & 0x06 == 0x06 }
}
