internal import MCTPSimulation
internal import MCTPWire
internal import Topology

/// A board while a scenario's statements build it: first routers, then wires, then devices.
struct BoardParts {
  let fileName: String
  /// Complete after `finishDevices`.
  private(set) var board = Board()
  private var omitted: [(name: ScenarioWord, line: ScenarioWords)] = []
  /// Before `finishWires` every port has a wire of its own; joined ports name the first one's.
  private var joints: [Board.Joint] = []
  /// Names as their topologies have them, by device; a board's are unique.
  private var ownNames: [(router: Int?, name: String)] = []

  init(fileName: String) { self.fileName = fileName }

  // MARK: routers

  mutating func addRouter(
    _ words: inout ScenarioWords, read: (String) throws -> String
  ) throws(ScenarioProblem) {
    let name = try words.newName("name of a router", taken: board.routers.map(\.name))
    let file = words.next
    let topology = try BoardParts.topology(of: name, &words, read)
    let router = board.routers.count
    for port in topology.ports {
      guard let medium = Board.Medium(port.medium) else {
        throw words.problem(
          "port \(port.name) of \(topology.fileName) is a kernel link, which cannot be simulated",
          at: file,
          hint: "give the port `device: simulated`, or leave it out of a copy for simulation")
      }
      joints.append(Board.Joint(router: router, port: port.id, wire: joints.count))
      board.wires.append(Board.Wire(name: "\(name).\(port.name)", medium: medium))
    }
    board.routers.append(Board.Router(name: name, topology: topology))
  }

  /// The topology whose file the next word names.
  static func topology(
    of name: String, _ words: inout ScenarioWords, _ read: (String) throws -> String
  ) throws(ScenarioProblem) -> Topology {
    let file = try words.word("path of a topology file")
    let path = BoardParts.path(file.text, beside: words.fileName)
    let text: String
    do { text = try read(path) } catch {
      throw words.problem("\(path) cannot be read", at: file, hint: "\(error)")
    }
    do throws(TopologyError) { return try Topology.parse(text, fileName: path) } catch {
      throw words.problem("the topology of router \(name) has errors", at: file, hint: "\(error)")
    }
  }

  /// Other topologies that routers are started with.
  mutating func add(_ topologies: [(router: Int, topology: Topology)]) {
    for (router, topology) in topologies {
      board.routers[router].otherTopologies.append(topology)
    }
  }

  /// `path` as seen from the folder of `file`.
  static func path(_ path: String, beside file: String) -> String {
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
    var folder = file[..<slash].split(separator: "/", omittingEmptySubsequences: false)
    var rest = path.split(separator: "/")
    while rest.first == "..", let last = folder.last, last != "..", last != ".", !last.isEmpty {
      folder.removeLast()
      rest.removeFirst()
    }
    return (folder + rest).joined(separator: "/")
  }

  mutating func omit(_ words: inout ScenarioWords) throws(ScenarioProblem) {
    omitted.append((try words.word("name of a device"), words))
  }

  mutating func finishRouters() throws(ScenarioProblem) {
    guard !board.routers.isEmpty else {
      throw ScenarioProblem(
        fileName: fileName, line: 0, column: 0, message: "there is no router",
        hint: "a line `router NAME FILE` names a topology file")
    }
  }

  // MARK: wires

  mutating func join(_ words: inout ScenarioWords) throws(ScenarioProblem) {
    let (first, second) = (words.following(0), words.following(1))
    let kept = try joint(&words)
    let moved = try joint(&words)
    let (to, from) = (joints[kept].wire, joints[moved].wire)
    guard to != from else {
      throw words.problem("they share a wire already", at: second)
    }
    guard board.wires[to].medium == board.wires[from].medium else {
      throw words.problem(
        "\(first?.text ?? "") is \(board.wires[to].medium.text), \(second?.text ?? "") is "
          + board.wires[from].medium.text, at: second,
        hint: "ports that share a wire have the same bus and speed")
    }
    if case .i3c = board.wires[to].medium {
      throw words.problem(
        "two routers cannot share an I3C bus", at: second,
        hint: "a router is the controller of its I3C buses; join serial or I2C ports")
    }
    for index in joints.indices where joints[index].wire == from { joints[index].wire = to }
    try checkParties(of: to, words, second)
  }

