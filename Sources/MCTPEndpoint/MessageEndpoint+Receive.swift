public import MCTPWire

extension MessageEndpoint {
  /// Takes one packet. Whatever the bytes are, it returns.
  ///
  /// - Parameters:
  ///   - packet: header and payload; borrowed for the call.
  ///   - localEID: this device's EID on that port, `.null` while it has none; nil when the caller
  ///     has judged the destination EID itself, as a bridge with several EIDs has.
  public mutating func receive(
    _ packet: Span<UInt8>, from origin: PacketOrigin, localEID: EID?, now: Instant
  ) -> Delivery {
    guard let header = PacketHeader(packet) else { return reject(.packetTooShort) }
    if let reason = objection(to: header, localEID: localEID) { return reject(reason) }
    guard !header.messageTag.tagOwner else {
      return Delivery(reassembler.receive(packet, from: origin, now: now))
    }
    guard let slot = awaiting(header, from: origin) else {
      return refuse(header, from: origin, now: now)
    }
    return settle(slot, reassembler.receive(packet, from: origin, now: now), now: now)
  }
}

extension MessageEndpoint {
  /// A packet that never reaches the reassembler. The last message is gone all the same, so that
  /// `message` never shows bytes of an earlier packet.
  private mutating func reject(_ reason: DropReason) -> Delivery {
    reassembler.forgetMessage()
    return Delivery(.dropped(reason))
  }

  /// Why this packet is not for this device or not legal (DSP0236 1.3.3 §8.7).
  private func objection(to header: PacketHeader, localEID: EID?) -> DropReason? {
    guard header.version == PacketHeader.supportedVersion else { return .headerVersion }
    guard header.source == .null || header.source.isAssignable else { return .sourceEIDIllegal }
    guard !header.destination.isReserved else { return .destinationEIDIllegal }
    // A device without an EID takes what is physically addressed to it: the clause speaks of
    // devices with a valid EID only.
    guard let localEID, localEID != .null else { return nil }
    let isForUs =
      header.destination == localEID || header.destination == .null
      || header.destination == .broadcast
    return isForUs ? nil : .destinationUnroutable
  }

  private func awaiting(_ header: PacketHeader, from origin: PacketOrigin) -> Int? {
    for position in 0..<orderCount where exchanges[order[position]].awaits(header, from: origin) {
      return order[position]
    }
    return nil
  }

  /// A packet with TO = 0 that no request waits for. While the tag rests it is a late response;
  /// its last packet frees the tag, because nothing can follow.
  private mutating func refuse(_ header: PacketHeader, from origin: PacketOrigin, now: Instant)
    -> Delivery
  {
    guard tags.isInUse(answeredBy: header, from: origin, now: now) else {
      return reject(.unexpectedTag)
    }
    if header.eom, !isSending(header, from: origin) {
      tags.release(answeredBy: header, from: origin, now: now)
    }
    return reject(.responseUnexpected)
  }

  /// Whether the tag belongs to a message that is still leaving.
  private func isSending(_ header: PacketHeader, from origin: PacketOrigin) -> Bool {
    for position in 0..<orderCount {
      let exchange = exchanges[order[position]]
      guard exchange.isSending, exchange.tag.reply == header.messageTag else { continue }
      if TagScope(exchange.peer)?.isAnswered(by: header, from: origin) ?? false { return true }
    }
    return false
  }

  /// Applies a packet of the response to the request in `slot`.
  private mutating func settle(_ slot: Int, _ reception: Reception, now: Instant) -> Delivery {
    let exchange = exchanges[slot]
    switch reception.outcome {
    case .incomplete:
      // The response is coming: from here the assembly's own time-out counts.
      let patience = now.advanced(byMs: limits.reassembly.timeoutMs)
      if exchange.deadline < patience { exchanges[slot].deadline = patience }
      return Delivery(reception)
    case .message(let message):
      if exchange.isBroadcast {
        exchanges[slot].answerCount += 1
      } else {
        close(slot, now: now)
        tags.release(exchange.tag, of: exchange.peer)
      }
      return Delivery(.response(message, to: exchange.ticket), ended: reception.ended)
    case .dropped(let reason):
      let isStray = reason == .unexpectedPacket || reason == .packetTooShort
      guard !exchange.isBroadcast, !isStray else {
        return Delivery(reception)
      }
      close(slot, now: now)
      return Delivery(
        .dropped(reason), ended: reception.ended, failedRequest: exchange.ticket)
    }
  }
}

extension Delivery {
  /// For messages whose sender owns the tag, and packets that complete nothing.
  init(_ reception: Reception) {
    switch reception.outcome {
    case .incomplete: self.init(.incomplete, ended: reception.ended)
    case .message(let message): self.init(.message(message), ended: reception.ended)
    case .dropped(let reason): self.init(.dropped(reason), ended: reception.ended)
    }
  }
}
