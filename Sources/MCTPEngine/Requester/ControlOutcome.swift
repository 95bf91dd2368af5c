public import MCTPWire

/// A request of this router, from `ControlRequester.start` to its outcome.
public struct ControlTicket: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// A response with completion code SUCCESS.
public struct ControlAnswer: Sendable {
  /// The whole body, message type first.
  public let body: ControlBody
  /// The source EID of the packet: null for an endpoint that has none.
  public let source: EID
  /// The physical address that it came from.
  public let address: PhysicalAddress

  /// The data after the completion code.
  ///
  /// - Throws: `WireError` when it is not what the command's answer must be; `.invalidValue` when
  ///   the answer is to another command.
  public func decode<Response: ControlResponse>(
    as type: Response.Type = Response.self
  ) throws(WireError) -> Response {
    let bytes = body.span
    guard bytes.count > ControlHeader.byteCount else { throw .tooShort }
    guard bytes[2] == Response.command.rawValue else { throw .invalidValue }
    return try Response(decoding: bytes.extracting((ControlHeader.byteCount + 1)..<bytes.count))
  }
}

/// How a request ended, or one of the answers to a broadcast.
public enum ControlResult: Sendable {
  case answered(ControlAnswer)
  /// Another completion code than SUCCESS; ERROR_NOT_READY only after it was taken for "later"
  /// as often as it may. A refused EID or pool is none: it travels with SUCCESS.
  case refused(CompletionCode)
  /// No answer to any transmission.
  case timedOut
  /// No transmission reached the responder: its bus said so each time.
  case undelivered
  /// The port went down first.
  case portDown
  /// A datagram left: there is no answer to one.
  case sent
  /// The time for answers to a broadcast is over.
  case broadcastEnded
}

public struct ControlOutcome: Sendable {
  public let ticket: ControlTicket
  public let command: ControlCommand
  public let destination: ControlDestination
  public let result: ControlResult
  /// True when nothing more comes for the ticket.
  public let isLast: Bool
  /// Packets that left for it.
  public let transmissions: UInt8
  /// From the last transmission to the answer; 0 without one.
  public let roundTripNanoseconds: UInt64
}

/// A packet that is to leave now.
public struct ControlTransmission: Hashable, Sendable {
  public let ticket: ControlTicket
  public let port: PortID
  /// The next hop.
  public let address: PhysicalAddress
  /// Bytes of the packet that were written.
  public let byteCount: Int
  /// True when the same bytes left before.
  public let isRetry: Bool
}

/// What a received packet was to the requester.
public enum ControlReception: Hashable, Sendable {
  /// The answer to this request.
  case matched(ControlTicket)
  /// The answer to a request that had timed out or was cancelled.
  case late
  /// One more answer to a request that has been answered.
  case duplicate
  /// No answer to anything of this requester's; counted, and nothing else changed.
  case mismatched(ControlMismatch)
}

/// The first thing that keeps a packet from being an answer.
public enum ControlMismatch: UInt8, Hashable, Sendable {
  /// Not one whole control response of one packet.
  case malformed = 0
  /// Nothing is under way with that instance ID on that port, nor with that responder.
  case unexpected = 1
  /// The responder was asked something else: another instance ID.
  case instanceID = 2
  /// The instance ID is another responder's.
  case responder = 3
  case command = 4
  case tag = 5
  /// From an EID that the responder cannot have.
  case source = 6
  /// Not to the EID that asked.
  case destination = 7
}
