public import MCTPWire

/// What one received packet led to at a `MessageEndpoint`.
public struct Delivery: Hashable, Sendable {
  public enum Outcome: Hashable, Sendable {
    /// The packet is held; its message needs more.
    case incomplete
    /// A message whose sender owns the tag: a request, or unasked. Its bytes are in
    /// `MessageEndpoint.message` until the next `receive`.
    case message(Message)
    /// The response to a request of this device. Bytes as above. The request is finished, unless
    /// it was broadcast: then more may come until it times out.
    case response(Message, to: RequestTicket)
    /// The packet is gone.
    case dropped(DropReason)
  }

  public let outcome: Outcome
  /// The assembly that ended because of this packet; see `Reception.ended`.
  public let ended: EndedAssembly?
  /// The request that failed because its response was lost with this packet, for the reason in
  /// `outcome`. It is finished: no time-out follows.
  public let failedRequest: RequestTicket?

  init(_ outcome: Outcome, ended: EndedAssembly? = nil, failedRequest: RequestTicket? = nil) {
    self.outcome = outcome
    self.ended = ended
    self.failedRequest = failedRequest
  }
}

/// What time led to at a `MessageEndpoint`.
public enum EndpointEvent: Hashable, Sendable {
  /// Packets that were held are lost: for the books.
  case assemblyEnded(EndedAssembly)
  /// The request is finished. Nobody answered in time; a broadcast request always ends so, with
  /// the number of responses that came.
  case requestTimedOut(RequestTicket, answerCount: Int)
  /// A response or unasked message was given up: nobody took its packets in `sendStallMs`.
  case sendAbandoned(Peer)
}

/// One packet to send; its bytes are in the caller's buffer.
public struct OutboundPacket: Hashable, Sendable {
  public let peer: Peer
  /// Header and payload: 5 to 4 plus the transmission unit.
  public let byteCount: Int
  /// The last packet of its message.
  public let isEnd: Bool
}
