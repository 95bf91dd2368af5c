/// What a value of a topology file may look like. The loader reads by these shapes and the JSON
/// Schema is held to them, so neither can know more than the other.
public indirect enum ValueShape: Hashable, Sendable {
  /// Decimal or `0x` hexadecimal.
  case integer(ClosedRange<UInt64>)
  case integerChoice([UInt64])
  /// 0, which means never, or a number in a range that it does not lie in.
  case zeroOr(ClosedRange<UInt64>)
  case word([String])
  case boolean
  /// A letter, then letters, digits, `.`, `_`, `-`; see `TopologyKeys.namePattern`.
  case name
  /// An absolute path of at most so many bytes.
  case path(byteCountMax: Int)
  /// One of `words`, the name of a kernel link, or with `hasPath` an absolute path; see
  /// `TopologyKeys.devicePattern`.
  case device(words: [String], hasPath: Bool)
  case uuid
  /// A name out of `TopologyKeys.messageTypeNames` or a number, `control` left out.
  case messageType
  /// One EID or a range `first-last`.
  case eids
  /// One I2C address or a range `first-last`; see `TopologyKeys.addressRangePattern`.
  case addressRange(ClosedRange<UInt64>)
  /// A physical address, or a mapping that says more.
  case addressOr(ClosedRange<UInt64>, MappingShape)
  case mapping(MappingShape)
  case list(ValueShape, counts: ClosedRange<Int>)
}

/// The keys that a mapping may have.
public struct MappingShape: Hashable, Sendable {
  /// What the mapping is, for messages and for people: `a port`.
  public let title: String
  public let keys: [KeyShape]

  /// Nil when there is no such key.
  public subscript(_ name: String) -> KeyShape? { keys.first { $0.name == name } }
}

public struct KeyShape: Hashable, Sendable {
  public enum Default: Hashable, Sendable {
    case integer(UInt64)
    case word(String)
    case boolean(Bool)
  }

  public let name: String
  public let value: ValueShape
  public let isRequired: Bool
  /// What counts when the key is absent; nil when absence means something of its own.
  public let defaultValue: Default?

  static func required(_ name: String, _ value: ValueShape) -> KeyShape {
    KeyShape(name: name, value: value, isRequired: true, defaultValue: nil)
  }

  static func optional(_ name: String, _ value: ValueShape, default: Default? = nil) -> KeyShape {
    KeyShape(name: name, value: value, isRequired: false, defaultValue: `default`)
  }
}

/// What a port's bus makes of the keys of a port.
public struct BusShape: Hashable, Sendable {
  public let bus: Topology.Bus
  /// Narrower than, or required instead of optional in, `TopologyKeys.port`.
  public let keys: [KeyShape]
  /// Keys of `TopologyKeys.port` that mean nothing on this bus.
  public let refused: [String]
  /// Keys of `TopologyKeys.discovery` that mean nothing on this bus.
  public let refusedInDiscovery: [String]

  /// The key as this bus has it; the general one where the bus says nothing. Nil when there is
  /// no such key.
  public subscript(_ name: String) -> KeyShape? {
    keys.first { $0.name == name } ?? TopologyKeys.port[name]
  }
}
