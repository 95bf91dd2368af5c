/// Get Message Type Support, command 0x05 (DSP0236 1.3.3 §12).
///
/// Interoperability: the text calls the count "in addition to control", but libmctp, mctpd and
/// pymctp list and count type 0x00. Choice: we send it first and count it, and take both forms.
public enum GetMessageTypeSupport {
  public struct Request: ControlRequest, DatalessControlMessage, Hashable {
    public static var command: ControlCommand { .getMessageTypeSupport }
    public init() {}
  }

  public struct Response: Equatable, Sendable {
    public typealias Types = BoundedList<59, MessageType>

    /// As listed, with or without control; at most 59 fit one body. Bit 7 is ignored on receipt.
    public var types: Types

    public init(types: Types) { self.types = types }
  }
}

extension GetMessageTypeSupport.Response: ControlResponse {
  public static var command: ControlCommand { .getMessageTypeSupport }

  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    let count = Int(try reader.byte())
    guard reader.remaining == count else { throw .countMismatch }
    var types = Types()
    for _ in 0..<count { try types.append(MessageType(rawValue: try reader.byte())) }
    self.init(types: types)
  }

  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(UInt8(types.count))
    for index in 0..<types.count { try body.append(types[index].rawValue) }
  }
}
