internal import MCTPNeighbours
internal import MCTPSimulation
public import MCTPWire
internal import Topology

/// A fault that a seed drew: what, where, from when to when.
public struct DrawnFault: Hashable, Sendable {
  enum Effect: Hashable, Sendable {
    case wire(Int, FrameFaults)
    case cut(wire: Int)
    case temperament(device: Int, Temperament)
    case habits(device: Int, NeighbourHabits)
    case restart(device: Int)
    case exchange(device: Int, BoardIdentity)
    case grants(device: Int, NeighbourConfiguration.OwnerPlan)
    case absent(device: Int)
    /// In mid-turn after so many steps, or between two turns.
    case killed(router: Int, keepsLeases: Bool, afterSteps: Int?)
    case portDown(router: Int, port: PortID)
    /// Requests a second of the whole board, and how much that is of what its busiest wire carries.
    case load(UInt32, percent: UInt32)

    /// What only happens, once.
    var moment: WorldEvent? {
      switch self {
      case .restart(let device): .restart(device: device)
      case .exchange(let device, let identity): .exchange(device: device, identity)
      case .grants(let device, let plan): .grants(device: device, plan)
      default: nil
      }
    }

    /// What is so while it lasts, for who is excused by it.
    var states: [WorldEvent] {
      switch self {
      case .wire(let wire, let faults): [.faults(wire: wire, faults)]
      case .cut(let wire): [.cut(wire: wire)]
      case .temperament(let device, let temperament):
        [.temperament(device: device, temperament)]
      case .habits(let device, let habits): [.habits(device: device, habits)]
      case .absent(let device): [.remove(device: device)]
      case .killed(let router, _, _): [.kill(router: router)]
      case .portDown(let router, let port): [.portDown(router: router, port: port)]
      case .restart, .exchange, .grants, .load: []
      }
    }
  }

  /// From 1, in the order in which they were drawn.
  public let number: Int
  public let kind: FaultKind
  public let from: Instant
  /// The fault is over; equal to `from` for what has no length.
  public let until: Instant
  let effect: Effect
  /// It is not over when everything else is.
  public let stays: Bool
  /// Of a fault of kind `stays`: what it is besides.
  public let cause: FaultKind?

  init(
    number: Int, kind: FaultKind, from: Instant, until: Instant, effect: Effect, stays: Bool,
    cause: FaultKind? = nil
  ) {
    self.number = number
    self.kind = kind
    self.from = from
    self.until = until
    self.effect = effect
    self.stays = stays
    self.cause = cause
  }

  func with(effect: Effect) -> DrawnFault {
    DrawnFault(
      number: number, kind: kind, from: from, until: until, effect: effect, stays: stays,
      cause: cause)
  }

  /// The device whose habit it is.
  var neighbour: Int? {
    switch effect {
    case .habits(let device, _), .exchange(let device, _), .grants(let device, _): device
    default: nil
    }
  }

  func isActive(at time: Instant, quietFrom: Instant) -> Bool {
    from <= time && (stays || time < until && time < quietFrom)
  }

  /// The name on command lines: `f1`.
  public var id: String { "f\(number)" }

  /// One line for people: `f3   4.120 s to 7.031 s   loss            wire bmc.i2c: 1.25 %`.
  public func text(on board: Board) -> String {
    var line = padded(id, 5) + padded(seconds(from), 10)
    line += padded(stays ? "on" : until > from ? "to " + seconds(until) : "", 14)
    line += padded(kind.rawValue, 16)
    return line + (cause.map { "\($0.rawValue) of " } ?? "") + place(on: board)
  }

  private func place(on board: Board) -> String {
    switch effect {
    case .wire(let wire, let faults):
      "wire \(board.wires[wire].name): \(faults.words)"
    case .cut(let wire): "wire \(board.wires[wire].name)"
    case .temperament(let device, let temperament):
      "device \(board.devices[device].name): \(temperament.words)"
    case .habits(let device, let habits):
      "device \(board.devices[device].name): \(habits.words)"
    case .exchange(let device, let identity):
      "device \(board.devices[device].name): uuid \(identity.uuid)"
    case .grants(let device, let plan): "owner \(board.devices[device].name): \(plan.words)"
    case .load(let rate, let percent):
      "\(rate)/s, \(percent) % of what the busiest wire carries"
    case .restart(let device), .absent(let device): "device \(board.devices[device].name)"
    case .killed(let router, let keepsLeases, let steps):
      "router \(board.routers[router].name)" + (steps.map { " after \($0) steps" } ?? "")
        + (keepsLeases ? "" : ", leases lost")
    case .portDown(let router, let port): "port \(board.portName(router, port))"
    }
  }
}

/// A time in seconds with milliseconds.
func seconds(_ instant: Instant) -> String {
  let milliseconds = instant.nanoseconds / 1_000_000
  let rest = String(milliseconds % 1000)
  return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest + " s"
}

func padded(_ text: String, _ columns: Int) -> String {
  text + String(repeating: " ", count: max(1, columns - text.count))
}

extension Board {
  /// `ROUTER.PORT`.
  func portName(_ router: Int, _ port: PortID) -> String {
    let router = routers[router]
    return "\(router.name).\(router.topology.port(port)?.name ?? "?")"
  }
}
