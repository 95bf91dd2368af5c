// What the router's own control messages, and the answers to them, say of who is where.

internal import MCTPEngine
internal import MCTPWire
internal import Topology

extension InvariantChecker {
  /// An answer that comes later than this after its only attempt may have come too late.
  private static let promptMs: UInt32 = 250

  // MARK: The router speaks

  /// A control message of the router's own leaves for the first time.
  func noteOwn(
    _ bytes: Span<UInt8>, _ router: Int, _ port: PortID, to address: PhysicalAddress
  ) {
    guard let packet = SeenPacket(bytes), let control = SeenControl(packet, bytes) else {
      fail("manners", "\(place(router, port)): a malformed control message leaves")
      return
    }
    let (network, model) = (
      routers[router].ports[Int(port.rawValue)].network, routers[router].model
    )
    let source = model.slot(network, packet.source)
    if packet.source != 0, !model.isPossiblyOwn(source) {
      fail(
        "forwarding",
        "\(place(router, port)): a control message left with source EID \(packet.source): it did "
          + "not come in like that, and the EID was never the router's own")
      return
    }
    let place = RoutingModel.Place(port: port.rawValue, address: address)
    guard control.isRequest else {
      judgeAnswer(bytes, packet, control, router, place)
      return
    }
    if packet.source != 0 {
      model.mayOwn(source)
      routers[router].duties.hasOwnEID[network] = true
    }
    noteRequest(bytes, packet, control, router, place)
  }

  private func noteRequest(
    _ bytes: Span<UInt8>, _ packet: SeenPacket, _ control: SeenControl, _ router: Int,
    _ place: RoutingModel.Place
  ) {
    let (model, digest) = (routers[router].model, Digest64(bytes).value)
    if let index = routers[router].requests.repeated(by: digest, to: place, now: now) {
      routers[router].requests[index].attemptCount += 1
      routers[router].requests[index].lastAt = now
      routers[router].contacts[place, default: Contact()].failedAt = now
      if !routers[router].requests[index].isAnswered { model.suspend(place) }
      noteReportedMiss(routers[router].requests[index], router)
      judgeRepetition(routers[router].requests[index], router)
      return
    }
    if let index = routers[router].requests.open(at: place, destination: packet.destination) {
      routers[router].requests[index].isAnswered = true
      noteReportedMiss(routers[router].requests[index], router)
      routers[router].contacts[place, default: Contact()].failedAt = now
      model.doubt(place)
    }
    func argument(_ offset: Int) -> UInt8 { bytes.count > 7 + offset ? bytes[7 + offset] : 0 }
    var request = OwnRequest(
      place: place, destination: packet.destination, source: packet.source,
      instanceID: control.instanceID, tag: packet.tag, command: control.command,
      arguments: (argument(0), argument(1), argument(2)), digest: digest,
      epoch: model.epoch(of: place), firstAt: now, lastAt: now)
    request.isAnswered = control.isDatagram || packet.destination == 0xFF
    judgeRequest(request, bytes, router)
    noteReported(request, router)
    noteOffer(request, router)
    // The doubts that it raises itself are older than it.
    request.epoch = model.epoch(of: place)
    routers[router].requests.forget(before: now)
    routers[router].requests.append(request)
  }

  /// The route is there before the device is told.
  private func noteOffer(_ request: OwnRequest, _ router: Int) {
    let (network, model) = (
      routers[router].ports[Int(request.place.port)].network, routers[router].model
    )
    switch request.command {
    case SeenControl.setEID where request.arguments.0 & 0x02 == 0:
      let slot = model.slot(network, request.arguments.1)
      if !model.isCertain(slot, at: request.place) { model.doubt(request.place) }
      model.add(slot, request.place, .direct)
    case SeenControl.allocate where request.arguments.0 & 0x02 == 0:
      addPool(network, request.arguments.2, request.arguments.1, router, request.place)
    default: break
    }
  }

  private func addPool(
    _ network: Int, _ first: UInt8, _ count: UInt8, _ router: Int, _ place: RoutingModel.Place
  ) {
    for offset in 0..<Int(count) where Int(first) + offset < 0xFF {
      let model = routers[router].model
      model.add(model.slot(network, UInt8(Int(first) + offset)), place, .pool)
    }
  }

