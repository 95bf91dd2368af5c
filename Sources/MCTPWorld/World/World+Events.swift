internal import MCTPNeighbours
internal import MCTPSimulation
internal import MCTPWire

// What happens to the board from outside.
extension World {
  func perform(_ event: WorldEvent) {
    let text = event.text(on: plan.board)
    for observer in clock.observers { observer.happened(event, text) }
    switch event {
    case .insert(let device): setPresent(true, device)
    case .remove(let device): setPresent(false, device)
    case .restart(let device):
      wires.wire(devices[device].part.wire).restart(device: device, now: now)
    case .temperament(let device, let temperament):
      wires.wire(devices[device].part.wire).setTemperament(temperament, device: device)
    case .faults(let wire, let faults): wires.wire(wire).faults = faults
    case .cut(let wire): setCut(true, wire)
    case .mend(let wire): setCut(false, wire)
    case .kill(let router): kill(router)
    case .killAfter(let router, let steps): routers[router].life?.cutShort(after: steps)
    case .command(let router, let command): routers[router].command(command)
    case .start(let router, let keepsLeases):
      if routers[router].life?.isDoomed == true { perform(.kill(router: router)) }
      routers[router].start(keepsLeases: keepsLeases, on: wires)
    case .portDown(let router, let port): routers[router].setPresent(false, port)
    case .portUp(let router, let port): routers[router].setPresent(true, port)
    case .lag(let router, let ms):
      routers[router].lagsUntil = max(routers[router].lagsUntil, now.advanced(byMs: ms))
    case .load(let requestsPerSecond): traffic.change(requestsPerSecond, at: now)
    case .habits, .grants, .exchange, .sends: performAtNeighbour(event)
    case .topology(let router, let other): routers[router].choose(other)
    }
  }

  /// What only a device of another make does.
  private func performAtNeighbour(_ event: WorldEvent) {
    let device: Int
    switch event {
    case .habits(let index, _), .grants(let index, _), .exchange(let index, _),
      .sends(let index, _, _):
      device = index
    default: return
    }
    guard case .neighbour(let neighbour) = devices[device].stack else { return }
    switch event {
    case .habits(_, let habits): neighbour.habits = habits
    case .grants(_, let plan): neighbour.plan = plan
    case .exchange(_, let identity):
      neighbour.exchange(
        uuid: identity.uuid.bytesIfAny, messageTypes: identity.messageTypes?.map(\.rawValue),
        now: now.nanoseconds)
    case .sends(_, let packet, let to): neighbour.send(packet: packet, to: to.i2cAddress)
    default: break
    }
    touch(device)
  }

  private func kill(_ router: Int) {
    guard routers[router].life != nil else { return }
    routers[router].kill()
    for observer in clock.observers {
      observer.killed(router: router, durable: routers[router].durableLeases)
    }
  }

  private func setPresent(_ isPresent: Bool, _ device: Int) {
    guard devices[device].isPresent != isPresent else { return }
    // Whoever is plugged in had no power before.
    if isPresent { wires.wire(devices[device].part.wire).restart(device: device, now: now) }
    wires.wire(devices[device].part.wire).setPresent(isPresent, device: device, now: now)
  }

  private func setCut(_ isCut: Bool, _ wire: Int) {
    wires.wire(wire).isCut = isCut
    wires.wire(wire).isTouched = true
  }

  /// What lives inside a neighbour has its place on the wire.
  func touch(_ device: Int) {
    wires.wire(devices[device].part.wire).touch(device: devices[device].part.behind ?? device)
  }
}
