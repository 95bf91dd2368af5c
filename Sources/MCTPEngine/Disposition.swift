public import MCTPWire

/// What became of a received packet.
public enum Disposition: Hashable, Sendable {
  /// It waits in this port's egress queue.
  case forwarded(PortID)
  /// The engine itself took it: a control request. Its answer, if one is due, waits in the egress
  /// queue of the ingress port.
  case answered
  /// For a message terminus on this device: give it to the reassembly. If it ends there, say so
  /// with `Engine.dropDelivered`, so that the books balance.
  case deliver
  /// It ended here, counted and kept in the ring of recent drops.
  case dropped(DropReason)
}

/// Where a packet would go, and why: the decision without the packet.
public enum RoutingVerdict: Hashable, Sendable {
  /// This device takes it.
  case local
  case forward(port: PortID, address: PhysicalAddress)
  case drop(DropReason)
}
