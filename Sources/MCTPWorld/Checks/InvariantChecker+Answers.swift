// Each request that a router took is answered, once, with what the checker's own model and the
// topology say (DSP0236 1.3.3 §11, §12).

internal import MCTPEngine
internal import MCTPWire
internal import Topology

/// A request that a router took and has not answered.
struct OwedAnswer {
  let place: RoutingModel.Place
  let destination: UInt8
  let source: UInt8
  let tag: UInt8
  let instanceID: UInt8
  let command: UInt8
  /// After the command.
  let body: [UInt8]
  let at: Instant
  /// Forwarded packets that the port had taken by then: they leave before the answer.
  let behindForwards: UInt64
  /// Own EIDs were in doubt already.
  let hasRoom: Bool
}

extension InvariantChecker {
  /// Choice: the longest that an answer may wait in a queue that moves.
  private static let answerMs: UInt32 = 10_000

  func owe(
    _ bytes: Span<UInt8>, _ packet: SeenPacket, _ control: SeenControl, _ router: Int,
    _ place: RoutingModel.Place
  ) {
    guard !control.isDatagram else { return }
    let port = routers[router].ports[Int(place.port)]
    guard port.isUp else { return }
    var body: [UInt8] = []
    for index in 7..<bytes.count { body.append(bytes[index]) }
    // Own packets that wait are not seen: in a queue that is half full there may be no room.
    routers[router].owed.append(
      OwedAnswer(
        place: place, destination: packet.destination, source: packet.source, tag: packet.tag,
        instanceID: control.instanceID, command: control.command, body: body, at: now,
        behindForwards: port.line.forwardsAppended,
        hasRoom: 2 * (port.knownDepth + routers[router].owed.count + 1) <= port.queueDepthMax))
  }

  /// A forwarded packet began to leave: answers that were put in front of it left before.
  func checkOvertaken(_ router: Int, _ port: Int) {
    guard violation == nil, !routers[router].owed.isEmpty else { return }
    let begun = routers[router].ports[port].line.forwardsBegun
    let late = routers[router].owed.firstIndex {
      Int($0.place.port) == port && begun > $0.behindForwards
    }
    guard let late else { return }
    let answer = routers[router].owed.remove(at: late)
    if answer.hasRoom { failUnanswered(answer, router) }
  }

  func checkOwed(_ router: Int) {
    guard violation == nil, let first = routers[router].owed.first,
      first.at.advanced(byMs: Self.answerMs) < now
    else { return }
    routers[router].owed.removeFirst()
    // A bus that stands still answers nobody.
    let port = routers[router].ports[Int(first.place.port)]
    if first.hasRoom, port.knownDepth == 0 { failUnanswered(first, router) }
  }

  private func failUnanswered(_ answer: OwedAnswer, _ router: Int) {
    let ms = now.nanoseconds(since: answer.at) / 1_000_000
    fail(
      "answer",
      "\(place(router, answer.place)): the request of EID \(answer.source) at "
        + "\(answer.place.address), command \(answer.command), is unanswered after \(ms) ms")
  }

  /// An answer of the router's own leaves.
  func judgeAnswer(
    _ bytes: Span<UInt8>, _ packet: SeenPacket, _ control: SeenControl, _ router: Int,
    _ place: RoutingModel.Place
  ) {
    guard let index = asked(packet, control, router, place) else {
      fail(
        "answer",
        "\(self.place(router, place)): an answer to command \(control.command) leaves for EID "
          + "\(packet.destination) at \(place.address), and nobody there asked, or once only")
      return
    }
    let asked = routers[router].owed.remove(at: index)
    guard bytes.count >= 8 else {
      fail("answer", "\(self.place(router, place)): an answer without completion code leaves")
      return
    }
    let (model, network) = (
      routers[router].model, routers[router].ports[Int(place.port)].network
    )
    let asksOwn = model.isCertainlyOwn(model.slot(network, asked.destination))
    if asksOwn, packet.source != asked.destination {
      fail(
        "answer",
        "\(self.place(router, place)): EID \(asked.destination) was asked, and EID "
          + "\(packet.source) answers")
      return
    }
    if asked.command == SeenControl.setEID, bytes.count >= 10, bytes[7] == 0,
      bytes[8] >> 4 & 0x03 == 0, SeenPacket.isAssignable(bytes[9])
    {
      model.owns(model.slot(network, bytes[9]))
    }
    noteNamed(bytes, asked, router)
    if let why = answerFault(bytes, asked, router, asksOwn: asksOwn) {
      fail(
        "answer",
        "\(self.place(router, place)): the answer to command \(asked.command) of EID "
          + "\(asked.source) at \(place.address) \(why)")
    }
  }

  /// The request that an answer is for. Where several have the same numbers, the one to the EID
  /// that answers: another's answer may have found no room.
  private func asked(
    _ packet: SeenPacket, _ control: SeenControl, _ router: Int, _ place: RoutingModel.Place
  ) -> Int? {
    let all = routers[router].owed.indices.filter { index in
      let asked = routers[router].owed[index]
      return asked.place == place && asked.tag == packet.tag && asked.command == control.command
        && asked.instanceID == control.instanceID && asked.source == packet.destination
    }
    return all.first { routers[router].owed[$0].destination == packet.source }
      ?? all.first { !SeenPacket.isAssignable(routers[router].owed[$0].destination) } ?? all.first
  }

