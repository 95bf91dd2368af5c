// The parts of the board that nothing was ever done to in a run: there everything has to work,
// whatever goes wrong elsewhere.
//
// Owns a mark for each wire and router. Lives as long as a run.

internal import MCTPNeighbours
internal import MCTPSimulation
internal import MCTPWire
internal import Topology

struct Untouched {
  private var wires: [Bool]
  private var routers: [Bool]
  /// Wires that one adapter serves belong together.
  private let groups: [Int]
  private let board: Board
  /// An owner above of another make gives EIDs as it likes.
  private let hasOtherOwner: Bool

  init(_ board: Board) {
    self.board = board
    wires = board.wires.map { _ in true }
    routers = board.routers.map { _ in true }
    groups = board.wires.enumerated().map { index, wire in
      wire.mux.flatMap { mux in board.wires.firstIndex { $0.mux == mux } } ?? index
    }
    hasOtherOwner = board.devices.contains { $0.grants != nil }
    for device in board.devices
    where !device.isPresent || device.temperament != .good || device.habits != .plain {
      touch(wire: device.wire)
    }
  }

  func isUntouched(wire: Int) -> Bool { wires[groups[wire]] }
  func isUntouched(router: Int) -> Bool { routers[router] }

  mutating func touch(wire: Int) { wires[groups[wire]] = false }
  mutating func touchAll() {
    for index in wires.indices { wires[index] = false }
    for index in routers.indices { routers[index] = false }
  }

  mutating func note(_ event: WorldEvent) {
    switch event {
    case .insert(let device), .remove(let device), .restart(let device),
      .temperament(let device, _):
      touch(wire: board.devices[device].wire)
    case .habits(let device, _), .exchange(let device, _), .sends(let device, _, _):
      touch(wire: board.devices[device].wire)
    case .faults(let wire, _), .cut(let wire), .mend(let wire): touch(wire: wire)
    case .kill(let router), .killAfter(let router, _), .topology(let router, _),
      .lag(let router, _), .command(let router, _):
      routers[router] = false
    case .portDown(let router, let port), .portUp(let router, let port):
      for joint in board.joints where joint.router == router && joint.port == port {
        touch(wire: joint.wire)
      }
    // An owner gives EIDs anew, the traffic changes: everybody notices.
    default: touchAll()
    }
  }

  /// All routers and all wires between two of them.
  var isTreeUntouched: Bool {
    guard !hasOtherOwner, !routers.contains(false) else { return false }
    for wire in wires.indices where !isUntouched(wire: wire) {
      if board.joints.count(where: { $0.wire == wire }) > 1 { return false }
    }
    return true
  }

  /// The router that owns both wires, if nothing was done to it nor to them. Of devices on a wire
  /// with another owner it has to be told.
  func router(between first: Int, and second: Int) -> Int? {
    guard isUntouched(wire: first), isUntouched(wire: second) else { return nil }
    return routers.indices.first { router in
      routers[router] && owns(router, first) && owns(router, second)
    }
  }

  private func owns(_ router: Int, _ wire: Int) -> Bool {
    guard let joint = joint(of: router, on: wire) else { return false }
    return board.routers[router].topology.port(joint.port)?.role == .owner
  }

  func joint(of router: Int, on wire: Int) -> Board.Joint? {
    board.joints.first { $0.router == router && $0.wire == wire }
  }
}
