internal import MCTPFraming

/// What an I2C adapter's driver can do: the kernel's I2C_FUNC bits.
public struct I2CFunctionality: OptionSet, Hashable, Sendable {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Plain messages of any length: I2C_RDWR.
  public static let messages = I2CFunctionality(rawValue: 0x0000_0001)
  public static let smbusPEC = I2CFunctionality(rawValue: 0x0000_0008)
  /// The adapter can be given a target address. Many drivers that can do not say so, so that its
  /// absence proves nothing.
  public static let target = I2CFunctionality(rawValue: 0x0000_0020)
  public static let quick = I2CFunctionality(rawValue: 0x0001_0000)
  public static let receiveByte = I2CFunctionality(rawValue: 0x0002_0000)
  public static let writeBlock = I2CFunctionality(rawValue: 0x0200_0000)
  public static let readI2CBlock = I2CFunctionality(rawValue: 0x0400_0000)

  /// The largest frame the driver writes, address byte and PEC included; 0 when it writes none.
  ///
  /// A driver may have a lower limit of its own, which it tells nobody: it refuses the transfer.
  public var frameByteCountMax: Int {
    if contains(.messages) { return SMBusFrame.byteCountMax }
    // Address, command and byte count, 32 bytes of the block, PEC.
    return contains([.writeBlock, .smbusPEC]) ? 36 : 0
  }

  /// Payload bytes of the largest packet that one frame carries: 250, 27 or 0.
  public var transmissionUnitBytesMax: Int {
    max(0, frameByteCountMax - SMBusFrame.byteCountMin)
  }

  /// - Parameters:
  ///   - frameByteCount: the port's largest frame.
  ///   - path: the adapter's node, for the message.
  /// - Throws: when the adapter cannot write such a frame. SMBus blocks alone never suffice: MCTP
  ///   asks of every port for 64 payload bytes, the baseline transmission unit
  ///   (DSP0236 1.3.3 §8).
  public func check(frameByteCount: Int, path: String) throws(ConfigurationFault) {
    guard frameByteCount > frameByteCountMax else { return }
    let place = "the I2C adapter at \(path)"
    guard frameByteCountMax > 0 else {
      throw ConfigurationFault(
        "\(place) can write neither I2C messages nor SMBus blocks",
        hint: "use an adapter whose driver has I2C_FUNC_I2C (`i2cdetect -F` shows it)")
    }
    if contains(.messages) {
      throw ConfigurationFault(
        "\(place) writes frames of up to \(frameByteCountMax) bytes, the port's have "
          + "\(frameByteCount)",
        hint: "set transmission-unit to \(transmissionUnitBytesMax) or less")
    }
    throw ConfigurationFault(
      "\(place) writes SMBus blocks only: \(transmissionUnitBytesMax) payload bytes, and MCTP asks "
        + "for at least 64",
      hint: "use an adapter whose driver has I2C_FUNC_I2C (`i2cdetect -F` shows it)")
  }
}
