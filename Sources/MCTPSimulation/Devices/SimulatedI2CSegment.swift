// An I2C bus with simulated devices, and one place on it for the router.
//
// Owns: the wire and the devices. Life: `init`, then `startWrite`, `advance(to:)` with times that
// never go back, `nextResult` and `nextFrame` until nil, `nextDeadline` after every call. Commands
// to an endpoint (`ping`) take effect at the next `advance`.

public import MCTPWire

public struct SimulatedI2CSegment: ~Copyable {
  /// The wire; for faults and for nodes of a test's own.
  public var bus: VirtualI2CBus
  /// The router's place, with its own target address.
  public let router: VirtualI2CBus.Node
  private var devices: [(device: SimulatedI2CDevice, node: VirtualI2CBus.Node)] = []
  private var results: [TransmissionResult] = []

  /// - Parameters:
  ///   - routerAddress: seven bits, unshifted.
  ///   - clockHz: as `VirtualI2CBus`.
  ///   - seed: as `VirtualI2CBus`.
  public init(
    routerAddress: UInt8, devices: [SimulatedI2CDevice], clockHz: Int = 100_000, seed: UInt64 = 0
  ) {
    bus = VirtualI2CBus(clockHz: clockHz, seed: seed)
    // Choice: as many frames as the usual queue file of a controller driver holds.
    router = bus.attach(address: routerAddress, receptionsMax: 31)
    for device in devices { self.devices.append((device, bus.attach(address: device.address))) }
  }

  /// The device's place on the wire, for `bus.arm`; nil for an address that nobody has.
  public func node(at address: UInt8) -> VirtualI2CBus.Node? {
    devices.first { $0.device.address == address }?.node
  }

  public func endpoint(at address: UInt8) -> SimulatedEndpoint? {
    devices.first { $0.device.address == address }?.device.endpoint
  }

  /// Begins a write of the router's; see `VirtualI2CBus.startWrite`.
  public mutating func startWrite(_ frame: Span<UInt8>, now: Instant) {
    advance(to: now)
    bus.startWrite(router, frame: frame, now: now)
  }

  /// The result of the router's write, once.
  public mutating func nextResult() -> TransmissionResult? {
    results.isEmpty ? nil : results.removeFirst()
  }

  /// The oldest frame that was written to the router.
  public mutating func nextFrame() -> [UInt8]? { bus.nextReception(of: router) }

  /// True when a result or frame waits for the router.
  public var hasNews: Bool { !results.isEmpty || bus.hasReception(router) }

  /// When something happens by itself; nil while everything is idle.
  public var nextDeadline: Instant? {
    var earliest = bus.nextDeadline
    for index in devices.indices {
      if let deadline = devices[index].device.endpoint.nextDeadline {
        earliest = min(earliest ?? deadline, deadline)
      }
      if let deadline = devices[index].device.yieldsUntil(bus.idleSince) {
        earliest = min(earliest ?? deadline, deadline)
      }
    }
    return earliest
  }

  /// Moves wire and devices on to `now`, one event after the other.
  public mutating func advance(to now: Instant) {
    while let next = nextDeadline, next < now { step(next) }
    step(now)
  }

  private mutating func step(_ now: Instant) {
    bus.advance(to: now)
    while let done = bus.nextCompletion() {
      if done.controller == router {
        results.append(done.result)
      } else if let index = devices.firstIndex(where: { $0.node == done.controller }) {
        devices[index].device.finishWrite(done.result)
      }
    }
    for index in devices.indices {
      let node = devices[index].node
      while let frame = bus.nextReception(of: node) {
        devices[index].device.receive(frame.span, now: now)
      }
      devices[index].device.endpoint.advance(to: now)
      devices[index].device.seeBus(bus.idleSince, now: now)
      guard !bus.isWriting(node), let frame = devices[index].device.nextFrame(now: now) else {
        continue
      }
      bus.startWrite(node, frame: frame.span, now: now)
    }
  }
}
