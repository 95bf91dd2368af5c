public import MCTPWire

/// What groups packets into a message: source EID, TO and tag, seen at one destination
/// (DSP0236 1.3.3 §8).
///
/// The destination EID and the network are part of the key, because one device may own several
/// EIDs: packets with different destinations are never summed up into one message.
public struct Terminus: Hashable, Sendable {
  public let network: UInt8
  /// As in the packet: one of this device's EIDs, null or broadcast.
  public let destination: EID
  public let source: EID
  public let messageTag: MessageTag
  /// Set while `source` is null.
  ///
  /// Choice: devices without an EID are told apart by port and physical address; the standard's
  /// three fields would mix their messages.
  public let nullSource: PacketOrigin?

  public init(_ header: PacketHeader, from origin: PacketOrigin) {
    network = origin.network
    destination = header.destination
    source = header.source
    messageTag = header.messageTag
    nullSource = header.source == .null ? origin : nil
  }
}
