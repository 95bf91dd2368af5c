internal import MCTPNeighbours
internal import MCTPSimulation
internal import MCTPWire
internal import Topology

// Lines that begin with `at`.
extension ScriptDraft {
  mutating func takeEvent(
    _ words: inout ScenarioWords, _ board: Board, _ read: (String) throws -> String
  ) throws(ScenarioProblem) {
    let place = words.next
    let at = try words.instant("time")
    let word = try words.choice("event", ScriptWord.all)
    var happens: [WorldEvent]
    switch word {
    case .insert: happens = [.insert(device: try words.wiredDevice(board))]
    case .remove: happens = [.remove(device: try words.wiredDevice(board))]
    case .restart: happens = [.restart(device: try words.wiredDevice(board))]
    case .device: happens = [try words.deviceEvent(board)]
    case .owner: happens = [try words.ownerEvent(board)]
    case .exchange: happens = [try words.exchangeEvent(board)]
    case .wire:
      let wire = try words.wire(board)
      happens = [.faults(wire: wire, try words.frameFaults())]
    case .cut: happens = [.cut(wire: try words.wire(board))]
    case .mend: happens = [.mend(wire: try words.wire(board))]
    case .kill:
      let router = try words.router(board)
      happens =
        words.takes("after")
        ? [.killAfter(router: router, steps: Int(try words.number("number of steps", 1...10_000)))]
        : [.kill(router: router)]
    case .start: happens = try startEvents(&words, board, read)
    case .lag:
      let router = try words.router(board)
      try words.expect("for")
      happens = [.lag(router: router, ms: try words.milliseconds("how long that is"))]
    case .router: happens = [try words.commandEvent(board)]
    case .down:
      let joint = try words.joint(board)
      happens = [.portDown(router: joint.router, port: joint.port)]
    case .up:
      let joint = try words.joint(board)
      happens = [.portUp(router: joint.router, port: joint.port)]
    case .traffic:
      happens = [.load(requestsPerSecond: try loadOrRate(&words, board))]
    }
    let stays = try words.stays(happens)
    add(happens, at: at, stays: stays, words.line, column: place?.column ?? 1)
  }

  /// `ROUTER [without leases] [with FILE]`
  private mutating func startEvents(
    _ words: inout ScenarioWords, _ board: Board, _ read: (String) throws -> String
  ) throws(ScenarioProblem) -> [WorldEvent] {
    let router = try words.router(board)
    let losesLeases = words.takes("without")
    if losesLeases { try words.expect("leases") }
    let start = WorldEvent.start(router: router, keepsLeases: !losesLeases)
    guard words.takes("with") else { return [start] }
    let file = words.next
    let name = board.routers[router].name
    let topology = try BoardParts.topology(of: name, &words, read)
    let shape = { (topology: Topology) in
      topology.ports.map { "\($0.id) \($0.name) \($0.medium) \($0.physicalAddress)" }
    }
    guard shape(topology) == shape(board.routers[router].topology) else {
      throw words.problem(
        "the ports of \(file?.text ?? "") are not those that \(name) has", at: file,
        hint: "names, buses, speeds and addresses of ports stay; all else may differ")
    }
    return [.topology(router: router, other: add(topology, router: router)), start]
  }

  /// `N/s` or `load X`
  private func loadOrRate(
    _ words: inout ScenarioWords, _ board: Board
  ) throws(ScenarioProblem) -> UInt32 {
    guard words.takes("load") else { return try words.rate("rate") }
    return board.requestsPerSecond(of: traffic, loadPercent: try words.load())
  }
}

enum ScriptWord {
  case insert
  case remove
  case restart
  case device
  case owner
  case exchange
  case wire
  case cut
  case mend
  case kill
  case start
  case lag
  case router
  case down
  case up
  case traffic

  static let all: [(String, ScriptWord)] = [
    ("insert", .insert), ("remove", .remove), ("restart", .restart), ("device", .device),
    ("owner", .owner), ("exchange", .exchange), ("wire", .wire), ("cut", .cut), ("mend", .mend),
    ("kill", .kill), ("start", .start), ("lag", .lag), ("router", .router), ("down", .down),
    ("up", .up), ("traffic", .traffic),
  ]
}
