/// Set Endpoint ID, command 0x01 (DSP0236 1.3.3 §12).
public enum SetEndpointID {
  /// What the sender asks for: bits 1:0 of the first data byte.
  public enum Operation: UInt8, Hashable, Sendable {
    /// Accepted unless another bus already assigned an EID.
    case set = 0
    /// Always accepted.
    case force = 1
    /// Back to the static EID.
    case reset = 2
    /// Sets the discovered flag; the EID stays.
    case setDiscovered = 3
  }

  public struct Request: Hashable, Sendable {
    public var operation: Operation
    /// Ignored by the receiver for `.reset` and `.setDiscovered`; still send a legal one, because
    /// some receivers check it first.
    public var eid: EID

    public init(operation: Operation, eid: EID) {
      self.operation = operation
      self.eid = eid
    }
  }

  /// Bits 5:4 of the status byte. A refusal travels with completion code SUCCESS.
  public enum Assignment: Hashable, Sendable {
    case accepted
    case rejected
    /// 2 or 3: reserved, kept.
    case reserved(UInt8)
  }

  /// Bits 1:0 of the status byte.
  public enum Allocation: Hashable, Sendable {
    case noPool
    case poolRequired
    case poolAllocated
    case reserved
  }

  public struct Response: Hashable, Sendable {
    public var assignment: Assignment
    public var allocation: Allocation
    /// The new EID when accepted, else the present one.
    public var eid: EID
    /// Dynamic pool size wanted or held, static EIDs not counted; 0 is none.
    public var poolSize: UInt8

    public init(assignment: Assignment, allocation: Allocation, eid: EID, poolSize: UInt8) {
      self.assignment = assignment
      self.allocation = allocation
      self.eid = eid
      self.poolSize = poolSize
    }
  }
}

extension SetEndpointID.Request: ControlRequest {
  public static var command: ControlCommand { .setEndpointID }

  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    let operation = SetEndpointID.Operation(rawValue: try reader.byte() & 0x03) ?? .set
    self.init(operation: operation, eid: EID(try reader.byte()))
    try reader.finish()
  }

  public func encode(into body: inout ControlBody) throws(WireError) {
    try body.append(operation.rawValue)
    try body.append(eid.rawValue)
  }
}

extension SetEndpointID.Response: ControlResponse {
  public static var command: ControlCommand { .setEndpointID }

  public init(decoding data: Span<UInt8>) throws(WireError) {
    var reader = ByteReader(data)
    let status = try reader.byte()
    let assignment: SetEndpointID.Assignment =
      switch status >> 4 & 0x03 {
      case 0: .accepted
      case 1: .rejected
      case let value: .reserved(value)
      }
    let allocation: SetEndpointID.Allocation =
      switch status & 0x03 {
      case 0: .noPool
      case 1: .poolRequired
      case 2: .poolAllocated
      default: .reserved
      }
    self.init(
      assignment: assignment, allocation: allocation, eid: EID(try reader.byte()),
      poolSize: try reader.byte())
    try reader.finish()
  }

  public func encode(into body: inout ControlBody) throws(WireError) {
    let assignmentBits: UInt8 =
      switch assignment {
      case .accepted: 0
      case .rejected: 1
      case .reserved(let value): value & 0x03
      }
    let allocationBits: UInt8 =
      switch allocation {
      case .noPool: 0
      case .poolRequired: 1
      case .poolAllocated: 2
      case .reserved: 3
      }
    try body.append(assignmentBits << 4 | allocationBits)
    try body.append(eid.rawValue)
    try body.append(poolSize)
  }
}
