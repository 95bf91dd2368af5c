internal import BusIO
internal import MCTPEndpoint
internal import MCTPEngine
internal import MCTPWire

// From the engine to a port, and from a port to the engine.
extension RouterLife {
  func drain() {
    addOwnPackets()
    while waiting != 0, !isCutShort {
      let index = waiting.trailingZeroBitCount
      waiting &= waiting - 1
      drain(PortID(rawValue: UInt8(index)))
      addOwnPackets()
    }
  }

  private func addOwnPackets() {
    waiting |= engine.takeReadyPorts()
    if waiting == 0, messages.exchangeCount > 0 { sendOwnPackets() }
  }

  private func drain(_ id: PortID) {
    let port = ports[Int(id.rawValue)]
    note(Int(id.rawValue))
    var hasSent = false
    while !isCutShort, port.hasCredit, let transmission = engine.nextTransmission(on: id) {
      for observer in clock.observers {
        observer.transmitting(
          engine.packet(of: transmission), router: index, port: id,
          to: transmission.destination, failedAttempts: transmission.failedAttempts)
      }
      port.transmit(engine.packet(of: transmission), to: transmission.destination, now: now)
      hasSent = true
      acted()
    }
    if hasSent, !isCutShort { port.flush(now: now, sink: self) }
  }
}

extension RouterLife: PortSink {
  func portReceived(_ packet: Span<UInt8>, from address: PhysicalAddress, on port: PortID) {
    guard !isCutShort else { return }
    clock.totals.packetsIn += 1
    let disposition = engine.receive(packet, on: port, from: address, now: now)
    for observer in clock.observers {
      observer.received(packet, router: index, port: port, from: address, disposition)
    }
    switch disposition {
    case .forwarded(let egress):
      waiting |= 1 << UInt32(egress.rawValue)
      if egress != port, !engine.hasRoom(on: egress) { drain(egress) }
    case .answered: waiting |= 1 << UInt32(port.rawValue)
    case .deliver: deliver(packet, from: address, on: port)
    case .dropped: break
    }
  }

  func portDamagedFrame(_ reason: DropReason, bytes: Span<UInt8>, on port: PortID) {
    guard !isCutShort else { return }
    engine.dropFrame(reason, bytes: bytes, on: port, now: now)
    for observer in clock.observers { observer.damaged(reason, router: index, port: port) }
  }

  func portFinishedTransmission(_ result: TransmissionResult, on port: PortID) {
    guard !isCutShort else { return }
    if result == .sent { clock.totals.packetsOut += 1 }
    engine.transmissionFinished(result, on: port, now: now)
    for observer in clock.observers {
      observer.transmitted(result, router: index, port: port)
    }
    if engine.hasTransmission(on: port) { waiting |= 1 << UInt32(port.rawValue) }
  }

  func portChangedCondition(_ condition: PortCondition, on port: PortID) {
    guard !isCutShort else { return }
    engine.portChanged(port, isUp: condition.isUp, now: now)
    for observer in clock.observers {
      observer.portChanged(isUp: condition.isUp, router: index, port: port)
    }
  }
}
