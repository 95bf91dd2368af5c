import MCTPWire

/// One decoder with its encoder, seen as bytes to bytes.
struct ControlCodec: Sendable, CustomStringConvertible {
  let description: String
  /// Command data of a legal message.
  let valid: [UInt8]
  /// Decodes, encodes, decodes again.
  ///
  /// - Throws: what the decoder throws for the bytes given.
  let roundTrip: @Sendable ([UInt8]) throws -> RoundTrip

  enum RoundTrip: Equatable {
    /// The value came back; these are its bytes.
    case same([UInt8])
    case different
    /// The value has no encoding.
    case encoding(WireError)
  }

  static func request<Message: ControlRequest & Equatable>(
    _ type: Message.Type, _ valid: [UInt8],
    decode: @escaping @Sendable ([UInt8]) throws -> Message = { try Message(decoding: $0.span) }
  ) -> ControlCodec {
    ControlCodec(description: String(reflecting: type), valid: valid) { bytes in
      let message = try decode(bytes)
      return result(of: message, decode: decode) { body throws(WireError) in
        try message.encode(into: &body)
      }
    }
  }

  static func response<Message: ControlResponse & Equatable>(
    _ type: Message.Type, _ valid: [UInt8],
    decode: @escaping @Sendable ([UInt8]) throws -> Message = { try Message(decoding: $0.span) }
  ) -> ControlCodec {
    ControlCodec(description: String(reflecting: type), valid: valid) { bytes in
      let message = try decode(bytes)
      return result(of: message, decode: decode) { body throws(WireError) in
        try message.encode(into: &body)
      }
    }
  }

  private static func result<Message: Equatable>(
    of message: Message, decode: ([UInt8]) throws -> Message,
    encode: (inout ControlBody) throws(WireError) -> Void
  ) -> RoundTrip {
    // A response's data has one byte less room than a request's: the completion code.
    var body = ControlBody()
    do throws(WireError) {
      try encode(&body)
    } catch {
      return .encoding(error)
    }
    guard let again = try? decode(body.bytes), again == message else { return .different }
    return .same(body.bytes)
  }
}
