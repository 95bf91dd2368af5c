internal import MCTPFraming
internal import MCTPWire

extension I3CPort {
  /// Takes in what changed on the bus and uses it.
  func update(_ now: Instant) {
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
    reportGeneration += 1
    let known = devices
    // In the order of their addresses, because reading takes turns by it.
    let inOrder = link.devices.filter(\.isMCTP).sorted { $0.dynamicAddress < $1.dynamicAddress }
    devices = inOrder.map { device in
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
  func startNextTransfer(_ now: Instant) {
    guard case .none = transfer, condition.isUp else { return }
    if readsInTurn >= link.readsPerTurn, startWrite(now) { return }
    if startRead(now) { return }
    if startWrite(now) { return }
  }

  private func startWrite(_ now: Instant) -> Bool {
    guard case .waiting(let provisionedID) = outgoing else { return false }
    readsInTurn = 0
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
      readsInTurn = min(readsInTurn + 1, link.readsPerTurn)
      if case .poll = wish, link.hasGetStatus {
        transfer = .status(device)
        link.startGetStatus(of: device.dynamicAddress, now: now)
        return true
      }
      switch wish {
      case .read: transfer = .read(device)
      case .poll: transfer = .probe(device)
      }
      link.startRead(
        from: device.dynamicAddress,
        byteCountMax: min(device.maxReadByteCount, received.count), now: now)
      return true
    }
    return false
  }

  /// - Returns: true when the transfer had ended.
  func finishTransfer(_ now: Instant, _ sink: any PortSink) -> Bool {
    var span = received.mutableSpan
    if case .none = transfer { return false }
    guard let finished = link.finishedTransfer(into: &span) else { return false }
    let ended = transfer
    transfer = .none
    let bytes = span.span.extracting(first: finished.byteCount)
    switch ended {
    case .none: break
    case .write(let device):
      if let index = index(at: device.dynamicAddress) {
        devices[index].expectAnswer(now, configuration)
      }
      outgoing = .none
      sink.portFinishedTransmission(finished.result, on: id)
    case .status(let device):
      guard let index = index(at: device.dynamicAddress) else { break }
      let isPending = finished.result == .sent && bytes.count >= 2 && bytes[1] & 0x0F != 0
      devices[index].finishPoll(isPending: isPending, now, configuration)
    case .read(let device):
      if let index = index(at: device.dynamicAddress) {
        devices[index].finishRead(gotBytes: finished.result == .sent, now, configuration)
      }
      // A target that has nothing to send after all does not acknowledge: nothing was lost.
      if finished.result == .sent { _ = deliver(bytes, from: device, sink) }
    case .probe(let device): finishProbe(finished.result, bytes, from: device, now, sink)
    }
    return true
  }

  /// Choice: only after a whole packet is the device read again at once. One that answers every
  /// read, with bytes that are no packet, would have the bus to itself otherwise.
  private func finishProbe(
    _ result: TransmissionResult, _ bytes: Span<UInt8>, from device: I3CDevice, _ now: Instant,
    _ sink: any PortSink
  ) {
    let gotBytes = result == .sent && bytes.count > 0
    if let index = index(at: device.dynamicAddress) {
      if gotBytes {
        devices[index].finishRead(gotBytes: true, now, configuration)
      } else {
        devices[index].finishPoll(isPending: false, now, configuration)
      }
    }
    guard gotBytes, !deliver(bytes, from: device, sink) else { return }
    if let index = index(at: device.dynamicAddress) {
      devices[index].finishPoll(isPending: false, now, configuration)
    }
  }

  /// - Returns: false for what was no packet.
  private func deliver(
    _ bytes: Span<UInt8>, from device: I3CDevice, _ sink: any PortSink
  ) -> Bool {
    guard bytes.count < received.count else {
      sink.portDamagedFrame(.frameTooLong, bytes: bytes, on: id)
      return false
    }
    do throws(FrameError) {
      let frame = try I3CFrame(
        decoding: bytes, dynamicAddress: device.dynamicAddress, isRead: true)
      sink.portReceived(frame.packet, from: .i3c(device.provisionedID), on: id)
      return true
    } catch {
      sink.portDamagedFrame(error.dropReason, bytes: bytes, on: id)
      return false
    }
  }

  func tellRefusal(_ sink: any PortSink) {
    guard case .ended(let result) = outgoing else { return }
    // Before the call: the sink may transmit the next packet from within.
    outgoing = .none
    sink.portFinishedTransmission(result, on: id)
  }

  func tellCondition(_ sink: any PortSink) {
    let before = condition
    condition = link.condition
    guard condition != before else { return }
    // A further try that ends as the last one is no news.
    if case .waiting(let reason, _) = condition, case .waiting(reason, _) = before { return }
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

  func forgetBus() {
    devices = []
    knownGeneration = nil
    reportGeneration += 1
    transfer = .none
  }
}