  private func answerFault(
    _ bytes: Span<UInt8>, _ asked: OwedAnswer, _ router: Int, asksOwn: Bool
  ) -> String? {
    let code = bytes[7]
    guard let right = codes(asked, router) else { return nil }
    guard right.contains(code) else {
      return "has completion code \(code), and it should be "
        + right.map(String.init).joined(separator: " or ")
    }
    guard code == 0 else { return bytes.count == 8 ? nil : "is a refusal with data" }
    return dataFault(bytes, asked, router, asksOwn: asksOwn)
  }

  /// What a request of the right length has, bytes after the command; nil for a command that no
  /// bridge has to know.
  private func dataByteCounts(_ asked: OwedAnswer, _ router: Int) -> Int? {
    switch asked.command {
    case SeenControl.setEID: return 2
    case SeenControl.getEID, SeenControl.getUUID, SeenControl.getTypes,
      SeenControl.discoveryNotify, SeenControl.networkID, SeenControl.interfaces:
      return 0
    case SeenControl.getVersions, SeenControl.getVendorSets, SeenControl.resolveEID,
      SeenControl.routingTable:
      return 1
    case SeenControl.queryHop: return 2
    case SeenControl.allocate: return 3
    case SeenControl.resolveUUID: return 17
    case SeenControl.routingUpdate:
      let form = routers[router].ports[Int(asked.place.port)].addressForm
      return 1 + Int(asked.body.first ?? 0) * (3 + addressByteCount(form))
    default: return nil
    }
  }

  /// Completion codes that the answer may have; nil for what is not judged.
  private func codes(_ asked: OwedAnswer, _ router: Int) -> [UInt8]? {
    let port = routers[router].ports[Int(asked.place.port)]
    let topology = routers[router].topology
    guard let length = dataByteCounts(asked, router) else { return [0x05] }
    switch asked.command {
    case SeenControl.setEID where port.role == .owner: return [0x05]
    case SeenControl.discoveryNotify where port.discovery?.takesDiscoveryNotify != true:
      return [0x05]
    case SeenControl.getUUID where topology.router.uuid == nil: return [0x03, 0x05]
    case SeenControl.networkID where topology.router.uuid == nil: return [0x00, 0x03, 0x05]
    // A table that is full takes no more (0x80).
    case SeenControl.routingUpdate where port.role == .endpoint:
      return [0x00, 0x02, 0x03, 0x05, 0x80, 0x81, 0x82]
    case SeenControl.allocate, SeenControl.routingUpdate:
      // Who may order is the owner's own matter; lengths are told after that.
      return port.role == .endpoint ? [0x00, 0x02, 0x03, 0x05, 0x80] : [0x05, 0x03]
    default: break
    }
    guard asked.body.count == length else { return [0x03] }
    switch asked.command {
    case SeenControl.getEID, SeenControl.getUUID, SeenControl.getTypes,
      SeenControl.discoveryNotify, SeenControl.networkID, SeenControl.interfaces:
      return [0x00]
    case SeenControl.getVersions:
      let isAnnounced = topology.router.messageTypes.contains { $0.rawValue == asked.body[0] }
      if asked.body[0] == 0xFF || asked.body[0] == 0 || isAnnounced { return [0x00] }
      return [0x00, 0x80]
    case SeenControl.getVendorSets:
      return Int(asked.body[0]) < topology.router.vendorMessages.count ? [0x00] : [0x02]
    case SeenControl.resolveEID, SeenControl.queryHop:
      let slot = routers[router].model.slot(port.network, asked.body[0])
      let isKnown =
        routers[router].model.isCertainlyOwn(slot) || routers[router].model.mustLead(slot) != nil
      let isUnknown =
        !routers[router].model.mayLeadAnywhere(slot)
        && !routers[router].model.isPossiblyOwn(slot)
      return isKnown ? [0x00] : isUnknown ? [0x02] : [0x00, 0x02]
    case SeenControl.routingTable: return asked.body[0] == 0 ? [0x00] : [0x00, 0x02]
    default: return [0x00, 0x02]
    }
  }

