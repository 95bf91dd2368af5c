/// Get Endpoint ID, command 0x02 (DSP0236 1.3.3 §12).
public enum GetEndpointID {
  public struct Request: ControlRequest, DatalessControlMessage, Hashable {
    public static var command: ControlCommand { .getEndpointID }
    public init() {}
  }

  /// Bits 5:4 of the type byte.
  public enum EndpointType: UInt8, Hashable, Sendable {
    case simple = 0
    case busOwnerOrBridge = 1
    case reserved2 = 2
    case reserved3 = 3
  }

  /// Bits 1:0 of the type byte.
  public enum EIDType: UInt8, Hashable, Sendable {
    case dynamic = 0
    /// A static EID exists; the present one may differ.
    case staticSupported = 1
    /// The present EID is the static one.
    case staticPresent = 2
    /// The present EID is not the static one.
    case staticDiffers = 3
  }

  public struct Response: Hashable, Sendable {
    /// Null when the endpoint has none yet.
    public var eid: EID
    public var endpointType: EndpointType
    public var eidType: EIDType
    /// 0 unless the binding defines it; SMBus: bit 0 means fairness arbitration
    /// (DSP0237 1.1.0 §6.9).
    public var mediumSpecific: UInt8

    public init(
      eid: EID, endpointType: EndpointType, eidType: EIDType, mediumSpecific: UInt8 = 0
    ) {
      self.eid = eid
      self.endpointType = endpointType
      self.eidType = eidType
      self.mediumSpecific = mediumSpecific
    }
  }
}

extension GetEndpointID.Response: ControlResponse {
  public static var command: ControlCommand { .getEndpointID }

  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    let eid = EID(try reader.byte())
    let types = try reader.byte()
    self.init(
      eid: eid, endpointType: GetEndpointID.EndpointType(rawValue: types >> 4 & 0x03) ?? .simple,
      eidType: GetEndpointID.EIDType(rawValue: types & 0x03) ?? .dynamic,
      mediumSpecific: try reader.byte())
    try reader.finish()
  }

  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(eid.rawValue)
    try body.append(endpointType.rawValue << 4 | eidType.rawValue)
    try body.append(mediumSpecific)
  }
}
