internal import MCTPNeighbours
internal import MCTPSimulation
internal import MCTPWire

/// How every part of a board is at one time, by index.
struct TimelineStates {
  var faults: [FrameFaults]
  var isCut: [Bool]
  var temperaments: [Temperament]
  var habits: [NeighbourHabits]
  var isPresent: [Bool]
  var isDead: [Bool]
  /// See `WorldEvent.topology`.
  var topologies: [Int?]
  /// By joint.
  var isDown: [Bool]
  var requestsPerSecond: UInt32

  init(_ board: Board, requestsPerSecond: UInt32) {
    faults = board.wires.map { _ in .none }
    isCut = board.wires.map { _ in false }
    temperaments = board.devices.map(\.temperament)
    habits = board.devices.map(\.habits)
    isPresent = board.devices.map(\.isPresent)
    isDead = board.routers.map { _ in false }
    topologies = board.routers.map { _ in nil }
    isDown = board.joints.map { _ in false }
    self.requestsPerSecond = requestsPerSecond
  }

  /// Mends what goes wrong. A neighbour's habits of the beginning are its own; topologies, traffic
  /// and who is there stay.
  mutating func calm(_ board: Board) {
    let good = TimelineStates(board, requestsPerSecond: requestsPerSecond)
    faults = good.faults
    isCut = good.isCut
    temperaments = board.devices.map { _ in .good }
    habits = good.habits
    isDead = good.isDead
    isDown = good.isDown
  }

  /// What a line of a script says is so from then on; false for what only happens, and for starts.
  mutating func apply(_ event: WorldEvent, _ board: Board) -> Bool {
    switch event {
    case .insert(let device): setPresent(true, device, board)
    case .remove(let device): setPresent(false, device, board)
    case .temperament(let device, let temperament): set(temperament, device, board)
    case .habits(let device, let more):
      habits[device] = more == .plain ? .plain : habits[device].merged(with: more)
    case .faults(let wire, let more): faults[wire] = more
    case .cut(let wire): isCut[wire] = true
    case .mend(let wire): isCut[wire] = false
    case .kill(let router): isDead[router] = true
    case .topology(let router, let other): topologies[router] = other
    case .portDown(let router, let port): setDown(true, router, port, board)
    case .portUp(let router, let port): setDown(false, router, port, board)
    case .load(let rate): requestsPerSecond = rate
    case .restart, .grants, .exchange, .sends, .start, .killAfter, .lag, .command: return false
    }
    return true
  }

  /// Lays a drawn fault over it.
  mutating func add(_ effect: DrawnFault.Effect, _ board: Board) {
    switch effect {
    case .wire(let wire, let more): faults[wire] = faults[wire].merged(with: more)
    case .cut(let wire): isCut[wire] = true
    case .temperament(let device, let more):
      if board.devices[device].neighbour == nil {
        temperaments[device] = temperaments[device].merged(with: more)
      } else {
        habits[device] = habits[device].merged(with: NeighbourHabits(more))
      }
    case .habits(let device, let more):
      if board.devices[device].neighbour != nil {
        habits[device] = habits[device].merged(with: more)
      }
    case .absent(let device): setPresent(false, device, board)
    case .killed(let router, _, _): isDead[router] = true
    case .portDown(let router, let port): setDown(true, router, port, board)
    case .load(let rate, _): requestsPerSecond = max(requestsPerSecond, rate)
    case .restart, .exchange, .grants: break
    }
  }

  /// A script knows nothing of who was drawn as one of another make.
  private mutating func set(_ temperament: Temperament, _ device: Int, _ board: Board) {
    if board.devices[device].neighbour == nil {
      temperaments[device] = temperament
    } else {
      habits[device] = NeighbourHabits(temperament)
    }
  }

  /// With what lives inside it.
  private mutating func setPresent(_ isThere: Bool, _ device: Int, _ board: Board) {
    isPresent[device] = isThere
    guard board.devices[device].neighbour?.hasInside ?? false else { return }
    for other in board.devices.indices where board.devices[other].behind == device {
      isPresent[other] = isThere
    }
  }

  private mutating func setDown(_ isDown: Bool, _ router: Int, _ port: PortID, _ board: Board) {
    let joint = board.joints.firstIndex { $0.router == router && $0.port == port }
    if let joint { self.isDown[joint] = isDown }
  }
}

extension NeighbourConfiguration {
  /// Somebody may live inside it.
  var hasInside: Bool { role != .device }
}
