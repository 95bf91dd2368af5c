// What may happen next, and what it does.

internal import MCTPEngine
internal import MCTPWire

extension SmallWorld {
  /// Everything that may happen now, always in the same order: a place in it is a choice of a
  /// repeat line.
  var steps: [SmallStep] {
    var steps: [SmallStep] = []
    for index in channels.indices where !channels[index].isEmpty {
      steps.append(.deliver(channel: index))
    }
    if mayTimeOut { steps.append(.timeOut) }
    for index in routers.indices {
      guard routers[index].isAlive else {
        steps.append(.start(router: index))
        continue
      }
      for port in 0..<routers[index].engine.portCount
      where !routers[index].engine.isUp(PortID(rawValue: UInt8(port))) {
        steps.append(.portUp(router: index, port: port))
      }
    }
    if pingsLeft > 0 {
      for from in devices.indices where devices[from].eid != 0 {
        for to in devices.indices where to != from && devices[to].eid != 0 {
          steps.append(.ping(from: from, to: to))
        }
      }
    }
    if faultsLeft > 0 { addFaults(to: &steps) }
    return steps
  }

  private func addFaults(to steps: inout [SmallStep]) {
    for index in channels.indices where !channels[index].isEmpty {
      steps.append(.lose(channel: index))
      steps.append(.duplicate(channel: index))
    }
    for index in devices.indices where devices[index].eid != 0 {
      steps.append(.restart(device: index))
    }
    for index in routers.indices where routers[index].isAlive {
      for port in 0..<routers[index].engine.portCount
      where routers[index].engine.isUp(PortID(rawValue: UInt8(port))) {
        steps.append(.portDown(router: index, port: port))
      }
      steps.append(.kill(router: index, keepsLeases: true))
      if !routers[index].leases.isEmpty {
        steps.append(.kill(router: index, keepsLeases: false))
      }
    }
  }

  mutating func apply(_ step: SmallStep) {
    if story != nil {
      let line = words(step, since: storyStart)
      story?.append(line)
    }
    if step.isFault { faultsLeft -= 1 }
    switch step {
    case .deliver(let channel):
      arrive(channels[channel].removeFirst().packet, on: channel)
    case .timeOut: timeOut()
    case .ping(let from, let to):
      pingsLeft -= 1
      ping(from: from, to: to)
    case .portUp(let router, let port): setPort(router, port, isUp: true)
    case .portDown(let router, let port): setPort(router, port, isUp: false)
    case .start(let router): start(router)
    case .lose(let channel):
      channels[channel].removeFirst()
      goOn(after: channel)
    case .duplicate(let channel): channels[channel].insert(channels[channel][0], at: 1)
    case .restart(let device): devices[device].restart()
    case .kill(let index, let keepsLeases):
      let router = change(index)
      router.isAlive = false
      router.accepted = [UInt8](repeating: 0, count: 256)
      if !keepsLeases {
        router.leases = []
        hasForgotten = true
      }
    }
    checkOwnership()
  }

  private mutating func timeOut() {
    guard let deadline = nextDeadline else { return }
    now = max(now, deadline)
    for index in routers.indices where routers[index].isAlive {
      if let next = routers[index].engine.nextDeadline, next.nanoseconds <= now {
        settle(change(index), index)
      }
    }
  }

  private mutating func setPort(_ index: Int, _ port: Int, isUp: Bool) {
    let router = change(index)
    router.engine.portChanged(PortID(rawValue: UInt8(port)), isUp: isUp, now: instant)
    settle(router, index)
  }

  mutating func ping(from: Int, to: Int) {
    guard let channel = devices[from].owner else { return }
    let packet = devices[from].ping(devices[to].eid)
    channels[channel].append(Flight(packet: packet, sentAt: now))
  }

  private mutating func start(_ index: Int) {
    let leases = routers[index].leases
    let router = SmallRouter(board.routers[index].configuration)
    router.leases = leases
    routers[index] = router
    for lease in leases { router.engine.adopt(lease: lease, now: instant) }
    bringUp(router, index)
  }

  /// Whoever sent on a channel may send more.
  private mutating func goOn(after channel: Int) {
    guard case .port(let index, let port) = board.channels[channel].from.place,
      routers[index].isAlive,
      routers[index].engine.hasTransmission(on: PortID(rawValue: UInt8(port)))
    else { return }
    settle(change(index), index)
  }

  private mutating func arrive(_ packet: [UInt8], on channel: Int) {
    let way = board.channels[channel]
    switch way.to.place {
    case .device(let device):
      if let answer = devices[device].receive(packet, back: way.back) {
        channels[way.back].append(Flight(packet: answer, sentAt: now))
      }
    case .port(let index, let port):
      // Nobody there: the medium's loss, no fault of the path.
      guard hears(way.to.place) else { break }
      let router = change(index)
      if case .device(let device) = way.from.place { confirm(device, packet) }
      if router.note(packet, from: way.back) { renamings += 1 }
      let id = PortID(rawValue: UInt8(port))
      router.received[port] += 1
      let disposition = router.engine.receive(
        packet.span, on: id, from: way.from.address, now: instant)
      check(disposition, packet, router: index)
      settle(router, index)
    }
    goOn(after: channel)
  }

  /// A device's answer that names the EID that it has reached a router.
  private mutating func confirm(_ device: Int, _ packet: [UInt8]) {
    guard packet.count > 9, packet[4] == 0, packet[5] & 0x80 == 0, packet[7] == 0 else { return }
    let named = packet[6] == 0x01 ? packet[9] : packet[6] == 0x02 ? packet[8] : 0
    if named != 0, named == devices[device].eid { devices[device].isConfirmed = true }
  }
}
