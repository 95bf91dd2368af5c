internal import BusIO
internal import LeaseStore
internal import MCTPEngine
internal import MCTPWire
internal import Topology

// What the bus owner is told and tells, and what is asked of it.
extension RouterLife {
  func takeReports() {
    guard !isCutShort else { return }
    for index in reports.indices {
      let id = reports[index].port
      guard let changes = reports[index].changes(ports[Int(id.rawValue)]) else { continue }
      for gone in changes.gone { engine.deviceDisappeared(on: id, at: gone, now: now) }
      for found in changes.found { engine.deviceAppeared(on: id, at: found, now: now) }
    }
  }

  func takeEvents() {
    while !isCutShort, let event = engine.nextEvent() {
      for text in leases?.take(event, of: engine, under: topology, now: now) ?? [] { tell(text) }
      if case .owner(let ownerEvent) = event {
        for observer in clock.observers { observer.ownerEvent(ownerEvent, router: index) }
      }
      acted()
    }
  }

  /// Begins and ends writes of leases.
  func serviceLeases() {
    guard !isCutShort, let deadline = leases?.nextDeadline, deadline <= now,
      let (hasActed, told) = leases?.service(now: now)
    else { return }
    if let told { tell(told) }
    if hasActed { acted() }
  }

  /// Does what a person asks of the router, as the daemon does.
  ///
  /// - Returns: why not; nil when it is begun.
  func carryOut(_ command: RouterCommand) -> String? {
    defer { isNudged = true }
    takeEvents()
    do throws(OwnerCommandError) {
      switch command {
      case .assign(let eid, let port, let address):
        guard isUp(port) else { throw .portDown }
        guard isDevice(address, on: port) else { return "no device has \(address) there" }
        try engine.assign(eid, on: port, at: address, now: now)
      case .forget(let eid, let network): try engine.forget(eid, network: network, now: now)
      case .discover(let port):
        guard isUp(port) else { throw .portDown }
        try engine.discover(on: port, now: now)
      case .recover(let eid, let network): try engine.recover(eid, network: network, now: now)
      case .allocate(let count, let eid, let network):
        try engine.allocate(count, to: eid, network: network, now: now)
      }
      return nil
    } catch { return "\(error)" }
  }

  /// The address has the form of the port's bus and is not the router's own.
  private func isDevice(_ address: PhysicalAddress, on port: PortID) -> Bool {
    guard Int(port.rawValue) < topology.ports.count else { return true }
    let place = topology.ports[Int(port.rawValue)]
    let form: PhysicalAddress.Form =
      switch place.bus {
      case .i2c: .i2c
      case .i3c: .i3c
      case .serial, .usb, .link: .none
      }
    return address.form == form && (form == .none || address != place.physicalAddress)
  }

  /// True for a port that is not there: the engine has the word for that.
  private func isUp(_ port: PortID) -> Bool {
    Int(port.rawValue) >= topology.ports.count || engine.isUp(port)
  }
}
