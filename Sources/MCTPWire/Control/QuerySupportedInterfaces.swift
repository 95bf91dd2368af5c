/// Query Supported Interfaces, command 0x14 (DSP0236 1.3.3 §12).
public enum QuerySupportedInterfaces {
  public struct Request: ControlRequest, DatalessControlMessage, Hashable {
    public static var command: ControlCommand { .querySupportedInterfaces }
    public init() {}
  }

  public struct Interface: Hashable, Sendable {
    public var medium: MediumType
    public var eid: EID

    public init(medium: MediumType, eid: EID) {
      self.medium = medium
      self.eid = eid
    }
  }

  public struct Response: Equatable, Sendable {
    public typealias Interfaces = BoundedList<29, Interface>

    /// At least one; at most 29 fit one body.
    public var interfaces: Interfaces

    public init(interfaces: Interfaces) { self.interfaces = interfaces }
  }
}

extension QuerySupportedInterfaces.Response: ControlResponse {
  public static var command: ControlCommand { .querySupportedInterfaces }

  /// - Throws: also `WireError.invalidValue` for an empty list.
  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    let count = Int(try reader.byte())
    guard reader.remaining == 2 * count else { throw .countMismatch }
    guard count > 0 else { throw .invalidValue }
    var interfaces = Interfaces()
    for _ in 0..<count {
      try interfaces.append(
        QuerySupportedInterfaces.Interface(
          medium: MediumType(rawValue: try reader.byte()), eid: EID(try reader.byte())))
    }
    self.init(interfaces: interfaces)
  }

  /// - Throws: `WireError.invalidValue` for an empty list.
  public func encode(into body: inout ControlBody) throws(WireError) {
    guard !interfaces.isEmpty else { throw .invalidValue }
    try body.append(UInt8(interfaces.count))
    for index in 0..<interfaces.count {
      try body.append(interfaces[index].medium.rawValue)
      try body.append(interfaces[index].eid.rawValue)
    }
  }
}
