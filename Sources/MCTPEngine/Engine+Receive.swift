public import MCTPWire

extension Engine {
  /// Decides about one packet that arrived on a port and carries the decision out.
  ///
  /// Whatever the bytes are, it returns. Cost: one table look-up and one copy of the packet.
  ///
  /// - Parameters:
  ///   - packet: MCTP header to end of payload; borrowed for the call. The bytes that leave are
  ///     exactly these.
  ///   - address: the physical address of the device that sent it on this bus.
  public mutating func receive(
    _ packet: Span<UInt8>, on port: PortID, from address: PhysicalAddress, now: Instant
  ) -> Disposition {
    let ingress = Int(port.rawValue)
    ports[ingress].counters.packetsIn &+= 1
    ports[ingress].counters.bytesIn &+= UInt64(packet.count)
    guard packet.count >= PacketHeader.byteCount else {
      return drop(packet, .packetTooShort, on: port, from: address, now: now)
    }
    let header = PacketHeader(bytes: (packet[0], packet[1], packet[2], packet[3]))
    guard header.version == PacketHeader.supportedVersion else {
      return drop(packet, .headerVersion, on: port, from: address, now: now)
    }
    guard packet.count > PacketHeader.byteCount || !header.som else {
      return drop(packet, .packetTooShort, on: port, from: address, now: now)
    }
    switch verdict(
      source: header.source, destination: header.destination, ingress: ingress, from: address,
      payloadByteCount: packet.count - PacketHeader.byteCount)
    {
    case .forward(let egress, let nextHop):
      let index = Int(egress.rawValue)
      guard ports[index].queue.enqueue(packet, to: nextHop) else {
        return drop(packet, .egressQueueFull, on: port, from: address, now: now)
      }
      ports[ingress].counters.forwarded &+= 1
      countEnqueued(at: index)
      return .forwarded(egress)
    case .local:
      return takeLocally(packet, header, on: port, from: address, now: now)
    case .drop(let reason):
      if reason == .sourceIsSelf, isFromOwnerWithOurEID(packet, header, ingress) {
        return takeLocally(packet, header, on: port, from: address, now: now)
      }
      if owner.isActive, takeDespite(reason, packet, header, on: port, from: address, now: now) {
        return .answered
      }
      return drop(packet, reason, on: port, from: address, now: now)
    }
  }

  /// A control request straight to this device (DSP0236 1.3.3 §8, null destination EID) from the
  /// bus above.
  ///
  /// Choice: the owner there may have been given the EID that was ours, by its own owner. It has to
  /// be heard, or it could never give us another.
  @inline(never)
  private func isFromOwnerWithOurEID(
    _ packet: Span<UInt8>, _ header: PacketHeader, _ ingress: Int
  ) -> Bool {
    ports[ingress].configuration.role == .endpoint && header.destination == .null
      && header.som && header.eom && header.messageTag.tagOwner
      && (7...68).contains(packet.count) && packet[4] == 0 && packet[5] & 0x80 != 0
  }

  /// What the bus owner makes of a packet that is to be dropped: a source EID in the wrong place
  /// is noted, and a device with an EID of ours can still be heard, so that it gets another.
  ///
  /// - Returns: true when the packet was an answer to the bus owner.
  @inline(never)
  private mutating func takeDespite(
    _ reason: DropReason, _ packet: Span<UInt8>, _ header: PacketHeader, on port: PortID,
    from address: PhysicalAddress, now: Instant
  ) -> Bool {
    switch reason {
    case .sourceNotBehindPort:
      noteSource(
        header.source, network: ports[Int(port.rawValue)].configuration.network, port: port,
        address: address)
      runOwner(now)
      return false
    case .sourceIsSelf:
      guard takeOwnerResponse(packet, on: port, from: address, now: now) else { return false }
      ports[Int(port.rawValue)].counters.delivered &+= 1
      runOwner(now)
      return true
    default: return false
    }
  }

  @inline(__always)
  mutating func countEnqueued(at index: Int) {
    ports[index].counters.enqueued &+= 1
    let depth = ports[index].queue.count
    if depth > ports[index].counters.queueDepthHighWater {
      ports[index].counters.queueDepthHighWater = depth
    }
  }

  /// Where such a packet would go. The same decision as `receive`, without its effects; but what is
  /// answered although its source EID is ours (see `receive`) is dropped here.
  ///
  /// - Parameter address: the sender's address on the ingress bus; where it does not matter, the
  ///   address of the source's own entry.
  public func verdict(
    source: EID, destination: EID, on port: PortID, from address: PhysicalAddress,
    payloadByteCount: Int
  ) -> RoutingVerdict {
    verdict(
      source: source, destination: destination, ingress: Int(port.rawValue), from: address,
      payloadByteCount: payloadByteCount)
  }

