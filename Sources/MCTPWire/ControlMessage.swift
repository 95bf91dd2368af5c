/// The data of a control request: what follows the command code.
///
/// Decoders never trap: whatever the bytes are, they return or throw. Reserved bits are ignored
/// on receipt and sent as 0.
public protocol ControlRequest: Sendable {
  static var command: ControlCommand { get }
  /// - Parameter data: everything after the command code; may be empty.
  /// - Throws: `WireError.tooShort`, `.tooLong` or `.countMismatch` for a wrong length.
  init(decoding data: Span<UInt8>) throws(WireError)
  func encode(into body: inout ControlBody) throws(WireError)
}

/// The data of a successful control response: what follows the completion code.
public protocol ControlResponse: Sendable {
  static var command: ControlCommand { get }
  /// - Parameter data: everything after the completion code; may be empty.
  init(decoding data: Span<UInt8>) throws(WireError)
  func encode(into body: inout ControlBody) throws(WireError)
}

extension ControlRequest {
  /// The whole body, message type byte included.
  public func body(instanceID: InstanceID, isDatagram: Bool = false) throws(WireError)
    -> ControlBody
  {
    var body = ControlBody()
    try ControlHeader(
      isRequest: true, isDatagram: isDatagram, instanceID: instanceID, command: Self.command
    ).encode(into: &body)
    try encode(into: &body)
    return body
  }
}

extension ControlResponse {
  /// The whole body, message type byte and completion code SUCCESS included.
  public func body(instanceID: InstanceID) throws(WireError) -> ControlBody {
    var body = try ControlBody.response(
      instanceID: instanceID, command: Self.command, completionCode: .success)
    try encode(into: &body)
    return body
  }
}

extension ControlBody {
  /// Header and completion code: a whole refusal, or the start of a success.
  public static func response(
    instanceID: InstanceID, command: ControlCommand, completionCode: CompletionCode
  ) throws(WireError) -> ControlBody {
    var body = ControlBody()
    try ControlHeader(isRequest: false, instanceID: instanceID, command: command)
      .encode(into: &body)
    try body.append(completionCode.rawValue)
    return body
  }
}