  /// What is wrong with the data of an answer that succeeded; nil for nothing that is known.
  private func dataFault(
    _ bytes: Span<UInt8>, _ asked: OwedAnswer, _ router: Int, asksOwn: Bool
  ) -> String? {
    let topology = routers[router].topology
    switch asked.command {
    case SeenControl.getEID:
      guard bytes.count == 11 else { return "has \(bytes.count - 7) bytes, and it should be 4" }
      if bytes[9] >> 4 & 0x03 != 1 { return "does not say that this is a bridge" }
      if asksOwn, bytes[8] != asked.destination { return "names EID \(bytes[8])" }
      return nil
    case SeenControl.getUUID:
      guard let uuid = topology.router.uuid else { return nil }
      guard bytes.count == 24 else { return "has \(bytes.count - 7) bytes, and it should be 17" }
      var told: (high: UInt64, low: UInt64) = (0, 0)
      for index in 8..<16 { told.high = told.high << 8 | UInt64(bytes[index]) }
      for index in 16..<24 { told.low = told.low << 8 | UInt64(bytes[index]) }
      return told == (uuid.high, uuid.low) ? nil : "names another UUID than the router's"
    case SeenControl.getTypes:
      var types: [UInt8] = [0]
      types += topology.router.messageTypes.map(\.rawValue)
      var told: [UInt8] = []
      for index in 8..<max(bytes.count, 8) { told.append(bytes[index]) }
      return told == [UInt8(types.count)] + types ? nil : "tells other message types"
    case SeenControl.getVersions:
      let isWhole = bytes.count > 8 && bytes[8] > 0 && bytes.count == 9 + 4 * Int(bytes[8])
      return isWhole ? nil : "has no whole list of versions"
    case SeenControl.interfaces:
      let port = routers[router].ports[Int(asked.place.port)]
      let count = routers[router].ports.count { $0.network == port.network }
      let isWhole = bytes.count > 8 && Int(bytes[8]) == count && bytes.count == 9 + 2 * count
      return isWhole || count > 26 ? nil : "does not list \(count) interfaces"
    case SeenControl.resolveEID:
      return resolveFault(bytes, asked, router) ?? hopFault(bytes, asked, router)
    case SeenControl.queryHop: return hopFault(bytes, asked, router)
    case SeenControl.routingTable: return tableFault(bytes, asked, router)
    default: return nil
    }
  }

  /// Resolve Endpoint ID: the EID and the address of the next hop, seen from the asker's bus.
  private func resolveFault(
    _ bytes: Span<UInt8>, _ asked: OwedAnswer, _ router: Int
  ) -> String? {
    let port = routers[router].ports[Int(asked.place.port)]
    let model = routers[router].model
    guard bytes.count == 9 + addressByteCount(port.addressForm) || port.addressForm == .i3c else {
      return "has \(bytes.count - 7) bytes"
    }
    guard let must = model.mustLead(model.slot(port.network, asked.body[0])),
      port.addressForm == .i2c
    else { return nil }
    let right = must.port == asked.place.port ? must.address : port.address
    let told = readAddress(bytes, at: 9, port.addressForm)
    return told == right ? nil : "says \(told), and it should be \(right)"
  }

  /// Get Routing Table Entries: next handle, count; an entry is range size, first EID, port and
  /// type, binding, medium, address size, address.
  private func tableFault(_ bytes: Span<UInt8>, _ asked: OwedAnswer, _ router: Int) -> String? {
    guard bytes.count >= 10 else { return "is too short" }
    let network = routers[router].ports[Int(asked.place.port)].network
    var offset = 10
    for _ in 0..<bytes[9] {
      guard offset + 6 <= bytes.count, offset + 6 + Int(bytes[offset + 5]) <= bytes.count else {
        return "ends inside of an entry"
      }
      if let why = entryFault(bytes, at: offset, network, router) { return why }
      offset += 6 + Int(bytes[offset + 5])
    }
    return offset == bytes.count ? nil : "has bytes after the last entry"
  }

  private func entryFault(
    _ bytes: Span<UInt8>, at offset: Int, _ network: Int, _ router: Int
  ) -> String? {
    let (count, first) = (Int(bytes[offset]), bytes[offset + 1])
    let number = Int(bytes[offset + 2] & 0x1F)
    let what = "names EID \(first) and \(count - 1) more on port \(number)"
    guard count > 0, SeenPacket.isAssignable(first), Int(first) + count - 1 <= 0xFE else {
      return "\(what): no such range"
    }
    guard number < routers[router].ports.count,
      routers[router].ports[number].network == network
    else { return "\(what): no such port in the network" }
    let port = routers[router].ports[number]
    guard bytes[offset + 3] == port.bindingByte, bytes[offset + 4] == port.mediumByte else {
      return "\(what) with another binding or medium than that port's"
    }
    let model = routers[router].model
    if count == 1, model.isPossiblyOwn(model.slot(network, first)) { return nil }
    guard Int(bytes[offset + 5]) == addressByteCount(port.addressForm) else {
      return "\(what) with an address of \(bytes[offset + 5]) bytes"
    }
    let address = readAddress(bytes, at: offset + 6, port.addressForm)
    let place = RoutingModel.Place(port: UInt8(number), address: address)
    let isStatic = bytes[offset + 2] & 0x20 != 0
    for member in 0..<count {
      let slot = model.slot(network, UInt8(Int(first) + member))
      if !model.mayLead(slot, to: place), !model.isPossiblyOwn(slot) {
        suspect(slot, at: place, router, "answer", "a routing table \(what) at \(address)")
      }
      if let must = model.mustLead(slot), count == 1, must != place {
        return "\(what) at \(address), and it is at \(must.address) on \(self.place(router, must))"
      }
      if isStatic != model.isFixed(slot, at: place), model.mustLead(slot) == place {
        return "\(what): static is \(isStatic)"
      }
    }
    return nil
  }
}
