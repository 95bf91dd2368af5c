// What the endpoint is given to send, and the packets that it makes of it.

import Fuzzing
import MCTPEndpoint
import MCTPWire

extension EndpointRun {
  mutating func request() {
    let shape = choices.byte()
    let remote: UInt8 = [9, 10, 0, 0xFF][Int(shape & 3)]
    let hop: Peer.NextHop =
      shape & 4 == 0 ? .physical(port: PortID(rawValue: 0), address: .i2c(0x1D)) : .routed
    let peer = Peer(local: EID(8), remote: EID(remote), nextHop: hop)
    // Of a body of one byte, the type is all that tells it from others.
    let type = shape >> 5 == 1 ? UInt8(bodyCount & 0x7F) : 0x7E
    let body = body(type, [0, 1, 64, 65, 200, 256, 300, 1100][Int(shape >> 5)])
    let unit = shape & 8 == 0 ? 64 : 128
    do throws(SendError) {
      var ticket: RequestTicket?
      if shape & 0x10 == 0 {
        ticket = try endpoint.request(
          body.span, to: peer, transmissionUnitBytes: unit,
          timeoutMs: UInt32(choices.byte()) * 10, now: now)
        lastTicket = ticket
      } else {
        try endpoint.send(body.span, to: peer, transmissionUnitBytes: unit, now: now)
      }
      precondition(!body.isEmpty, "a message without a type")
      outbox.add(
        Outbox.Outgoing(body, to: peer, unitBytes: unit, tag: nil, ticket: ticket, now: now))
    } catch {
      precondition((error == .bodyEmpty) == body.isEmpty, "an empty body, or not")
    }
  }

  mutating func respond() {
    guard let message = lastMessage else { return }
    let body = body(message.typeByte.rawValue, 1 + choices.below(140))
    do throws(SendError) {
      try endpoint.respond(body.span, to: message, from: EID(8), now: now)
    } catch {
      precondition(error != .bodyEmpty && error != .tagsExhausted, "a response needs no tag")
      return
    }
    outbox.add(
      Outbox.Outgoing(
        body, to: Peer(senderOf: message, local: EID(8)), unitBytes: 64,
        tag: message.terminus.messageTag.tag, ticket: nil, now: now))
  }

  mutating func transmit() {
    let shape = choices.byte()
    var buffer = [UInt8](repeating: 0, count: 140)
    for _ in 0..<(1 + Int(shape & 7)) {
      var span = buffer.mutableSpan
      let sent = endpoint.nextPacket(into: &span, now: now) { peer in
        shape & 0x80 == 0 || peer.remote != EID(9)
      }
      guard let sent else { return }
      precondition(sent.byteCount > 4 && sent.byteCount <= 132, "a packet of an illegal size")
      precondition(shape & 0x80 == 0 || sent.peer.remote != EID(9), "sent where nothing goes")
      lastSent = Array(buffer[..<sent.byteCount])
      lastPeer = sent.peer
      precondition(
        lastSent[0] == 1 && lastSent[1] == sent.peer.remote.rawValue
          && lastSent[2] == sent.peer.local.rawValue, "a header of another packet")
      outbox.take(lastSent, sent, now: now)
    }
  }
}
