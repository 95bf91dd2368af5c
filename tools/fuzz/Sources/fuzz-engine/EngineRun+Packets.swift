// Packets in and out of the engine.

import Fuzzing
import MCTPEngine
import MCTPWire

extension EngineRun {
  mutating func structuredPacket() -> [UInt8] {
    let (destination, source, flags, shape) = (eid(), eid(), choices.byte(), choices.byte())
    let count = [0, 1, 3, 63, 64, 65, 96, 97][Int(shape & 7)]
    let body = count == 0 ? [] : [shape >> 3] + [UInt8](repeating: flags, count: count - 1)
    return [0x01, destination, source, flags] + body
  }

  mutating func controlRequest() -> [UInt8] {
    let shape = choices.byte()
    let destination: UInt8 = [0x00, 0xFF, 0x08, 0x09][Int(shape & 3)]
    let kind: UInt8 = shape & 4 == 0 ? 0x80 : 0xC0
    let command = UInt8(choices.below(0x16))
    return [0x01, destination, eid(), 0xC8 | shape >> 5, 0x00, kind | shape >> 3, command]
      + choices.bytes(choices.below(20))
  }

  mutating func receive(_ bytes: [UInt8], on port: Int) {
    receive(bytes, on: port, from: address(on: port))
  }

  mutating func receive(_ bytes: [UInt8], on port: Int, from address: PhysicalAddress) {
    let judgement = judgement(of: bytes, on: port, from: address)
    checkVerdict(judgement, bytes, on: port, from: address)
    let depth = books.ports[port].queue.count
    trace.say("   port \(port): from \(address): \(bytes)")
    books.ports[port].packetsIn += 1
    let disposition = engine.receive(bytes.span, on: id(port), from: address, now: now)
    trace.say("   \(disposition), of \(judgement.allowed)")
    precondition(judgement.allowed.contains(disposition), "another end than the table's")
    switch disposition {
    case .forwarded(let egress):
      let index = Int(egress.rawValue)
      judge(bytes, from: port, to: index)
      books.ports[port].forwarded += 1
      books.ports[index].queue.append(Books.Waiting(bytes: bytes, address: judgement.nextHop))
      polled |= 1 << UInt32(index)
    case .answered:
      polled |= 1 << UInt32(port)
      guard judgement.isAnswerDue, books.ports[port].isUp,
        depth < configuration.ports[port].queueDepth
      else { return }
      precondition(engine.queueDepth(of: id(port)) > depth, "a request without an answer")
      books.ports[port].queue.append(Books.Waiting(request: bytes, address: address))
    case .dropped, .deliver: break
    }
  }

  /// What people are told of such a packet is what becomes of it.
  private func checkVerdict(
    _ judgement: Judgement, _ bytes: [UInt8], on port: Int, from address: PhysicalAddress
  ) {
    guard bytes.count > 4 || bytes.count == 4 && bytes[3] & 0x80 == 0, bytes[0] & 0x0F == 1 else {
      return
    }
    let verdict = engine.verdict(
      source: EID(bytes[2]), destination: EID(bytes[1]), on: id(port), from: address,
      payloadByteCount: bytes.count - 4)
    if judgement.isHeardAllTheSame {
      precondition(verdict == .drop(.sourceIsSelf), "another verdict than the table's")
      return
    }
    let ends: [Disposition] =
      switch verdict {
      case .forward(let egress, let nextHop):
        nextHop == judgement.nextHop ? [.forwarded(egress), .dropped(.egressQueueFull)] : []
      case .local:
        [.deliver, .answered, .dropped(.messageTypeUnsupported), .dropped(.controlMalformed)]
      case .drop(let reason): [.dropped(reason)]
      }
    precondition(
      judgement.allowed.contains { ends.contains($0) }, "another verdict than the table's")
  }

