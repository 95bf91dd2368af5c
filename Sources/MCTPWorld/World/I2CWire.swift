// An I2C bus, or a mux with all its legs, with its devices and the places of routers.
//
// Owns: the virtual bus and what its devices hold. A mux is one bus whose devices are heard only
// while their leg is selected; a router's write selects the leg that it goes through.

internal import BusIO
internal import MCTPSimulation
internal import MCTPWire

final class I2CWire: Wire {
  private struct Place {
    let station: any I2CStation
    let node: VirtualI2CBus.Node
    /// The wire of the board that the device is on: its leg, when there are several.
    let leg: Int
  }

  let alarm = WireAlarm()
  var faultCounts: [FrameImpairment.Counts] { [bus.impairment.counts] }
  var isCut = false { didSet { reach() } }
  var faults = FrameFaults.none { didSet { bus.impairment.faults = faults } }

  private(set) var bus: VirtualI2CBus
  private var devices = WireDevices()
  /// One for each of the devices.
  private var places: [Place] = []
  private var links: [WireI2CLink] = []
  /// Routers' nodes with a write on the wire that nobody waits for any more.
  private var forgotten: [VirtualI2CBus.Node] = []
  /// Writes that wait for the end of such a one.
  private var deferred: [(link: WireI2CLink, frame: [UInt8])] = []
  private let isMux: Bool
  /// The leg that the mux is turned to.
  private var selectedLeg: Int?

  init(clockHz: Int, isMux: Bool, seed: UInt64) {
    bus = VirtualI2CBus(clockHz: clockHz, seed: seed)
    self.isMux = isMux
  }

  func add(_ device: WorldDevice, _ station: any I2CStation, leg: Int) {
    let address = UInt8(truncatingIfNeeded: device.part.address.value)
    let node = bus.attach(address: address)
    if !device.isPresent { bus.detach(node) }
    places.append(Place(station: station, node: node, leg: leg))
    devices.add(device)
    reach()
  }

  /// A place for a router's port; each life of a router has its own.
  func makeNode(address: UInt8) -> VirtualI2CBus.Node {
    // Choice: as many frames as the usual queue file of a controller driver holds.
    let node = bus.attach(address: address, receptionsMax: 31)
    reach()
    return node
  }

  func join(_ link: WireI2CLink) { links.append(link) }

  /// The link's router is gone: what its node held is gone too.
  func leave(_ link: WireI2CLink) {
    if link.isWriting { forgetWrite(of: link) }
    links.removeAll { $0 === link }
    if !links.contains(where: { $0.node == link.node }) { bus.detach(link.node) }
    isTouched = true
  }

  /// The link's router hears on the link's node.
  func attach(_ link: WireI2CLink) {
    bus.reattach(link.node)
    isTouched = true
  }

  /// The link's router no longer hears, unless by another leg: all legs have one root adapter.
  func detach(_ link: WireI2CLink) {
    if !links.contains(where: { $0 !== link && $0.node == link.node && $0.condition.isUp }) {
      bus.detach(link.node)
    }
    isTouched = true
  }

  func startWrite(_ frame: Span<UInt8>, from link: WireI2CLink, now: Instant) {
    if isMux, selectedLeg != link.leg {
      selectedLeg = link.leg
      reach()
    }
    if forgotten.contains(link.node) {
      deferred.append((link, frame.withUnsafeBufferPointer { Array($0) }))
    } else {
      bus.startWrite(link.node, frame: frame, now: now)
    }
    isTouched = true
  }

  /// The link's write goes on without it.
  func forgetWrite(of link: WireI2CLink) {
    if let index = deferred.firstIndex(where: { $0.link === link }) {
      deferred.remove(at: index)
    } else if bus.isWriting(link.node), !forgotten.contains(link.node) {
      forgotten.append(link.node)
    }
  }

  func isWriting(_ node: VirtualI2CBus.Node) -> Bool { bus.isWriting(node) }
  func hasReception(_ node: VirtualI2CBus.Node) -> Bool { bus.hasReception(node) }
  func nextReception(of node: VirtualI2CBus.Node) -> [UInt8]? { bus.nextReception(of: node) }

  func setPresent(_ isPresent: Bool, device: Int, now: Instant) {
    for index in devices.indices(of: device) {
      devices.setPresent(isPresent, index)
      let node = places[index].node
      if isPresent { bus.reattach(node) } else { bus.detach(node) }
    }
    isTouched = true
  }

  func restart(device: Int, now: Instant) {
    for index in devices.indices(of: device) {
      places[index].station.restart(now: now)
      devices.wake(index)
    }
    isTouched = true
  }

  func setTemperament(_ temperament: Temperament, device: Int) {
    devices.setTemperament(temperament, of: device)
    isTouched = true
  }

  func touch(device: Int) {
    for index in devices.indices(of: device) { devices.wake(index) }
    isTouched = true
  }

  var nextDeadline: Instant? {
    var deadline = earliest(bus.nextDeadline, devices.nextDeadline)
    guard let idleSince = bus.idleSince else { return deadline }
    for index in places.indices where devices.isAwake(index) && devices[index].isPresent {
      deadline = earliest(deadline, places[index].station.yieldsUntil(idleSince))
    }
    return deadline
  }

  func step(_ now: Instant) {
    devices.lastStepAt = now
    bus.advance(to: now)
    while let done = bus.nextCompletion() { finish(done, now) }
    if bus.receptionCount > 0 {
      for link in links where bus.hasReception(link.node) { link.tell() }
      for index in places.indices where bus.hasReception(places[index].node) {
        devices.rouse(index)
      }
    }
    for index in places.indices where devices.isDue(index, now) && devices[index].isPresent {
      look(index, now)
    }
  }

  private func look(_ index: Int, _ now: Instant) {
    let (node, station) = (places[index].node, places[index].station)
    while let frame = bus.nextReception(of: node) {
      station.receive(frame, now: now)
    }
    station.advance(to: now)
    station.seeBus(bus.idleSince, now: now)
    if !bus.isWriting(node), let frame = station.nextFrame(now: now) {
      bus.startWrite(node, frame: frame.span, now: now)
    }
    // The end of a write wakes it; how long it yields depends on what the bus does meanwhile.
    devices.settle(index, isAwake: station.isYielding, deadline: devices[index].nextDeadline)
  }

  private func finish(_ done: VirtualI2CBus.Completion, _ now: Instant) {
    if let index = forgotten.firstIndex(of: done.controller) {
      forgotten.remove(at: index)
      for link in links where link.node == done.controller { link.tell() }
      if let next = deferred.firstIndex(where: { $0.link.node == done.controller }) {
        let (link, frame) = deferred.remove(at: next)
        bus.startWrite(link.node, frame: frame.span, now: now)
      }
      return
    }
    if let link = links.first(where: { $0.node == done.controller && $0.isWriting }) {
      link.finish(done.result)
      // Another leg may wait for the node to come up.
      for other in links where other.node == link.node && !other.condition.isUp { other.tell() }
    } else if let index = places.firstIndex(where: { $0.node == done.controller }) {
      places[index].station.finishWrite(done.result)
      devices.rouse(index)
    }
  }

  /// Who is heard: nobody on a cut wire, one leg behind a mux.
  private func reach() {
    for place in places {
      bus.setReachable(place.node, !isCut && (!isMux || selectedLeg == place.leg))
    }
  }
}
