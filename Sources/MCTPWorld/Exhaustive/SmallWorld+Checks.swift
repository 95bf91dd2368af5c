// The invariants of every state, from what the world saw itself.

internal import MCTPEngine
internal import MCTPWire

extension SmallWorld {
  /// `books` and `queue-bound`: what came in and left is what the counts of a port say.
  mutating func checkBooks(_ index: Int) {
    let router = routers[index]
    for port in 0..<router.engine.portCount {
      let id = PortID(rawValue: UInt8(port))
      let counters = router.engine.counters(of: id)
      let depth = router.engine.queueDepth(of: id)
      var (ingress, egress): (UInt64, UInt64) = (0, 0)
      counters.withTables { ingressDrops, egressDrops, _ in
        for reason in ingressDrops.indices { ingress += ingressDrops[reason] }
        for reason in egressDrops.indices { egress += egressDrops[reason] }
      }
      let name = "\(board.routers[index].name).\(port)"
      if router.received[port] != counters.packetsIn || router.sent[port] != counters.packetsOut {
        fail("books", "\(name): packets came or went that were not counted")
      }
      if counters.packetsIn != counters.forwarded + counters.delivered + ingress {
        fail("books", "\(name): a packet that came in is neither forwarded, delivered nor dropped")
      }
      if counters.enqueued != counters.packetsOut + egress + UInt64(depth) {
        fail("books", "\(name): a packet in its queue neither left nor was dropped")
      }
      if depth > board.routers[index].configuration.ports[port].queueDepth {
        fail("queue-bound", "\(name): \(depth) packets wait")
      }
    }
  }

  /// `null-eid` and `own-source`: what may not cross, judged by its header and own EIDs.
  mutating func check(_ disposition: Disposition, _ packet: [UInt8], router index: Int) {
    guard case .forwarded = disposition else { return }
    let name = board.routers[index].name
    if packet[1] == 0 || packet[2] == 0 || packet[1] == 0xFF {
      fail("null-eid", "\(name) forwarded \(SmallWorld.words(packet))")
    }
    if isOwn(packet[2], of: index) {
      fail("own-source", "\(name) forwarded what says that it is from it")
    }
  }

  private func isOwn(_ eid: UInt8, of index: Int) -> Bool {
    let engine = routers[index]
    for port in 0..<engine.engine.portCount
    where engine.engine.ownEID(on: PortID(rawValue: UInt8(port))).rawValue == eid { return true }
    return false
  }

  /// `misled`: what is not this router's own goes to who accepted the EID last.
  mutating func checkLeaving(_ packet: [UInt8], router index: Int, port: Int, channel: Int) {
    let (destination, source) = (packet[1], packet[2])
    guard source != 0, !isOwn(source, of: index), destination != 0, destination != 0xFF else {
      return
    }
    let holder = routers[index].accepted[Int(destination)]
    guard holder != 0, Int(holder) != channel + 1 else { return }
    fail(
      "misled",
      "\(board.routers[index].name).\(port) sent \(SmallWorld.words(packet)) to "
        + "\(board.name(of: board.channels[channel].to.place)), and "
        + "\(board.name(of: board.channels[Int(holder) - 1].to.place)) has that EID")
  }

  /// `ownership`: no two devices said that they have one EID, nor a device and a router.
  ///
  /// Excused after a start without leases: a router that never heard of a device cannot know what
  /// it has while its answers do not arrive.
  mutating func checkOwnership() {
    guard !hasForgotten, violation == nil else { return }
    for device in devices.indices where devices[device].isConfirmed {
      let eid = devices[device].eid
      let name = board.devices[device].name
      for other in devices.indices.dropFirst(device + 1)
      where devices[other].isConfirmed && devices[other].eid == eid {
        fail("ownership", "\(name) and \(board.devices[other].name) both have EID \(hex(eid))")
      }
      for router in routers.indices where routers[router].isAlive && isOwn(eid, of: router) {
        fail("ownership", "\(name) and \(board.routers[router].name) both have EID \(hex(eid))")
      }
    }
  }

  func hex(_ byte: UInt8) -> String { SmallWorld.hex(byte) }

  static func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return digits.count == 1 ? "0" + digits : digits
  }

  /// A packet for people: who to whom, what, its bytes.
  static func words(_ packet: [UInt8]) -> String {
    let names: [UInt8: String] = [
      0x01: "Set Endpoint ID", 0x02: "Get Endpoint ID", 0x03: "Get Endpoint UUID",
      0x04: "Get Version Support", 0x05: "Get Message Types", 0x06: "Get Vendor Sets",
      0x08: "Allocate Endpoint IDs", 0x09: "Routing Information Update",
      0x0A: "Get Routing Table", 0x0D: "Discovery Notify",
    ]
    guard packet.count > 6 else { return packet.map { hex($0) }.joined(separator: " ") }
    let kind = packet[5] & 0x80 != 0 ? "request" : "answer"
    let name = names[packet[6]] ?? "command \(hex(packet[6]))"
    let rest = packet.dropFirst(7).map { hex($0) }.joined(separator: " ")
    return "\(hex(packet[2]))>\(hex(packet[1])) \(name) \(kind) [\(rest)]"
  }
}
