/// Get MCTP Version Support, command 0x04 (DSP0236 1.3.3 §12).
///
/// The completion code `.messageTypeNotSupported` also serves as a probe for a message type.
public enum GetVersionSupport {
  public struct Request: Hashable, Sendable {
    public var subject: MessageTypeSelector

    public init(subject: MessageTypeSelector) { self.subject = subject }
  }

  public struct Response: Equatable, Sendable {
    public typealias Versions = BoundedList<14, VersionNumber>

    /// Lowest first; at most 14 fit one body.
    public var versions: Versions

    public init(versions: Versions) { self.versions = versions }
  }
}

extension GetVersionSupport.Request: ControlRequest {
  public static var command: ControlCommand { .getVersionSupport }

  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    self.init(subject: MessageTypeSelector(rawValue: try reader.byte()))
    try reader.finish()
  }

  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(subject.rawValue)
  }
}

extension GetVersionSupport.Response: ControlResponse {
  public static var command: ControlCommand { .getVersionSupport }

  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    let count = Int(try reader.byte())
    guard reader.remaining == 4 * count else { throw .countMismatch }
    var versions = Versions()
    for _ in 0..<count { try versions.append(VersionNumber(rawValue: try reader.uint32())) }
    self.init(versions: versions)
  }

  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(UInt8(versions.count))
    for index in 0..<versions.count { try body.append(versions[index].rawValue) }
  }
}
