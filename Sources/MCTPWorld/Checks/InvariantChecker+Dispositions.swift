// What a router made of a packet, judged by the checker's own reading of the bytes and its own
// model of the ways: each packet that crosses or is taken, and each reason for a drop.

internal import MCTPEngine
internal import MCTPWire
internal import Topology

extension InvariantChecker {
  /// One packet and where it arrived.
  struct Arrival {
    let packet: SeenPacket
    let router: Int
    let port: PortID
    let address: PhysicalAddress
    let ingress: Int
    /// Of its source and destination in `RoutingModel`.
    let source: Int
    let destination: Int
  }

  func judge(
    _ bytes: Span<UInt8>, _ router: Int, _ port: PortID, _ address: PhysicalAddress,
    _ disposition: Disposition
  ) {
    guard let packet = SeenPacket(bytes) else {
      if disposition != .dropped(.packetTooShort) {
        fail(
          "drop",
          "\(place(router, port)): \(bytes.count) bytes are no packet, and it ended as "
            + "\(disposition)")
      }
      return
    }
    let (model, network) = (
      routers[router].model, routers[router].ports[Int(port.rawValue)].network
    )
    let arrival = Arrival(
      packet: packet, router: router, port: port, address: address, ingress: Int(port.rawValue),
      source: model.slot(network, packet.source),
      destination: model.slot(network, packet.destination))
    guard isHeaderJudged(arrival, disposition) else { return }
    switch disposition {
    case .forwarded(let egress): judgeForwarded(arrival, to: egress)
    case .answered, .deliver: judgeTaken(arrival, bytes, disposition)
    case .dropped(let reason): judgeDropped(arrival, bytes, reason)
    }
  }

  /// What the header alone decides. False when nothing more is to be judged.
  private func isHeaderJudged(_ arrival: Arrival, _ disposition: Disposition) -> Bool {
    let packet = arrival.packet
    let isShort = packet.isStart && packet.payloadByteCount == 0
    let isOtherVersion = packet.version != 1
    let hasIllegalSource = packet.source != 0 && !SeenPacket.isAssignable(packet.source)
    let hasIllegalDestination = SeenPacket.isReserved(packet.destination)
    let isRight: Bool
    switch disposition {
    case .dropped(.packetTooShort): isRight = isShort
    case .dropped(.headerVersion): isRight = isOtherVersion
    case .dropped(.sourceEIDIllegal): isRight = hasIllegalSource
    case .dropped(.destinationEIDIllegal): isRight = hasIllegalDestination
    default:
      let isIllegal = isShort || isOtherVersion || hasIllegalSource || hasIllegalDestination
      if isIllegal {
        fail("drop", "\(words(arrival)) ended as \(disposition), and its header is illegal")
      }
      return !isIllegal
    }
    if !isRight { fail("drop", "\(words(arrival)) ended as \(disposition), without cause") }
    return false
  }

  // MARK: What crosses

  private func judgeForwarded(_ arrival: Arrival, to egress: PortID) {
    let model = routers[arrival.router].model
    let destination = arrival.packet.destination
    if model.isCertainlyOwn(arrival.destination) {
      fail("routing", "\(words(arrival)) was forwarded, and EID \(destination) is the router's own")
      return
    }
    if let must = model.mustLead(arrival.destination) {
      if must.port != egress.rawValue {
        fail(
          "routing",
          "\(words(arrival)) was forwarded to \(place(arrival.router, egress)), and EID "
            + "\(destination) is at \(must.address) on \(place(arrival.router, must))")
        return
      }
      let unit = unitMax(arrival, must)
      if arrival.packet.payloadByteCount > unit {
        fail("routing", "\(words(arrival)) was forwarded, and its way takes \(unit) bytes")
        return
      }
    } else if !model.mayLead(arrival.destination, port: egress.rawValue) {
      suspect(arrival, Int(egress.rawValue), nil)
    }
    if let why = sourceFault(arrival) {
      fail(
        "source",
        "\(words(arrival)) was forwarded to \(place(arrival.router, egress)), and its source \(why)"
      )
    }
  }

