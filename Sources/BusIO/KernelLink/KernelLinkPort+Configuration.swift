extension KernelLinkPort {
  /// Which header the link's driver puts in front of a packet.
  public enum Addressing: Hashable, Sendable {
    /// Links of the driver mctp-i2c; our own address is 0x08 to 0x77, unshifted.
    case i2c(ownAddress: UInt8)
    /// Links of the driver mctp-i3c: provisioned IDs.
    case i3c
    /// Links without addresses: serial, USB, tun.
    case none
  }

  public struct Configuration: Hashable, Sendable {
    /// As `ip link` shows it: `mctpi2c6`.
    public var linkName: String
    /// The kernel's MCTP network that the port moves its link to; nil leaves it where it is.
    public var kernelNetwork: UInt32?
    public var addressing: Addressing
    /// Payload bytes of the largest packet, 64 or more; the link's MTU is at least 4 above.
    public var transmissionUnitBytes: Int

    public init(
      linkName: String, kernelNetwork: UInt32? = nil, addressing: Addressing,
      transmissionUnitBytes: Int = 64
    ) {
      self.linkName = linkName
      self.kernelNetwork = kernelNetwork
      self.addressing = addressing
      self.transmissionUnitBytes = transmissionUnitBytes
    }
  }
}
