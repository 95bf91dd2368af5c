/// What a routing table entry stands for (DSP0236 1.3.3 §12, commands 0x09 and 0x0A).
///
/// Routing Information Update has four bits for it, Get Routing Table Entries two. Unknown values
/// are kept.
public struct RoutingEntryType: RawRepresentable, Hashable, Sendable {
  /// 0 to 15.
  public let rawValue: UInt8

  /// Takes bits 3:0.
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue & 0x0F }

  /// One endpoint that is not a bridge.
  public static let endpoint = RoutingEntryType(rawValue: 0)
  /// A range whose first EID is the bridge itself; the rest is behind it.
  public static let bridgeRange = RoutingEntryType(rawValue: 1)
  /// One endpoint that is a bridge.
  public static let bridge = RoutingEntryType(rawValue: 2)
  /// A range behind a bridge, without the bridge's own EID.
  public static let range = RoutingEntryType(rawValue: 3)
}
