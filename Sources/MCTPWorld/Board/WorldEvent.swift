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

extension WorldEvent {
  /// A part of the board in one respect.
  enum Subject: Hashable {
    case presence(device: Int)
    case temperament(device: Int)
    case faults(wire: Int)
    case cable(wire: Int)
    case process(router: Int)
    case port(router: Int, PortID)
  }

  /// Of what it says how that is from then on: two events of one time cannot both be right about
  /// one subject. Nil for what only happens.
  var subject: Subject? {
    switch self {
    case .insert(let device), .remove(let device): .presence(device: device)
    case .restart: nil
    case .temperament(let device, _): .temperament(device: device)
    case .faults(let wire, _): .faults(wire: wire)
    case .cut(let wire), .mend(let wire): .cable(wire: wire)
    case .kill(let router), .start(let router, _): .process(router: router)
    case .portDown(let router, let port), .portUp(let router, let port):
      .port(router: router, port)
    }
  }
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
