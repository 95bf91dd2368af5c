// Who speaks with an EID from where it is not, and whom the router speaks to.

internal import MCTPEngine
internal import MCTPWire
internal import Topology

extension InvariantChecker {
  /// On a port that checks sources strictly, nobody asks the router itself with an EID that is
  /// behind another port for certain.
  ///
  /// Choice: Discovery Notify of a device that came from elsewhere is heard, and so is an answer:
  /// whom it is from, the answer itself says.
  func judgeAsker(_ arrival: Arrival, _ control: SeenControl?) {
    let (model, packet) = (routers[arrival.router].model, arrival.packet)
    guard packet.isTagOwner, packet.source != 0, packet.destination != 0,
      packet.destination != 0xFF, control?.command != SeenControl.discoveryNotify,
      routers[arrival.router].ports[arrival.ingress].sourceCheck == .strict,
      let must = model.mustLead(arrival.source), Int(must.port) != arrival.ingress
    else { return }
    fail(
      "source",
      "\(words(arrival)) was taken, and its source is at \(must.address) on "
        + place(arrival.router, must))
  }

  // MARK: Whom the router asks

  /// Get and Set Endpoint ID go to who is listed, searched for or told of, and to nobody else.
  func judgeAddressee(_ request: OwnRequest, _ router: Int) {
    let port = routers[router].ports[Int(request.place.port)]
    let (model, address) = (routers[router].model, request.place.address)
    guard port.role == .owner, let discovery = port.discovery, port.addressForm != .none,
      routers[router].orderedAt == nil, !discovery.takesReportedDevices,
      !model.hasAnnounced(request.place)
    else { return }
    let isListed =
      discovery.expectedDevices.contains { $0.address == address }
      || discovery.scannedAddresses.contains(address)
      || routers[router].topology.routes.contains {
        $0.port.rawValue == request.place.port && $0.physicalAddress == address
      }
    guard !isListed else { return }
    fail(
      "manners",
      "\(place(router, request.place)): \(address) is "
        + (request.command == SeenControl.setEID ? "given an EID" : "asked for its EID")
        + ", and it is on no list, and has announced itself by no whole Discovery Notify")
  }

  /// A frame leaves: on I2C for an address that a device may have (the others are the bus' own).
  func judgeAddress(_ router: Int, _ port: PortID, _ address: PhysicalAddress) {
    guard case .i2c = address.form, !(0x08...0x77).contains(address.value) else { return }
    fail(
      "manners",
      "\(place(router, port)): a frame leaves for \(address), which is no device's address")
  }

  /// A bridge that said that it holds these EIDs is not forced to take them: it would have to give
  /// all that is behind it new ones (DSP0236 1.3.3 §12, command 0x08).
  func judgeForcedPool(_ request: OwnRequest, _ router: Int) {
    guard request.arguments.0 & 0x03 == 0x01, request.arguments.1 > 0,
      routers[router].orderedAt == nil,
      let held = routers[router].duties.pools[request.place],
      held == (request.arguments.1, request.arguments.2)
    else { return }
    fail(
      "manners",
      "\(place(router, request.place)): \(request.place.address) is forced to take "
        + "\(held.count) EIDs from \(held.first) on, and its last answer told that it holds them")
  }
}
