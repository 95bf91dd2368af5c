/// What was found at one address of an I2C bus.
public struct I2CProbeResult: Hashable, Sendable {
  public enum Finding: Hashable, Sendable {
    case acknowledged
    case notAcknowledged
    /// A kernel driver has the address, so it was left alone.
    case usedByDriver
    /// Nobody knows, and why not.
    case failed(String)
  }

  /// Seven bits, unshifted.
  public let address: UInt8
  public let finding: Finding
  /// What the device says it is; nil when it was not asked or does not speak SMBus ARP.
  public let udid: SMBusUDID?

  public init(address: UInt8, finding: Finding, udid: SMBusUDID? = nil) {
    self.address = address
    self.finding = finding
    self.udid = udid
  }
}
