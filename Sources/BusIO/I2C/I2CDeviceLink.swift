// An I2C bus through its adapter's node: DSP0237 1.1.0 block writes by I2C_RDWR.
//
// Owns: one open node with one thread that makes its transfers, and a receiver for the frames
// written to our own target address. Life: stopped, then waiting and up in turns from `start` to
// `stop`. It is up while node and receiver are both open. Whatever ends it closes both, and every
// try opens the path anew, so that a link that now points elsewhere is found.
//
// A transfer that does not come back keeps its thread, its node and the receiver: a second transfer
// on the same bus would only join it. The link waits for the thread, never the loop for the link.

public import MCTPWire

public final class I2CDeviceLink: I2CLink {
  /// How long a transfer may take before the bus counts as stuck.
  ///
  /// Choice: 3 s. A bus whose data line is held low may be recovered by its driver after PT3,
  /// 2 s to 5 s (DSP0237 1.1.0, PT3), and the driver must be given the time to do it.
  static let transferMsMax: UInt32 = 3_000

  /// What the thread does.
  enum Activity {
    case none
    case writing(since: Instant)
    case probing(since: Instant)
    /// A call that nobody waits for any more. Until it returns the node stays open and nothing
    /// else is begun.
    case abandoned
  }

  /// A node that is open, and its thread.
  struct Session {
    let bus: I2CBus
    let worker: BlockingWorker<I2CJob, I2COutcome>
  }

  /// The node as it was named; links are followed with every try.
  public let path: String
  /// Our own target address, seven bits.
  public let ownAddress: UInt8
  public internal(set) var condition = PortCondition.stopped

  let receiver: any I2CReceiver
  let loop: EventLoop
  let token: UInt64
  let calls: I2CSystemCalls

  var session: Session?
  var activity = Activity.none
  var isReceiverOpen = false
  /// A write that waits for one address of a probe.
  var waitingFrame: I2CFrame?
  var result: TransmissionResult?
  var probe: Probe?

  /// The port's largest frame; what every try asks of the adapter. 0 until `check`.
  var frameByteCountWanted = 0
  /// The time that the loop told last.
  var lastNow = Instant.zero
  var upSince = Instant.zero
  var backoff = Backoff()

  /// - Parameters:
  ///   - path: the adapter's node, for example `/dev/i2c-2`. Behind a mux it is the channel's.
  ///   - ownAddress: where `receiver` receives; 0x08 to 0x77.
  ///   - receiver: opened and closed by this link, and watched under `token`. Behind a mux it
  ///     receives on the root adapter.
  ///   - token: what the loop reports for this link's descriptors; call `service` for it.
  public convenience init(
    path: String, ownAddress: UInt8, receiver: any I2CReceiver, loop: EventLoop, token: UInt64
  ) {
    self.init(
      path: path, ownAddress: ownAddress, receiver: receiver, loop: loop, token: token,
      calls: I2CSystemCalls())
  }

  package init(
    path: String, ownAddress: UInt8, receiver: any I2CReceiver, loop: EventLoop, token: UInt64,
    calls: I2CSystemCalls
  ) {
    precondition(ownAddress < 0x80, "an I2C address has seven bits")
    self.path = path
    self.ownAddress = ownAddress
    self.receiver = receiver
    self.loop = loop
    self.token = token
    self.calls = calls
    receiver.token = token
  }

  deinit { closeSession() }

  public var linkCounters: [LinkCounter] { receiver.linkCounters }

  public var nextDeadline: Instant? {
    switch condition {
    case .stopped: return nil
    case .waiting(_, let retryAt): return session == nil ? retryAt : nil
    case .up:
      if result != nil { return .zero }
      switch activity {
      case .writing(let since), .probing(let since):
        return since.advanced(byMs: I2CDeviceLink.transferMsMax)
      case .none, .abandoned: return nil
      }
    }
  }

  /// An adapter that is not there, or not to be opened by us, is waited for; one that is there
  /// must be able to write such a frame, and the receiver to receive one.
  public func check(frameByteCount: Int) throws(ConfigurationFault) {
    do throws(DeviceFailure) {
      let bus = try I2CBus(path: path, calls: calls)
      try I2CDeviceLink.check(bus, frameByteCount: frameByteCount)
    } catch {
      if case .configuration(let fault) = error { throw fault }
    }
    try receiver.check(frameByteCount: frameByteCount)
    frameByteCountWanted = frameByteCount
  }

  static func check(_ bus: I2CBus, frameByteCount: Int) throws(DeviceFailure) {
    do throws(ConfigurationFault) {
      try bus.functionality.check(frameByteCount: frameByteCount, path: bus.path)
    } catch {
      throw .configuration(error)
    }
  }
}

extension I2CDeviceLink {
  /// Hands the frame to the thread. While an address is probed it waits for that address's end.
  public func startWrite(_ frame: Span<UInt8>, now: Instant) {
    precondition(condition.isUp && result == nil && waitingFrame == nil, "one write at a time")
    lastNow = now
    waitingFrame = I2CFrame(frame)
    startNext(now: now)
  }

  public func finishedWrite() -> TransmissionResult? {
    defer { result = nil }
    return result
  }

  /// Brings the link down when the receiver's device went away. A bus that is stuck for us may
  /// still receive, and a queue file that nobody reads would wake the loop for ever.
  public func receive(into buffer: inout MutableSpan<UInt8>) -> Int? {
    guard isReceiverOpen else { return nil }
    do throws(DeviceFailure) {
      return try receiver.receive(into: &buffer)
    } catch {
      goDown("\(error)", now: lastNow)
      return nil
    }
  }

  public func service(now: Instant) {
    lastNow = now
    switch condition {
    case .stopped: return
    case .waiting(_, let retryAt):
      if session != nil {
        collect(now: now)
      } else if retryAt <= now {
        open(now: now)
      }
    case .up:
      collect(now: now)
      lookAtClock(now: now)
    }
  }

  /// The end of the receiver's device shows in the `receive` that follows.
  public func devicesChanged(now: Instant) {
    lastNow = now
    guard let session else {
      if case .waiting = condition { open(now: now) }
      return
    }
    // Also while a call of the old device's has not returned: the new one need not wait for it.
    if !session.bus.isStillThere { goDown("\(path): the adapter went away", now: now) }
  }

  /// A transfer under way ends on its thread, alone; the node is closed after it.
  public func stop() {
    let isBusy = isBusy
    closeSession()
    closeReceiver()
    // Removing what the receiver made waits for the bus, which a transfer under way may hold for
    // ever: then it stays, and the next start finds it.
    if !isBusy { receiver.stop() }
    forgetWrite()
    endProbe("the port was stopped")
    condition = .stopped
  }
}