  /// An attempt did not reach the wire whole: whoever it was for may not have got it.
  func noteUnsent(_ router: Int, _ port: UInt8) {
    guard let flight = routers[router].ports[Int(port)].inFlight.first, !flight.isForwarded else {
      return
    }
    let place = RoutingModel.Place(port: port, address: flight.address)
    routers[router].contacts[place, default: Contact()].failedAt = now
    routers[router].model.suspend(place)
  }

  func losePort(_ router: Int, _ port: UInt8) {
    routers[router].model.doubt(port: port)
    routers[router].requests.remove(port: port)
    routers[router].reported.losePort(port)
    routers[router].owed.removeAll { $0.place.port == port }
    routers[router].suspicions.removeAll { Int(port) == $0.port }
  }

  // MARK: The router hears

  /// A control message that the router took.
  func noteTaken(
    _ bytes: Span<UInt8>, _ router: Int, _ port: PortID, _ address: PhysicalAddress
  ) {
    guard violation == nil, let packet = SeenPacket(bytes),
      let control = SeenControl(packet, bytes)
    else { return }
    let place = RoutingModel.Place(port: port.rawValue, address: address)
    if control.isRequest {
      owe(bytes, packet, control, router, place)
      noteAsked(bytes, packet, control, router, place)
      return
    }
    if let index = routers[router].requests.answered(
      by: place, command: control.command, instanceID: control.instanceID, tag: packet.tag)
    {
      routers[router].requests[index].isAnswered = true
      noteAnswer(bytes, packet, routers[router].requests[index], router)
    }
    noteSpoken(bytes, packet, control.command, router, place)
  }

  private func noteAsked(
    _ bytes: Span<UInt8>, _ packet: SeenPacket, _ control: SeenControl, _ router: Int,
    _ place: RoutingModel.Place
  ) {
    let port = routers[router].ports[Int(place.port)]
    let (network, model) = (port.network, routers[router].model)
    noteReportedOrder(bytes, control.command, router, isAbove: port.role == .endpoint)
    switch control.command {
    case SeenControl.setEID where bytes.count >= 9 && port.role == .endpoint:
      doubtOwn(router)
      routers[router].duties.hasOwnEID[network] = true
      model.doubtOwn(network: network)
      if SeenPacket.isAssignable(bytes[8]) { model.mayOwn(model.slot(network, bytes[8])) }
    case SeenControl.allocate where bytes.count >= 10 && port.role == .endpoint:
      doubtOwn(router)
      guard routers[router].topology.router.eidPolicy == .perPort else { break }
      for offset in 0..<Int(bytes[8]) where Int(bytes[9]) + offset < 0xFF {
        model.reserveOwn(model.slot(network, UInt8(Int(bytes[9]) + offset)))
      }
    case SeenControl.routingUpdate where port.role == .endpoint:
      noteTold(bytes, router, network, place)
    case SeenControl.discoveryNotify:
      if bytes.count == 7 { model.noteAnnounced(place) }
      routers[router].contacts[place, default: Contact()].noticeCount += 1
      model.doubt(place)
    default: break
    }
    // Who gives EIDs on that bus is a neighbour with an EID.
    if port.role == .endpoint, SeenPacket.isAssignable(packet.source) {
      model.add(model.slot(network, packet.source), place, .told)
    }
  }

  /// An owner above orders: EIDs of the router's own, and what it gave out, may be others.
  func doubtOwn(_ router: Int) {
    routers[router].model.doubtAll()
    routers[router].ownOrderedAt = now
    for port in routers[router].ports.indices { routers[router].ports[port].lastSource = nil }
  }

  /// Routing Information Update: each entry is type, count, first EID, address.
  private func noteTold(
    _ bytes: Span<UInt8>, _ router: Int, _ network: Int, _ place: RoutingModel.Place
  ) {
    let model = routers[router].model
    forEachUpdateEntry(bytes, routers[router].ports[Int(place.port)].addressForm) { entry in
      noteToldBridge(entry, at: .init(port: place.port, address: entry.address), router)
      for offset in 0..<Int(entry.count) where Int(entry.first) + offset < 0xFF {
        let slot = model.slot(network, UInt8(Int(entry.first) + offset))
        model.add(slot, .init(port: place.port, address: entry.address), .told)
      }
    }
  }

