internal import AdminProtocol
internal import BusIO
internal import Logging
internal import MCTPEngine
internal import MCTPWire
internal import Topology

// What the admin socket asks of the bus owner. A command is answered as soon as it is begun; what
// comes of it is told by events.
extension Router {
  /// The reply line.
  func answerOwner(_ request: AdminRequest) throws(AdminError) -> [UInt8] {
    guard engine.isBusOwner else {
      throw AdminError(
        .unsupported, "`\(request.name)` is not available: this router gives no EIDs",
        hint: "`discovery` of a port, or `eid-ranges`, in \(topology.fileName) make it a bus owner")
    }
    let id = request.id
    switch request.body {
    case .eids(let question): return AdminReplyLine.success(id: id, try eids(question))
    case .discovery(let question): return AdminReplyLine.success(id: id, try discovery(question))
    default: return AdminReplyLine.success(id: id, try carryOut(request))
    }
  }

  private func carryOut(_ request: AdminRequest) throws(AdminError) -> CommandResult {
    switch request.body {
    case .discover(let command):
      let port = try ownedPort(named: command.port)
      return try begin(command.begunText) { () throws(OwnerCommandError) in
        try engine.discover(on: port.id, now: now)
      }
    case .assign(let command):
      let port = try ownedPort(named: command.port)
      let address = try address(command, on: port)
      return try begin(command.begunText) { () throws(OwnerCommandError) in
        try engine.assign(EID(command.eid), on: port.id, at: address, now: now)
      }
    case .allocate(let command):
      let network = try network(command.network)
      return try begin(command.begunText) { () throws(OwnerCommandError) in
        try engine.allocate(
          UInt8(clamping: command.count), to: EID(command.eid), network: network, now: now)
      }
    case .forget(let command):
      let network = try network(command.network)
      return try begin(command.begunText) { () throws(OwnerCommandError) in
        try engine.forget(EID(command.eid), network: network, now: now)
      }
    case .recover(let command):
      let network = try network(command.network)
      return try begin(command.begunText) { () throws(OwnerCommandError) in
        try engine.recover(EID(command.eid), network: network, now: now)
      }
    default: throw AdminError(.internalError, "`\(request.name)` is no command")
    }
  }

  private func begin(
    _ text: String, _ command: () throws(OwnerCommandError) -> Void
  ) throws(AdminError) -> CommandResult {
    // What happened before the command has smaller numbers.
    takeEngineEvents()
    let last = events.lastSequence
    do throws(OwnerCommandError) {
      try command()
    } catch { throw AdminError(error) }
    logger.notice("asked for: \(text)")
    return CommandResult(text: text, lastSequence: last)
  }

  /// A port that is up and that this router gives EIDs on.
  private func ownedPort(named name: String) throws(AdminError) -> Topology.Port {
    let port = try port(named: name)
    guard port.discovery != nil else {
      throw AdminError(
        .notBusOwner, "this router gives no EIDs on port \(name)",
        hint: "`router-ctl discovery` shows the ports where it does")
    }
    guard engine.isUp(port.id) else {
      throw AdminError(.portDown, "port \(name) is down", hint: "see `router-ctl ports`")
    }
    return port
  }

  /// The address of a command in the form of the port's bus.
  private func address(
    _ command: AssignRequest, on port: Topology.Port
  ) throws(AdminError) -> PhysicalAddress {
    let form: PhysicalAddress.Form
    let hint: String
    switch port.bus {
    case .i2c: (form, hint) = (.i2c, "name an I2C address, from 0x08 to 0x77")
    case .i3c: (form, hint) = (.i3c, "name a provisioned ID, 12 hex digits")
    case .serial, .usb, .link: (form, hint) = (.none, "leave the address out: there are none")
    }
    guard let address = command.physicalAddress, address.form == form else {
      throw AdminError(
        .invalidParameter,
        "`\(command.address ?? "")` is no address on port \(port.name), a bus of kind "
          + port.bus.rawValue, hint: hint)
    }
    guard form == .none || address != port.physicalAddress else {
      throw AdminError(
        .invalidParameter, "\(address) is this router's own address on port \(port.name)")
    }
    return address
  }
}

extension AdminError {
  init(_ error: OwnerCommandError) {
    switch error {
    case .notBusOwner: self.init(.notBusOwner, "this router gives no EIDs there")
    case .unknownPort: self.init(.unknownPort, "there is no such port")
    case .unknownEndpoint(let eid):
      self.init(
        .unknownEndpoint, "no endpoint that could do this has EID \(eid)",
        hint: "see `router-ctl endpoints` for those that are up")
    case .eidNotAssignable(let eid):
      self.init(.invalidParameter, "EID \(eid) can be given to nobody", hint: "8 to 254 can")
    case .eidTaken(let eid, let state):
      self.init(
        .eidTaken, "EID \(eid) cannot be given: it is \(state.words)", hint: "see `router-ctl eids`"
      )
    case .notABridge(let eid):
      self.init(
        .notABridge, "EID \(eid) is no bridge and takes no pool",
        hint: "see the column KIND of `router-ctl endpoints`")
    case .behindBridge(let eid, let bridge):
      self.init(
        .behindBridge, "EID \(eid) is behind bridge \(bridge), which alone gives EIDs there")
    case .portDown:
      self.init(.portDown, "the port of the endpoint is down", hint: "see `router-ctl ports`")
    case .tableFull:
      self.init(
        .tableFull, "no more endpoints can be known", hint: "`router-ctl forget` makes room")
    }
  }
}
