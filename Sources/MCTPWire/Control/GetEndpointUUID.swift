/// Get Endpoint UUID, command 0x03 (DSP0236 1.3.3 §12).
public enum GetEndpointUUID {
  public struct Request: ControlRequest, DatalessControlMessage, Hashable {
    public static var command: ControlCommand { .getEndpointUUID }
    public init() {}
  }

  public struct Response: Hashable, Sendable {
    /// The same on every EID and port of one device. `.nil` means unknown.
    public var uuid: EndpointUUID

    public init(uuid: EndpointUUID) { self.uuid = uuid }
  }
}

extension GetEndpointUUID.Response: ControlResponse {
  public static var command: ControlCommand { .getEndpointUUID }

  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    self.init(uuid: try reader.uuid())
    try reader.finish()
  }

  public func encode(into body: inout ControlBody) throws(WireError) { try body.append(uuid) }
}
