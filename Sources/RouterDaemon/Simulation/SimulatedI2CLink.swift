public import BusIO
public import MCTPSimulation
public import MCTPWire

/// A simulated I2C bus under an `I2CPort`. Real time drives it through `nextDeadline`.
public final class SimulatedI2CLink: I2CLink {
  private enum Activity { case none, writing, probing }

  private struct Probe {
    let addresses: [UInt8]
    var results: [I2CProbeResult] = []
    var isDone: Bool { results.count == addresses.count }
  }

  public private(set) var condition = PortCondition.stopped
  private var segment: SimulatedI2CSegment
  private var activity = Activity.none
  /// A write that waits for one address of a probe.
  private var waitingFrame: [UInt8]?
  private var probe: Probe?

  public init(_ segment: consuming SimulatedI2CSegment) { self.segment = segment }

  public var nextDeadline: Instant? {
    let isProbeDue = activity == .none && probe?.isDone == false
    return segment.hasNews || isProbeDue ? .zero : segment.nextDeadline
  }

  public func start(now: Instant) {
    segment.advance(to: now)
    condition = .up
  }

  public func service(now: Instant) {
    segment.advance(to: now)
    if activity == .probing, let result = segment.nextResult() {
      activity = .none
      take(result)
    }
    startNext(now)
  }

  public func startWrite(_ frame: Span<UInt8>, now: Instant) {
    precondition(activity != .writing && waitingFrame == nil, "one write at a time")
    waitingFrame = frame.withUnsafeBufferPointer { Array($0) }
    startNext(now)
  }

  public func finishedWrite() -> TransmissionResult? {
    guard activity == .writing, let result = segment.nextResult() else { return nil }
    activity = .none
    return result
  }

  public func receive(into buffer: inout MutableSpan<UInt8>) -> Int? {
    segment.nextFrame().map { buffer.take($0) }
  }

  public func stop() { condition = .stopped }

  /// Works on the bus and its devices: faults, requests of a device, their outcomes. What a
  /// device then has to send begins at once; read the port's `nextDeadline` again afterwards.
  public func withSegment<Result, Failure: Error>(
    now: Instant, _ body: (inout SimulatedI2CSegment) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    segment.advance(to: now)
    defer { segment.advance(to: now) }
    return try body(&segment)
  }

  /// A write first, then the next address of a probe.
  private func startNext(_ now: Instant) {
    guard activity == .none else { return }
    if let frame = waitingFrame {
      waitingFrame = nil
      activity = .writing
      segment.startWrite(frame.span, now: now)
    } else if let probe, !probe.isDone {
      activity = .probing
      // A quick write: the address, its acknowledgement, STOP.
      let address: [UInt8] = [probe.addresses[probe.results.count] << 1]
      segment.startWrite(address.span, now: now)
    }
  }

  private func take(_ result: TransmissionResult) {
    guard let probe, !probe.isDone else { return }
    let finding: I2CProbeResult.Finding =
      switch result {
      case .sent: .acknowledged
      case .addressNotAcknowledged: .notAcknowledged
      default: .failed("\(result)")
      }
    let address = probe.addresses[probe.results.count]
    self.probe?.results.append(I2CProbeResult(address: address, finding: finding))
  }
}

extension SimulatedI2CLink: I2CProbing {
  /// Simulated devices have no SMBus unique identifier.
  public func startProbe(_ addresses: [UInt8], asksUDID: Bool, now: Instant) {
    probe = Probe(addresses: addresses)
    startNext(now)
  }

  public func finishedProbe() -> [I2CProbeResult]? {
    guard let done = probe, done.isDone else { return nil }
    probe = nil
    return done.results
  }

  public func cancelProbe() { probe = nil }
}

extension MutableSpan<UInt8> {
  /// Copies what fits to the front; returns how much that was.
  @_lifetime(self: copy self)
  mutating func take(_ bytes: [UInt8]) -> Int {
    let taken = Swift.min(bytes.count, count)
    for index in 0..<taken { self[index] = bytes[index] }
    return taken
  }
}
