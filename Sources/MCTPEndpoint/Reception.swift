public import MCTPWire

/// A complete message. Its bytes are where it was received: `Reassembler.message` or
/// `MessageEndpoint.message`.
public struct Message: Hashable, Sendable {
  public let terminus: Terminus
  /// Where its start packet came in: a response goes back there.
  public let origin: PacketOrigin
  /// The first byte of the body.
  public let typeByte: MessageTypeByte
  /// Bytes of the body, type byte included; at least 1.
  public let byteCount: Int
  /// Packets that it was made of, all from `origin.port`; at least 1.
  public let packetCount: Int

  public var type: MessageType { typeByte.type }
  /// True when the sender owns the tag: a request or an unasked message, not a response.
  public var isTagOwner: Bool { terminus.messageTag.tagOwner }
}

/// A partly assembled message that ended (DSP0236 1.3.3 §8.9). Its packets are lost.
public struct EndedAssembly: Hashable, Sendable {
  public let terminus: Terminus
  /// Where its start packet came in.
  public let origin: PacketOrigin
  public let reason: DropReason
  /// Packets that were held and are lost, all from `origin.port`; at least 1. The packet that
  /// ended the assembly is not among them: it has its own outcome.
  public let packetCount: Int
  public let byteCount: Int
}

/// What one received packet led to.
///
/// The books: every packet is counted once, in the `packetCount` of a message, in the
/// `packetCount` of an ended assembly, or here as dropped; the rest is held.
public struct Reception: Hashable, Sendable {
  public enum Outcome: Hashable, Sendable {
    /// The packet is held; its message needs more.
    case incomplete
    /// The packet completed a message.
    case message(Message)
    /// The packet is gone.
    case dropped(DropReason)
  }

  public let outcome: Outcome
  /// The assembly that ended because of this packet, if any. A new start packet ends the old
  /// assembly and is itself kept, so this may stand beside any outcome.
  public let ended: EndedAssembly?

  init(_ outcome: Outcome, ended: EndedAssembly? = nil) {
    self.outcome = outcome
    self.ended = ended
  }

  static func dropped(_ reason: DropReason, ended: EndedAssembly? = nil) -> Reception {
    Reception(.dropped(reason), ended: ended)
  }
}
