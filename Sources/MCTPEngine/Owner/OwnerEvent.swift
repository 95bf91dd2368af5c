public import MCTPWire

/// Something that the bus owner did or found out.
public enum OwnerEvent: Hashable, Sendable {
  /// Set up, routed and answering. Sent last: whoever reads it may send to the endpoint.
  case endpointUp(
    EndpointNumber, eid: EID, network: UInt8, port: PortID, address: PhysicalAddress, via: EID?)
  case endpointSuspect(EndpointNumber, eid: EID, reason: EndpointReason)
  /// `bridge` is the first hop that failed on the way, the endpoint itself when that is it.
  case endpointDown(EndpointNumber, eid: EID, blamed: EID, reason: EndpointReason)
  case endpointQuarantined(EndpointNumber, eid: EID, reason: EndpointReason)
  /// A bridge, or a whole port (`bridge` nil), went and took along what is behind it.
  case subtreeLost(
    network: UInt8, port: PortID, bridge: EID?, members: EIDSet, reason: EndpointReason)
  /// The same came back; `members` are those that answer again.
  case subtreeReturned(network: UInt8, port: PortID, bridge: EID?, members: EIDSet)
  case eidChanged(EndpointNumber, from: EID, to: EID)
  case quirkFound(EndpointNumber, eid: EID, quirk: EndpointQuirks)
  case poolGranted(EndpointNumber, bridge: EID, asked: UInt8, given: UInt8, limit: EIDPoolLimit?)
  case poolLost(EndpointNumber, bridge: EID)
  /// One EID, two claimants. The second is not routed until this is resolved.
  case duplicateEID(
    EID, network: UInt8, port: PortID, address: PhysicalAddress, otherPort: PortID,
    otherAddress: PhysicalAddress)
  /// A device says that it has an EID of this router; it is given another.
  case ownEIDClaimed(EID, port: PortID, address: PhysicalAddress)
  /// Two endpoints on one bus answer with the same UUID.
  case duplicateUUID(
    EndpointUUID, eid: EID, address: PhysicalAddress, otherAddress: PhysicalAddress)
  case duplicateResolved(EID, network: UInt8)
  /// No EID is left for a device.
  case eidsExhausted(network: UInt8, port: PortID, address: PhysicalAddress)
  /// The routing table has no place for an endpoint's route.
  case routeRefused(EndpointNumber, eid: EID)
  case routingUpdateAcknowledged(bridge: EID, entries: UInt8)
  case routingUpdateFailed(bridge: EID, code: CompletionCode?)
  /// An update from the owner above changed so many entries.
  case routingUpdateApplied(port: PortID, entries: UInt8)
  case routingTableRead(bridge: EID, entries: UInt8)
  /// The owner above gave, changed or took away (`count` 0) the pool of this device.
  case ownPoolChanged(network: UInt8, first: EID, count: UInt8, asked: UInt8)
  case leaseChanged(EIDLease)
  case leaseDropped(EIDLease)
  /// A lease given at the start clashes and is not honoured.
  case leaseRefused(EIDLease)
}
