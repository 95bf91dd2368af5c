internal import MCTPNeighbours
internal import MCTPSimulation
internal import MCTPWire

/// A device's place on an I2C wire: frames in and out, one write at a time.
protocol I2CStation: AnyObject {
  /// Takes a frame that was written to the device: address byte first, PEC last.
  func receive(_ frame: [UInt8], now: Instant)
  func advance(to now: Instant)
  /// The frame to write now; nil when there is none. Only while no write is under way.
  func nextFrame(now: Instant) -> [UInt8]?
  /// How the write of `nextFrame` ended.
  func finishWrite(_ result: TransmissionResult)
  /// Fairness: who had the bus lets the others go first until it was idle.
  var isYielding: Bool { get }
  func yieldsUntil(_ idleSince: Instant?) -> Instant?
  func seeBus(_ idleSince: Instant?, now: Instant)
  /// Power off and on; a write that is under way still ends.
  func restart(now: Instant)
}

/// An endpoint made of the product's own codecs.
final class OwnI2CStation: I2CStation {
  private var medium: SimulatedI2CDevice

  init(_ endpoint: SimulatedEndpoint, address: UInt8) {
    medium = SimulatedI2CDevice(endpoint, address: address)
  }

  func receive(_ frame: [UInt8], now: Instant) { medium.receive(frame.span, now: now) }
  func advance(to now: Instant) { medium.endpoint.advance(to: now) }
  func nextFrame(now: Instant) -> [UInt8]? { medium.nextFrame(now: now) }
  func finishWrite(_ result: TransmissionResult) { medium.finishWrite(result) }
  var isYielding: Bool { medium.isYielding }
  func yieldsUntil(_ idleSince: Instant?) -> Instant? { medium.yieldsUntil(idleSince) }
  func seeBus(_ idleSince: Instant?, now: Instant) { medium.seeBus(idleSince, now: now) }
  func restart(now: Instant) { medium.restart(now: now) }
}

/// A neighbour of another make: frames by its own codec, PN1 = 8 repetitions, fair (DSP0237 1.1.0
/// Table 9).
final class NeighbourI2CStation: I2CStation {
  private static let retriesMax = 8
  private static let fairIdleNanoseconds: UInt64 = 50_000

  private let place: NeighbourPlace
  private let address: UInt8
  private(set) var isYielding = false
  private var frame: [UInt8] = []
  private var isWriting = false
  private var isForgotten = false
  private var retryCount = 0
  private var arbitrationCount = 0

  init(_ place: NeighbourPlace, address: UInt8) {
    self.place = place
    self.address = address
  }

  func receive(_ frame: [UInt8], now: Instant) {
    guard let (packet, source) = NeighbourSMBus.packet(frame, own: address) else {
      return place.dropped(.frameIntegrity)
    }
    place.receive(packet, from: source, now: now)
  }

  func advance(to now: Instant) { place.advance(to: now) }

  func nextFrame(now: Instant) -> [UInt8]? {
    guard !isYielding else { return nil }
    if frame.isEmpty {
      frame = fresh(now)
      retryCount = 0
      arbitrationCount = 0
    }
    isWriting = !frame.isEmpty
    return isWriting ? frame : nil
  }

  private func fresh(_ now: Instant) -> [UInt8] {
    let source = place.neighbour.habits.frameSourceAddress ?? address
    while let outgoing = place.nextPacket(now: now) {
      if let to = outgoing.to { return NeighbourSMBus.frame(outgoing.packet, to: to, from: source) }
      place.dropped(.transmissionRefused)
    }
    guard let bridge = place.neighbour.configuration.bridgeAddress,
      let bytes = place.neighbour.nextGarbageFrame(now: now.nanoseconds)
    else { return [] }
    var garbage = [bridge << 1] + bytes
    if NeighbourSMBus.packet(garbage, own: bridge) != nil { garbage[garbage.count - 1] ^= 0xFF }
    return garbage
  }

  func finishWrite(_ result: TransmissionResult) {
    guard !frame.isEmpty else { return }
    isWriting = false
    if result == .sent {
      frame = []
      isYielding = true
    } else if !isForgotten, result == .arbitrationLost,
      arbitrationCount < SimulatedI2CDevice.arbitrationsMax
    {
      arbitrationCount += 1
    } else if !isForgotten, result.isRetryable, retryCount < Self.retriesMax {
      retryCount += 1
    } else {
      place.dropped(.retriesExhausted)
      frame = []
    }
    isForgotten = false
  }

  func yieldsUntil(_ idleSince: Instant?) -> Instant? {
    guard isYielding, let idleSince else { return nil }
    return idleSince.advanced(byNanoseconds: Self.fairIdleNanoseconds)
  }

  func seeBus(_ idleSince: Instant?, now: Instant) {
    if let until = yieldsUntil(idleSince), until <= now { isYielding = false }
  }

  func restart(now: Instant) {
    place.restart(now: now)
    isYielding = false
    if isWriting { isForgotten = true } else { frame = [] }
  }
}
