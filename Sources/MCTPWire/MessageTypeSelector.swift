/// A byte that asks about one message type, or about none in particular with 0xFF (DSP0236 1.3.3
/// §12, commands 0x04 and 0x0F). Any byte is kept.
public struct MessageTypeSelector: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8

  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  @inlinable public init(_ type: MessageType) { self.rawValue = type.rawValue }

  /// Get MCTP Version Support: the base specification.
  public static let baseSpecification = MessageTypeSelector(rawValue: 0xFF)
  /// Query Hop response: the answer holds for every message type.
  public static let all = MessageTypeSelector(rawValue: 0xFF)

  /// The type asked about; nil for 0x80 to 0xFF, which name none.
  @inlinable public var messageType: MessageType? {
    rawValue & 0x80 == 0 ? MessageType(rawValue: rawValue) : nil
  }
}
