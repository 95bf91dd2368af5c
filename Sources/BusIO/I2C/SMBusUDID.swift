internal import MCTPFraming

/// A device's answer to SMBus ARP's Get UDID (SMBus 2.0 and later): who made it and what it speaks.
public struct SMBusUDID: Hashable, Sendable {
  /// The SMBus device default address: all ARP-capable devices listen to it.
  public static let defaultAddress: UInt8 = 0x61
  /// Byte count, 17 bytes and PEC.
  public static let answerByteCount = 19
  static let generalCommand: UInt8 = 0x03

  public let capabilities: UInt8
  public let versionRevision: UInt8
  public let vendorID: UInt16
  public let deviceID: UInt16
  /// Which protocols the device speaks, as bits.
  public let interface: UInt16
  public let subsystemVendorID: UInt16
  public let subsystemDeviceID: UInt16
  public let vendorSpecificID: UInt32
  /// Seven bits, unshifted; nil when the device has none yet.
  public let address: UInt8?

  /// Bit 5 of the interface's low byte, named ASF, which bus owners in use take for "speaks MCTP".
  ///
  /// UNVERIFIED against the text of the standard: treat a clear bit as a hint, no more.
  public var claimsMCTP: Bool { interface & 0x20 != 0 }

  /// The command that asks the device at `address` alone: bit 0 is 1.
  static func directedCommand(_ address: UInt8) -> UInt8 { address << 1 | 1 }

  /// Whatever the bytes are, this returns.
  ///
  /// - Parameters:
  ///   - answer: 19 bytes, the byte count first, the PEC last.
  ///   - command: what was asked; the PEC covers it and both address bytes.
  /// - Returns: nil when count or PEC is wrong, as it is when nobody drives the lines.
  public init?(answer: Span<UInt8>, command: UInt8) {
    guard answer.count == SMBusUDID.answerByteCount, answer[0] == 0x11 else { return nil }
    var pec: UInt8 = 0
    let written = SMBusUDID.defaultAddress << 1
    for byte in [written, command, written | 1] { pec = PEC.update(pec, byte) }
    guard PEC.update(pec, answer) == 0 else { return nil }
    func word(_ offset: Int) -> UInt16 { UInt16(answer[offset]) << 8 | UInt16(answer[offset + 1]) }
    capabilities = answer[1]
    versionRevision = answer[2]
    vendorID = word(3)
    deviceID = word(5)
    interface = word(7)
    subsystemVendorID = word(9)
    subsystemDeviceID = word(11)
    vendorSpecificID = UInt32(word(13)) << 16 | UInt32(word(15))
    address = answer[17] == 0xFF ? nil : answer[17] >> 1
  }
}