  /// Why the source check of the port has to stop a packet; nil when it need not.
  private func sourceFault(_ arrival: Arrival) -> String? {
    let model = routers[arrival.router].model
    if model.isCertainlyOwn(arrival.source) { return "is the router's own EID" }
    switch routers[arrival.router].ports[arrival.ingress].sourceCheck {
    case .off: return nil
    case .loose:
      if !model.mayLeadAnywhere(arrival.source) { suspectSource(arrival) }
      return nil
    case .strict:
      if let must = model.mustLead(arrival.source), Int(must.port) != arrival.ingress {
        return "is at \(must.address) on \(place(arrival.router, must))"
      }
      if let must = model.mustLead(arrival.source), must.address != arrival.address {
        return "is at \(must.address) of the same bus"
      }
      if !model.mayLead(arrival.source, port: UInt8(arrival.ingress)) { suspectSource(arrival) }
      return nil
    }
  }

  /// Unless the EID is just being given to a device there, somebody sends under another's.
  private func suspectSource(_ arrival: Arrival) {
    suspect(
      arrival.source, at: .init(port: UInt8(arrival.ingress), address: arrival.address),
      arrival.router, "source", "\(words(arrival)) passed the source check")
  }

  /// Payload bytes that the way to a place takes.
  private func unitMax(_ arrival: Arrival, _ place: RoutingModel.Place) -> Int {
    let port = routers[arrival.router].ports[Int(place.port)].unitMax
    let path = routers[arrival.router].model.fixedUnit(arrival.destination, at: place)
    return min(port, path ?? port)
  }

  // MARK: What is taken

  private func judgeTaken(_ arrival: Arrival, _ bytes: Span<UInt8>, _ disposition: Disposition) {
    let model = routers[arrival.router].model
    let packet = arrival.packet
    guard isForRouter(packet) || model.isPossiblyOwn(arrival.destination)
    else {
      fail(
        "drop",
        "\(words(arrival)) was taken by the router, and EID \(packet.destination) is not its own")
      return
    }
    let control = SeenControl(packet, bytes)
    if disposition == .answered, control == nil {
      fail("drop", "\(words(arrival)) was answered, and is no control message")
    } else if disposition == .deliver, packet.isControl, control?.isRequest ?? true {
      fail("drop", "\(words(arrival)) was delivered, and is a control request or malformed")
    } else if disposition == .deliver, packet.isStart, !packet.isControl, packet.isTagOwner,
      !announces(packet.typeByte & 0x7F, arrival.router)
    {
      fail("drop", "\(words(arrival)) was delivered, and nobody here takes messages of that type")
    }
    judgeAsker(arrival, control)
    if disposition == .deliver { noteDelivered(arrival) }
  }

  private func isForRouter(_ packet: SeenPacket) -> Bool {
    packet.destination == 0 || packet.destination == 0xFF
  }

  private func announces(_ type: UInt8, _ router: Int) -> Bool {
    routers[router].topology.router.messageTypes.contains { $0.rawValue == type }
  }

  // MARK: What is dropped

  private func judgeDropped(_ arrival: Arrival, _ bytes: Span<UInt8>, _ reason: DropReason) {
    guard let why = dropFault(arrival, bytes, reason) else { return }
    fail("drop", "\(words(arrival)) was dropped as \(reason), and \(why)")
  }

