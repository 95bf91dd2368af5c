/// The four bytes in front of every packet (DSP0236 1.3.3 §8).
public struct PacketHeader: Hashable, Sendable {
  /// Bytes of the header itself.
  @inlinable public static var byteCount: Int { 4 }
  /// The only header version that exists.
  @inlinable public static var supportedVersion: UInt8 { 1 }

  /// Low four bits of byte 0. Only `supportedVersion` is understood.
  public var version: UInt8
  public var destination: EID
  public var source: EID
  /// Start of message.
  public var som: Bool
  /// End of message.
  public var eom: Bool
  /// Packet sequence number, 0 to 3; higher bits never leave.
  public var sequence: UInt8
  public var messageTag: MessageTag

  @inlinable public init(
    version: UInt8 = PacketHeader.supportedVersion, destination: EID, source: EID,
    som: Bool, eom: Bool, sequence: UInt8 = 0, messageTag: MessageTag
  ) {
    self.version = version & 0x0F
    self.destination = destination
    self.source = source
    self.som = som
    self.eom = eom
    self.sequence = sequence & 0x03
    self.messageTag = messageTag
  }

  /// Reads the header at the start of `packet`; nil when there are fewer than four bytes.
  ///
  /// Any four bytes decode: reserved bits are ignored, and the version is kept, not judged.
  @inlinable public init?(_ packet: Span<UInt8>) {
    guard packet.count >= PacketHeader.byteCount else { return nil }
    self.init(bytes: (packet[0], packet[1], packet[2], packet[3]))
  }

  @inlinable public init(bytes: (UInt8, UInt8, UInt8, UInt8)) {
    self.init(
      version: bytes.0, destination: EID(bytes.1), source: EID(bytes.2),
      som: bytes.3 & 0x80 != 0, eom: bytes.3 & 0x40 != 0, sequence: bytes.3 >> 4,
      messageTag: MessageTag(headerByte: bytes.3))
  }

  /// Byte 3: SOM, EOM, sequence, TO, tag.
  @inlinable public var flags: UInt8 {
    (som ? 0x80 : 0) | (eom ? 0x40 : 0) | (sequence & 0x03) << 4 | messageTag.rawValue
  }

  /// The header in wire order; reserved bits are 0.
  @inlinable public var bytes: (UInt8, UInt8, UInt8, UInt8) {
    (version & 0x0F, destination.rawValue, source.rawValue, flags)
  }
}
