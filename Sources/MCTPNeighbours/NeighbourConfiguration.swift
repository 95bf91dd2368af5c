/// What a neighbour is. A value; what it does beside the standard is in `NeighbourHabits`.
public struct NeighbourConfiguration: Hashable, Sendable {
  public enum Medium: Hashable, Sendable {
    /// Seven-bit address, unshifted.
    case i2c(address: UInt8)
    /// Provisioned ID of a target.
    case i3c(provisionedID: UInt64)
    case serial
  }

  public enum Role: Hashable, Sendable {
    case device
    /// A bridge: the termini behind it live inside it, on a bus that nobody else sees.
    case bridge([Child])
    /// The bus owner of a bus on which the router has a port of role `endpoint`.
    case owner(OwnerPlan)
  }

  /// A terminus behind a bridge. The bridge gives it an EID out of its pool, in order, unless it
  /// has a static one.
  public struct Child: Hashable, Sendable {
    public var name: String
    /// 0: it wants one out of the pool.
    public var staticEID: UInt8
    /// 16 bytes; empty: it has none.
    public var uuid: [UInt8]
    public var messageTypes: [UInt8]

    public init(
      name: String, staticEID: UInt8 = 0, uuid: [UInt8] = [], messageTypes: [UInt8] = [0x7E]
    ) {
      self.name = name
      self.staticEID = staticEID
      self.uuid = uuid
      self.messageTypes = messageTypes
    }
  }

  /// What an owner above gives, and to whom. Change it at any time by `Neighbour.plan`.
  public struct OwnerPlan: Hashable, Sendable {
    public struct Grant: Hashable, Sendable {
      /// Address of the router's port on the owner's bus; nil on a line.
      public var address: UInt8?
      public var eid: UInt8
      /// 0: no pool is given.
      public var poolFirst: UInt8
      public var poolCount: UInt8

      public init(address: UInt8?, eid: UInt8, poolFirst: UInt8 = 0, poolCount: UInt8 = 0) {
        self.address = address
        self.eid = eid
        self.poolFirst = poolFirst
        self.poolCount = poolCount
      }
    }

    /// A route that the owner tells by Routing Information Update: type 0 to 3 of DSP0236 1.3.3
    /// §12, count, first EID, address bytes.
    public struct Route: Hashable, Sendable {
      public var type: UInt8
      public var count: UInt8
      public var first: UInt8
      public var address: [UInt8]

      public init(type: UInt8, count: UInt8, first: UInt8, address: [UInt8]) {
        self.type = type
        self.count = count
        self.first = first
        self.address = address
      }
    }

    public var grants: [Grant]
    /// Told after each grant, in one update, in this order; empty: none is sent.
    public var routes: [Route]
    /// Termini that the owner itself stands for beside its own EID: devices behind it, which echo.
    public var remote: [Child]
    /// Polls the granted EID (Get Endpoint ID) so often; 0 is never.
    public var pollMs: UInt32

    public init(
      grants: [Grant] = [], routes: [Route] = [], remote: [Child] = [], pollMs: UInt32 = 0
    ) {
      self.grants = grants
      self.routes = routes
      self.remote = remote
      self.pollMs = pollMs
    }
  }

  public struct VendorSet: Hashable, Sendable {
    /// 2 bytes (PCI) or 4 (IANA), most significant first.
    public var vendorID: [UInt8]
    public var commandSet: UInt16

    public init(vendorID: [UInt8], commandSet: UInt16) {
      self.vendorID = vendorID
      self.commandSet = commandSet
    }
  }

  public var name: String
  public var medium: Medium
  public var role: Role
  /// From power-on; 0: none.
  public var eid: UInt8
  /// 16 bytes, most significant first; empty: it has none and refuses Get Endpoint UUID.
  public var uuid: [UInt8]
  /// Where everything goes that is not an answer: the router's port. Nil on I3C and serial lines.
  public var bridgeAddress: UInt8?
  /// Payload bytes of its largest packet, 64 or more.
  public var transmissionUnitBytes: Int
  /// Announced beside control, and echoed.
  public var messageTypes: [UInt8]
  public var vendorSets: [VendorSet]

  public init(
    name: String, medium: Medium, role: Role = .device, eid: UInt8 = 0, uuid: [UInt8] = [],
    bridgeAddress: UInt8? = nil, transmissionUnitBytes: Int = 64, messageTypes: [UInt8] = [0x7E],
    vendorSets: [VendorSet] = []
  ) {
    self.name = name
    self.medium = medium
    self.role = role
    self.eid = eid
    self.uuid = uuid
    self.bridgeAddress = bridgeAddress
    self.transmissionUnitBytes = max(transmissionUnitBytes, 64)
    self.messageTypes = messageTypes
    self.vendorSets = vendorSets
  }
}
