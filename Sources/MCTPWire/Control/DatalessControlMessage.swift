/// A control request or response without data of its own: gives it both codecs.
public protocol DatalessControlMessage: Sendable {
  init()
}

extension DatalessControlMessage {
  /// - Throws: `WireError.tooLong` for any data. Never traps.
  public init(decoding data: Span<UInt8>) throws(WireError) {
    guard data.isEmpty else { throw .tooLong }
    self.init()
  }

  public func encode(into body: inout ControlBody) throws(WireError) {}
}
