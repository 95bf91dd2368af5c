public import MCTPNeighbours
public import MCTPSimulation
public import MCTPWire

/// Something that happens to a board from outside. Numbers are indices of the `Board`.
public enum WorldEvent: Hashable, Sendable {
  case insert(device: Int)
  case remove(device: Int)
  /// Power off and on: a dynamic EID is gone, and what was under way.
  case restart(device: Int)
  case temperament(device: Int, Temperament)
  /// Everything in which a device of another make differs from then on.
  case habits(device: Int, NeighbourHabits)
  /// What an owner of another make gives from then on: everybody gets EIDs anew.
  case grants(device: Int, NeighbourConfiguration.OwnerPlan)
  /// Another device is plugged in under the same address in the same instant, powered off before.
  case exchange(device: Int, BoardIdentity)
  /// The device sends this packet as it is, from its port.
  case sends(device: Int, packet: [UInt8], to: PhysicalAddress)
  case faults(wire: Int, FrameFaults)
  /// The cable is pulled or put back: nothing passes, ports stay up.
  case cut(wire: Int)
  case mend(wire: Int)
  /// The router's process is killed; `start` begins it anew, with its leases when `keepsLeases`.
  case kill(router: Int)
  case start(router: Int, keepsLeases: Bool)
  /// The process is killed in the middle of a turn, after so many more actions: packets handed to
  /// ports, events of the engine taken, writes of leases begun or ended. `kill` follows then; a
  /// `start` before that kills first.
  case killAfter(router: Int, steps: Int)
  /// From its next start on the router has this one of its `Board.Router.otherTopologies`; nil is
  /// its own.
  case topology(router: Int, other: Int?)
  /// The router's process is not scheduled for so long.
  case lag(router: Int, ms: UInt32)
  /// Somebody asks the router's bus owner for something, as `router-ctl` does.
  case command(router: Int, RouterCommand)
  /// The router's bus device goes away or comes back: the port goes down or up.
  case portDown(router: Int, port: PortID)
  case portUp(router: Int, port: PortID)
  /// Requests a second of the traffic from then on.
  case load(requestsPerSecond: UInt32)
}

extension WorldEvent {
  /// A part of the board in one respect.
  enum Subject: Hashable {
    case presence(device: Int)
    case temperament(device: Int)
    case grants(device: Int)
    case identity(device: Int)
    case topology(router: Int)
    case load
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
    case .restart, .sends, .lag, .command: nil
    case .temperament(let device, _), .habits(let device, _): .temperament(device: device)
    case .grants(let device, _): .grants(device: device)
    case .exchange(let device, _): .identity(device: device)
    case .topology(let router, _): .topology(router: router)
    case .load: .load
    case .faults(let wire, _): .faults(wire: wire)
    case .cut(let wire), .mend(let wire): .cable(wire: wire)
    case .kill(let router), .start(let router, _), .killAfter(let router, _):
      .process(router: router)
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