  /// Why a drop is wrong; nil when there may be cause for it.
  private func dropFault(
    _ arrival: Arrival, _ bytes: Span<UInt8>, _ reason: DropReason
  ) -> String? {
    let model = routers[arrival.router].model
    let packet = arrival.packet
    let isForUs = isForRouter(packet) || model.isCertainlyOwn(arrival.destination)
    switch reason {
    case .sourceIsSelf:
      return model.isPossiblyOwn(arrival.source)
        ? nil : "EID \(packet.source) was never the router's own"
    case .controlMalformed:
      return packet.isControl && SeenControl(packet, bytes) == nil
        ? nil : "it is a well-formed control message"
    case .messageTypeUnsupported:
      let isOfOurs = !isForUs && !model.isPossiblyOwn(arrival.destination)
      if isOfOurs { return "it is not for the router" }
      return packet.isStart && !packet.isControl && packet.isTagOwner
        && !announces(packet.typeByte & 0x7F, arrival.router) ? nil : "its type is supported"
    default: break
    }
    if isForUs { return "it is for the router itself" }
    switch reason {
    case .nullSourceNotBridged: return packet.source == 0 ? nil : "its source is not null"
    case .sourceNotBehindPort: return sourceDropFault(arrival)
    case .destinationUnroutable, .nextHopIsSender, .transmissionUnitExceeded, .egressQueueFull,
      .portDown:
      return wayDropFault(arrival, reason)
    default: return "that is no reason for a packet that arrives"
    }
  }

  private func sourceDropFault(_ arrival: Arrival) -> String? {
    let model = routers[arrival.router].model
    let must = model.mustLead(arrival.source)
    switch routers[arrival.router].ports[arrival.ingress].sourceCheck {
    case .off: return "the port checks no sources"
    case .loose: return must == nil ? nil : "EID \(arrival.packet.source) is known"
    case .strict:
      return must.map { Int($0.port) == arrival.ingress } ?? false
        ? "EID \(arrival.packet.source) is behind that port" : nil
    }
  }

  /// Reasons that depend on where the destination is.
  private func wayDropFault(_ arrival: Arrival, _ reason: DropReason) -> String? {
    let model = routers[arrival.router].model
    let must = model.mustLead(arrival.destination)
    if reason == .destinationUnroutable {
      guard let must else { return nil }
      return "EID \(arrival.packet.destination) is at \(must.address) on "
        + place(arrival.router, must)
    }
    let sender = RoutingModel.Place(port: UInt8(arrival.ingress), address: arrival.address)
    func isCause(_ place: RoutingModel.Place) -> Bool {
      switch reason {
      case .nextHopIsSender: place == sender
      case .transmissionUnitExceeded: arrival.packet.payloadByteCount > unitMax(arrival, place)
      case .portDown: !routers[arrival.router].ports[Int(place.port)].isUp
      default: routers[arrival.router].ports[Int(place.port)].isUp
      }
    }
    let ways = must.map { [$0] } ?? model.places(arrival.destination).map(\.place)
    // Whom nothing is known of yet may be on its way to be told.
    if ways.isEmpty { return nil }
    guard ways.contains(where: isCause) else {
      return "EID \(arrival.packet.destination) is at "
        + ways.map { "\($0.address) on \(place(arrival.router, $0))" }.joined(separator: " or ")
        + (reason == .portDown ? ", up" : "")
    }
    if reason == .egressQueueFull, Set(ways.map(\.port)).count == 1, let port = ways.first?.port {
      wasFull(arrival.router, Int(port))
    }
    return nil
  }

  private func wasFull(_ router: Int, _ port: Int) {
    routers[router].ports[port].line.wasFull(
      known: routers[router].ports[port].knownDepth,
      bound: routers[router].ports[port].queueDepthMax)
  }

  // MARK: Words

  func words(_ arrival: Arrival) -> String {
    "\(place(arrival.router, arrival.port)): a packet of \(arrival.packet.byteCount) bytes from EID "
      + "\(arrival.packet.source) at \(arrival.address) to EID \(arrival.packet.destination)"
  }

  func place(_ router: Int, _ place: RoutingModel.Place) -> String {
    self.place(router, PortID(rawValue: place.port))
  }
}
