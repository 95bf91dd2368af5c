public import MCTPWire

/// What has to be remembered of an endpoint so that it gets its EID back: after it was away, and,
/// when the shell keeps leases on disk, after this program was.
public struct EIDLease: Hashable, Sendable {
  public var network: UInt8
  public var eid: EID
  public var pool: EndpointPool
  /// Nil for devices that have none: they are known by port and address.
  public var uuid: EndpointUUID?
  public var port: PortID
  public var address: PhysicalAddress
  public var kind: EndpointKind
  public var messageTypes: [MessageType]

  public init(
    network: UInt8 = 1, eid: EID, pool: EndpointPool = EndpointPool(), uuid: EndpointUUID? = nil,
    port: PortID, address: PhysicalAddress, kind: EndpointKind = .unknown,
    messageTypes: [MessageType] = []
  ) {
    self.network = network
    self.eid = eid
    self.pool = pool
    self.uuid = uuid
    self.port = port
    self.address = address
    self.kind = kind
    self.messageTypes = messageTypes
  }
}
