/// An MCTP endpoint ID (DSP0236 1.3.3 §8): 8 bits, unique inside one MCTP network.
public struct EID: RawRepresentable, Hashable, Comparable, Sendable {
  public let rawValue: UInt8

  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  @inlinable public init(_ value: UInt8) { self.rawValue = value }

  /// As a destination: "whoever is at this physical address". As a source: "I have no EID yet".
  @inlinable public static var null: EID { EID(0x00) }
  /// As a destination: every endpoint on one bus. Never legal as a source.
  @inlinable public static var broadcast: EID { EID(0xFF) }
  /// The EIDs that can be given to an endpoint or allocated to a pool.
  @inlinable public static var assignable: ClosedRange<EID> { EID(0x08)...EID(0xFE) }

  /// True for 0x08 to 0xFE.
  @inlinable public var isAssignable: Bool { rawValue &- 8 <= 0xFE - 8 }
  /// True for 0x01 to 0x07, which no endpoint may have.
  @inlinable public var isReserved: Bool { rawValue &- 1 < 7 }

  @inlinable public static func < (left: EID, right: EID) -> Bool {
    left.rawValue < right.rawValue
  }
}