  /// What may cross at all.
  private func judge(_ bytes: [UInt8], from ingress: Int, to egress: Int) {
    precondition(
      EID(bytes[1]).isAssignable && EID(bytes[2]).isAssignable,
      "an EID crossed that stays on its bus")
    precondition(
      configuration.ports[ingress].network == configuration.ports[egress].network,
      "a packet crossed networks")
    precondition(
      bytes.count - 4 <= configuration.ports[egress].transmissionUnitBytes,
      "too large for the port")
  }

  mutating func begin(_ port: Int) {
    let waiting = books.ports[port]
    guard let transmission = engine.nextTransmission(on: id(port)) else {
      precondition(waiting.queue.count == waiting.inFlight, "what waits does not leave")
      return
    }
    precondition(waiting.queue.count > waiting.inFlight, "what does not wait leaves")
    let entry = waiting.queue[waiting.inFlight]
    let bytes = Array(engine.packet(of: transmission))
    if let expected = entry.bytes { precondition(bytes == expected, "bytes changed or order lost") }
    precondition(
      bytes.count >= 4 && bytes.count - 4 <= configuration.ports[port].transmissionUnitBytes,
      "a packet of an illegal size")
    if let request = entry.request {
      precondition(isAnswer(bytes, to: request), "not the answer to the request")
    }
    precondition(
      transmission.destination == entry.address ?? transmission.destination, "another next hop")
    precondition(Int(transmission.failedAttempts) == entry.failedAttempts, "failed attempts")
    // Another attempt must be the same again.
    books.ports[port].queue[waiting.inFlight].bytes = bytes
    books.ports[port].queue[waiting.inFlight].address = transmission.destination
    books.ports[port].inFlight += 1
    trace.say("   port \(port): to \(transmission.destination): \(bytes)")
    lastSent[port] = Sent(address: transmission.destination, bytes: bytes)
  }

  /// Same tag with TO = 0, instance ID and command (DSP0236 1.3.3 §11).
  private func isAnswer(_ bytes: [UInt8], to request: [UInt8]) -> Bool {
    bytes.count >= 8 && bytes[1] == request[2] && bytes[3] == 0xC0 | request[3] & 0x07
      && bytes[4] == 0 && bytes[5] == request[5] & 0x1F && bytes[6] == request[6]
  }

  mutating func finish() {
    let port = port()
    finish(port, TransmissionResult(rawValue: choices.byte() % 9) ?? .sent)
  }

  mutating func finish(_ port: Int, _ result: TransmissionResult) {
    guard books.ports[port].inFlight > 0 else { return }
    books.finish(result, on: port)
    polled |= 1 << UInt32(port)
    engine.transmissionFinished(result, on: id(port), now: now)
  }

  mutating func send() {
    let port = port()
    let packet = structuredPacket()
    let full = books.ports[port].queue.count == configuration.ports[port].queueDepth
    let address = address(on: port)
    let reason = engine.send(packet.span, on: id(port), to: address, now: now)
    let expected: DropReason? =
      packet.count - 4 > configuration.ports[port].transmissionUnitBytes
      ? .transmissionUnitExceeded
      : !books.ports[port].isUp ? .portDown : full ? .egressQueueFull : nil
    precondition(reason == expected, "sent, or not")
    if reason == nil {
      books.ports[port].queue.append(Books.Waiting(bytes: packet, address: address))
    }
    polled |= 1 << UInt32(port)
  }

  mutating func dropDelivered() {
    let port = port()
    let delivered = engine.counters(of: id(port)).delivered
    guard delivered > 0 else { return }
    let count = 1 + UInt64(choices.below(3))
    guard count <= delivered else { return }
    let packet = choices.bytes(8)
    engine.dropDelivered(
      .outOfSequence, packets: count, packet: packet.span, on: id(port), from: address(on: port),
      now: now)
    books.dropsWithoutLine += count - 1
  }

  mutating func dropFrame() {
    let port = port()
    let bytes = choices.bytes(choices.below(24))
    engine.dropFrame(.frameIntegrity, bytes: bytes.span, on: id(port), now: now)
    books.ports[port].frameDrops += 1
  }
}
