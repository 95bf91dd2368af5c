// MCTP over I3C (DSP0233), with this device as the bus's controller.
//
// Owns: the link, a buffer each way, at most one packet on its way out and what it knows of each
// MCTP device. A device that interrupts with mandatory byte 0xAE has one packet to be read; one
// that cannot is asked with GETSTATUS, and only while one is there does an idle bus wake anybody.
// A packet whose read fails is lost, as the binding has no re-read; the message's sender recovers.

internal import MCTPFraming
public import MCTPWire

public final class I3CPort: Port {
  public struct Configuration: Hashable, Sendable {
    /// Payload bytes of the largest packet, both ways; at least 64.
    public var transmissionUnitBytes: Int
    /// Time between two GETSTATUS of one device that had packets lately, 1 or more.
    public var pollIntervalMinMs: UInt32
    /// The same after a while without any. Choice: 50 ms, as controllers in the field poll.
    public var pollIntervalMaxMs: UInt32

    public init(
      transmissionUnitBytes: Int = 64, pollIntervalMinMs: UInt32 = 5,
      pollIntervalMaxMs: UInt32 = 50
    ) {
      self.transmissionUnitBytes = max(transmissionUnitBytes, 64)
      self.pollIntervalMinMs = max(pollIntervalMinMs, 1)
      self.pollIntervalMaxMs = max(pollIntervalMaxMs, max(pollIntervalMinMs, 1))
    }
  }

  /// The mandatory byte that announces an MCTP packet (DSP0233).
  public static let mctpMandatoryByte: UInt8 = 0xAE

  public let id: PortID
  public let configuration: Configuration
  public private(set) var condition = PortCondition.stopped

  let link: any I3CLink
  var devices: [DeviceState] = []
  var transfer = Transfer.none
  var outgoing = Outgoing.none
  private var knownGeneration: Int?
  /// Fairness: after something was read, a packet that waits goes out first.
  private var lastWasRead = false
  private var lastReadAddress: UInt8 = 0

  private let received: UnsafeMutableBufferPointer<UInt8>
  private let packetBuffer: UnsafeMutableBufferPointer<UInt8>
  private let frame: UnsafeMutableBufferPointer<UInt8>
  private var packetByteCount = 0

  public init(id: PortID, configuration: Configuration = Configuration(), link: any I3CLink) {
    self.id = id
    self.configuration = configuration
    self.link = link
    let packetByteCountMax = PacketHeader.byteCount + configuration.transmissionUnitBytes
    packetBuffer = .allocate(capacity: packetByteCountMax)
    packetBuffer.initialize(repeating: 0)
    frame = .allocate(capacity: packetByteCountMax + I3CFrame.overheadByteCount)
    frame.initialize(repeating: 0)
    // One byte more, so that a longer packet is seen to be longer.
    received = .allocate(capacity: frame.count + 1)
    received.initialize(repeating: 0)
  }

  deinit {
    received.deallocate()
    packetBuffer.deallocate()
    frame.deallocate()
  }

  public var nextDeadline: Instant? {
    if case .ended = outgoing { return .zero }
    guard case .none = transfer else { return link.nextDeadline }
    var earliest = link.nextDeadline
    for device in devices {
      if let poll = device.nextPollAt { earliest = min(earliest ?? poll, poll) }
    }
    return earliest
  }

  public var hasCredit: Bool {
    guard case .none = outgoing else { return false }
    return condition.isUp
  }

  public var linkCounters: [LinkCounter] { link.linkCounters }

  public func check() throws(ConfigurationFault) { try link.check() }

  public func devicesChanged(now: Instant, sink: any PortSink) {
    link.devicesChanged(now: now)
    service(now: now, sink: sink)
  }

  public func start(now: Instant, sink: any PortSink) {
    link.start(now: now)
    tellCondition(sink)
    update(now)
  }

  public func service(now: Instant, sink: any PortSink) {
    link.service(now: now)
    finishTransfer(now, sink)
    tellCondition(sink)
    update(now)
    tellRefusal(sink)
  }

  /// Sends to the device with the provisioned ID, wherever it is on the bus.
  ///
  /// The result is `.refused` for an address that is no provisioned ID, a packet above the port's
  /// transmission unit or above the device's maximum write length less the PEC, and
  /// `.addressNotAcknowledged` for a device that is not there.
  public func transmit(_ packet: Span<UInt8>, to address: PhysicalAddress, now: Instant) {
    precondition(hasCredit, "transmit without credit")
    guard address.form == .i3c, packet.count >= PacketHeader.byteCount,
      packet.count <= packetBuffer.count
    else {
      outgoing = .ended(.refused)
      return
    }
    packet.withUnsafeBytes { bytes in
      UnsafeMutableRawBufferPointer(packetBuffer).copyMemory(from: bytes)
    }
    packetByteCount = packet.count
    outgoing = .waiting(provisionedID: address.value)
    startNextTransfer(now)
  }

  public func flush(now: Instant, sink: any PortSink) { tellRefusal(sink) }

  public func stop() {
    link.stop()
    forgetBus()
    outgoing = .none
    condition = .stopped
  }
}

extension I3CPort {
  /// Takes in what changed on the bus and uses it.
  private func update(_ now: Instant) {
    guard condition.isUp else { return }
    if knownGeneration != link.deviceGeneration { reloadDevices(now) }
    while let interrupt = link.nextInterrupt() {
      guard interrupt.mandatoryByte == I3CPort.mctpMandatoryByte,
        let index = index(at: interrupt.dynamicAddress)
      else { continue }
      devices[index].countAnnouncement()
    }
    startNextTransfer(now)
  }

