public import BusIO
public import MCTPSimulation
public import MCTPWire

/// A simulated I3C bus under an `I3CPort`. Real time drives it through `nextDeadline`.
public final class SimulatedI3CLink: I3CLink {
  public private(set) var condition = PortCondition.stopped
  private var segment: SimulatedI3CSegment
  /// The generation that the port could see at the last `service`.
  private var seenGeneration: Int?

  public init(_ segment: consuming SimulatedI3CSegment) { self.segment = segment }

  public var nextDeadline: Instant? {
    let hasNews = segment.hasNews || seenGeneration != deviceGeneration
    return hasNews ? .zero : segment.nextDeadline
  }

  public var devices: [I3CDevice] {
    segment.bus.targets.map { target, dynamicAddress in
      I3CDevice(
        provisionedID: target.provisionedID, dynamicAddress: dynamicAddress, bcr: target.bcr,
        dcr: target.dcr, maxReadByteCount: target.maxReadByteCount,
        maxWriteByteCount: target.maxWriteByteCount)
    }
  }

  public var deviceGeneration: Int { segment.bus.generation }

  public func start(now: Instant) {
    service(now: now)
    condition = .up
  }

  public func service(now: Instant) {
    segment.advance(to: now)
    seenGeneration = deviceGeneration
  }

  public func startWrite(_ bytes: Span<UInt8>, to dynamicAddress: UInt8, now: Instant) {
    let copy = bytes.withUnsafeBufferPointer { Array($0) }
    segment.start(.write(copy), to: dynamicAddress, now: now)
  }

  public func startRead(from dynamicAddress: UInt8, byteCountMax: Int, now: Instant) {
    segment.start(.read(byteCountMax: byteCountMax), to: dynamicAddress, now: now)
  }

  public func startGetStatus(of dynamicAddress: UInt8, now: Instant) {
    segment.start(.directGet(.getStatus), to: dynamicAddress, now: now)
  }

  public func finishedTransfer(into buffer: inout MutableSpan<UInt8>) -> I3CTransferResult? {
    segment.nextCompletion().map {
      I3CTransferResult($0.result, byteCount: buffer.take($0.bytes))
    }
  }

  public func nextInterrupt() -> I3CInterrupt? {
    segment.nextInterrupt().map {
      I3CInterrupt(dynamicAddress: $0.dynamicAddress, mandatoryByte: $0.mandatoryByte)
    }
  }

  public func stop() { condition = .stopped }

  /// As `SimulatedI2CLink.withSegment`; also for devices that come and go.
  public func withSegment<Result, Failure: Error>(
    now: Instant, _ body: (inout SimulatedI3CSegment) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    segment.advance(to: now)
    defer { segment.advance(to: now) }
    return try body(&segment)
  }
}
