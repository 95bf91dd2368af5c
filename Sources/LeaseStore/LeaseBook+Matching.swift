public import MCTPWire

/// What a device on the bus says of itself, to find the lease it had.
public struct LeaseClaim: Hashable, Sendable {
  public var network: UInt8
  public var port: String
  public var address: PhysicalAddress
  /// Nil when it has none; the nil UUID counts as none.
  public var uuid: EndpointUUID?
  public var messageTypes: MessageTypeSet
}

extension LeaseBook {
  /// The lease of a device that is back.
  ///
  /// A UUID decides, wherever in the network the device is now: the lease at its very place first,
  /// then the only one on its port, then the only one in the network. Several are no answer: ask
  /// `leases(uuid:)`. Without a lease by UUID, the lease at its place is its own when the message
  /// types agree and the UUIDs, where both are known, do not differ.
  ///
  /// Choice: a UUID that is known on one side only does not make another device of it. Firmware
  /// that is just starting, or was updated, answers differently; a living device whose EID moves
  /// is worse than a new one of the same kind that gets an old EID.
  public func match(_ claim: LeaseClaim) -> Lease? {
    let uuid = claim.uuid == .nil ? nil : claim.uuid
    if let uuid {
      let known = leases(uuid: uuid).filter { $0.network == claim.network }
      if let same = known.first(where: { $0.port == claim.port && $0.address == claim.address }) {
        return same
      }
      let onPort = known.filter { $0.port == claim.port }
      if onPort.count == 1 { return onPort[0] }
      if known.count == 1 { return known[0] }
      if !known.isEmpty { return nil }
    }
    guard let lease = lease(port: claim.port, address: claim.address),
      lease.network == claim.network, lease.messageTypes == claim.messageTypes,
      lease.uuid == nil || uuid == nil || lease.uuid == uuid
    else { return nil }
    return lease
  }
}
