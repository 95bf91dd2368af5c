internal import MCTPNeighbours
internal import MCTPSimulation
internal import MCTPWire
internal import Topology

// Devices of another make.
extension BoardParts {
  private enum NeighbourWord {
    case property(DeviceWord)
    case habit(HabitWord.Form)
    case children
    case plan(OwnerWord)
  }

  /// What may follow the name of a device of another make.
  private static var neighbourWords: [(String, NeighbourWord)] {
    DeviceWord.all.map { ($0.0, .property($0.1)) } + HabitWord.choices.map { ($0.0, .habit($0.1)) }
  }

  /// `neighbour NAME ROUTER.PORT [ADDRESS] [PROPERTY...] [HABIT...]`
  mutating func addNeighbour(_ words: inout ScenarioWords) throws(ScenarioProblem) {
    var draft = try draft(&words)
    try take("neighbour", Self.neighbourWords, &draft, &words)
    addNeighbour(draft, [])
  }

  /// `bridge NAME ROUTER.PORT [ADDRESS] [PROPERTY...] [HABIT...] children N | A,B=EID,C`
  mutating func addBridge(_ words: inout ScenarioWords) throws(ScenarioProblem) {
    var draft = try draft(&words)
    draft.role = .bridge([])
    try take("bridge", Self.neighbourWords + [("children", .children)], &draft, &words)
    guard case .bridge(let children) = draft.role, !children.isEmpty else {
      throw words.problem(
        "a bridge has something behind it", at: nil,
        hint: "`children 3`, or names, with an EID for those that have a static one: "
          + "`children a,b=40`")
    }
    addNeighbour(draft, children)
  }

  /// `owner NAME ROUTER.PORT [ADDRESS] eid N [PROPERTY...] [HABIT...] grants EID [pool A-B] ...`
  mutating func addOwner(_ words: inout ScenarioWords) throws(ScenarioProblem) {
    let port = words.following(1)
    var draft = try draft(&words)
    for (router, topologyPort) in ports(on: draft.device.wire)
    where topologyPort.role != .endpoint {
      throw words.problem(
        "\(board.routers[router].name).\(topologyPort.name) is no endpoint of an owner", at: port,
        hint: "give the port `role: endpoint` in its topology")
    }
    draft.role = .owner(NeighbourConfiguration.OwnerPlan())
    let plan = OwnerWord.all.map { ($0.0, NeighbourWord.plan($0.1)) }
    try take("owner", Self.neighbourWords + plan, &draft, &words)
    guard draft.device.configuration.eid.isAssignable else {
      throw words.problem("an owner has an EID of its own", at: nil, hint: "`eid N`, 8 to 254")
    }
    guard case .owner(let given) = draft.role, !given.grants.isEmpty else {
      throw words.problem(
        "an owner grants an EID to somebody", at: nil, hint: "`grants EID [pool FIRST-LAST]`")
    }
    addNeighbour(draft, given.remote)
  }

  private mutating func take(
    _ what: String, _ known: [(String, NeighbourWord)], _ draft: inout DeviceDraft,
    _ words: inout ScenarioWords
  ) throws(ScenarioProblem) {
    let own = Self.ownPlan(of: draft, board)
    while words.next != nil {
      switch try words.choice("word for \(what == "owner" ? "an" : "a") \(what)", known) {
      case .property(let property): try take(property, &draft, &words)
      case .habit(let form): try words.habit(&draft.habits, form)
      case .children: draft.role = .bridge(try words.children())
      case .plan(let word):
        guard case .owner(var plan) = draft.role else { continue }
        try words.take(word, &plan, own)
        draft.role = .owner(plan)
      }
    }
  }

  private func ports(on wire: Int) -> [(router: Int, port: Topology.Port)] {
    board.joints.filter { $0.wire == wire }.compactMap { joint in
      board.routers[joint.router].topology.port(joint.port).map { (joint.router, $0) }
    }
  }

  /// Where an owner is, for the words of its plan.
  static func ownPlan(of draft: DeviceDraft, _ board: Board) -> OwnerPlace {
    OwnerPlace(
      address: draft.device.address.i2cAddress,
      portAddress: draft.device.configuration.bridgeAddress.i2cAddress)
  }

  /// The device, and a device of the board for each terminus inside it.
  private mutating func addNeighbour(
    _ draft: DeviceDraft, _ inside: [NeighbourConfiguration.Child]
  ) {
    var device = draft.device.ofAnotherMake(draft.habits)
    if case .neighbour(var configuration, let habits) = device.make {
      configuration.role = draft.role
      device.make = .neighbour(configuration, habits)
    }
    let index = board.devices.count
    add(device, router: nil)
    for (number, child) in inside.enumerated() {
      var part = device
      part.name = "\(device.name).\(child.name)"
      part.configuration.eid = EID(child.staticEID)
      part.configuration.uuid = .nil
      part.configuration.messageTypes = child.messageTypes.map { MessageType(rawValue: $0) }
      part.make = .behind(device: index, child: number)
      add(part, router: nil)
    }
  }
}
