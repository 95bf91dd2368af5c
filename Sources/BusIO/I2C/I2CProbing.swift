public import MCTPWire

/// An I2C bus that can be asked who is there, in the gaps between the port's own writes.
///
/// Implementations: the controller device of a real bus, a simulated bus.
public protocol I2CProbing: AnyObject {
  /// Begins to ask `addresses` one after the other; a probe before it is forgotten.
  ///
  /// - Parameter asksUDID: whether those who acknowledge are also asked for their SMBus unique
  ///   identifier (SMBus ARP, Get UDID).
  func startProbe(_ addresses: [UInt8], asksUDID: Bool, now: Instant)

  /// One result an address, in order, once all are there; then nil.
  func finishedProbe() -> [I2CProbeResult]?

  /// Forgets the probe under way.
  func cancelProbe()
}
