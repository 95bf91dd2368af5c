import MCTPWire

/// A request of this device, from `MessageEndpoint.request` until its response, its failure or
/// its time-out.
public struct RequestTicket: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt32

  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// Why a message was not taken for sending.
public enum SendError: UInt8, Error, Hashable, Sendable {
  /// No type byte.
  case bodyEmpty = 1
  /// The body does not fit the memory that is free: try again when others are sent.
  case memoryExhausted = 2
  /// As many exchanges are open as may be.
  case exchangesExhausted = 3
  /// As many requests wait for a tag as may.
  case tagsExhausted = 4
  /// The remote EID is null or broadcast and the next hop is not physical.
  case peerUnaddressable = 5
}

/// A message on its way out, and for a request the wait for its response.
struct Exchange {
  enum Kind {
    /// TO = 1, a response is awaited.
    case request
    /// TO = 1, no response is awaited.
    case unasked
    /// TO = 0.
    case response
  }

  enum State {
    case free
    case waitingForTag(TagTicket)
    case sending
    case waitingForResponse
  }

  var state = State.free
  var kind: Kind
  var ticket: RequestTicket
  var peer: Peer
  var tag: MessageTag
  var timeoutMs: UInt32
  var deadline: Instant
  var fragmenter: Fragmenter
  var chain = BlockPool.Chain()
  var cursor: BlockPool.Cursor
  var answerCount = 0

  /// An empty slot.
  static func empty(in pool: borrowing BlockPool) -> Exchange {
    let tag = MessageTag(0, tagOwner: false)
    return Exchange(
      kind: .response, ticket: RequestTicket(rawValue: 0), peer: Peer(local: .null, remote: .null),
      tag: tag, timeoutMs: 0, deadline: .zero,
      fragmenter: Fragmenter(
        bodyByteCount: 1, destination: .null, source: .null, messageTag: tag),
      cursor: pool.start(of: BlockPool.Chain()))
  }

  var isSending: Bool {
    if case .sending = state { true } else { false }
  }
  var isFree: Bool {
    if case .free = state { true } else { false }
  }
  var isBroadcast: Bool { peer.remote == .broadcast }

  /// Whether a packet with TO = 0 may be part of this request's response.
  func awaits(_ header: PacketHeader, from origin: PacketOrigin) -> Bool {
    guard case .waitingForResponse = state, tag.reply == header.messageTag else { return false }
    return TagScope(peer)?.isAnswered(by: header, from: origin) ?? false
  }
}
