/// The instance ID of a control message (DSP0236 1.3.3 §11): five bits that tell a new request
/// from a repeated one.
public struct InstanceID: RawRepresentable, Hashable, Sendable {
  /// 0 to 31.
  public let rawValue: UInt8

  /// Takes bits 4:0.
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue & 0x1F }

  @inlinable public var next: InstanceID { InstanceID(rawValue: rawValue &+ 1) }
}
