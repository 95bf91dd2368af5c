internal import MCTPSimulation
internal import MCTPWire
internal import Topology

extension BoardParts {
  /// `device NAME ROUTER.PORT [ADDRESS] [eid N] [uuid U] [types A,B] [unit N] [polled] [absent]`
  mutating func addDevice(_ words: inout ScenarioWords) throws(ScenarioProblem) {
    let name = try words.newName("name of a device", taken: deviceNames)
    let names = board.joints.map { board.portName($0.router, $0.port) }
    let wire = board.joints[try words.part("port", names)].wire
    let address = try address(&words, wire: wire)
    var configuration = SimulatedEndpointConfiguration(bridgeAddress: bridgeAddress(on: wire))
    var device = Board.Device(
      name: name, wire: wire, address: address, configuration: configuration)
    while words.next != nil {
      let value = words.following(1)
      switch try words.choice("property of a device", DeviceWord.all) {
      case .eid: configuration.eid = EID(UInt8(try words.number("EID", 8...254)))
      case .uuid:
        guard let uuid = EndpointUUID(try words.word("UUID").text), uuid != .nil else {
          throw words.problem(
            "\(backQuoted(value?.text ?? "")) is no UUID", at: value,
            hint: "as in 6d6a1a0e-3f43-4f0c-8d0b-2f5a4d1c001e")
        }
        configuration.uuid = uuid
      case .types: configuration.messageTypes = BoardParts.allTypes(try types(&words))
      case .unit: configuration.transmissionUnitBytes = Int(try words.number("unit", 64...1024))
      case .polled:
        guard case .i3c = board.wires[wire].medium else {
          throw words.problem("only devices on I3C are polled", at: nil)
        }
        device.hasInterrupts = false
      case .absent: device.isPresent = false
      }
    }
    device.configuration = configuration
    add(device, router: nil)
  }

  private enum DeviceWord {
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

  private func types(_ words: inout ScenarioWords) throws(ScenarioProblem) -> [MessageType] {
    let word = try words.word("message types")
    var types: [MessageType] = []
    for name in word.text.split(separator: ",", omittingEmptySubsequences: false) {
      let number = ScenarioWords.integer(String(name))
      if let type = MessageType(name: String(name)), type != .control {
        types.append(type)
      } else if let number, (1...127).contains(number) {
        types.append(MessageType(rawValue: UInt8(number)))
      } else {
        throw words.problem(
          "\(backQuoted(String(name))) is no message type", at: word,
          hint: "names as in topologies or numbers from 1 to 127, with commas: pldm,spdm")
      }
    }
    return types
  }
}
