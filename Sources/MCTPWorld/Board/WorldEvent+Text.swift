internal import MCTPNeighbours
internal import MCTPSimulation
internal import MCTPWire
internal import Topology

extension WorldEvent {
  /// One line for people, with the names of the board.
  public func text(on board: Board) -> String {
    // A command may name a port that the router does not have.
    func name(_ router: Int, _ port: PortID) -> String { board.portName(router, port) }
    switch self {
    case .insert(let device): return "\(board.devices[device].name) is plugged in"
    case .remove(let device): return "\(board.devices[device].name) is taken out"
    case .restart(let device): return "\(board.devices[device].name) restarts"
    case .temperament(let device, let temperament):
      let name = board.devices[device].name
      return temperament == .good ? "\(name) is good" : "\(name) from now on: \(temperament.words)"
    case .habits(let device, let habits):
      let name = board.devices[device].name
      return habits == .plain ? "\(name) is plain" : "\(name) from now on: \(habits.words)"
    case .grants(let device, let plan):
      return "\(board.devices[device].name) gives from now on: \(plan.words)"
    case .exchange(let device, let identity):
      return "\(board.devices[device].name) is exchanged: uuid \(identity.uuid)"
    case .sends(let device, let packet, let address):
      let to = address == .none ? "" : " to \(address)"
      return "\(board.devices[device].name) sends \(hexText(packet.span, countMax: 64))\(to)"
    case .faults(let wire, let faults):
      let name = board.wires[wire].name
      return faults == .none ? "\(name) is perfect" : "\(name) from now on: \(faults.words)"
    case .cut(let wire): return "\(board.wires[wire].name) is cut"
    case .mend(let wire): return "\(board.wires[wire].name) is whole"
    case .kill(let router): return "\(board.routers[router].name) is killed"
    case .start(let router, let keepsLeases):
      return "\(board.routers[router].name) starts with\(keepsLeases ? "" : "out") leases"
    case .killAfter(let router, let steps):
      return "\(board.routers[router].name) will be killed after \(steps) actions"
    case .topology(let router, let other):
      let which = other.map { "other topology \($0 + 1)" } ?? "its own topology"
      return "\(board.routers[router].name) has \(which) from its next start on"
    case .lag(let router, let ms): return "\(board.routers[router].name) stands still for \(ms) ms"
    case .command(let router, let command):
      return "\(board.routers[router].name) is told: \(command.text { name(router, $0) })"
    case .load(let rate): return "\(rate) requests a second from now on"
    case .portDown(let router, let port): return "\(name(router, port)) goes down"
    case .portUp(let router, let port): return "\(name(router, port)) comes up"
    }
  }
}

extension RouterCommand {
  /// As `router-ctl` takes it.
  func text(_ name: (PortID) -> String) -> String {
    switch self {
    case .assign(let eid, let port, let address):
      "assign \(eid) \(name(port))" + (address == .none ? "" : " \(address)")
    case .forget(let eid, let network): "forget \(eid) network \(network)"
    case .discover(let port): "discover \(name(port))"
    case .recover(let eid, let network): "recover \(eid) network \(network)"
    case .allocate(let count, let eid, let network):
      "allocate \(count) to \(eid) network \(network)"
    }
  }
}
