/// The first data byte of a control response (DSP0236 1.3.3 §12).
/// Unknown values are kept.
public struct CompletionCode: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8

  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let success = CompletionCode(rawValue: 0x00)
  public static let error = CompletionCode(rawValue: 0x01)
  public static let errorInvalidData = CompletionCode(rawValue: 0x02)
  public static let errorInvalidLength = CompletionCode(rawValue: 0x03)
  public static let errorNotReady = CompletionCode(rawValue: 0x04)
  public static let errorUnsupportedCommand = CompletionCode(rawValue: 0x05)
  /// Get MCTP Version Support only.
  public static let messageTypeNotSupported = CompletionCode(rawValue: 0x80)
  /// Routing Information Update only.
  public static let insufficientTableSpace = CompletionCode(rawValue: 0x80)
}
