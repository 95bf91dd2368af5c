internal import MCTPNeighbours
internal import MCTPSimulation
internal import MCTPWire
internal import Topology

/// A device while its statement is read.
struct DeviceDraft {
  var device: Board.Device
  var habits = NeighbourHabits.plain
  var role = NeighbourConfiguration.Role.device
}

extension BoardParts {
  /// `device NAME ROUTER.PORT [ADDRESS] [eid N] [uuid U] [types A,B] [unit N] [polled] [absent]`
  mutating func addDevice(_ words: inout ScenarioWords) throws(ScenarioProblem) {
    var draft = try draft(&words)
    while words.next != nil {
      try take(try words.choice("property of a device", DeviceWord.all), &draft, &words)
    }
    add(draft.device, router: nil)
  }

  /// `NAME ROUTER.PORT [ADDRESS]`
  mutating func draft(_ words: inout ScenarioWords) throws(ScenarioProblem) -> DeviceDraft {
    let name = try words.newName("name of a device", taken: deviceNames)
    let names = board.joints.map { board.portName($0.router, $0.port) }
    let wire = board.joints[try words.part("port", names)].wire
    let address = try address(&words, wire: wire)
    return DeviceDraft(
      device: Board.Device(
        name: name, wire: wire, address: address,
        configuration: SimulatedEndpointConfiguration(bridgeAddress: bridgeAddress(on: wire))))
  }

  func take(
    _ property: DeviceWord, _ draft: inout DeviceDraft, _ words: inout ScenarioWords
  ) throws(ScenarioProblem) {
    switch property {
    case .eid: draft.device.configuration.eid = EID(UInt8(try words.number("EID", 8...254)))
    case .uuid: draft.device.configuration.uuid = try words.uuid()
    case .types:
      draft.device.configuration.messageTypes = BoardParts.allTypes(try words.messageTypes())
    case .unit:
      draft.device.configuration.transmissionUnitBytes = Int(try words.number("unit", 64...1024))
    case .polled:
      guard case .i3c = board.wires[draft.device.wire].medium else {
        throw words.problem("only devices on I3C are polled", at: nil)
      }
      draft.device.hasInterrupts = false
    case .absent: draft.device.isPresent = false
    }
  }

  enum DeviceWord {
    case eid
    case uuid
    case types
    case unit
    case polled
    case absent

    static let all: [(String, DeviceWord)] = [
      ("eid", .eid), ("uuid", .uuid), ("types", .types), ("unit", .unit), ("polled", .polled),
      ("absent", .absent),
    ]
  }

  private func address(
    _ words: inout ScenarioWords, wire: Int
  ) throws(ScenarioProblem) -> PhysicalAddress {
    let word = words.next
    switch board.wires[wire].medium {
    case .serial: return .none
    case .i3c:
      let address = PhysicalAddress.i3c(
        try words.number("provisioned ID", 1...0xFFFF_FFFF_FFFF))
      // Choice: refused, because two such targets answer the assignment of addresses as one.
      guard !board.devices.contains(where: { $0.wire == wire && $0.address == address }) else {
        throw words.problem("the bus has that provisioned ID already", at: word)
      }
      return address
    case .i2c:
      let address = PhysicalAddress.i2c(UInt8(try words.number("I2C address", 0x08...0x77)))
      for joint in board.joints where joint.wire == wire {
        guard board.routers[joint.router].topology.port(joint.port)?.physicalAddress != address
        else {
          throw words.problem(
            "it is the address of \(board.portName(joint.router, joint.port))", at: word)
        }
      }
      return address
    }
  }
}

extension ScenarioWords {
  mutating func uuid() throws(ScenarioProblem) -> EndpointUUID {
    let word = try word("UUID")
    guard let uuid = EndpointUUID(word.text), uuid != .nil else {
      throw problem(
        "\(backQuoted(word.text)) is no UUID", at: word,
        hint: "as in 6d6a1a0e-3f43-4f0c-8d0b-2f5a4d1c001e")
    }
    return uuid
  }

  mutating func messageTypes() throws(ScenarioProblem) -> [MessageType] {
    let word = try word("message types")
    var types: [MessageType] = []
    for name in word.text.split(separator: ",", omittingEmptySubsequences: false) {
      let number = ScenarioWords.integer(String(name))
      if let type = MessageType(name: String(name)), type != .control {
        types.append(type)
      } else if let number, (1...127).contains(number) {
        types.append(MessageType(rawValue: UInt8(number)))
      } else {
        throw problem(
          "\(backQuoted(String(name))) is no message type", at: word,
          hint: "names as in topologies or numbers from 1 to 127, with commas: pldm,spdm")
      }
    }
    return types
  }
}
