public import MCTPWire

/// A packet that a port is to put on its medium now.
public struct Transmission: Hashable, Sendable {
  public let port: PortID
  /// The next hop's address on the port's bus.
  public let destination: PhysicalAddress
  /// Attempts of the same packet before this one.
  public let failedAttempts: UInt8
  let slot: Int
}

extension Engine {
  /// True while a packet waits at the port.
  public func hasTransmission(on port: PortID) -> Bool {
    ports[Int(port.rawValue)].queue.hasWaiting
  }

  /// Takes the oldest waiting packet of a port; nil when none waits. It stays in the queue, in
  /// flight, until `transmissionFinished`.
  public mutating func nextTransmission(on port: PortID) -> Transmission? {
    let index = Int(port.rawValue)
    guard let slot = ports[index].queue.takeNext() else { return nil }
    let waiting = ports[index].queue.slot(slot)
    return Transmission(
      port: port, destination: waiting.destination, failedAttempts: waiting.failedAttempts,
      slot: slot)
  }

  /// The bytes of a packet in flight: MCTP header to end of payload, borrowed from the engine.
  @_lifetime(borrow self)
  public func packet(of transmission: Transmission) -> Span<UInt8> {
    let bytes = ports[Int(transmission.port.rawValue)].queue.packetBytes(transmission.slot)
    return _overrideLifetime(Span(_unsafeElements: bytes), borrowing: self)
  }

  /// Reports how the oldest packet in flight on a port ended.
  ///
  /// A failure that the binding lets be retried puts the packet back in front, up to
  /// `EngineLimits.retryCountMax` times, as long as nothing else is in flight on the port: order
  /// is kept. After that it ends with `retriesExhausted`.
  public mutating func transmissionFinished(
    _ result: TransmissionResult, on port: PortID, now: Instant
  ) {
    let index = Int(port.rawValue)
    guard let slot = ports[index].queue.oldestInFlight else {
      preconditionFailure("a transmission finished that never began")
    }
    ports[index].counters.countAttempt(result)
    let waiting = ports[index].queue.slot(slot)
    if result == .sent {
      ports[index].counters.packetsOut &+= 1
      ports[index].counters.bytesOut &+= UInt64(waiting.byteCount)
      ports[index].queue.finishOldest()
      return
    }
    if result.isRetryable, ports[index].isUp, ports[index].queue.inFlightCount == 1,
      waiting.failedAttempts < EngineLimits.retryCountMax
    {
      ports[index].queue.returnOldest()
      return
    }
    let reason: DropReason =
      switch result {
      case .refused: .transmissionRefused
      case _ where result.isRetryable && ports[index].isUp: .retriesExhausted
      default: .portDown
      }
    dropQueued(slot: slot, on: port, reason: reason, now: now)
    ports[index].queue.finishOldest()
    guard owner.isActive else { return }
    owner.requester.undelivered(on: port, address: waiting.destination, now: now)
    runOwner(now)
  }

  /// Queues a packet that starts on this device.
  ///
  /// - Parameters:
  ///   - packet: a whole packet, MCTP header on; copied.
  ///   - port: where it leaves.
  ///   - address: the next hop.
  /// - Returns: nil when it waits, else why it ended; counted either way.
  public mutating func send(
    _ packet: Span<UInt8>, on port: PortID, to address: PhysicalAddress, now: Instant
  ) -> DropReason? {
    let index = Int(port.rawValue)
    ports[index].counters.originated &+= 1
    ports[index].counters.enqueued &+= 1
    let reason: DropReason
    if packet.count > ports[index].queue.packetBytesMax {
      reason = .transmissionUnitExceeded
    } else if !ports[index].isUp {
      reason = .portDown
    } else if ports[index].queue.enqueue(packet, to: address) {
      let depth = ports[index].queue.count
      if depth > ports[index].counters.queueDepthHighWater {
        ports[index].counters.queueDepthHighWater = depth
      }
      return nil
    } else {
      reason = .egressQueueFull
    }
    countEgressDrop(packet, reason, on: port, to: address, now: now)
    return reason
  }

  mutating func dropQueued(slot: Int, on port: PortID, reason: DropReason, now: Instant) {
    let index = Int(port.rawValue)
    let destination = ports[index].queue.slot(slot).destination
    ports[index].counters.countEgressDrop(reason)
    let bytes = ports[index].queue.packetBytes(slot)
    recentDrops.record(
      time: now, port: port, direction: .egress, reason: reason, address: destination,
      bytes: Span(_unsafeElements: bytes))
  }

  private mutating func countEgressDrop(
    _ packet: Span<UInt8>, _ reason: DropReason, on port: PortID, to address: PhysicalAddress,
    now: Instant
  ) {
    ports[Int(port.rawValue)].counters.countEgressDrop(reason)
    recentDrops.record(
      time: now, port: port, direction: .egress, reason: reason, address: address, bytes: packet)
  }
}
