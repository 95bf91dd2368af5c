/// A message type (DSP0239 1.11.1 Table 1): seven bits. Unknown values are kept.
public struct MessageType: RawRepresentable, Hashable, Sendable {
  /// 0x00 to 0x7F.
  public let rawValue: UInt8

  /// Takes bits 6:0; bit 7 is the integrity-check bit and never selects another type.
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue & 0x7F }

  public static let control = MessageType(rawValue: 0x00)
  public static let pldm = MessageType(rawValue: 0x01)
  public static let ncsi = MessageType(rawValue: 0x02)
  public static let ethernet = MessageType(rawValue: 0x03)
  public static let nvmeMI = MessageType(rawValue: 0x04)
  public static let spdm = MessageType(rawValue: 0x05)
  public static let securedMessages = MessageType(rawValue: 0x06)
  public static let cxlFMAPI = MessageType(rawValue: 0x07)
  public static let cxlCCI = MessageType(rawValue: 0x08)
  public static let pcieMI = MessageType(rawValue: 0x09)
  public static let vendorPCI = MessageType(rawValue: 0x7E)
  public static let vendorIANA = MessageType(rawValue: 0x7F)
}

/// The first byte of a message body: the type, and whether an integrity check ends the body
/// (DSP0236 1.3.3 §8).
public struct MessageTypeByte: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8

  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  @inlinable public init(_ type: MessageType, hasIntegrityCheck: Bool = false) {
    self.rawValue = type.rawValue | (hasIntegrityCheck ? 0x80 : 0)
  }

  @inlinable public var type: MessageType { MessageType(rawValue: rawValue) }
  /// The IC bit.
  @inlinable public var hasIntegrityCheck: Bool { rawValue & 0x80 != 0 }
}
