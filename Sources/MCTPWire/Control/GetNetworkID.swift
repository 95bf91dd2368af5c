/// Get Network ID, command 0x0E (DSP0236 1.3.3 §12).
public enum GetNetworkID {
  public struct Request: ControlRequest, DatalessControlMessage, Hashable {
    public static var command: ControlCommand { .getNetworkID }
    public init() {}
  }

  public struct Response: Hashable, Sendable {
    /// 16 bytes in the form of an endpoint UUID.
    public var networkID: EndpointUUID

    public init(networkID: EndpointUUID) { self.networkID = networkID }
  }
}

extension GetNetworkID.Response: ControlResponse {
  public static var command: ControlCommand { .getNetworkID }

  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    self.init(networkID: try reader.uuid())
    try reader.finish()
  }

  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(networkID)
  }
}
