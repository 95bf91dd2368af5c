public import MCTPWire

/// Numbers an endpoint in the owner's table; never reused while the engine lives.
public struct EndpointNumber: RawRepresentable, Hashable, Comparable, Sendable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  public static func < (left: EndpointNumber, right: EndpointNumber) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// Where an endpoint stands. Raw values are append-only: they leave the program.
public enum EndpointState: UInt8, Hashable, Sendable {
  /// Expected; it has not answered yet.
  case unknown = 0
  /// It answered and is being set up or verified.
  case probing = 1
  case up = 2
  /// It missed an answer; it is asked again, and still routed.
  case suspect = 3
  /// It is gone; its EID stays reserved for it until somebody else needs it.
  case down = 4
  /// It answers but must not be used: what it claims belongs to another.
  case quarantined = 5
}

/// Why an endpoint is in its state. Raw values are append-only.
public enum EndpointReason: UInt8, Hashable, Sendable {
  case notAskedYet = 0
  case answered = 1
  case noAnswer = 2
  case portDown = 3
  /// The bridge on the way to it is gone.
  case bridgeLost = 4
  /// Its bridge came back; it is being asked whether it did too.
  case bridgeReturned = 5
  /// It answers with another EID than it was given: it restarted, or is another device.
  case eidChanged = 6
  /// It has an EID that belongs to another and takes no other.
  case eidClash = 7
  /// It refused the EID and has none of its own that could be used.
  case eidRefused = 8
  case noFreeEID = 9
  /// The bus reported that it left.
  case disappeared = 10
  /// Another endpoint that answers has the same UUID on the same bus.
  case uuidClash = 11
  /// Known from a lease; not verified yet.
  case lease = 12
  /// This device has no EIDs to give yet: its own bus owner has not allocated the pool.
  case waitsForPool = 13
  /// It missed an answer, but so may the bridge in front of it: that one is asked first.
  case bridgeSuspected = 14
  case asked = 15
}

/// How an endpoint departs from the standard or from what was asked of it. Shown, never hidden.
public struct EndpointQuirks: OptionSet, Hashable, Sendable {
  public let rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// It accepted Set Endpoint ID with another EID than the one asked for.
  public static let answersOtherEID = EndpointQuirks(rawValue: 1 << 0)
  /// It refused Set Endpoint ID; the EID that it had was adopted.
  public static let refusesSet = EndpointQuirks(rawValue: 1 << 1)
  /// The count of its message types does not fit the list.
  public static let typesCountWrong = EndpointQuirks(rawValue: 1 << 2)
  public static let nilUUID = EndpointQuirks(rawValue: 1 << 3)
  public static let noUUID = EndpointQuirks(rawValue: 1 << 4)
  public static let noMessageTypes = EndpointQuirks(rawValue: 1 << 5)
  public static let noVersions = EndpointQuirks(rawValue: 1 << 6)
  /// Its version bytes arrive last byte first.
  public static let versionBytesSwapped = EndpointQuirks(rawValue: 1 << 7)
  /// Its vendor set selectors do not increase by one; the list was ended there.
  public static let vendorSelectorJumps = EndpointQuirks(rawValue: 1 << 8)
  /// It holds another pool than the one it was given.
  public static let holdsOtherPool = EndpointQuirks(rawValue: 1 << 9)
  public static let refusesPool = EndpointQuirks(rawValue: 1 << 10)
  public static let refusesRoutingUpdate = EndpointQuirks(rawValue: 1 << 11)
  public static let refusesRoutingTable = EndpointQuirks(rawValue: 1 << 12)
  /// It calls itself a simple endpoint and wants a pool.
  public static let simpleWithPool = EndpointQuirks(rawValue: 1 << 13)
  /// Its routing table pages do not end, or go backwards.
  public static let routingTableEndless = EndpointQuirks(rawValue: 1 << 14)
}

public enum EndpointKind: UInt8, Hashable, Sendable {
  case unknown = 0
  case simple = 1
  /// A bridge or bus owner.
  case bridge = 2
}

/// How this device came to know of an endpoint.
public enum EndpointOrigin: UInt8, Hashable, Sendable {
  case listed = 0
  case scanned = 1
  case pointToPoint = 2
  /// The bus reported it (I3C).
  case reported = 3
  case discoveryNotify = 4
  case lease = 5
  case command = 6
  /// The routing table of the bridge in front of it.
  case routingTable = 7
  /// Its EID is in the pool of a bridge that does not tell its routing table.
  case pool = 8
}

/// The EIDs that a bridge has for what is behind it: a run.
public struct EndpointPool: Hashable, Sendable {
  public var first: EID
  /// What it was given; 0 is none.
  public var count: UInt8
  /// What it asked for.
  public var asked: UInt8

  public init(first: EID = .null, count: UInt8 = 0, asked: UInt8 = 0) {
    self.first = first
    self.count = count
    self.asked = asked
  }

  public func contains(_ eid: EID) -> Bool {
    count > 0 && eid >= first && Int(eid.rawValue) - Int(first.rawValue) < Int(count)
  }
}

/// What the owner knows of one endpoint, at any depth.
public struct KnownEndpoint: Sendable {
  public let number: EndpointNumber
  public let network: UInt8
  /// The port through which it is reached.
  public let port: PortID
  /// The next hop on that port: its own address, or that of the first bridge on the way.
  public internal(set) var address: PhysicalAddress
  /// The bridge right in front of it; nil when it is on the port's own bus.
  public internal(set) var via: EID?
  /// Null while it has none.
  public internal(set) var eid: EID = .null
  /// The EID that the topology wants it to have.
  public internal(set) var fixedEID: EID?
  public internal(set) var kind = EndpointKind.unknown
  public internal(set) var origin: EndpointOrigin
  /// It says that its EID is static.
  public internal(set) var hasStaticEID = false
  public internal(set) var uuid: EndpointUUID?
  public internal(set) var messageTypes: [MessageType] = []
  public internal(set) var vendorSets: [VendorMessageSet] = []
  /// Of the base specification.
  public internal(set) var versions: [VersionNumber] = []
  public internal(set) var pool = EndpointPool()
  public internal(set) var quirks: EndpointQuirks = []
  public internal(set) var state = EndpointState.unknown
  public internal(set) var reason = EndpointReason.notAskedYet
  /// When the state was entered.
  public internal(set) var since: Instant
  /// Its last answer; for one that is only listed in a bridge's table, nil.
  public internal(set) var lastContact: Instant?
  /// What is to be asked of it, and how far that is.
  var work = EndpointWork()

  init(
    number: EndpointNumber, network: UInt8, port: PortID, address: PhysicalAddress, via: EID? = nil,
    origin: EndpointOrigin, now: Instant
  ) {
    self.number = number
    self.network = network
    self.port = port
    self.address = address
    self.via = via
    self.origin = origin
    since = now
  }

  public var isDirect: Bool { via == nil }

  /// An address that was scanned, or an EID of a pool, where nobody ever answered is no endpoint.
  var isShown: Bool {
    !work.isRemoved && ((origin != .scanned && origin != .pool) || state != .unknown)
  }
}
