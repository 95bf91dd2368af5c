public import MCTPWire

/// Where a packet came in.
public struct PacketOrigin: Hashable, Sendable {
  /// The MCTP network of the port: EIDs are unique inside one network only
  /// (DSP0236 1.3.3 §8). 0 to 255, numbered by the caller.
  public let network: UInt8
  public let port: PortID
  /// The sender's address on that port's bus.
  public let address: PhysicalAddress

  @inlinable public init(network: UInt8 = 1, port: PortID, address: PhysicalAddress) {
    self.network = network
    self.port = port
    self.address = address
  }
}