  /// What routers on one wire must not have in common.
  private func checkParties(
    of wire: Int, _ words: ScenarioWords, _ word: ScenarioWord?
  ) throws(ScenarioProblem) {
    let parties = joints.filter { $0.wire == wire }
    let ports = parties.compactMap { board.routers[$0.router].topology.port($0.port) }
    if ports.count(where: { $0.role == .owner }) > 1 {
      throw words.problem(
        "the wire has two bus owners now", at: word,
        hint: "give one of the ports `role: endpoint` in its topology")
    }
    if case .serial = board.wires[wire].medium, parties.count > 2 {
      throw words.problem("a serial line has two ends, and both are taken", at: word)
    }
    if case .i2c = board.wires[wire].medium, Set(ports.map(\.physicalAddress)).count < ports.count {
      throw words.problem(
        "two routers have the same address on the wire", at: word,
        hint: "give one of the ports another `address` in its topology")
    }
  }

  /// Leaves out the wires that `join` merged into others.
  mutating func finishWires() throws(ScenarioProblem) {
    var numbers: [Int: Int] = [:]
    var wires: [Board.Wire] = []
    for (index, wire) in board.wires.enumerated()
    where joints.contains(where: { $0.wire == index }) {
      numbers[index] = wires.count
      wires.append(wire)
    }
    for index in joints.indices { joints[index].wire = numbers[joints[index].wire] ?? 0 }
    board.wires = wires
    board.joints = joints
    try addTopologyDevices()
  }

  mutating func addMux(_ words: inout ScenarioWords) throws(ScenarioProblem) {
    let name = try words.newName("name of a mux", taken: board.muxes)
    let mux = board.muxes.count
    var legs: [Board.Joint] = []
    while let word = words.next {
      let leg = board.joints[try joint(&words)]
      guard case .i2c = board.wires[leg.wire].medium else {
        throw words.problem("\(word.text) is no I2C port", at: word, hint: "a mux has I2C legs")
      }
      guard board.wires[leg.wire].mux == nil else {
        throw words.problem("\(word.text) is a leg already", at: word)
      }
      guard joints.count(where: { $0.wire == leg.wire }) == 1 else {
        throw words.problem(
          "\(word.text) is joined to another router's port", at: word,
          hint: "there are only devices behind a mux: a router there could not begin a message")
      }
      let same = { (board: Board, joint: Board.Joint) in
        board.routers[joint.router].topology.port(joint.port)?.physicalAddress
      }
      if let first = legs.first,
        first.router != leg.router || same(board, first) != same(board, leg)
      {
        throw words.problem(
          "\(word.text) and \(board.portName(first.router, first.port)) cannot be legs of one mux",
          at: word, hint: "legs are ports of one router with the same `address`")
      }
      legs.append(leg)
      board.wires[leg.wire].mux = mux
    }
    guard legs.count > 1 else {
      throw words.problem("a mux has at least two legs", at: nil)
    }
    board.muxes.append(name)
  }

  private func joint(_ words: inout ScenarioWords) throws(ScenarioProblem) -> Int {
    try words.part("port", joints.map { board.portName($0.router, $0.port) })
  }

  // MARK: devices

