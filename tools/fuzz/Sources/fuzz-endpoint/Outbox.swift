// What was given to the endpoint to send, and what became of it: each packet that leaves is the
// next one of a message that was given, and each request is open until it ends.

import MCTPEndpoint
import MCTPWire

struct Outbox {
  struct Outgoing {
    let peer: Peer
    let body: [UInt8]
    let unitBytes: Int
    /// The four low bits of the header; nil until the first packet has left.
    var tag: UInt8?
    /// Of a request.
    let ticket: RequestTicket?
    var offset = 0
    var sequence: UInt8 = 0
    var lastTime: Instant
    /// Given up perhaps: the event names the peer only.
    var mayBeGone = false

    init(
      _ body: [UInt8], to peer: Peer, unitBytes: Int, tag: UInt8?, ticket: RequestTicket?,
      now: Instant
    ) {
      self.peer = peer
      self.body = body
      self.unitBytes = unitBytes
      self.tag = tag
      self.ticket = ticket
      lastTime = now
    }

    var isUnderWay: Bool { offset > 0 && offset < body.count }

    /// Whether a packet with TO = 0 may be part of the response.
    func awaits(_ packet: [UInt8], from origin: PacketOrigin) -> Bool {
      guard ticket != nil, offset == body.count, tag == packet[3] & 0x0F ^ 0x08,
        peer.network == origin.network, peer.local.rawValue == packet[1]
      else { return false }
      guard !peer.remote.isAssignable else { return peer.remote.rawValue == packet[2] }
      guard case .physical(let port, let address) = peer.nextHop, port == origin.port else {
        return false
      }
      return peer.remote == .broadcast || address == origin.address
    }
  }

  private var messages: [Outgoing] = []

  func isOpen(_ ticket: RequestTicket) -> Bool { messages.contains { $0.ticket == ticket } }
  var hasOpenRequests: Bool { messages.contains { $0.ticket != nil } }

  func isBroadcast(_ ticket: RequestTicket) -> Bool {
    messages.contains { $0.ticket == ticket && $0.peer.remote == .broadcast }
  }

  func isAwaited(_ packet: [UInt8], from origin: PacketOrigin) -> Bool {
    messages.contains { $0.awaits(packet, from: origin) }
  }

  func isAwaited(_ packet: [UInt8], from origin: PacketOrigin, by ticket: RequestTicket) -> Bool {
    messages.contains { $0.ticket == ticket && $0.awaits(packet, from: origin) }
  }

  mutating func add(_ message: Outgoing) { messages.append(message) }

  mutating func close(_ ticket: RequestTicket) {
    let count = messages.count
    messages.removeAll { $0.ticket == ticket }
    precondition(messages.count == count - 1, "an end of what is not open")
  }

  mutating func abandon(_ peer: Peer, stallMs: UInt32, now: Instant) {
    var isFound = false
    for index in messages.indices
    where messages[index].ticket == nil && messages[index].peer == peer
      && messages[index].lastTime.advanced(byMs: stallMs) <= now
    {
      messages[index].mayBeGone = true
      isFound = true
    }
    precondition(isFound, "given up before its time")
  }

  /// Takes a packet that leaves.
  mutating func take(_ packet: [UInt8], _ sent: OutboundPacket, now: Instant) {
    let (flags, payload) = (packet[3], packet.dropFirst(4))
    let found =
      flags & 0x80 != 0
      ? start(flags, payload, sent.peer)
      : messages.firstIndex {
        $0.peer == sent.peer && $0.tag == flags & 0x0F && $0.isUnderWay
          && $0.sequence == flags >> 4 & 0x03 && $0.nextPayload == payload
      }
    guard let index = found else { preconditionFailure("a packet that nobody gave") }
    messages[index].offset += payload.count
    messages[index].sequence = (flags >> 4 + 1) & 0x03
    messages[index].tag = flags & 0x0F
    messages[index].lastTime = now
    let isWhole = messages[index].offset == messages[index].body.count
    precondition((flags & 0x40 != 0) == isWhole && sent.isEnd == isWhole, "an end that is none")
    if isWhole, messages[index].ticket == nil { messages.remove(at: index) }
  }

  /// A first packet: no open request has its tag that the same response could answer, and no other
  /// message to the peer is under way.
  private func start(_ flags: UInt8, _ payload: ArraySlice<UInt8>, _ peer: Peer) -> Int? {
    let fitting = messages.indices.filter {
      messages[$0].peer == peer && messages[$0].offset == 0 && messages[$0].nextPayload == payload
        && messages[$0].tag ?? (flags & 0x07 | 0x08) == flags & 0x0F
    }
    guard let index = fitting.first(where: { !messages[$0].mayBeGone }) ?? fitting.first else {
      return nil
    }
    for other in messages where !other.mayBeGone {
      precondition(other.peer != peer || !other.isUnderWay, "two messages to one peer in turns")
      precondition(
        flags & 0x08 == 0 || other.offset == 0 || other.tag != flags & 0x0F
          || !other.peer.mayAnswer(for: peer), "one tag, two requests")
    }
    return index
  }
}

extension Outbox.Outgoing {
  fileprivate var nextPayload: ArraySlice<UInt8> {
    body[offset..<min(offset + unitBytes, body.count)]
  }
}

extension Peer {
  /// Whether one response could answer requests to both. Who was asked by place has any EID.
  fileprivate func mayAnswer(for other: Peer) -> Bool {
    guard network == other.network, local == other.local else { return false }
    if remote.isAssignable || other.remote.isAssignable {
      return remote == other.remote || !remote.isAssignable || !other.remote.isAssignable
    }
    guard case .physical(let port, let address) = nextHop,
      case .physical(port, let their) = other.nextHop
    else { return false }
    return address == their || remote == .broadcast || other.remote == .broadcast
  }
}
