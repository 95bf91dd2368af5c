// What the router as a bus owner gave to one device, and by what it knows the device again.
//
// A value that cannot be wrong: made once, checked there, then kept, written and compared.
// DSP0236 1.3.3 §8 (EIDs), §12 (commands 0x01, 0x03, 0x08).

public import MCTPWire

/// An EID, and a bridge's pool, given to the device at one place.
public struct Lease: Hashable, Sendable {
  /// Simple endpoint or bridge, as the device says in Get Endpoint ID.
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case simple
    case bridge
  }

  /// Where the EID comes from.
  public enum Assignment: String, CaseIterable, Hashable, Sendable {
    /// The topology or the device insists on it.
    case fixed
    /// Out of the router's ranges.
    case dynamic
  }

  /// The EIDs that a bridge may hand out itself.
  public struct Pool: Hashable, Sendable {
    public let firstEID: EID
    /// 1 to 247.
    public let eidCount: UInt8

    /// Nil for no EIDs and for a range that leaves the assignable ones (0x08 to 0xFE).
    public init?(firstEID: EID, eidCount: UInt8) {
      guard firstEID.isAssignable, eidCount > 0,
        Int(firstEID.rawValue) + Int(eidCount) - 1 <= 0xFE
      else { return nil }
      self.firstEID = firstEID
      self.eidCount = eidCount
    }

    public var lastEID: EID { EID(firstEID.rawValue + (eidCount - 1)) }

    public func contains(_ eid: EID) -> Bool { firstEID <= eid && eid <= lastEID }
  }

  /// Why there can be no such lease.
  public enum Defect: Error, Hashable, Sendable, CustomStringConvertible {
    case networkZero
    case eidNotAssignable(EID)
    case portNameIllegal
    case poolWithoutBridge
    case poolHoldsOwnEID(EID)

    public var description: String {
      switch self {
      case .networkZero: "networks are numbered 1 to 255"
      case .eidNotAssignable(let eid): "EID \(eid) can be given to nobody: 8 to 254 can"
      case .portNameIllegal:
        "a port name is a letter and up to 31 letters, digits, dots, underscores and hyphens"
      case .poolWithoutBridge: "only a bridge has a pool"
      case .poolHoldsOwnEID(let eid): "the pool holds EID \(eid), which is the bridge's own"
      }
    }
  }

  /// Bytes of a port name, as in topologies.
  public static let portNameBytesMax = 32

  /// 1 to 255.
  public let network: UInt8
  public let eid: EID
  /// Nil for a simple endpoint, and for a bridge that asked for none.
  public let pool: Pool?
  /// Nil when the device has none or says the nil UUID, which never identifies anything.
  public let uuid: EndpointUUID?
  /// The port's name, not its number: numbers move when a topology changes.
  public let port: String
  public let address: PhysicalAddress
  public let kind: Kind
  public let assignment: Assignment
  public let messageTypes: MessageTypeSet
  /// The book's contact counter when the device was last heard; higher is later. Only `LeaseBook`
  /// gives it a meaning.
  public var contact: UInt64

  /// - Parameter uuid: the nil UUID becomes nil.
  /// - Throws: what makes it no lease.
  public init(
    network: UInt8, eid: EID, pool: Pool? = nil, uuid: EndpointUUID? = nil, port: String,
    address: PhysicalAddress, kind: Kind, assignment: Assignment,
    messageTypes: MessageTypeSet = MessageTypeSet(), contact: UInt64 = 0
  ) throws(Defect) {
    guard network > 0 else { throw .networkZero }
    guard eid.isAssignable else { throw .eidNotAssignable(eid) }
    guard Lease.isPortName(port.utf8) else { throw .portNameIllegal }
    if let pool {
      guard kind == .bridge else { throw .poolWithoutBridge }
      guard !pool.contains(eid) else { throw .poolHoldsOwnEID(eid) }
    }
    self.network = network
    self.eid = eid
    self.pool = pool
    self.uuid = uuid == .nil ? nil : uuid
    self.port = port
    self.address = address
    self.kind = kind
    self.assignment = assignment
    self.messageTypes = messageTypes
    self.contact = contact
  }

  /// A letter, then up to 31 letters, digits, `.`, `_` and `-`: nothing that a line of the file
  /// would have to escape.
  public static func isPortName(_ name: some Collection<UInt8>) -> Bool {
    guard let first = name.first, isLetter(first), name.count <= portNameBytesMax else {
      return false
    }
    return name.allSatisfy { byte in
      isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}

extension Lease: CustomStringConvertible {
  /// For messages: `EID 9 (network 1, i2c1 0x1d)`.
  public var description: String {
    let run = pool.map { " with pool \($0.firstEID)-\($0.lastEID)" } ?? ""
    let place = address == .none ? port : "\(port) \(address)"
    return "EID \(eid)\(run) (network \(network), \(place))"
  }
}
