/// A message tag with its owner bit (DSP0236 1.3.3 §8): the four low bits of header byte 3.
///
/// The owner bit is part of the identity: tag 3 owned by the sender and tag 3 owned by the
/// receiver name two different exchanges.
public struct MessageTag: Hashable, Sendable {
  /// Bit 3 is TO, bits 2:0 are the tag.
  public let rawValue: UInt8

  /// Takes the four low bits of header byte 3; higher bits are ignored.
  @inlinable public init(headerByte: UInt8) { self.rawValue = headerByte & 0x0F }

  /// - Parameter tag: 0 to 7; higher bits are ignored.
  @inlinable public init(_ tag: UInt8, tagOwner: Bool) {
    self.rawValue = (tag & 0x07) | (tagOwner ? 0x08 : 0)
  }

  /// 0 to 7.
  @inlinable public var tag: UInt8 { rawValue & 0x07 }
  /// True when the packet's source EID chose the tag.
  @inlinable public var tagOwner: Bool { rawValue & 0x08 != 0 }
  /// The same tag seen from the other side: what a response carries.
  @inlinable public var reply: MessageTag { MessageTag(headerByte: rawValue ^ 0x08) }
}
