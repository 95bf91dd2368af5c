internal import CLinuxBus
internal import MCTPFraming
public import MCTPWire

extension I3CNodeLink {
  public func startWrite(_ bytes: Span<UInt8>, to dynamicAddress: UInt8, now: Instant) {
    guard let (index, open) = openNode(at: dynamicAddress) else {
      transfer = .ended(.addressNotAcknowledged, [])
      return
    }
    // The driver makes the PEC.
    let count = interface == .i3cMCTP ? bytes.count - I3CFrame.overheadByteCount : bytes.count
    guard count > 0 else {
      transfer = .ended(.refused, [])
      return
    }
    let copy = bytes.extracting(first: count).withUnsafeBufferPointer { Array($0) }
    startJob(Job(node: open, action: .write(copy)), of: index, isRead: false, now)
  }

  public func startRead(from dynamicAddress: UInt8, byteCountMax: Int, now: Instant) {
    if interface == .i3cMCTP {
      let index = index(at: dynamicAddress).flatMap { states[$0].readAhead.isEmpty ? nil : $0 }
      if let index {
        transfer = .readAhead(index)
      } else {
        emptyReadCount += 1
        transfer = .ended(.addressNotAcknowledged, [])
      }
      return
    }
    guard let (index, open) = openNode(at: dynamicAddress) else {
      transfer = .ended(.addressNotAcknowledged, [])
      return
    }
    startJob(
      Job(node: open, action: .read(byteCountMax: byteCountMax)), of: index, isRead: true, now)
  }

  /// No driver with these nodes passes it on: refused.
  public func startGetStatus(of dynamicAddress: UInt8, now: Instant) {
    transfer = .ended(.refused, [])
  }

  public func finishedTransfer(into buffer: inout MutableSpan<UInt8>) -> I3CTransferResult? {
    switch transfer {
    case .none, .underWay, .stuck: return nil
    case .readAhead(let index):
      transfer = .none
      return I3CTransferResult(.sent, byteCount: takeReadAhead(index, into: &buffer))
    case .ended(let result, let bytes):
      transfer = .none
      let count = min(bytes.count, buffer.count)
      for index in 0..<count { buffer[index] = bytes[index] }
      return I3CTransferResult(result, byteCount: count)
    }
  }

  public func nextInterrupt() -> I3CInterrupt? {
    for index in states.indices where states[index].unannounced > 0 {
      guard let device = states[index].device else { continue }
      states[index].unannounced -= 1
      return I3CInterrupt(
        dynamicAddress: device.dynamicAddress, mandatoryByte: I3CPort.mctpMandatoryByte)
    }
    return nil
  }
}

extension I3CNodeLink {
  private func index(at dynamicAddress: UInt8) -> Int? {
    states.firstIndex { $0.isPresent && $0.device?.dynamicAddress == dynamicAddress }
  }

  private func openNode(at dynamicAddress: UInt8) -> (Int, I3COpenNode)? {
    guard let index = index(at: dynamicAddress), let open = states[index].open else { return nil }
    return (index, open)
  }

  private func startJob(_ job: Job, of index: Int, isRead: Bool, _ now: Instant) {
    transfer = .underWay(
      index, isRead: isRead, deadline: now.advanced(byMs: I3CNodeLink.transferMsMax))
    startJob(job)
  }

  /// Adds the PEC that the driver checked and took off. What is too short for a packet stays as it
  /// is, so that the port sees and counts it.
  private func takeReadAhead(_ index: Int, into buffer: inout MutableSpan<UInt8>) -> Int {
    let address = states[index].device?.dynamicAddress ?? 0
    let count = states[index].readAhead.removeFirst { packet in
      do throws(FrameError) {
        return try I3CFrame.encode(packet, dynamicAddress: address, isRead: true, into: &buffer)
      } catch {
        let count = min(packet.count, buffer.count)
        for index in 0..<count { buffer[index] = packet[index] }
        return count
      }
    }
    // With its last packet a node that is gone leaves.
    if !states[index].isPresent { deviceGeneration += 1 }
    return count
  }