  private func reloadDevices(_ now: Instant) {
    knownGeneration = link.deviceGeneration
    let known = devices
    devices = link.devices.filter(\.isMCTP).map { device in
      let before = known.first {
        $0.device.provisionedID == device.provisionedID
          && $0.device.dynamicAddress == device.dynamicAddress
      }
      return DeviceState(device, before: before, now: now)
    }
  }

  private func index(at dynamicAddress: UInt8) -> Int? {
    devices.firstIndex { $0.device.dynamicAddress == dynamicAddress }
  }

  /// Reading and writing take turns, so that neither a talkative device nor a full queue stops
  /// the other direction.
  private func startNextTransfer(_ now: Instant) {
    guard case .none = transfer, condition.isUp else { return }
    if lastWasRead, startWrite(now) { return }
    if startRead(now) { return }
    if startWrite(now) { return }
  }

  private func startWrite(_ now: Instant) -> Bool {
    guard case .waiting(let provisionedID) = outgoing else { return false }
    lastWasRead = false
    let index = devices.firstIndex { $0.device.provisionedID == provisionedID }
    guard let index else {
      outgoing = .ended(.addressNotAcknowledged)
      return false
    }
    let device = devices[index].device
    guard packetByteCount + I3CFrame.overheadByteCount <= device.maxWriteByteCount else {
      outgoing = .ended(.refused)
      return false
    }
    do throws(FrameError) {
      var span = frame.mutableSpan
      let count = try I3CFrame.encode(
        packetBuffer.span.extracting(first: packetByteCount),
        dynamicAddress: device.dynamicAddress, isRead: false, into: &span)
      outgoing = .underWay
      transfer = .write(device)
      link.startWrite(
        span.span.extracting(first: count), to: device.dynamicAddress, now: now)
      return true
    } catch {
      outgoing = .ended(.refused)
      return false
    }
  }

  /// Reads from the next device in turn that announced a packet, or asks the next that is due.
  private func startRead(_ now: Instant) -> Bool {
    guard !devices.isEmpty else { return false }
    let first = (devices.firstIndex { $0.device.dynamicAddress > lastReadAddress }) ?? 0
    for step in 0..<devices.count {
      let index = (first + step) % devices.count
      guard let wish = devices[index].wish(now) else { continue }
      let device = devices[index].device
      lastReadAddress = device.dynamicAddress
      lastWasRead = true
      switch wish {
      case .read:
        transfer = .read(device)
        link.startRead(
          from: device.dynamicAddress,
          byteCountMax: min(device.maxReadByteCount, received.count), now: now)
      case .poll:
        transfer = .status(device)
        link.startGetStatus(of: device.dynamicAddress, now: now)
      }
      return true
    }
    return false
  }

  private func finishTransfer(_ now: Instant, _ sink: any PortSink) {
    var span = received.mutableSpan
    if case .none = transfer { return }
    guard let finished = link.finishedTransfer(into: &span) else { return }
    let ended = transfer
    transfer = .none
    switch ended {
    case .none: break
    case .write(let device):
      if let index = index(at: device.dynamicAddress) {
        devices[index].expectAnswer(now, configuration)
      }
      outgoing = .none
      sink.portFinishedTransmission(finished.result, on: id)
    case .status(let device):
      guard let index = index(at: device.dynamicAddress) else { return }
      let isPending =
        finished.result == .sent && finished.byteCount >= 2 && span.span[1] & 0x0F != 0
      devices[index].finishPoll(isPending: isPending, now, configuration)
    case .read(let device):
      if let index = index(at: device.dynamicAddress) {
        devices[index].finishRead(gotBytes: finished.result == .sent, now, configuration)
      }
      // A target that has nothing to send after all does not acknowledge: nothing was lost.
      guard finished.result == .sent else { return }
      deliver(span.span.extracting(first: finished.byteCount), from: device, sink)
    }
  }

  private func deliver(_ bytes: Span<UInt8>, from device: I3CDevice, _ sink: any PortSink) {
    guard bytes.count < received.count else {
      sink.portDamagedFrame(.frameTooLong, bytes: bytes, on: id)
      return
    }
    do throws(FrameError) {
      let frame = try I3CFrame(
        decoding: bytes, dynamicAddress: device.dynamicAddress, isRead: true)
      sink.portReceived(frame.packet, from: .i3c(device.provisionedID), on: id)
    } catch {
      sink.portDamagedFrame(error.dropReason, bytes: bytes, on: id)
    }
  }

  private func tellRefusal(_ sink: any PortSink) {
    guard case .ended(let result) = outgoing else { return }
    // Before the call: the sink may transmit the next packet from within.
    outgoing = .none
    sink.portFinishedTransmission(result, on: id)
  }

  private func tellCondition(_ sink: any PortSink) {
    guard link.condition != condition else { return }
    condition = link.condition
    if !condition.isUp {
      forgetBus()
      switch outgoing {
      case .waiting, .underWay:
        outgoing = .none
        sink.portFinishedTransmission(.portDown, on: id)
      case .none, .ended: break
      }
    }
    sink.portChangedCondition(condition, on: id)
  }

  private func forgetBus() {
    devices = []
    knownGeneration = nil
    transfer = .none
  }
}
