// An I3C bus with its devices and the one router that is its controller.

internal import MCTPSimulation
internal import MCTPWire

final class I3CWire: Wire {
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
  private var devices = WireDevices()
  /// One for each of the devices.
  private var places: [(station: any I3CStation, provisionedID: UInt64, target: VirtualI3CTarget)] =
    []
  private var link: WireI3CLink?

  init(clockHz: Int, seed: UInt64) { bus = VirtualI3CBus(clockHz: clockHz, seed: seed) }

  /// The target that a device of the board is.
  static func target(_ part: Board.Device) -> VirtualI3CTarget {
    let byteCount = PacketHeader.byteCount + part.configuration.transmissionUnitBytes + 1
    return VirtualI3CTarget(
      provisionedID: part.address.value,
      bcr: part.hasInterrupts ? VirtualI3CTarget.interruptingBCR : VirtualI3CTarget.silentBCR,
      maxReadByteCount: byteCount, maxWriteByteCount: byteCount)
  }

  func add(_ device: WorldDevice, _ station: any I3CStation, _ target: VirtualI3CTarget) {
    places.append((station, target.provisionedID, target))
    devices.add(device)
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
    for index in devices.indices(of: device) {
      devices.setPresent(isPresent, index)
      show(index)
    }
    isTouched = true
  }

  func restart(device: Int, now: Instant) {
    for index in devices.indices(of: device) {
      places[index].station.restart(now: now)
      bus.clear(places[index].provisionedID)
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

  private func show(_ index: Int) {
    if devices[index].isPresent && !isCut {
      bus.attach(places[index].target)
    } else {
      bus.detach(places[index].provisionedID)
    }
    devices.wake(index)
    isTouched = true
  }

  var nextDeadline: Instant? { earliest(bus.nextDeadline, devices.nextDeadline) }

  func step(_ now: Instant) {
    devices.lastStepAt = now
    bus.advance(to: now)
    while let done = bus.nextCompletion() { link?.finish(done) }
    while let interrupt = bus.nextInterrupt() { link?.take(interrupt) }
    if let link, link.seenGeneration != bus.generation { link.tell() }
    // Whose write it is costs as much to find out as to look.
    let hasWrites = bus.heldWriteCount > 0
    for index in places.indices
    where (hasWrites || devices.isDue(index, now)) && devices[index].isPresent {
      look(index, now)
    }
  }

  private func look(_ index: Int, _ now: Instant) {
    let station = places[index].station
    station.advance(to: now)
    let id = places[index].provisionedID
    guard let address = bus.dynamicAddress(of: id) else {
      // Off the bus: it sends when it is back.
      devices.settle(index, isAwake: true, deadline: devices[index].nextDeadline)
      return
    }
    while let bytes = bus.nextWrite(to: id) {
      station.receive(bytes, dynamicAddress: address, now: now)
    }
    while bus.canQueueRead(id),
      let frame = station.nextRead(dynamicAddress: address, now: now)
    {
      bus.queueRead(id, frame: frame.span, now: now)
    }
    // Without room for what it has, it waits for the controller to read.
    devices.settle(
      index, isAwake: !bus.canQueueRead(id), deadline: devices[index].nextDeadline)
  }
}
