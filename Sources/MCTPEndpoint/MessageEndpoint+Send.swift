public import MCTPWire

extension MessageEndpoint {
  /// Takes a request for sending. The body is copied.
  ///
  /// While the peer's eight tags are in use the request waits for one, in order, at most
  /// `limits.sendStallMs`.
  ///
  /// - Parameters:
  ///   - body: type byte included.
  ///   - transmissionUnitBytes: what the path carries, header not counted; at least 64.
  ///   - timeoutMs: from the last packet's leaving to the response's first packet.
  public mutating func request(
    _ body: Span<UInt8>, to peer: Peer, transmissionUnitBytes: Int = 64, timeoutMs: UInt32 = 1000,
    now: Instant
  ) throws(SendError) -> RequestTicket {
    try submit(
      body, to: peer, .request, tag: nil, transmissionUnitBytes: transmissionUnitBytes,
      timeoutMs: timeoutMs, now: now)
  }

  /// Takes a message for sending that nobody answers. As `request`, but its tag is free again as
  /// soon as its last packet has left.
  public mutating func send(
    _ body: Span<UInt8>, to peer: Peer, transmissionUnitBytes: Int = 64, now: Instant
  ) throws(SendError) {
    _ = try submit(
      body, to: peer, .unasked, tag: nil, transmissionUnitBytes: transmissionUnitBytes,
      timeoutMs: 0, now: now)
  }

  /// Takes the response to `message` for sending: with its tag, TO = 0, to the physical address
  /// that it came from.
  ///
  /// - Parameters:
  ///   - message: from an outcome `.message`; its sender owns the tag.
  ///   - local: the EID to answer from; see `Peer.init(senderOf:local:)`.
  public mutating func respond(
    _ body: Span<UInt8>, to message: Message, from local: EID, transmissionUnitBytes: Int = 64,
    now: Instant
  ) throws(SendError) {
    precondition(message.isTagOwner, "a response has no response")
    _ = try submit(
      body, to: Peer(senderOf: message, local: local), .response,
      tag: message.terminus.messageTag.reply, transmissionUnitBytes: transmissionUnitBytes,
      timeoutMs: 0, now: now)
  }

  /// Writes the next packet of the oldest message that can move.
  ///
  /// Messages to one peer leave whole, in the order in which they were given and had a tag: a
  /// message that waits for a path holds up nobody on another.
  ///
  /// - Parameters:
  ///   - packet: room for the header and the largest transmission unit in use.
  ///   - canSend: false while the way to this peer takes no packets.
  /// - Returns: nil when nothing can move.
  public mutating func nextPacket(
    into packet: inout MutableSpan<UInt8>, now: Instant,
    where canSend: (Peer) -> Bool = { _ in true }
  ) -> OutboundPacket? {
    assignTags(now: now)
    for position in 0..<orderCount {
      let slot = order[position]
      guard exchanges[slot].isSending, canSend(exchanges[slot].peer) else { continue }
      let first = underWay(before: slot, where: canSend) ?? slot
      return writePacket(of: first, into: &packet, now: now)
    }
    return nil
  }

  /// A message to the same EID that has begun to leave, when the one in `slot` has not: it is the
  /// older one, and waited for a tag meanwhile.
  private func underWay(before slot: Int, where canSend: (Peer) -> Bool) -> Int? {
    guard exchanges[slot].fragmenter.offset == 0 else { return nil }
    let peer = exchanges[slot].peer
    for position in 0..<orderCount {
      let other = order[position]
      guard exchanges[other].isSending, exchanges[other].fragmenter.offset > 0,
        exchanges[other].peer.remote == peer.remote, exchanges[other].peer.local == peer.local,
        exchanges[other].peer.network == peer.network
      else { continue }
      if canSend(exchanges[other].peer) { return other }
    }
    return nil
  }
}

extension MessageEndpoint {
  private mutating func submit(
    _ body: Span<UInt8>, to peer: Peer, _ kind: Exchange.Kind, tag: MessageTag?,
    transmissionUnitBytes: Int, timeoutMs: UInt32, now: Instant
  ) throws(SendError) -> RequestTicket {
    guard body.count > 0 else { throw .bodyEmpty }
    guard TagScope(peer) != nil else { throw .peerUnaddressable }
    guard let slot = freeSlot() else { throw .exchangesExhausted }
    var exchange = Exchange(
      kind: kind, ticket: nextTicket(), peer: peer, tag: tag ?? MessageTag(0, tagOwner: true),
      timeoutMs: timeoutMs, deadline: now.advanced(byMs: limits.sendStallMs),
      fragmenter: Fragmenter(
        bodyByteCount: body.count, transmissionUnitBytes: transmissionUnitBytes,
        destination: peer.remote, source: peer.local, messageTag: MessageTag(0, tagOwner: false)),
      cursor: pool.start(of: BlockPool.Chain()))
    guard pool.append(body, to: &exchange.chain) else { throw .memoryExhausted }
    exchange.state = .sending
    if tag == nil {
      switch tags.allocate(for: peer, now: now) {
      case .allocated(let own): exchange.tag = own
      case .waiting(let place): exchange.state = .waitingForTag(place)
      case .refused:
        pool.free(&exchange.chain)
        throw .tagsExhausted
      }
    }
    open(exchange, in: slot)
    if exchange.isSending { startSending(slot, now: now) }
    return exchange.ticket
  }

  private mutating func writePacket(
    of slot: Int, into packet: inout MutableSpan<UInt8>, now: Instant
  ) -> OutboundPacket? {
    if exchanges[slot].fragmenter.offset == 0 { takeSequence(slot) }
    var exchange = exchanges[slot]
    guard let fragment = exchange.fragmenter.next() else { return nil }
    packet.write(fragment.header)
    let end = PacketHeader.byteCount + fragment.count
    packet.withUnsafeMutableBytes { target in
      pool.read(
        into: UnsafeMutableRawBufferPointer(rebasing: target[PacketHeader.byteCount..<end]),
        at: &exchange.cursor)
    }
    exchange.deadline = now.advanced(byMs: limits.sendStallMs)
    exchanges[slot] = exchange
    if fragment.header.eom {
      sequences.noteEnd(fragment.header.sequence, to: exchange.peer.remote)
      finishSending(slot, now: now)
    }
    return OutboundPacket(peer: exchange.peer, byteCount: end, isEnd: fragment.header.eom)
  }

  /// Tag and starting sequence number are known when the first packet leaves: messages before it
  /// to the same destination have left by then.
  private mutating func takeSequence(_ slot: Int) {
    let exchange = exchanges[slot]
    exchanges[slot].fragmenter = Fragmenter(
      bodyByteCount: exchange.fragmenter.bodyByteCount,
      transmissionUnitBytes: exchange.fragmenter.transmissionUnitBytes,
      destination: exchange.peer.remote, source: exchange.peer.local, messageTag: exchange.tag,
      startingSequence: sequences.start(for: exchange.peer.remote))
  }

  private mutating func finishSending(_ slot: Int, now: Instant) {
    switch exchanges[slot].kind {
    case .request:
      var exchange = exchanges[slot]
      pool.free(&exchange.chain)
      exchange.state = .waitingForResponse
      exchange.deadline = now.advanced(byMs: exchange.timeoutMs)
      exchanges[slot] = exchange
    case .unasked:
      let (tag, peer) = (exchanges[slot].tag, exchanges[slot].peer)
      close(slot, now: now)
      tags.release(tag, of: peer)
    case .response: close(slot, now: now)
    }
  }
}