  private mutating func addTopologyDevices() throws(ScenarioProblem) {
    for (number, router) in board.routers.enumerated() {
      for device in router.topology.devices {
        guard
          let joint = joints.first(where: { $0.router == number && $0.port == device.port })
        else { continue }
        add(
          Board.Device(
            name: device.name, wire: joint.wire, address: device.physicalAddress,
            configuration: SimulatedEndpointConfiguration(
              eid: device.eid ?? .null, uuid: device.uuid ?? .nil,
              bridgeAddress: bridgeAddress(on: joint.wire),
              transmissionUnitBytes: device.transmissionUnitBytes,
              messageTypes: BoardParts.allTypes(device.messageTypes)),
            hasInterrupts: device.hasInterrupts), router: number)
      }
    }
    for (name, words) in omitted {
      let matches = ownNames.indices.filter { isNamed(ownNames[$0], name.text) }
      guard let index = matches.first, matches.count == 1 else {
        throw words.problem(
          matches.isEmpty
            ? "no topology has a device \(backQuoted(name.text))"
            : "several topologies have a device \(backQuoted(name.text))", at: name,
          hint: matches.isEmpty ? nil : "say ROUTER.DEVICE")
      }
      board.devices.remove(at: index)
      ownNames.remove(at: index)
    }
  }

  private func isNamed(_ own: (router: Int?, name: String), _ text: String) -> Bool {
    own.name == text || own.router.map { "\(board.routers[$0].name).\(own.name)" == text } ?? false
  }

  mutating func add(_ device: Board.Device, router: Int?) {
    board.devices.append(device)
    ownNames.append((router, device.name))
  }

  var deviceNames: [String] { ownNames.map(\.name) }

  /// Where devices of a wire send what is not for their neighbours: to the bus owner if there is
  /// one.
  func bridgeAddress(on wire: Int) -> PhysicalAddress {
    let ports = board.joints.filter { $0.wire == wire }.compactMap {
      board.routers[$0.router].topology.port($0.port)
    }
    return (ports.first { $0.role == .owner } ?? ports.first)?.physicalAddress ?? .none
  }

  /// Every simulated device echoes the vendor-defined types, as those of the daemon do.
  static func allTypes(_ types: [MessageType]) -> [MessageType] {
    types.filter { $0 != .vendorPCI && $0 != .vendorIANA } + [.vendorPCI, .vendorIANA]
  }

  /// Names of the board: a device's own where it is unique, else with its router's.
  mutating func finishDevices() throws(ScenarioProblem) {
    for (index, own) in ownNames.enumerated() {
      if let router = own.router, ownNames.count(where: { $0.name == own.name }) > 1 {
        board.devices[index].name = "\(board.routers[router].name).\(own.name)"
      }
    }
    for (number, wire) in board.wires.enumerated() {
      let ports = board.joints.filter { $0.wire == number }
      let devices = board.devices.filter { $0.wire == number && $0.behind == nil }
      if case .serial = wire.medium, ports.count + devices.count > 2 {
        let names = ports.map { board.portName($0.router, $0.port) } + devices.map(\.name)
        throw ScenarioProblem(
          fileName: fileName, line: 0, column: 0,
          message: "the serial line \(wire.name) has two ends, and here are "
            + names.joined(separator: ", "),
          hint: "`omit DEVICE` leaves a device of a topology out")
      }
    }
  }
}

extension Board.Medium {
  /// Nil for what only the kernel has.
  fileprivate init?(_ medium: Topology.Medium) {
    switch medium {
    case .i2c(let i2c):
      if case .link = i2c.device { return nil }
      self = .i2c(clockHz: i2c.clockHz)
    case .i3c(let i3c):
      if case .link = i3c.device { return nil }
      self = .i3c(clockHz: i3c.clockHz)
    case .serial(let serial):
      if case .link = serial.device { return nil }
      self = .serial(baudRate: serial.baudRate)
    case .usb, .link: return nil
    }
  }

  /// For people.
  var text: String {
    switch self {
    case .i2c(let clockHz): "I2C at \(clockHz) Hz"
    case .i3c(let clockHz): "I3C at \(clockHz) Hz"
    case .serial(let baudRate): "serial at \(baudRate) baud"
    }
  }
}
