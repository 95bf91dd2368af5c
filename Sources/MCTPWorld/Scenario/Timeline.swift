// The events of a run out of its script and its drawn faults, which may overlap: two faults of one
// wire are both there, a device that two of them take away comes back after the second.
//
// Life: one run's plan; `events` is called once.

internal import MCTPSimulation
internal import MCTPWire

struct Timeline {
  /// With the devices that are there when the run begins.
  private(set) var board: Board
  private let isForbidden: [Bool]
  /// What the script says is so.
  private var script: States
  /// What the world was told.
  private var told: States
  private var events: [TimedEvent] = []

  private struct States {
    var faults: [FrameFaults]
    var isCut: [Bool]
    var temperaments: [Temperament]
    var isPresent: [Bool]
    var isDead: [Bool]
    var losesLeases: [Bool]
    var isDown: [Bool]

    init(_ board: Board) {
      faults = board.wires.map { _ in .none }
      isCut = board.wires.map { _ in false }
      temperaments = board.devices.map(\.temperament)
      isPresent = board.devices.map(\.isPresent)
      isDead = board.routers.map { _ in false }
      losesLeases = isDead
      isDown = board.joints.map { _ in false }
    }
  }

  /// - Parameter absent: devices that never appear.
  init(_ board: Board, absent: [Int]) {
    self.board = board
    isForbidden = board.devices.indices.map { absent.contains($0) }
    script = States(board)
    told = script
  }

  /// In order of time. Everything that goes wrong is over at `quietFrom`: what the script left
  /// broken as well.
  mutating func events(
    script lines: [TimedEvent], faults: [DrawnFault], quietFrom: Instant
  ) -> [TimedEvent] {
    var times = lines.map(\.at) + faults.map(\.from) + faults.map(\.until) + [.zero, quietFrom]
    times.sort()
    var previous: Instant?
    for time in times where time != previous {
      previous = time
      var restarts: [Int] = []
      for line in lines where line.at == time { apply(line.event, &restarts) }
      for fault in faults where fault.from == time {
        if case .restart(let device) = fault.effect { restarts.append(device) }
      }
      if time == quietFrom { calm() }
      let active = faults.filter { $0.from <= time && time < $0.until && time < quietFrom }
      tell(states(with: active), at: time)
      for device in Set(restarts).sorted() where told.isPresent[device] {
        events.append(TimedEvent(at: time, .restart(device: device)))
      }
    }
    return events
  }

  private mutating func apply(_ event: WorldEvent, _ restarts: inout [Int]) {
    switch event {
    case .insert(let device): script.isPresent[device] = true
    case .remove(let device): script.isPresent[device] = false
    case .restart(let device): restarts.append(device)
    case .temperament(let device, let temperament): script.temperaments[device] = temperament
    case .faults(let wire, let faults): script.faults[wire] = faults
    case .cut(let wire): script.isCut[wire] = true
    case .mend(let wire): script.isCut[wire] = false
    case .kill(let router): script.isDead[router] = true
    case .start(let router, let keepsLeases):
      if script.isDead[router], !keepsLeases { script.losesLeases[router] = true }
      script.isDead[router] = false
    case .portDown(let router, let port): setDown(true, router, port)
    case .portUp(let router, let port): setDown(false, router, port)
    }
  }

  private mutating func setDown(_ isDown: Bool, _ router: Int, _ port: PortID) {
    if let joint = board.joint(router, port) { script.isDown[joint] = isDown }
  }

  private mutating func calm() {
    let good = States(board)
    script.faults = good.faults
    script.isCut = good.isCut
    script.temperaments = board.devices.map { _ in .good }
    script.isDead = good.isDead
    script.isDown = good.isDown
  }

  private mutating func states(with active: [DrawnFault]) -> States {
    var states = script
    for fault in active {
      switch fault.effect {
      case .wire(let wire, let faults):
        states.faults[wire] = states.faults[wire].merged(with: faults)
      case .cut(let wire): states.isCut[wire] = true
      case .temperament(let device, let temperament):
        states.temperaments[device] = states.temperaments[device].merged(with: temperament)
      case .absent(let device): states.isPresent[device] = false
      case .killed(let router, let keepsLeases):
        states.isDead[router] = true
        // For the start that follows.
        if !keepsLeases { script.losesLeases[router] = true }
      case .portDown(let router, let port):
        if let joint = board.joint(router, port) { states.isDown[joint] = true }
      case .restart: break
      }
    }
    for device in board.devices.indices where isForbidden[device] {
      states.isPresent[device] = false
      states.temperaments[device] = .good
    }
    return states
  }

  /// What differs from what the world knows. Before a run begins that is the board itself.
  private mutating func tell(_ states: States, at time: Instant) {
    func add(_ event: WorldEvent) { events.append(TimedEvent(at: time, event)) }
    for wire in board.wires.indices {
      if states.faults[wire] != told.faults[wire] {
        add(.faults(wire: wire, states.faults[wire]))
      }
      if states.isCut[wire] != told.isCut[wire] {
        add(states.isCut[wire] ? .cut(wire: wire) : .mend(wire: wire))
      }
    }
    for device in board.devices.indices {
      if states.temperaments[device] != told.temperaments[device] {
        add(.temperament(device: device, states.temperaments[device]))
      }
      guard states.isPresent[device] != told.isPresent[device] else { continue }
      if time == .zero {
        board.devices[device].isPresent = states.isPresent[device]
      } else {
        add(states.isPresent[device] ? .insert(device: device) : .remove(device: device))
      }
    }
    for router in board.routers.indices where states.isDead[router] != told.isDead[router] {
      if states.isDead[router] {
        add(.kill(router: router))
      } else {
        add(.start(router: router, keepsLeases: !script.losesLeases[router]))
        script.losesLeases[router] = false
      }
    }
    for (index, joint) in board.joints.enumerated() where states.isDown[index] != told.isDown[index]
    {
      add(
        states.isDown[index]
          ? .portDown(router: joint.router, port: joint.port)
          : .portUp(router: joint.router, port: joint.port))
    }
    told = states
  }
}

extension Board {
  fileprivate func joint(_ router: Int, _ port: PortID) -> Int? {
    joints.firstIndex { $0.router == router && $0.port == port }
  }
}
