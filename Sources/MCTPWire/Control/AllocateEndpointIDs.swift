/// Allocate Endpoint IDs, command 0x08 (DSP0236 1.3.3 §12).
public enum AllocateEndpointIDs {
  /// Bits 1:0 of the first data byte.
  public enum Operation: UInt8, Hashable, Sendable {
    /// May be rejected when another bus already supplied the pool.
    case allocate = 0
    /// Always accepted; everything downstream is assigned anew.
    case force = 1
    /// Asks only: count and first EID are ignored.
    case information = 2
    case reserved = 3
  }

  public struct Request: Hashable, Sendable {
    public var operation: Operation
    /// 0 takes the dynamic pool away.
    public var eidCount: UInt8
    public var firstEID: EID

    public init(operation: Operation, eidCount: UInt8, firstEID: EID) {
      self.operation = operation
      self.eidCount = eidCount
      self.firstEID = firstEID
    }
  }

  /// Bits 1:0 of the status byte. A refusal travels with completion code SUCCESS.
  public enum Status: UInt8, Hashable, Sendable {
    case accepted = 0
    case rejected = 1
    case reserved2 = 2
    case reserved3 = 3
  }

  public struct Response: Hashable, Sendable {
    public var status: Status
    /// Size of the dynamic pool.
    public var poolSize: UInt8
    /// Null when nothing is allocated.
    public var firstEID: EID

    public init(status: Status, poolSize: UInt8, firstEID: EID) {
      self.status = status
      self.poolSize = poolSize
      self.firstEID = firstEID
    }
  }
}

extension AllocateEndpointIDs.Request: ControlRequest {
  public static var command: ControlCommand { .allocateEndpointIDs }

  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    let operation = AllocateEndpointIDs.Operation(rawValue: try reader.byte() & 0x03) ?? .reserved
    self.init(
      operation: operation, eidCount: try reader.byte(), firstEID: EID(try reader.byte()))
    try reader.finish()
  }

  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(operation.rawValue)
    try body.append(eidCount)
    try body.append(firstEID.rawValue)
  }
}

extension AllocateEndpointIDs.Response: ControlResponse {
  public static var command: ControlCommand { .allocateEndpointIDs }

  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    let status = AllocateEndpointIDs.Status(rawValue: try reader.byte() & 0x03) ?? .reserved3
    self.init(status: status, poolSize: try reader.byte(), firstEID: EID(try reader.byte()))
    try reader.finish()
  }

  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(status.rawValue)
    try body.append(poolSize)
    try body.append(firstEID.rawValue)
  }
}
