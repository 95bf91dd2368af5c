/// Resolve Endpoint ID, command 0x07 (DSP0236 1.3.3 §12).
public enum ResolveEndpointID {
  public struct Request: Hashable, Sendable {
    public var eid: EID

    public init(eid: EID) { self.eid = eid }
  }

  public struct Response: Hashable, Sendable {
    /// The EID asked for when it is on the bus of the request, else the bridge towards it.
    public var bridgeEID: EID
    /// Where `bridgeEID` is on the bus of the request, in the form of that bus.
    public var address: AddressBytes

    public init(bridgeEID: EID, address: AddressBytes) {
      self.bridgeEID = bridgeEID
      self.address = address
    }

    public init(bridgeEID: EID, address: PhysicalAddress) {
      self.init(bridgeEID: bridgeEID, address: AddressBytes(address))
    }
  }
}

extension ResolveEndpointID.Request: ControlRequest {
  public static var command: ControlCommand { .resolveEndpointID }

  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    self.init(eid: EID(try reader.byte()))
    try reader.finish()
  }

  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(eid.rawValue)
  }
}

extension ResolveEndpointID.Response: ControlResponse {
  public static var command: ControlCommand { .resolveEndpointID }

  /// Takes every byte after the EID as the address.
  ///
  /// - Throws: `WireError.tooShort`, or `.noRoom` for more than 16 address bytes.
  public init(decoding data: Span<UInt8>) throws(WireError) {
    try self.init(decoding: data, addressByteCount: max(0, data.count - 1))
  }

  /// - Parameter addressByteCount: what addresses have on the bus that the response came from.
  /// - Throws: `WireError.tooShort` or `.tooLong` for another length.
  public init(decoding data: Span<UInt8>, addressByteCount: Int) throws(WireError) {
    var reader = ByteReader(data)
    self.init(
      bridgeEID: EID(try reader.byte()), address: try reader.address(byteCount: addressByteCount))
    try reader.finish()
  }

  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(bridgeEID.rawValue)
    try body.append(address)
  }
}
