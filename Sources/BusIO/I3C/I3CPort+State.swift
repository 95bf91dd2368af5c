internal import MCTPWire

extension I3CPort {
  /// What the link is doing, and with which device as it was at the start.
  enum Transfer {
    case none
    case write(I3CDevice)
    case read(I3CDevice)
    case status(I3CDevice)
    /// A read from a device that may have nothing, where there is no GETSTATUS.
    case probe(I3CDevice)
  }

  /// Where the accepted packet is.
  enum Outgoing {
    case none
    case waiting(provisionedID: UInt64)
    case underWay
    /// Ended without the bus; told at the next `flush` or `service`.
    case ended(TransmissionResult)
  }

  /// What the port knows of one MCTP device.
  struct DeviceState {
    enum Wish { case read, poll }

    let device: I3CDevice
    /// Announced and not read.
    private(set) var packetsToRead: UInt8 = 0
    /// Nil for a device that announces its packets.
    private(set) var nextPollAt: Instant?
    private var pollIntervalMs: UInt32 = 0

    /// - Parameter before: what was known of the same device at the same address.
    init(_ device: I3CDevice, before: DeviceState?, now: Instant) {
      self.device = device
      packetsToRead = before?.packetsToRead ?? 0
      pollIntervalMs = before?.pollIntervalMs ?? 0
      // A new device is asked at once: it may have had a packet for long.
      nextPollAt = device.announcesPackets ? nil : before?.nextPollAt ?? now
    }

    func wish(_ now: Instant) -> Wish? {
      if packetsToRead > 0 { return .read }
      if let nextPollAt, nextPollAt <= now { return .poll }
      return nil
    }

    mutating func countAnnouncement() {
      if packetsToRead < .max { packetsToRead += 1 }
    }

    /// After a read a polled device is asked again at once, because it may have more packets.
    mutating func finishRead(
      gotBytes: Bool, _ now: Instant, _ configuration: Configuration
    ) {
      packetsToRead = gotBytes && packetsToRead > 0 ? packetsToRead - 1 : 0
      guard nextPollAt != nil else { return }
      pollIntervalMs = configuration.pollIntervalMinMs
      nextPollAt = gotBytes ? now : now.advanced(byMs: pollIntervalMs)
    }

    mutating func finishPoll(
      isPending: Bool, _ now: Instant, _ configuration: Configuration
    ) {
      if isPending {
        packetsToRead = 1
        pollIntervalMs = configuration.pollIntervalMinMs
      } else {
        let interval = max(pollIntervalMs, configuration.pollIntervalMinMs)
        let ceiling = configuration.pollIntervalMaxMs
        pollIntervalMs = interval > ceiling / 2 ? ceiling : interval * 2
      }
      nextPollAt = now.advanced(byMs: pollIntervalMs)
    }

    /// What was just written will often be answered.
    mutating func expectAnswer(_ now: Instant, _ configuration: Configuration) {
      guard let poll = nextPollAt else { return }
      pollIntervalMs = configuration.pollIntervalMinMs
      nextPollAt = min(poll, now.advanced(byMs: pollIntervalMs))
    }
  }
}
