public import BusIO
internal import MCTPEndpoint
internal import MCTPEngine
public import MCTPWire

// From a port to the engine, and from the engine to a port.
extension Router: PortSink {
  public func portReceived(
    _ packet: Span<UInt8>, from address: PhysicalAddress, on port: PortID
  ) {
    switch engine.receive(packet, on: port, from: address, now: now) {
    case .forwarded(let egress):
      dirtyPorts |= 1 << UInt32(egress.rawValue)
      // A batch may be larger than a queue: make room while the medium still takes packets.
      if egress != port, !engine.hasRoom(on: egress) { drain(egress) }
    case .answered:
      dirtyPorts |= 1 << UInt32(port.rawValue)
      takeEngineEvents()
    case .deliver: deliver(packet, from: address, on: port)
    case .dropped: break
    }
  }

  public func portDamagedFrame(_ reason: DropReason, bytes: Span<UInt8>, on port: PortID) {
    engine.dropFrame(reason, bytes: bytes, on: port, now: now)
  }

  public func portFinishedTransmission(_ result: TransmissionResult, on port: PortID) {
    engine.transmissionFinished(result, on: port, now: now)
    if engine.hasTransmission(on: port) { dirtyPorts |= 1 << UInt32(port.rawValue) }
  }

  public func portChangedCondition(_ condition: PortCondition, on port: PortID) {
    engine.portChanged(port, isUp: condition.isUp, now: now)
    tellCondition(condition, of: port)
    takeEngineEvents()
  }

  /// Puts on the media what waits, port by port, one write a port where the medium allows it.
  ///
  /// A finished transmission may make its port dirty again (a retry, or a credit that came back);
  /// each such turn ends an attempt, and attempts are bounded, so this ends.
  func drain() {
    addOwnPackets()
    while dirtyPorts != 0 {
      let index = dirtyPorts.trailingZeroBitCount
      dirtyPorts &= dirtyPorts - 1
      drain(PortID(rawValue: UInt8(index)))
      // What ended just now may let the bus owner and own exchanges go on.
      if dirtyPorts == 0 { addOwnPackets() }
    }
  }

  private func addOwnPackets() {
    dirtyPorts |= engine.takeReadyPorts()
    if exchanges.hasWork { sendOwnPackets() }
  }

  /// Puts on one medium what waits for it, as far as the medium takes it now.
  private func drain(_ id: PortID) {
    let port = port(id)
    var hasSent = false
    while port.hasCredit, let transmission = engine.nextTransmission(on: id) {
      port.transmit(engine.packet(of: transmission), to: transmission.destination, now: now)
      hasSent = true
    }
    if hasSent { port.flush(now: now, sink: self) }
  }

  /// A packet for a message terminus of this device.
  private func deliver(_ packet: Span<UInt8>, from address: PhysicalAddress, on port: PortID) {
    let network = engine.configuration(of: port).network
    let origin = PacketOrigin(network: network, port: port, address: address)
    let delivery = exchanges.receive(packet, from: origin, now: now)
    if let ended = delivery.ended { count(ended) }
    switch delivery.outcome {
    case .incomplete: break
    case .message(let message):
      // No local application takes messages: the whole message ends here.
      engine.dropDelivered(
        .messageTypeUnsupported, packets: UInt64(message.packetCount), packet: packet, on: port,
        from: address, now: now)
    case .response(let message, let ticket): finish(ticket, with: message)
    case .dropped(let reason):
      engine.dropDelivered(
        reason, packets: 1, packet: packet, on: port, from: address, now: now)
    }
    if let ticket = delivery.failedRequest { finishFailed(ticket, delivery.outcome) }
  }

  /// Moves the packets of a message that was never completed from "delivered" to their reason.
  func count(_ ended: EndedAssembly) {
    engine.dropDelivered(
      ended.reason, packets: UInt64(ended.packetCount), packet: Span(), on: ended.origin.port,
      from: ended.origin.address, now: now)
  }
}
