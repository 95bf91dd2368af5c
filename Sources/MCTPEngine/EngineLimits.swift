/// Every bound of the engine, in one place. Full always means: drop the newest, count it.
public enum EngineLimits {
  /// Ports of one engine (five bits in a routing table entry).
  public static let portCountMax = 32
  /// Routing table entries of one network. Entry handles are one byte, 0x00 and 0xFF are taken,
  /// and the device's own EIDs (one a port at most) are listed too: 222 + 32 = 254.
  public static let routingTableEntryCountMax = 222
  /// Packets that wait at one egress port.
  public static let queueDepthMax = 1024
  public static let queueDepthDefault = 256
  /// Payload bytes of one packet on any port: a USB 1.1 packet of 8187 bytes less its header.
  public static let transmissionUnitBytesMax = 8183
  /// Every medium carries this much (DSP0236 1.3.3 §8).
  public static let transmissionUnitBytesMin = 64
  /// Recent drops that are kept with their first bytes.
  public static let recentDropCount = 64
  /// First bytes of a dropped packet or frame that are kept.
  public static let recentDropByteCount = 16
  /// Message types that are announced beside control: what fits one control body with it.
  public static let messageTypeCountMax = 58
  /// Versions of one message type: what fits one control body.
  public static let versionCountMax = 14
  /// Vendor defined message sets. Selectors are one byte, and 0xFF ends the list.
  public static let vendorMessageSetCountMax = 255
  /// Events that wait for `nextEvent`.
  public static let eventCountMax = 64
  /// Retries of one packet on a medium that reports failures: what a bridge does when it routes
  /// (DSP0237 1.1.0, PN2).
  public static let retryCountMax: UInt8 = 12
}
