// An I3C bus with simulated devices, and its controller's side for the router.
//
// Owns: the bus and the devices. Life: as `SimulatedI2CSegment`, with the controller's transfers
// in place of writes.

public import MCTPWire

public struct SimulatedI3CSegment: ~Copyable {
  /// The bus; the controller uses it through the functions here.
  public var bus: VirtualI3CBus
  private var devices: [SimulatedI3CDevice]
  private var completion: VirtualI3CBus.Completion?
  private var interrupts: [VirtualI3CBus.Interrupt] = []

  /// - Parameters:
  ///   - clockHz: as `VirtualI3CBus`.
  ///   - seed: as `VirtualI3CBus`.
  public init(devices: [SimulatedI3CDevice], clockHz: Int = 12_500_000, seed: UInt64 = 0) {
    self.devices = devices
    bus = VirtualI3CBus(targets: devices.map(\.target), clockHz: clockHz, seed: seed)
  }

  public func endpoint(_ provisionedID: UInt64) -> SimulatedEndpoint? {
    devices.first { $0.target.provisionedID == provisionedID }?.endpoint
  }

  /// Puts a device on the bus or takes it off; what it had to send over the bus is gone then.
  public mutating func setPresent(_ isPresent: Bool, _ provisionedID: UInt64) {
    guard let device = devices.first(where: { $0.target.provisionedID == provisionedID }) else {
      return
    }
    if isPresent { bus.attach(device.target) } else { bus.detach(provisionedID) }
  }

  /// Begins a transfer; see `VirtualI3CBus.start`.
  public mutating func start(
    _ transfer: VirtualI3CBus.Transfer, to dynamicAddress: UInt8, now: Instant
  ) {
    advance(to: now)
    bus.start(transfer, to: dynamicAddress, now: now)
  }

  /// How the transfer ended, once.
  public mutating func nextCompletion() -> VirtualI3CBus.Completion? {
    defer { completion = nil }
    return completion
  }

  public mutating func nextInterrupt() -> VirtualI3CBus.Interrupt? {
    interrupts.isEmpty ? nil : interrupts.removeFirst()
  }

  /// True when a completion or interrupt waits for the controller.
  public var hasNews: Bool { completion != nil || !interrupts.isEmpty }

  /// When something happens by itself; nil while everything is idle.
  public var nextDeadline: Instant? {
    var earliest = bus.nextDeadline
    for device in devices {
      guard let deadline = device.endpoint.nextDeadline else { continue }
      earliest = min(earliest ?? deadline, deadline)
    }
    return earliest
  }

  /// Moves bus and devices on to `now`, one event after the other.
  public mutating func advance(to now: Instant) {
    while let next = nextDeadline, next < now { step(next) }
    step(now)
  }

  private mutating func step(_ now: Instant) {
    bus.advance(to: now)
    if let done = bus.nextCompletion() { completion = done }
    while let interrupt = bus.nextInterrupt() { interrupts.append(interrupt) }
    for device in devices {
      device.endpoint.advance(to: now)
      let id = device.target.provisionedID
      guard let address = bus.dynamicAddress(of: id) else { continue }
      while let bytes = bus.nextWrite(to: id) {
        device.receive(bytes.span, dynamicAddress: address, now: now)
      }
      while bus.canQueueRead(id), let frame = device.nextRead(dynamicAddress: address, now: now) {
        bus.queueRead(id, frame: frame.span, now: now)
      }
    }
  }
}
