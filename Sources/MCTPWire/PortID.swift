/// A port of this device: 0 to 31, because a routing table entry has five bits for it
/// (DSP0236 1.3.3 §12, command 0x0A). Given in the order of the topology and never reused.
public struct PortID: RawRepresentable, Hashable, Comparable, Sendable {
  public static let countMax = 32

  public let rawValue: UInt8

  @inlinable public init(rawValue: UInt8) {
    precondition(rawValue < 32, "a port number has five bits")
    self.rawValue = rawValue
  }

  @inlinable public static func < (left: PortID, right: PortID) -> Bool {
    left.rawValue < right.rawValue
  }
}
