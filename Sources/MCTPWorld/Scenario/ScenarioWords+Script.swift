internal import MCTPNeighbours
internal import MCTPSimulation
internal import MCTPWire
internal import Topology

// What lines of a script say of devices, owners and routers.
extension ScenarioWords {
  mutating func router(_ board: Board) throws(ScenarioProblem) -> Int {
    try part("router", board.routers.map(\.name))
  }

  /// A device that is on the wire by itself.
  mutating func wiredDevice(_ board: Board) throws(ScenarioProblem) -> Int {
    let word = next
    let device = try device(board)
    guard let outer = board.devices[device].behind else { return device }
    throw problem(
      "\(board.devices[device].name) lives inside \(board.devices[outer].name)", at: word,
      hint: "name \(board.devices[outer].name): what happens to it happens to all inside it")
  }

  /// `DEVICE HABIT...` or `DEVICE sends HEX [to ADDRESS]`
  mutating func deviceEvent(_ board: Board) throws(ScenarioProblem) -> WorldEvent {
    let device = try wiredDevice(board)
    let part = board.devices[device]
    if next?.text == "sends" {
      try needsNeighbour(part)
      _ = takes("sends")
      let packet = try packet()
      let hasAddresses = part.address.form == .i2c
      let to =
        hasAddresses && takes("to")
        ? .i2c(UInt8(try number("I2C address", 0x08...0x77))) : part.configuration.bridgeAddress
      return .sends(device: device, packet: packet, to: to)
    }
    guard part.neighbour != nil else {
      return .temperament(device: device, try temperament())
    }
    return .habits(device: device, try habits())
  }

  /// A device of ours neither sends what it is told nor is exchanged.
  private func needsNeighbour(_ part: Board.Device) throws(ScenarioProblem) {
    guard part.neighbour == nil else { return }
    throw problem(
      "\(part.name) is of our own make, and cannot do this", at: next,
      hint: "leave the topology's device out by `omit`, and state it by `neighbour`")
  }

  /// A packet in hexadecimal digits: a header of 4 bytes and more.
  private mutating func packet() throws(ScenarioProblem) -> [UInt8] {
    let word = try word("packet")
    let digits = Array(word.text)
    let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
      digits[$0].isHexDigit && digits[$0 + 1].isHexDigit
        ? UInt8(String(digits[$0...($0 + 1)]), radix: 16) : nil
    }
    guard digits.count % 2 == 0, bytes.count == digits.count / 2, (4...1028).contains(bytes.count)
    else {
      throw problem(
        "\(backQuoted(word.text)) is no packet", at: word,
        hint: "two hexadecimal digits a byte: 4 bytes of header, then 0 to 1024 of payload")
    }
    return bytes
  }

  /// `OWNER grants EID [pool A-B] ...`
  mutating func ownerEvent(_ board: Board) throws(ScenarioProblem) -> WorldEvent {
    let word = next
    let device = try device(board)
    let part = board.devices[device]
    guard let grants = part.grants else {
      throw problem(
        "\(part.name) is no owner", at: word, hint: "owners are stated by `owner NAME PORT ...`")
    }
    let place = OwnerPlace(
      address: part.address.i2cAddress, portAddress: part.configuration.bridgeAddress.i2cAddress)
    return .grants(device: device, try ownerPlan(over: grants, place))
  }

  /// `DEVICE uuid U [types A,B]`
  mutating func exchangeEvent(_ board: Board) throws(ScenarioProblem) -> WorldEvent {
    let device = try wiredDevice(board)
    try needsNeighbour(board.devices[device])
    try expect("uuid")
    var identity = BoardIdentity(uuid: try uuid())
    if takes("types") { identity.messageTypes = BoardParts.allTypes(try messageTypes()) }
    return .exchange(device: device, identity)
  }

  /// `ROUTER assigns EID PORT [ADDRESS]`, `forgets EID`, `discovers PORT`, `recovers EID`,
  /// `allocates COUNT to EID`; `network N` after an EID.
  mutating func commandEvent(_ board: Board) throws(ScenarioProblem) -> WorldEvent {
    let router = try router(board)
    switch try choice("command of a router", CommandWord.all) {
    case .assigns:
      let eid = EID(UInt8(try number("EID", 8...254)))
      let port = try port(of: router, board)
      let address: PhysicalAddress =
        switch port.medium {
        case .i2c: .i2c(UInt8(try number("I2C address", 0x08...0x77)))
        case .i3c: .i3c(try number("provisioned ID", 1...0xFFFF_FFFF_FFFF))
        default: .none
        }
      return .command(router: router, .assign(eid, on: port.id, at: address))
    case .forgets:
      let eid = EID(UInt8(try number("EID", 8...254)))
      return .command(router: router, .forget(eid, network: try network()))
    case .discovers:
      return .command(router: router, .discover(on: try port(of: router, board).id))
    case .recovers:
      let eid = EID(UInt8(try number("EID", 8...254)))
      return .command(router: router, .recover(eid, network: try network()))
    case .allocates:
      let count = UInt8(try number("number of EIDs", 1...246))
      try expect("to")
      let eid = EID(UInt8(try number("EID", 8...254)))
      return .command(router: router, .allocate(count, to: eid, network: try network()))
    }
  }

  private enum CommandWord {
    case assigns
    case forgets
    case discovers
    case recovers
    case allocates

    static let all: [(String, CommandWord)] = [
      ("assigns", .assigns), ("forgets", .forgets), ("discovers", .discovers),
      ("recovers", .recovers), ("allocates", .allocates),
    ]
  }

  private mutating func port(
    of router: Int, _ board: Board
  ) throws(ScenarioProblem) -> Topology.Port {
    let ports = board.routers[router].topology.ports
    return ports[try part("port", ports.map(\.name))]
  }

  private mutating func network() throws(ScenarioProblem) -> UInt8 {
    takes("network") ? UInt8(try number("network", 1...255)) : 1
  }

  /// Takes `stays` at the end of a line.
  mutating func stays(_ events: [WorldEvent]) throws(ScenarioProblem) -> Bool {
    let word = next
    guard takes("stays") else { return false }
    let canStay = events.allSatisfy { event in
      switch event {
      case .temperament, .habits, .faults, .cut, .kill, .portDown: true
      default: false
      }
    }
    guard canStay else {
      throw problem(
        "this is not mended at the end of the faults anyway", at: word,
        hint: "`stays` is for device, wire, cut, kill and down")
    }
    return true
  }

  /// 0.1 to 4, in hundredths.
  mutating func load() throws(ScenarioProblem) -> UInt32 {
    let word = try word("load")
    guard let load = ScenarioWords.decimal(word.text[...], scale: 2), (10...400).contains(load)
    else {
      throw problem(
        "\(backQuoted(word.text)) is no load", at: word,
        hint: "how often what the busiest wire carries, from 0.1 to 4")
    }
    return UInt32(load)
  }

  /// `16,64,1000`
  mutating func sizes() throws(ScenarioProblem) -> [Int] {
    let word = try word("sizes")
    var sizes: [Int] = []
    for size in word.text.split(separator: ",", omittingEmptySubsequences: false) {
      // Choice: devices take messages of 16 KiB; 8 KiB leave room for several at once.
      guard let count = ScenarioWords.integer(String(size)), (16...8192).contains(count) else {
        throw problem(
          "\(backQuoted(String(size))) is no size of a message", at: word,
          hint: "bytes from 16 to 8192, with commas: 16,64,1000")
      }
      sizes.append(Int(count))
    }
    return sizes
  }
}
