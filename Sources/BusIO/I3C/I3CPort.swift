// MCTP over I3C (DSP0233), with this device as the bus's controller.
//
// Owns: the link, a buffer each way, at most one packet on its way out and what it knows of each
// MCTP device. A device that interrupts with mandatory byte 0xAE has one packet to be read; one
// that cannot is asked with GETSTATUS, and only while one is there does an idle bus wake anybody.
// Where no GETSTATUS reaches the bus it is read from instead, at the same times: one that has
// nothing does not acknowledge, which is no error.
// A packet whose read fails is lost, as the binding has no re-read; the message's sender recovers.

internal import MCTPFraming
public import MCTPWire

public final class I3CPort: Port {
  public struct Configuration: Hashable, Sendable {
    /// Payload bytes of the largest packet, both ways; at least 64.
    public var transmissionUnitBytes: Int
    /// Time between two questions to one device that had packets lately, 1 or more.
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

  /// Reads that the link has done already and that one `service` collects.
  static let readsMax = 32

  public let id: PortID
  public let configuration: Configuration
  public internal(set) var condition = PortCondition.stopped

  let link: any I3CLink
  var devices: [DeviceState] = []
  var transfer = Transfer.none
  var outgoing = Outgoing.none
  var knownGeneration: Int?
  /// Fairness: after so many reads as the link has in a turn, a packet that waits goes out first.
  var readsInTurn = 0
  var lastReadAddress: UInt8 = 0

  let received: UnsafeMutableBufferPointer<UInt8>
  let packetBuffer: UnsafeMutableBufferPointer<UInt8>
  let frame: UnsafeMutableBufferPointer<UInt8>
  var packetByteCount = 0

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

  /// The MCTP devices on the bus, by provisioned ID; empty while the port is not up.
  public var reportedDevices: [PhysicalAddress] {
    devices.map { .i3c($0.device.provisionedID) }
  }

  public internal(set) var reportGeneration = 0

  /// One line for each device that is expected and not there, for people.
  public var notes: [String] { link.deviceNotes }

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
    var isMore = finishTransfer(now, sink)
    tellCondition(sink)
    update(now)
    for _ in 0..<I3CPort.readsMax where isMore {
      isMore = finishTransfer(now, sink)
      if isMore { update(now) }
    }
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
