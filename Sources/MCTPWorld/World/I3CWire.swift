// An I3C bus with its devices and the one router that is its controller.

internal import MCTPSimulation
internal import MCTPWire

final class I3CWire: Wire {
  private struct Place {
    let device: WorldDevice
    var medium: SimulatedI3CDevice
  }

  let alarm = WireAlarm()
  var faultCounts: [FrameImpairment.Counts] { [bus.impairment.counts] }
  var isCut = false {
    didSet {
      guard isCut != oldValue else { return }
      for index in places.indices { show(index) }
    }
  }
  var faults = FrameFaults.none { didSet { bus.impairment.faults = faults } }

  private(set) var bus: VirtualI3CBus
  private var places: [Place] = []
  /// Of the places; an absent device sleeps.
  private var rounds = DeviceRounds()
  private var lastStepAt = Instant.zero
  private var link: WireI3CLink?

  init(clockHz: Int, seed: UInt64) { bus = VirtualI3CBus(clockHz: clockHz, seed: seed) }

  func add(_ device: WorldDevice) {
    let byteCount = PacketHeader.byteCount + device.part.configuration.transmissionUnitBytes + 1
    let target = VirtualI3CTarget(
      provisionedID: device.part.address.value,
      bcr: device.part.hasInterrupts
        ? VirtualI3CTarget.interruptingBCR : VirtualI3CTarget.silentBCR,
      maxReadByteCount: byteCount, maxWriteByteCount: byteCount)
    places.append(
      Place(device: device, medium: SimulatedI3CDevice(device.endpoint, target: target)))
    rounds.add()
    if device.isPresent { bus.attach(target) }
  }

  func join(_ link: WireI3CLink?) {
    self.link = link
    isTouched = true
  }

  /// True while a transfer of the controller is under way, perhaps one that it forgot.
  var isTransferring: Bool { bus.isTransferring }
  var generation: Int { bus.generation }
  var targets: [(target: VirtualI3CTarget, dynamicAddress: UInt8)] { bus.targets }

  /// Targets whose interrupts went to nobody raise them again, as after a controller's restart.
  func announceAgain(now: Instant) {
    bus.announceAgain(now: now)
    isTouched = true
  }

  func start(_ transfer: VirtualI3CBus.Transfer, to dynamicAddress: UInt8, now: Instant) {
    bus.start(transfer, to: dynamicAddress, now: now)
    isTouched = true
  }

  func setPresent(_ isPresent: Bool, device: Int, now: Instant) {
    bus.advance(to: now)
    for index in places.indices where places[index].device.index == device {
      catchUp(index)
      places[index].device.isPresent = isPresent
      show(index)
    }
    isTouched = true
  }

  func restart(device: Int, now: Instant) {
    for index in places.indices where places[index].device.index == device {
      places[index].device.endpoint.restart(now: now)
      bus.clear(places[index].medium.target.provisionedID)
      wake(index)
    }
    isTouched = true
  }

  func setTemperament(_ temperament: Temperament, device: Int) {
    for index in places.indices where places[index].device.index == device {
      catchUp(index)
      places[index].device.endpoint.temperament = temperament
      wake(index)
    }
    isTouched = true
  }

  func touch(device: Int) {
    for index in places.indices where places[index].device.index == device { wake(index) }
    isTouched = true
  }

  private func show(_ index: Int) {
    if places[index].device.isPresent && !isCut {
      bus.attach(places[index].medium.target)
    } else {
      bus.detach(places[index].medium.target.provisionedID)
    }
    wake(index)
    isTouched = true
  }

  private func wake(_ index: Int) {
    let device = places[index].device
    rounds.wake(index, deadline: device.isPresent ? device.endpoint.nextDeadline : nil)
  }

  /// A device that slept knows the time as if it had been awake: its schedules begin from there.
  private func catchUp(_ index: Int) {
    let device = places[index].device
    if device.isPresent { device.endpoint.advance(to: lastStepAt) }
  }

  var nextDeadline: Instant? { earliest(bus.nextDeadline, rounds.nextDeadline) }

  func step(_ now: Instant) {
    lastStepAt = now
    bus.advance(to: now)
    while let done = bus.nextCompletion() { link?.finish(done) }
    while let interrupt = bus.nextInterrupt() { link?.take(interrupt) }
    if let link, link.seenGeneration != bus.generation { link.tell() }
    // Whose write it is costs as much to find out as to look.
    let hasWrites = bus.heldWriteCount > 0
    for index in places.indices
    where (hasWrites || rounds.isDue(index, now)) && places[index].device.isPresent {
      look(index, now)
    }
  }

  private func look(_ index: Int, _ now: Instant) {
    let endpoint = places[index].device.endpoint
    endpoint.advance(to: now)
    let id = places[index].medium.target.provisionedID
    guard let address = bus.dynamicAddress(of: id) else {
      // Off the bus: it sends when it is back.
      rounds.settle(index, isAwake: true, deadline: endpoint.nextDeadline)
      return
    }
    while let bytes = bus.nextWrite(to: id) {
      places[index].medium.receive(bytes.span, dynamicAddress: address, now: now)
    }
    while bus.canQueueRead(id),
      let frame = places[index].medium.nextRead(dynamicAddress: address, now: now)
    {
      bus.queueRead(id, frame: frame.span, now: now)
    }
    // Without room for what it has, it waits for the controller to read.
    rounds.settle(
      index, isAwake: !bus.canQueueRead(id), deadline: endpoint.nextDeadline)
  }
}
