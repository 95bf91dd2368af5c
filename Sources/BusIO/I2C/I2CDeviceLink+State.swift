// How the link comes up and goes down, and what its thread does next.

public import MCTPWire

extension I2CDeviceLink {
  public func start(now: Instant) {
    precondition(condition == .stopped, "started twice")
    lastNow = now
    open(now: now)
  }

  func open(now: Instant) {
    do throws(DeviceFailure) {
      try openBoth()
    } catch {
      condition = .waiting(reason: "\(error)", retryAt: now.advanced(byMs: backoff.next()))
      return
    }
    upSince = now
    condition = .up
    startNext(now: now)
  }

  private func openBoth() throws(DeviceFailure) {
    let bus = try I2CBus(path: path, calls: calls)
    try I2CDeviceLink.check(bus, frameByteCount: frameByteCountWanted)
    try receiver.open()
    isReceiverOpen = true
    do throws(SystemError) {
      // The closure keeps the bus open for as long as a call is under way.
      let worker = try BlockingWorker(name: threadName) { bus.run($0) }
      try loop.watch(worker.descriptor, interest: .readable, token: token)
      session = Session(bus: bus, worker: worker)
    } catch {
      closeReceiver()
      throw .system(error)
    }
  }

  /// `ps` shows 15 characters: the end of the path tells buses apart.
  private var threadName: String { String(path.suffix(15)) }

  /// A call is under way on the thread.
  var isBusy: Bool {
    if case .none = activity { return false }
    return true
  }

  /// The thread ends now, or after the call under way; the node is closed then.
  func closeSession() {
    guard let session else { return }
    loop.unwatch(session.worker.descriptor)
    session.worker.stop()
    self.session = nil
    activity = .none
  }

  func closeReceiver() {
    guard isReceiverOpen else { return }
    isReceiverOpen = false
    receiver.close()
  }

  func forgetWrite() {
    waitingFrame = nil
    result = nil
  }

  /// Closes the receiver and the node: the removal of a driver waits until we do.
  ///
  /// While a call is under way on a node that is still there, the node stays open: a second one
  /// beside it would only add a thread to the same stuck bus.
  func goDown(_ reason: String, now: Instant) {
    // A device that comes and goes at once is tried less and less often.
    let wasUpMs = condition.isUp ? now.nanoseconds(since: upSince) / 1_000_000 : 0
    if wasUpMs >= UInt64(Backoff.maxMs) { backoff.reset() }
    closeReceiver()
    forgetWrite()
    if isBusy, let session, session.bus.isStillThere {
      activity = .abandoned
      // There is no time of the next try: the thread's return decides.
      condition = .waiting(reason: reason, retryAt: now)
    } else {
      closeSession()
      condition = .waiting(reason: reason, retryAt: now.advanced(byMs: backoff.next()))
    }
    endProbe(reason)
  }
}

extension I2CDeviceLink {
  /// Takes the thread's outcome, if there is one, and gives it its next job.
  func collect(now: Instant) {
    guard let outcome = session?.worker.finished() else { return }
    if case .abandoned = activity {
      // Whatever came of it: the write was forgotten when the link went down.
      closeSession()
      closeReceiver()
      open(now: now)
      return
    }
    activity = .none
    switch outcome {
    case .wrote(let code):
      guard let ended = TransmissionResult(i2cOutcome: code) else {
        goDown("\(SystemError(code: -code, operation: "write", path: path))", now: now)
        return
      }
      result = ended
    case .probed(let found): probe?.take(found)
    }
    startNext(now: now)
  }

  /// A write first, then the next address of a probe.
  func startNext(now: Instant) {
    guard case .none = activity, let session else { return }
    if let frame = waitingFrame {
      waitingFrame = nil
      activity = .writing(since: now)
      session.worker.start(.write(frame))
    } else if let address = probe?.nextAddress {
      activity = .probing(since: now)
      session.worker.start(.probe(address: address, asksUDID: probe?.asksUDID ?? false))
    }
  }

  /// A call that is late takes the link down but not its thread: both wait for its return.
  func lookAtClock(now: Instant) {
    let since: Instant
    switch activity {
    case .writing(let start), .probing(let start): since = start
    case .none, .abandoned: return
    }
    guard now >= since.advanced(byMs: I2CDeviceLink.transferMsMax) else { return }
    activity = .abandoned
    let reason =
      "bus stuck: a transfer on \(path) has not ended within "
      + "\(I2CDeviceLink.transferMsMax / 1_000) s; check the bus lines and the adapter"
    forgetWrite()
    // There is no time of the next try: the thread's return decides. The receiver stays open.
    condition = .waiting(reason: reason, retryAt: now)
    endProbe(reason)
  }
}
