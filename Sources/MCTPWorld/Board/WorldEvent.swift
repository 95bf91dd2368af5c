public import MCTPSimulation
public import MCTPWire

/// Something that happens to a board from outside. Numbers are indices of the `Board`.
public enum WorldEvent: Hashable, Sendable {
  case insert(device: Int)
  case remove(device: Int)
  /// Power off and on: a dynamic EID is gone, and what was under way.
  case restart(device: Int)
  case temperament(device: Int, Temperament)
  case faults(wire: Int, FrameFaults)
  /// The cable is pulled or put back: nothing passes, ports stay up.
  case cut(wire: Int)
  case mend(wire: Int)
  /// The router's process is killed; `start` begins it anew, with its leases when `keepsLeases`.
  case kill(router: Int)
  case start(router: Int, keepsLeases: Bool)
  /// The router's bus device goes away or comes back: the port goes down or up.
  case portDown(router: Int, port: PortID)
  case portUp(router: Int, port: PortID)
}

/// An event and when it happens.
public struct TimedEvent: Hashable, Sendable {
  public var at: Instant
  public var event: WorldEvent

  public init(at: Instant, _ event: WorldEvent) {
    self.at = at
    self.event = event
  }
}