  /// The order of the checks: EID classes first, then what is for this device, then the rules for
  /// what crosses.
  @inline(__always)
  private func verdict(
    source: EID, destination: EID, ingress: Int, from address: PhysicalAddress,
    payloadByteCount: Int
  ) -> RoutingVerdict {
    guard source.isAssignable || source == .null else { return .drop(.sourceEIDIllegal) }
    guard !destination.isReserved else { return .drop(.destinationEIDIllegal) }
    let network = ports[ingress].networkIndex
    let sourceLookup = tables[network].lookup(source)
    if case .own = sourceLookup { return .drop(.sourceIsSelf) }
    if destination == .null || destination == .broadcast { return .local }

    let entry: Int
    switch tables[network].lookup(destination) {
    case .own: return .local
    case .none:
      return .drop(source == .null ? .nullSourceNotBridged : .destinationUnroutable)
    case .entry(let index): entry = index
    }
    guard source != .null else { return .drop(.nullSourceNotBridged) }
    switch ports[ingress].configuration.sourceCheck {
    case .off: break
    case .loose:
      guard case .entry = sourceLookup else { return .drop(.sourceNotBehindPort) }
    case .strict:
      guard case .entry(let back) = sourceLookup,
        Int(tables[network].port(ofEntry: back).rawValue) == ingress
      else { return .drop(.sourceNotBehindPort) }
    }

    let egress = tables[network].port(ofEntry: entry)
    let nextHop = tables[network].address(ofEntry: entry)
    guard Int(egress.rawValue) != ingress || nextHop != address else {
      return .drop(.nextHopIsSender)
    }
    let limit = ports[Int(egress.rawValue)].transmissionUnitBytes(
      pathLimit: tables[network].transmissionUnitBytes(ofEntry: entry))
    guard payloadByteCount <= limit else { return .drop(.transmissionUnitExceeded) }
    guard ports[Int(egress.rawValue)].isUp else { return .drop(.portDown) }
    return .forward(port: egress, address: nextHop)
  }

  /// A packet for this device: by its EID, by the null EID or by broadcast.
  @inline(never)
  private mutating func takeLocally(
    _ packet: Span<UInt8>, _ header: PacketHeader, on port: PortID, from address: PhysicalAddress,
    now: Instant
  ) -> Disposition {
    guard header.som else { return deliver(on: port) }
    let typeByte = MessageTypeByte(rawValue: packet[PacketHeader.byteCount])
    guard typeByte.type == .control else {
      // Responses to what started here reach their requester whatever their type.
      if !header.messageTag.tagOwner || announces(typeByte.type) { return deliver(on: port) }
      return drop(packet, .messageTypeUnsupported, on: port, from: address, now: now)
    }
    return takeControl(packet, header, on: port, from: address, now: now)
  }

  private func announces(_ type: MessageType) -> Bool {
    for supported in configuration.messageTypes where supported.type == type { return true }
    return false
  }

  mutating func deliver(on port: PortID) -> Disposition {
    ports[Int(port.rawValue)].counters.delivered &+= 1
    return .deliver
  }

  // MARK: Drops

  /// Counts a packet at its ingress port and keeps its first bytes.
  @inline(never)
  mutating func drop(
    _ packet: Span<UInt8>, _ reason: DropReason, on port: PortID, from address: PhysicalAddress,
    now: Instant
  ) -> Disposition {
    ports[Int(port.rawValue)].counters.countIngressDrop(reason)
    recentDrops.record(
      time: now, port: port, direction: .ingress, reason: reason, address: address, bytes: packet)
    return .dropped(reason)
  }

  /// Counts a frame that never became a packet.
  ///
  /// - Parameter bytes: what there is of the frame; borrowed for the call.
  public mutating func dropFrame(
    _ reason: DropReason, bytes: Span<UInt8>, on port: PortID, now: Instant
  ) {
    ports[Int(port.rawValue)].counters.countIngressDrop(reason)
    recentDrops.record(
      time: now, port: port, direction: .ingress, reason: reason, address: .none, bytes: bytes)
  }

  /// Takes back packets that were delivered and then ended in the reassembly.
  ///
  /// - Parameters:
  ///   - packets: how many packets of the ended message had been delivered, this one included.
  ///   - packet: the packet at which it ended; empty when a time-out ended it.
  public mutating func dropDelivered(
    _ reason: DropReason, packets: UInt64, packet: Span<UInt8>, on port: PortID,
    from address: PhysicalAddress, now: Instant
  ) {
    let index = Int(port.rawValue)
    precondition(ports[index].counters.delivered >= packets, "more packets than were delivered")
    ports[index].counters.delivered -= packets
    ports[index].counters.countIngressDrop(reason, packets: packets)
    recentDrops.record(
      time: now, port: port, direction: .ingress, reason: reason, address: address, bytes: packet)
  }
}
