// Probing: which addresses of the bus answer. For people, and for finding devices.
//
// One address at a time goes to the link's thread, between writes: a write waits for one address,
// the next address waits for the write.

public import MCTPWire

extension I2CDeviceLink: I2CProbing {
  struct Probe {
    let addresses: [UInt8]
    let asksUDID: Bool
    var results: [I2CProbeResult] = []

    var isFinished: Bool { results.count == addresses.count }
    var nextAddress: UInt8? { isFinished ? nil : addresses[results.count] }

    /// One of a probe before this one, which was forgotten meanwhile, is forgotten too.
    mutating func take(_ result: I2CProbeResult) {
      if result.address == nextAddress { results.append(result) }
    }
  }

  /// Begins to ask which of the addresses answer; never waits. A link that is not up, or goes down
  /// meanwhile, finds `.failed` with the reason at those that are left.
  ///
  /// - Parameters:
  ///   - addresses: seven bits, unshifted; 0x08 to 0x77, others are reserved and not asked.
  ///   - asksUDID: also asks each device that answered who it is, by SMBus ARP's Get UDID; at
  ///     0x61 by the general form of the command.
  public func startProbe(_ addresses: [UInt8], asksUDID: Bool, now: Instant) {
    probe = Probe(addresses: addresses, asksUDID: asksUDID)
    lastNow = now
    switch condition {
    case .up: startNext(now: now)
    case .waiting(let reason, _): endProbe(reason)
    case .stopped: endProbe("the port is stopped")
    }
  }

  public func cancelProbe() { probe = nil }

  /// The results, one an address and in their order, once; nil while the probe is under way and
  /// without one. Look after each `service`.
  public func finishedProbe() -> [I2CProbeResult]? {
    guard let probe, probe.isFinished else { return nil }
    self.probe = nil
    return probe.results
  }

  /// Ends a probe under way: what is left was not asked.
  func endProbe(_ reason: String) {
    while let address = probe?.nextAddress {
      probe?.take(I2CProbeResult(address: address, finding: .failed(reason)))
    }
  }
}
