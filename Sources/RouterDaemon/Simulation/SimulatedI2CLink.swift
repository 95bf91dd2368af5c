public import BusIO
public import MCTPSimulation
public import MCTPWire

/// A simulated I2C bus under an `I2CPort`. Real time drives it through `nextDeadline`.
public final class SimulatedI2CLink: I2CLink {
  public private(set) var condition = PortCondition.stopped
  private var segment: SimulatedI2CSegment

  public init(_ segment: consuming SimulatedI2CSegment) { self.segment = segment }

  public var nextDeadline: Instant? { segment.hasNews ? .zero : segment.nextDeadline }

  public func start(now: Instant) {
    segment.advance(to: now)
    condition = .up
  }

  public func service(now: Instant) { segment.advance(to: now) }

  public func startWrite(_ frame: Span<UInt8>, now: Instant) {
    segment.startWrite(frame, now: now)
  }

  public func finishedWrite() -> TransmissionResult? { segment.nextResult() }

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