  /// Takes in the end of the system call on the thread.
  ///
  /// - Returns: true when there was one.
  func collectOutcome(_ now: Instant) -> Bool {
    switch transfer {
    case .none, .readAhead, .ended: return false
    case .underWay(let index, let isRead, _):
      guard let outcome = finishedJob() else { return false }
      let result = judge(outcome, of: index, isRead: isRead, now)
      transfer = .ended(result, outcome.bytes)
    case .stuck(let index, let isRead, _):
      guard let outcome = finishedJob() else { return false }
      if !outcome.bytes.isEmpty { lateReadCount += 1 }
      transfer = .none
      _ = judge(outcome, of: index, isRead: isRead, now)
    }
    return true
  }

  /// Leaves `.up` when the call has not returned in time, whatever the reason.
  func giveUp(_ now: Instant) -> Bool {
    switch transfer {
    case .none, .readAhead, .ended: return false
    case .underWay(let index, let isRead, let deadline):
      guard deadline <= now else { return false }
      transfer = .stuck(index, isRead: isRead, retryAt: now.advanced(byMs: Backoff.maxMs))
    case .stuck(let index, let isRead, let retryAt):
      guard retryAt <= now else { return false }
      transfer = .stuck(index, isRead: isRead, retryAt: now.advanced(byMs: Backoff.maxMs))
    }
    return true
  }

  private func judge(
    _ outcome: Outcome, of index: Int, isRead: Bool, _ now: Instant
  ) -> TransmissionResult {
    if outcome.result >= 0 {
      guard isRead, outcome.bytes.isEmpty else { return .sent }
      // Drivers that do not tell how much they read: nothing can be made of it.
      emptyReadCount += 1
      return .addressNotAcknowledged
    }
    let code = Int32(truncatingIfNeeded: -outcome.result)
    switch code {
    // Controllers' drivers say EIO for what was not acknowledged (the core's error M2).
    case EIO, EREMOTEIO:
      if isRead { emptyReadCount += 1 }
      return .addressNotAcknowledged
    // Not acknowledged with some drivers, no device behind the node with others.
    case ENXIO:
      if isRead { emptyReadCount += 1 }
      closeReplaced(index, now)
      return .addressNotAcknowledged
    case ETIMEDOUT, ETIME: return .timedOut
    case EAGAIN, EBUSY: return .busBusy
    case EINVAL, EMSGSIZE, E2BIG: return .refused
    case ENODEV, ESHUTDOWN, ENOENT, EACCES, EPERM:
      let operation = isRead ? "read" : "write"
      close(index, .system(error(code, operation, states[index].node.path)), now)
      return .addressNotAcknowledged
    default: return .busError
    }
  }

  /// A system error with what to do about it on this kind of node.
  func error(_ code: Int32, _ operation: String, _ path: String) -> SystemError {
    var hint = ""
    switch (interface, code) {
    case (_, EACCES) where operation == "open": hint = "give this user the node"
    case (.i3cDevice, EACCES), (.i3cDevice, EBUSY):
      hint = "a kernel driver has the device; unbind it"
    case (.i3cMCTP, EBUSY): hint = "another program has the device; end it"
    case (.i3cDevice, ENOENT): hint = "no such device on the bus, or a kernel driver has it"
    default: break
    }
    return SystemError(code: code, operation: operation, path: path, hint: hint)
  }
}

extension I3CNodeLink.Job {
  /// On the bus's thread. Nothing is allocated for a read that brings nothing.
  func run(_ system: I3CNodeSystem) -> I3CNodeLink.Outcome {
    switch action {
    case .write(let bytes):
      let count = bytes.withUnsafeBytes { system.write(node.descriptor, $0) }
      let isShort = count >= 0 && count < Int64(bytes.count)
      return I3CNodeLink.Outcome(result: isShort ? -Int64(EPROTO) : count, bytes: [])
    case .read(let byteCountMax):
      return withUnsafeTemporaryAllocation(byteCount: byteCountMax, alignment: 8) { buffer in
        let count = system.read(node.descriptor, buffer)
        let bytes = count > 0 ? Array(buffer.prefix(Int(count))) : []
        return I3CNodeLink.Outcome(result: count, bytes: bytes)
      }
    }
  }
}
