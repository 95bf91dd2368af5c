/// Query Hop, command 0x0F (DSP0236 1.3.3 §12): who is next on the way to an EID, and what
/// transmission unit this hop carries.
public enum QueryHop {
  public struct Request: Hashable, Sendable {
    public var target: EID
    /// Control (0x00) unless another type matters.
    public var messageType: MessageTypeSelector

    public init(target: EID, messageType: MessageTypeSelector = MessageTypeSelector(.control)) {
      self.target = target
      self.messageType = messageType
    }
  }

  /// A transmission unit in 16-byte steps above the baseline of 64.
  public struct UnitSize: RawRepresentable, Hashable, Sendable {
    /// (bytes - 64) / 16.
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// - Parameter transmissionUnitBytes: rounded down to a step; below 64 counts as 64, and
    ///   above 1048624 as that.
    public init(transmissionUnitBytes: Int) {
      self.rawValue = UInt16(clamping: (max(64, transmissionUnitBytes) - 64) / 16)
    }

    /// 64 to 1048624.
    public var transmissionUnitBytes: Int { 64 + 16 * Int(rawValue) }
  }

  public struct Response: Hashable, Sendable {
    /// The target when this bridge is the last hop, another bridge when it is not, null when the
    /// target is local to the bus of the request or is this bridge itself.
    public var nextEID: EID
    /// The request's, or `.all`.
    public var messageType: MessageTypeSelector
    public var incomingUnitMax: UnitSize
    public var outgoingUnitMax: UnitSize

    public init(
      nextEID: EID, messageType: MessageTypeSelector, incomingUnitMax: UnitSize,
      outgoingUnitMax: UnitSize
    ) {
      self.nextEID = nextEID
      self.messageType = messageType
      self.incomingUnitMax = incomingUnitMax
      self.outgoingUnitMax = outgoingUnitMax
    }
  }
}

extension QueryHop.Request: ControlRequest {
  public static var command: ControlCommand { .queryHop }

  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    self.init(
      target: EID(try reader.byte()),
      messageType: MessageTypeSelector(rawValue: try reader.byte()))
    try reader.finish()
  }

  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(target.rawValue)
    try body.append(messageType.rawValue)
  }
}

extension QueryHop.Response: ControlResponse {
  public static var command: ControlCommand { .queryHop }

  /// Six data bytes: the tables of DSP0236 print the two sizes as overlapping, a misprint.
  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    self.init(
      nextEID: EID(try reader.byte()),
      messageType: MessageTypeSelector(rawValue: try reader.byte()),
      incomingUnitMax: QueryHop.UnitSize(rawValue: try reader.uint16()),
      outgoingUnitMax: QueryHop.UnitSize(rawValue: try reader.uint16()))
    try reader.finish()
  }

  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(nextEID.rawValue)
    try body.append(messageType.rawValue)
    try body.append(incomingUnitMax.rawValue)
    try body.append(outgoingUnitMax.rawValue)
  }
}