  struct UpdateEntry {
    let type: UInt8
    let count: UInt8
    let first: UInt8
    let address: PhysicalAddress
  }

  /// Reads the entries of Routing Information Update on a medium with addresses of that form; ends
  /// where the bytes end.
  func forEachUpdateEntry(
    _ bytes: Span<UInt8>, _ form: PhysicalAddress.Form, _ body: (UpdateEntry) -> Void
  ) {
    guard bytes.count > 8 else { return }
    var offset = 8
    for _ in 0..<bytes[7] {
      let entryEnd = offset + 3 + addressByteCount(form)
      guard entryEnd <= bytes.count else { return }
      body(
        UpdateEntry(
          type: bytes[offset], count: bytes[offset + 1], first: bytes[offset + 2],
          address: readAddress(bytes, at: offset + 3, form)))
      offset = entryEnd
    }
  }

  func addressByteCount(_ form: PhysicalAddress.Form) -> Int {
    switch form {
    case .none: 0
    case .i2c: 1
    case .i3c: 6
    }
  }

  /// SMBus: the address in bits 7 to 1 (DSP0237 1.1.0 §6.8).
  func readAddress(
    _ bytes: Span<UInt8>, at offset: Int, _ form: PhysicalAddress.Form
  ) -> PhysicalAddress {
    switch form {
    case .none: return .none
    case .i2c: return .i2c(bytes[offset] >> 1)
    case .i3c:
      var value: UInt64 = 0
      for index in offset..<(offset + 6) { value = value << 8 | UInt64(bytes[index]) }
      return .i3c(value)
    }
  }

  // MARK: Answers to the router

  private func noteAnswer(
    _ bytes: Span<UInt8>, _ packet: SeenPacket, _ request: OwnRequest, _ router: Int
  ) {
    let (network, model) = (
      routers[router].ports[Int(request.place.port)].network, routers[router].model
    )
    let isInTime = isInTime(request, router)
    if isInTime { model.resume(request.place) } else { model.doubt(request.place) }
    let source = model.slot(network, packet.source)
    let isBehind = request.destination != 0 && isBehindBridge(request, router)
    if SeenPacket.isAssignable(packet.source) {
      model.add(source, request.place, isBehind ? .pool : .direct)
    }
    noteContact(bytes, packet, request, router)
    let isPrompt =
      request.attemptCount == 1 && request.epoch == model.epoch(of: request.place)
      && now <= request.lastAt.advanced(byMs: Self.promptMs)
    noteReportedAnswer(bytes, request, router, isBehind: isBehind)
    guard bytes.count >= 8, bytes[7] == 0 else { return }
    switch request.command {
    case SeenControl.setEID where bytes.count >= 10:
      // One that is cut short is no answer, though the device may have taken the EID.
      noteAssigned(bytes, request, router, isPrompt: isPrompt && bytes.count >= 11)
    case SeenControl.getEID where bytes.count >= 9:
      let slot = model.slot(network, bytes[8])
      if isBehind { return }
      if SeenPacket.isAssignable(bytes[8]) { model.add(slot, request.place, .direct) }
      if !model.isCertain(slot, at: request.place) { model.doubt(request.place) }
    case SeenControl.allocate where bytes.count >= 11:
      routers[router].duties.pools[request.place] = (bytes[9], bytes[10])
      noteAllocated(bytes, request, router, isPrompt: isPrompt)
    default:
      if request.command == SeenControl.routingUpdate { noteAcknowledged(request, router) }
      // Who is asked under its EID has it in the router's books, and answers from it.
      if isPrompt, request.destination == packet.source, !isBehind,
        SeenPacket.isAssignable(packet.source)
      {
        model.confirm(source, at: request.place)
      }
    }
  }

  /// The router may count an answer that is later as none: its own time runs from when it put the
  /// request in the queue. Where much waits, a repetition says the same.
  private func isInTime(_ request: OwnRequest, _ router: Int) -> Bool {
    guard now <= request.lastAt.advanced(byMs: Self.promptMs) else { return false }
    let loadedAt = routers[router].ports[Int(request.place.port)].loadedAt
    return request.attemptCount == 1
      || loadedAt.map { $0.advanced(byMs: Self.loadMs) < now } ?? true
  }

