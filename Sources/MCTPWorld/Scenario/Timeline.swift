// The events of a run out of its script and its drawn faults, which may overlap: two faults of one
// wire are both there, a device that two of them take away comes back after the second.
//
// Life: one run's plan; `events` is called once.

internal import MCTPNeighbours
internal import MCTPSimulation
internal import MCTPWire

struct Timeline {
  /// With the devices that are there when the run begins.
  private(set) var board: Board
  private let isForbidden: [Bool]
  /// What the script says is so.
  private var script: TimelineStates
  /// What the world was told.
  private var told: TimelineStates
  /// What the script said that stays.
  private var staying: [WorldEvent] = []
  /// For the start that follows, by router.
  private var losesLeases: [Bool]
  private var events: [TimedEvent] = []

  /// - Parameters:
  ///   - absent: devices that never appear.
  ///   - requestsPerSecond: of the traffic when the run begins.
  init(_ board: Board, absent: [Int], requestsPerSecond: UInt32) {
    self.board = board
    isForbidden = board.devices.indices.map { device in
      absent.contains(device) || board.devices[device].behind.map(absent.contains) ?? false
    }
    script = TimelineStates(board, requestsPerSecond: requestsPerSecond)
    told = script
    losesLeases = board.routers.map { _ in false }
  }

  /// In order of time. Everything that goes wrong is over at `quietFrom`, what the script left
  /// broken as well, but for what stays.
  mutating func events(
    script lines: [Scenario.ScriptEvent], faults: [DrawnFault], quietFrom: Instant
  ) -> [TimedEvent] {
    var times = lines.map(\.at) + faults.map(\.from) + faults.map(\.until) + [.zero, quietFrom]
    times.sort()
    var previous: Instant?
    for time in times where time != previous && (time <= quietFrom) {
      previous = time
      var moments: [WorldEvent] = []
      for line in lines where line.at == time {
        for event in line.events { take(event, &moments) }
        if line.stays { staying += line.events }
      }
      for fault in faults where fault.from == time {
        if let moment = fault.effect.moment { moments.append(moment) }
        if case .killed(let router, _, let steps?) = fault.effect, !told.isDead[router] {
          // The kill follows by itself.
          told.isDead[router] = true
          moments.append(.killAfter(router: router, steps: steps))
        }
      }
      if time == quietFrom { calm() }
      tell(
        states(with: faults.filter { $0.isActive(at: time, quietFrom: quietFrom) }), at: time)
      for event in moments where canHappen(event) {
        events.append(TimedEvent(at: time, event))
      }
    }
    return events
  }

  private mutating func take(_ event: WorldEvent, _ moments: inout [WorldEvent]) {
    guard !script.apply(event, board) else { return }
    switch event {
    case .start(let router, let keepsLeases):
      if script.isDead[router], !keepsLeases { losesLeases[router] = true }
      script.isDead[router] = false
    case .killAfter(let router, _):
      // The kill follows by itself.
      guard !script.isDead[router] else { return }
      script.isDead[router] = true
      told.isDead[router] = true
      moments.append(event)
    default:
      // Of one device once at one instant.
      if !moments.contains(event) { moments.append(event) }
    }
  }

  private func canHappen(_ event: WorldEvent) -> Bool {
    switch event {
    case .restart(let device), .exchange(let device, _), .sends(let device, _, _),
      .grants(let device, _):
      told.isPresent[device]
    default: true
    }
  }

  private mutating func calm() {
    script.calm(board)
    for event in staying { _ = script.apply(event, board) }
  }

  private mutating func states(with active: [DrawnFault]) -> TimelineStates {
    var states = script
    for fault in active {
      states.add(fault.effect, board)
      // For the start that follows.
      if case .killed(let router, keepsLeases: false, _) = fault.effect {
        losesLeases[router] = true
      }
    }
    for device in board.devices.indices where isForbidden[device] {
      states.isPresent[device] = false
      states.temperaments[device] = .good
      states.habits[device] = board.devices[device].habits
    }
    return states
  }

  /// What differs from what the world knows. Before a run begins that is the board itself.
  private mutating func tell(_ states: TimelineStates, at time: Instant) {
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
      if states.habits[device] != told.habits[device] {
        add(.habits(device: device, states.habits[device]))
      }
      guard states.isPresent[device] != told.isPresent[device] else { continue }
      if time == .zero {
        board.devices[device].isPresent = states.isPresent[device]
      } else if board.devices[device].behind == nil {
        add(states.isPresent[device] ? .insert(device: device) : .remove(device: device))
      }
    }
    for router in board.routers.indices {
      if states.topologies[router] != told.topologies[router] {
        add(.topology(router: router, other: states.topologies[router]))
      }
      guard states.isDead[router] != told.isDead[router] else { continue }
      if states.isDead[router] {
        add(.kill(router: router))
      } else {
        add(.start(router: router, keepsLeases: !losesLeases[router]))
        losesLeases[router] = false
      }
    }
    for (index, joint) in board.joints.enumerated() where states.isDown[index] != told.isDown[index]
    {
      add(
        states.isDown[index]
          ? .portDown(router: joint.router, port: joint.port)
          : .portUp(router: joint.router, port: joint.port))
    }
    if states.requestsPerSecond != told.requestsPerSecond {
      add(.load(requestsPerSecond: states.requestsPerSecond))
    }
    told = states
  }
}
