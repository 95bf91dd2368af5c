// MCTP over SMBus and I2C (DSP0237 1.1.0): packet to block write and back.
//
// Owns: the link, one frame buffer each way and at most one packet on its way out. Each write is
// tried once and its result told once; whether the same packet is tried again, up to PN2 = 12
// times, is the engine's decision. The buffers are allocated once; no packet allocates.
// A port behind a mux shares its bus with others: its packet waits for the turn of its leg.

internal import MCTPFraming
public import MCTPWire

public final class I2CPort: Port {
  /// One byte more than a legal frame, so that a longer one is seen to be longer.
  private static let receiveByteCount = SMBusFrame.byteCountMax + 1

  private enum Outgoing {
    case none
    /// The first bytes of `frame` wait for the turn of the port's leg.
    case waiting(byteCount: Int)
    case underWay
    /// Ended without the bus; told at the next `flush` or `service`.
    case ended(TransmissionResult)
  }

  public let id: PortID
  /// Our own target address, seven bits.
  public let ownAddress: UInt8
  /// Payload bytes of the largest packet, 64 to 250.
  public let transmissionUnitBytes: Int
  public private(set) var condition = PortCondition.stopped

  private let link: any I2CLink
  /// Nil for a bus that no other port shares.
  private let leg: I2CMuxLeg?
  private let received: UnsafeMutableBufferPointer<UInt8>
  private let frame: UnsafeMutableBufferPointer<UInt8>
  private var outgoing = Outgoing.none

  /// - Parameters:
  ///   - ownAddress: 0x08 to 0x77, unshifted; peers see it as the source of our frames and write
  ///     their own to it.
  ///   - leg: the port's place in its mux tree, when its adapter is one of several behind one
  ///     root adapter. No other port has it.
  public init(
    id: PortID, ownAddress: UInt8, transmissionUnitBytes: Int = 250, link: any I2CLink,
    leg: I2CMuxLeg? = nil
  ) {
    precondition(ownAddress < 0x80, "an I2C address has seven bits")
    self.id = id
    self.ownAddress = ownAddress
    self.transmissionUnitBytes = transmissionUnitBytes
    self.link = link
    self.leg = leg
    received = .allocate(capacity: I2CPort.receiveByteCount)
    received.initialize(repeating: 0)
    frame = .allocate(capacity: SMBusFrame.byteCountMax)
    frame.initialize(repeating: 0)
  }

  deinit {
    received.deallocate()
    frame.deallocate()
  }

  public var nextDeadline: Instant? {
    if case .ended = outgoing { return .zero }
    guard let leg else { return link.nextDeadline }
    if link.condition.isUp {
      if case .waiting = outgoing, leg.isReady { return .zero }
      if leg.hasReceived { return .zero }
    }
    guard let first = link.nextDeadline, let second = leg.nextDeadline else {
      return link.nextDeadline ?? leg.nextDeadline
    }
    return min(first, second)
  }

  public var hasCredit: Bool {
    guard case .none = outgoing else { return false }
    return condition.isUp
  }

  public var linkCounters: [LinkCounter] { link.linkCounters + (leg?.linkCounters ?? []) }

  public func check() throws(ConfigurationFault) {
    let packetByteCount = PacketHeader.byteCount + transmissionUnitBytes
    try link.check(frameByteCount: packetByteCount + SMBusFrame.overheadByteCount)
  }

  public func start(now: Instant, sink: any PortSink) {
    link.start(now: now)
    tellCondition(sink)
  }

  public func devicesChanged(now: Instant, sink: any PortSink) {
    link.devicesChanged(now: now)
    // First, because a link that is up again after the next call has still forgotten its write.
    tellCondition(sink)
    service(now: now, sink: sink)
  }

  public func service(now: Instant, sink: any PortSink) {
    leg?.advance(to: now)
    link.service(now: now)
    tellResult(now, sink)
    receiveAll(sink)
    tellCondition(sink)
    if condition.isUp { write(now) }
  }

  /// The result is `.refused` for an address that is not an I2C address or is our own, and for a
  /// packet of more than 254 bytes.
  public func transmit(_ packet: Span<UInt8>, to address: PhysicalAddress, now: Instant) {
    precondition(hasCredit, "transmit without credit")
    let destination = UInt8(truncatingIfNeeded: address.value)
    guard address.form == .i2c, destination != ownAddress else {
      outgoing = .ended(.refused)
      return
    }
    do throws(FrameError) {
      var span = frame.mutableSpan
      let count = try SMBusFrame.encode(packet, to: destination, from: ownAddress, into: &span)
      outgoing = .waiting(byteCount: count)
    } catch {
      outgoing = .ended(.refused)
      return
    }
    write(now)
  }

  public func flush(now: Instant, sink: any PortSink) { tellResult(now, sink) }

  public func stop() {
    link.stop()
    leg?.leave()
    outgoing = .none
    condition = .stopped
  }

  /// Begins the write that waits, unless it is another leg's turn.
  private func write(_ now: Instant) {
    guard case .waiting(let byteCount) = outgoing else { return }
    let bytes = UnsafeBufferPointer(frame).span.extracting(first: byteCount)
    if let leg, !leg.begin(bytes, now: now) { return }
    outgoing = .underWay
    link.startWrite(bytes, now: now)
  }

  private func tellResult(_ now: Instant, _ sink: any PortSink) {
    let result: TransmissionResult
    switch outgoing {
    case .none, .waiting: return
    case .ended(let ended): result = ended
    case .underWay:
      guard let finished = link.finishedWrite() else { return }
      result = finished
      leg?.finish(result, now: now)
    }
    // Before the call: the sink may transmit the next packet from within.
    outgoing = .none
    sink.portFinishedTransmission(result, on: id)
  }

  private func receiveAll(_ sink: any PortSink) {
    var span = received.mutableSpan
    while let count = link.receive(into: &span) {
      let bytes = span.span.extracting(first: count)
      do throws(FrameError) {
        let frame = try SMBusFrame(decoding: bytes, ownAddress: ownAddress)
        sink.portReceived(frame.packet, from: frame.source, on: id)
      } catch {
        sink.portDamagedFrame(error.dropReason, bytes: bytes, on: id)
      }
    }
  }

  private func tellCondition(_ sink: any PortSink) {
    let before = condition
    condition = link.condition
    guard condition != before else { return }
    // A further try that ends as the last one is no news.
    if case .waiting(let reason, _) = condition, case .waiting(reason, _) = before { return }
    if !condition.isUp {
      leg?.leave()
      switch outgoing {
      case .none, .ended: break
      case .waiting, .underWay:
        outgoing = .none
        sink.portFinishedTransmission(.portDown, on: id)
      }
    }
    sink.portChangedCondition(condition, on: id)
  }
}
