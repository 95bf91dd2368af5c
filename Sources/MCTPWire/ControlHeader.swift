/// The first three bytes of every control message body (DSP0236 1.3.3 §11).
public struct ControlHeader: Hashable, Sendable {
  /// Body bytes before the command data: type, Rq/D/instance ID, command code.
  public static let byteCount = 3

  /// Rq: true in requests and datagrams.
  public var isRequest: Bool
  /// D: no response is wanted.
  public var isDatagram: Bool
  public var instanceID: InstanceID
  public var command: ControlCommand

  public init(
    isRequest: Bool, isDatagram: Bool = false, instanceID: InstanceID, command: ControlCommand
  ) {
    self.isRequest = isRequest
    self.isDatagram = isDatagram
    self.instanceID = instanceID
    self.command = command
  }

  /// Reads the header of a control body, message type byte included; nil when there are fewer
  /// than three bytes. The type byte is not judged.
  public init?(_ body: Span<UInt8>) {
    guard body.count >= ControlHeader.byteCount else { return nil }
    self.init(
      isRequest: body[1] & 0x80 != 0, isDatagram: body[1] & 0x40 != 0,
      instanceID: InstanceID(rawValue: body[1]), command: ControlCommand(rawValue: body[2]))
  }

  /// Appends type 0x00 with IC = 0, the flags and the command code.
  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(MessageTypeByte(.control).rawValue)
    try body.append(
      (isRequest ? 0x80 : 0) | (isDatagram ? 0x40 : 0) | instanceID.rawValue)
    try body.append(command.rawValue)
  }
}

/// A control command code (DSP0236 1.3.3 Table 12). Unknown values are kept.
public struct ControlCommand: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8

  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let setEndpointID = ControlCommand(rawValue: 0x01)
  public static let getEndpointID = ControlCommand(rawValue: 0x02)
  public static let getEndpointUUID = ControlCommand(rawValue: 0x03)
  public static let getVersionSupport = ControlCommand(rawValue: 0x04)
  public static let getMessageTypeSupport = ControlCommand(rawValue: 0x05)
  public static let getVendorDefinedMessageSupport = ControlCommand(rawValue: 0x06)
  public static let resolveEndpointID = ControlCommand(rawValue: 0x07)
  public static let allocateEndpointIDs = ControlCommand(rawValue: 0x08)
  public static let routingInformationUpdate = ControlCommand(rawValue: 0x09)
  public static let getRoutingTableEntries = ControlCommand(rawValue: 0x0A)
  public static let prepareForEndpointDiscovery = ControlCommand(rawValue: 0x0B)
  public static let endpointDiscovery = ControlCommand(rawValue: 0x0C)
  public static let discoveryNotify = ControlCommand(rawValue: 0x0D)
  public static let getNetworkID = ControlCommand(rawValue: 0x0E)
  public static let queryHop = ControlCommand(rawValue: 0x0F)
  public static let resolveUUID = ControlCommand(rawValue: 0x10)
  public static let queryRateLimit = ControlCommand(rawValue: 0x11)
  public static let requestTXRateLimit = ControlCommand(rawValue: 0x12)
  public static let updateRateLimit = ControlCommand(rawValue: 0x13)
  public static let querySupportedInterfaces = ControlCommand(rawValue: 0x14)
}