  private func noteContact(
    _ bytes: Span<UInt8>, _ packet: SeenPacket, _ request: OwnRequest, _ router: Int
  ) {
    let network = routers[router].ports[Int(request.place.port)].network
    if SeenPacket.isAssignable(packet.source) {
      let slot = routers[router].model.slot(network, packet.source)
      routers[router].held[slot] = (request.place, now)
    }
    var contact = routers[router].contacts[request.place] ?? Contact()
    var isWhole = bytes.count >= 8 && bytes[7] == 0
    switch request.command {
    case SeenControl.getEID, SeenControl.setEID:
      isWhole = isWhole && bytes.count == 11
      guard isWhole, request.destination == 0 || !isBehindBridge(request, router) else { break }
      contact.eid = request.command == SeenControl.getEID ? bytes[8] : bytes[9]
      contact.hasRefused =
        request.command == SeenControl.setEID && bytes[8] >> 4 & 0x03 != 0
    case SeenControl.getUUID:
      isWhole = isWhole && bytes.count == 24
      guard isWhole, let uuid = EndpointUUID(bytes.extracting(8..<24)) else { break }
      if uuid != .nil, !contact.uuids.contains(uuid) { contact.uuids.append(uuid) }
      noteTwins(uuid, request.place, router)
    default: break
    }
    // A late answer is a sign of life too.
    if isWhole { contact.answeredAt = now } else { contact.failedAt = now }
    routers[router].contacts[request.place] = contact
  }

  /// Two devices with one UUID: who keeps its EID is the router's to decide.
  private func noteTwins(_ uuid: EndpointUUID, _ place: RoutingModel.Place, _ router: Int) {
    guard uuid != .nil else { return }
    for (other, contact) in routers[router].contacts
    where other != place && contact.uuids.contains(uuid) {
      routers[router].model.doubt(other)
      routers[router].model.doubt(place)
    }
  }

  private func isBehindBridge(_ request: OwnRequest, _ router: Int) -> Bool {
    let (network, model) = (
      routers[router].ports[Int(request.place.port)].network, routers[router].model
    )
    let ways = model.places(model.slot(network, request.destination))
    return !ways.contains { $0.place == request.place && $0.ground != .pool }
  }

  /// Set Endpoint ID was answered: status, EID, pool size.
  private func noteAssigned(
    _ bytes: Span<UInt8>, _ request: OwnRequest, _ router: Int, isPrompt: Bool
  ) {
    let (network, model) = (
      routers[router].ports[Int(request.place.port)].network, routers[router].model
    )
    let slot = model.slot(network, bytes[9])
    // It wants a pool: it holds none any more.
    if bytes[8] & 0x03 == 1 { routers[router].duties.pools[request.place] = nil }
    if SeenPacket.isAssignable(bytes[9]) { model.add(slot, request.place, .direct) }
    let isAccepted = bytes[8] >> 4 & 0x03 == 0 && bytes[9] == request.arguments.1
    // Who wants a pool may be moved to where there is room for it.
    if isAccepted, isPrompt, bytes[8] & 0x03 == 0 { model.confirm(slot, at: request.place) }
    if !isAccepted { model.doubt(request.place) }
  }

  /// Allocate Endpoint IDs was answered: status, count, first EID.
  private func noteAllocated(
    _ bytes: Span<UInt8>, _ request: OwnRequest, _ router: Int, isPrompt: Bool
  ) {
    let (network, model) = (
      routers[router].ports[Int(request.place.port)].network, routers[router].model
    )
    addPool(network, bytes[10], bytes[9], router, request.place)
    guard isPrompt, bytes[8] & 0x03 == 0, request.arguments.0 & 0x02 == 0,
      bytes[9] == request.arguments.1, bytes[10] == request.arguments.2
    else { return }
    for offset in 0..<Int(bytes[9]) where Int(bytes[10]) + offset < 0xFF {
      let slot = model.slot(network, UInt8(Int(bytes[10]) + offset))
      model.confirmPool(slot, at: request.place)
    }
  }
}
