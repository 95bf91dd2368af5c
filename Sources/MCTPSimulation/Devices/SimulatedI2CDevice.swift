internal import MCTPFraming
public import MCTPWire

/// An endpoint with an I2C target address: packets to SMBus frames and back (DSP0237 1.1.0).
public struct SimulatedI2CDevice {
  /// PN1: how often an endpoint repeats a packet that was not acknowledged (DSP0237 1.1.0).
  public static let retriesMax = 8

  /// Choice: who loses arbitration waits for the end of the other's write and tries again; so often
  /// at most, because a bus that never lets it through is no bus.
  public static let arbitrationsMax = 64

  /// How long the bus is idle before a fair device that had its turn begins again: PT2b, which is
  /// how a controller knows a free bus (DSP0237 1.1.0).
  public static let fairIdleNanoseconds: UInt64 = 50_000

  public let endpoint: SimulatedEndpoint
  /// Seven bits, unshifted.
  public let address: UInt8
  /// Fairness arbitration: who had the bus lets everybody who lost go first.
  public let isFair: Bool

  /// Had a turn, and the bus has not been idle since.
  public private(set) var isYielding = false
  private var frame: [UInt8] = []
  /// Whether `frame` holds no packet.
  private var isGarbage = false
  /// From `nextFrame` to `finishWrite`.
  private var isWriting = false
  /// The device was restarted since the write began.
  private var isForgotten = false
  private var retryCount = 0
  private var arbitrationCount = 0

  /// - Parameters:
  ///   - address: seven bits, unshifted.
  ///   - isFair: Choice: true, because without it the device with the lowest destination address
  ///     starves the others, the bridge first. Say so in the endpoint's medium-specific byte.
  public init(_ endpoint: SimulatedEndpoint, address: UInt8, isFair: Bool = true) {
    self.endpoint = endpoint
    self.address = address & 0x7F
    self.isFair = isFair
  }

  /// Takes a frame that was written to this device: address byte first, PEC last. Damaged ones
  /// are counted at the endpoint.
  public func receive(_ frame: Span<UInt8>, now: Instant) {
    do throws(FrameError) {
      let decoded = try SMBusFrame(decoding: frame, ownAddress: address)
      endpoint.receive(decoded.packet, from: decoded.source, now: now)
    } catch {
      endpoint.count(error.dropReason)
    }
  }

  /// When a device that yields may begin again; nil while the bus is busy or it does not yield.
  public func yieldsUntil(_ idleSince: Instant?) -> Instant? {
    guard isYielding, let idleSince else { return nil }
    return idleSince.advanced(byNanoseconds: SimulatedI2CDevice.fairIdleNanoseconds)
  }

  /// Ends the yielding when the bus was idle for long enough.
  public mutating func seeBus(_ idleSince: Instant?, now: Instant) {
    if let until = yieldsUntil(idleSince), until <= now { isYielding = false }
  }

  /// The frame to write now: the one that has to be repeated, else the next; nil when there is
  /// none. Call it only while no write of this device is under way.
  public mutating func nextFrame(now: Instant) -> [UInt8]? {
    guard !isYielding else { return nil }
    while frame.isEmpty, let packet = endpoint.nextPacket(now: now) {
      var buffer = [UInt8](repeating: 0, count: SMBusFrame.byteCountMax)
      var span = buffer.mutableSpan
      let destination = UInt8(truncatingIfNeeded: packet.address.value)
      guard packet.address.form == .i2c,
        let count = try? SMBusFrame.encode(
          packet.bytes.span, to: destination, from: address, into: &span)
      else {
        endpoint.count(.transmissionRefused)
        continue
      }
      buffer.removeLast(buffer.count - count)
      frame = buffer
      isGarbage = false
      retryCount = 0
      arbitrationCount = 0
    }
    if frame.isEmpty, let garbage = nextGarbage(now: now) {
      frame = garbage
      isGarbage = true
      retryCount = 0
      arbitrationCount = 0
    }
    isWriting = !frame.isEmpty
    return isWriting ? frame : nil
  }

  /// A write to the bridge that is no packet: half of the longer ones have the form of a packet's
  /// frame and a wrong PEC.
  private func nextGarbage(now: Instant) -> [UInt8]? {
    guard let bytes = endpoint.nextGarbageFrame(now: now) else { return nil }
    guard endpoint.configuration.bridgeAddress.form == .i2c else { return nil }
    let bridge = UInt8(truncatingIfNeeded: endpoint.configuration.bridgeAddress.value)
    var garbage = [bridge << 1] + bytes
    if garbage.count >= SMBusFrame.byteCountMin, bytes[0] & 1 == 0 {
      garbage[1] = SMBusFrame.commandCode
      garbage[2] = UInt8(truncatingIfNeeded: garbage.count - 4)
    }
    garbage.spoilSMBusFrame()
    return garbage
  }

  /// Power off and on; see `SimulatedEndpoint.restart`. Its write that is under way still ends. A
  /// packet that would have to be repeated counts as `.portDown`.
  public mutating func restart(now: Instant) {
    endpoint.restart(now: now)
    isYielding = false
    if isWriting { isForgotten = true } else { forgetFrame() }
  }

  private mutating func forgetFrame() {
    if !frame.isEmpty, !isGarbage { endpoint.count(.portDown) }
    frame = []
    isForgotten = false
  }

  /// How the write of `nextFrame` ended.
  public mutating func finishWrite(_ result: TransmissionResult) {
    guard !frame.isEmpty else { return }
    isWriting = false
    if isForgotten {
      if result == .sent { frame = [] }
      forgetFrame()
    } else if result == .sent {
      frame = []
      isYielding = isFair
    } else if result == .arbitrationLost, arbitrationCount < SimulatedI2CDevice.arbitrationsMax {
      arbitrationCount += 1
    } else if result.isRetryable, retryCount < SimulatedI2CDevice.retriesMax {
      retryCount += 1
    } else {
      if !isGarbage { endpoint.count(.retriesExhausted) }
      frame = []
    }
  }
}
