// What the router does as a bus owner: how it finds devices on an owned bus, and which EIDs are
// kept for whom. Values only; their life is that of the topology (DSP0236 1.3.3 §8, §9).

public import MCTPWire

extension Topology {
  /// How devices are found and watched on one owned port.
  public struct Discovery: Hashable, Sendable {
    /// In the order of the file; every address once, never the port's own. On a medium without
    /// addresses at most one, at `.none`.
    public let expectedDevices: [ExpectedDevice]
    /// I2C: further addresses to ask, ascending, each once: neither expected ones nor the port's
    /// own nor those that SMBus has for itself. Empty on other buses.
    public let scannedAddresses: [PhysicalAddress]
    /// Asks whoever is at the other end of a medium without addresses; false on I2C and I3C.
    public let probesPointToPoint: Bool
    /// Takes devices that the bus reports; false on everything but I3C.
    public let takesReportedDevices: Bool
    /// Takes Discovery Notify.
    public let takesDiscoveryNotify: Bool
    /// Between two questions to an address that does not answer: 100 to 600 000.
    public let probeIntervalMs: UInt32
    /// Between two health checks of one endpoint: 0 for never, or 1000 to 3 600 000.
    public let healthCheckIntervalMs: UInt32
    /// Requests under way at once on the port: 1 to 8.
    public let parallelismMax: Int
    /// MT2: how long an answer is waited for, 300 to 3000, so that two repetitions fit MT4
    /// (DSP0237 1.1.0 Table 9). Nil for the minimum of the binding.
    public let responseTimeoutMs: UInt32?
  }

  /// A device that is to be at an address of an owned bus.
  public struct ExpectedDevice: Hashable, Sendable {
    /// In the form of the port's bus; `.none` where the medium has none.
    public let address: PhysicalAddress
    /// The EID that it must have; nil lets the router choose. Never one of the router's own, of a
    /// static route, or fixed for another device; its pool right after it neither.
    public let eid: EID?
    /// EIDs that a bridge there is expected to want for what is behind it: 0 to 246. With `eid`
    /// they are kept for it, and none of them is past 0xFE.
    public let poolSize: UInt8
  }

  /// The EID that the device with a UUID must have, wherever in the network it appears.
  public struct FixedEID: Hashable, Sendable {
    /// Never the nil UUID nor the router's; once in a network.
    public let uuid: EndpointUUID
    /// Never one of the router's own, of a static route, or fixed for another device.
    public let eid: EID
    /// One that a port is in.
    public let network: UInt8
  }
}
