internal import MCTPSimulation
internal import MCTPWire
internal import Topology

extension WorldEvent {
  /// One line for people, with the names of the board.
  public func text(on board: Board) -> String {
    func name(_ router: Int, _ port: PortID) -> String {
      let part = board.routers[router]
      return "\(part.name).\(part.topology.ports[Int(port.rawValue)].name)"
    }
    switch self {
    case .insert(let device): return "\(board.devices[device].name) is plugged in"
    case .remove(let device): return "\(board.devices[device].name) is taken out"
    case .restart(let device): return "\(board.devices[device].name) restarts"
    case .temperament(let device, let temperament):
      let name = board.devices[device].name
      return temperament == .good ? "\(name) is good" : "\(name) from now on: \(temperament.words)"
    case .faults(let wire, let faults):
      let name = board.wires[wire].name
      return faults == .none ? "\(name) is perfect" : "\(name) from now on: \(faults.words)"
    case .cut(let wire): return "\(board.wires[wire].name) is cut"
    case .mend(let wire): return "\(board.wires[wire].name) is whole"
    case .kill(let router): return "\(board.routers[router].name) is killed"
    case .start(let router, let keepsLeases):
      return "\(board.routers[router].name) starts with\(keepsLeases ? "" : "out") leases"
    case .portDown(let router, let port): return "\(name(router, port)) goes down"
    case .portUp(let router, let port): return "\(name(router, port)) comes up"
    }
  }
}
