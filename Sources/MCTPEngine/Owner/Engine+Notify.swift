// Discovery Notify, both ways: to the owner above, and from devices below (DSP0236 1.3.3 §12,
// command 0x0D).

internal import MCTPWire

extension Engine {
  /// Sends Discovery Notify while this device has no EID, or needs more than was announced.
  mutating func notifyUpward(_ now: Instant) {
    for network in owner.upstream.indices {
      guard let (port, address, firstIntervalMs) = notification(network) else {
        if let last = owner.upstream[network].notifyTicket {
          // The owner has acted: what is under way needs no repetition.
          _ = owner.requester.cancel(last, now: now)
          owner.upstream[network].notifyTicket = nil
        }
        owner.upstream[network].notifyDue = nil
        owner.upstream[network].notifyCount = 0
        continue
      }
      guard let due = owner.upstream[network].notifyDue else {
        // Choice: as long as routing changes are gathered; several devices often appear at once.
        owner.upstream[network].notifyDue = now.advanced(
          byMs: owner.configuration.routingUpdateDelayMs)
        continue
      }
      guard due <= now, ports[Int(port.rawValue)].isUp else { continue }
      let count = owner.upstream[network].notifyCount
      owner.upstream[network].notifyDue = now.advanced(
        byMs: min(firstIntervalMs << UInt32(min(count, 8)), UpstreamState.notifyMsMax))
      if let last = owner.upstream[network].notifyTicket, owner.requester.isOpen(last) { continue }
      do throws(ControlStartError) {
        owner.upstream[network].notifyTicket = try owner.requester.start(
          DiscoveryNotify.Request(), to: ControlDestination(port: port, address: address),
          source: sourceEID(on: port), now: now)
        owner.upstream[network].notifyCount = min(count, 254) + 1
      } catch { continue }
    }
  }

  /// When the owner above is to be told next; nil while it cannot be: the port that comes up is
  /// looked at then.
  func notifyDeadline(_ network: Int) -> Instant? {
    guard let (port, _, _) = notification(network), ports[Int(port.rawValue)].isUp else {
      return nil
    }
    return owner.upstream[network].notifyDue
  }

  /// Where the owner of a network is to be told, and the time after which it is told again.
  ///
  /// Choice: after a second without an EID, because nothing passes until then, and less and less
  /// often, because there may be no owner at all; every 10 s for a larger pool. Without an EID only
  /// where the medium has no addresses: the owner's is not known.
  private func notification(
    _ network: Int
  ) -> (port: PortID, address: PhysicalAddress, firstIntervalMs: UInt32)? {
    let upstream = owner.upstream[network]
    if let port = upstream.ownerPort, ports[Int(port.rawValue)].ownEID != .null {
      guard ports[Int(port.rawValue)].configuration.sendsDiscoveryNotify,
        poolNeed(network) > upstream.announced
      else { return nil }
      return (port, upstream.ownerAddress, UpstreamState.notifyMsMax)
    }
    for index in 0..<ports.count where ports[index].networkIndex == network {
      let configuration = ports[index].configuration
      guard configuration.role == .endpoint, configuration.sendsDiscoveryNotify,
        configuration.address == .none, ports[index].isUp, ports[index].ownEID == .null
      else { continue }
      return (configuration.id, .none, 1_000)
    }
    return nil
  }

  /// DSP0236 1.3.3 §12, command 0x0D: a device below appeared, moved, or needs another pool.
  ///
  /// Choice: a burst from one device is one search: what is scheduled already stays as it is.
  mutating func takeDiscoveryNotify(_ context: ControlContext, now: Instant) -> Bool {
    guard owner.isActive, let policy = discoveryPolicy(of: context.port),
      policy.takesDiscoveryNotify
    else { return false }
    owner.requester.responderAppeared(.device(context.port, context.address))
    if let index = owner.index(on: context.port, at: context.address),
      owner.endpoints[index].state == .up || owner.endpoints[index].state == .suspect
    {
      guard owner.endpoints[index].work.job == nil else { return true }
      owner.endpoints[index].work.job = .probe
      owner.endpoints[index].work.due = now
      owner.endpoints[index].work.failures = 0
    } else {
      probeNow(context.port, context.address, origin: .discoveryNotify, now: now)
    }
    return true
  }
}
