// Next hops that the router names, and who is behind a bridge.

internal import MCTPEngine
internal import MCTPWire

extension InvariantChecker {
  /// The bridge that the EID is behind, for certain: the next hop to it.
  private func bridge(before slot: Int, _ network: Int, _ router: Int) -> (
    eid: UInt8, place: RoutingModel.Place
  )? {
    let model = routers[router].model
    guard !model.isPossiblyOwn(slot), let place = model.places(slot).first?.place,
      model.places(slot).allSatisfy({ $0.place == place })
    else { return nil }
    if let told = routers[router].duties.toldBridges[place], told != 0,
      model.places(slot).allSatisfy({ $0.ground == .told })
    {
      return (told, place)
    }
    guard model.isPoolOnly(slot), model.mustLead(slot) == place,
      let eid = routers[router].contacts[place]?.eid, SeenPacket.isAssignable(eid),
      model.mustLead(model.slot(network, eid)) == place
    else { return nil }
    return (eid, place)
  }

  /// Resolve Endpoint ID on the bus of the bridge, and Query Hop anywhere, name the bridge and not
  /// who is behind it (DSP0236 1.3.3 §12, commands 0x07 and 0x0F).
  func hopFault(_ bytes: Span<UInt8>, _ asked: OwedAnswer, _ router: Int) -> String? {
    let network = routers[router].ports[Int(asked.place.port)].network
    guard bytes.count > 8, asked.body.count >= 1 else { return nil }
    let target = asked.body[0]
    let slot = routers[router].model.slot(network, target)
    guard let bridge = bridge(before: slot, network, router), bridge.eid != target,
      asked.command == SeenControl.queryHop || bridge.place.port == asked.place.port
    else { return nil }
    let told = bytes[8]
    guard told == target else { return nil }
    return "names EID \(told) as its own next hop, and it is behind the bridge with EID "
      + "\(bridge.eid) at \(bridge.place.address)"
  }

  /// An owner above tells of bridges: of a single one, or of ranges that hold one somewhere.
  func noteToldBridge(_ entry: UpdateEntry, at place: RoutingModel.Place, _ router: Int) {
    guard entry.type & 0x02 != 0 else { return }
    let known = routers[router].duties.toldBridges[place] ?? entry.first
    routers[router].duties.toldBridges[place] =
      entry.type == 2 && known == entry.first ? entry.first : 0
  }

  // MARK: Resolve UUID

  /// Next handle, count; an entry is EID, binding, medium, address size, address.
  ///
  /// Choice: only an answer that leaves at the instant of its question is judged, because one that
  /// waited says what was so before.
  func noteNamed(_ bytes: Span<UInt8>, _ asked: OwedAnswer, _ router: Int) {
    guard asked.command == SeenControl.resolveUUID, asked.at == now, bytes.count >= 10,
      bytes[7] == 0
    else { return }
    let network = routers[router].ports[Int(asked.place.port)].network
    var offset = 10
    for _ in 0..<bytes[9] where offset + 4 <= bytes.count {
      routers[router].duties.named.append(
        .init(
          network: routers[router].networks[network], eid: EID(bytes[offset]), place: asked.place))
      offset += 4 + Int(bytes[offset + 3])
    }
  }

  func checkNamed(_ router: Int, _ engine: borrowing Engine) {
    guard !routers[router].duties.named.isEmpty else { return }
    let named = routers[router].duties.named
    routers[router].duties.named.removeAll(keepingCapacity: true)
    for one in named where violation == nil {
      var (isDown, isThere) = (false, false)
      engine.forEachEndpoint { endpoint in
        guard endpoint.eid == one.eid, endpoint.network == one.network else { return }
        if endpoint.state == .down, endpoint.since < now { isDown = true } else { isThere = true }
      }
      guard isDown, !isThere else { continue }
      fail(
        "answer",
        "\(place(router, one.place)): the answer to Resolve UUID names EID \(one.eid), which is "
          + "reported down")
    }
  }

  // MARK: Behind bridges

  /// An answer was taken, asked for in time or not: whose EID it is speaks from where it may be.
  func noteSpoken(
    _ bytes: Span<UInt8>, _ packet: SeenPacket, _ command: UInt8, _ router: Int,
    _ place: RoutingModel.Place
  ) {
    let (network, model) = (routers[router].ports[Int(place.port)].network, routers[router].model)
    let slot = model.slot(network, packet.source)
    guard SeenPacket.isAssignable(packet.source), model.mayLead(slot, to: place) else { return }
    routers[router].duties.hasSpoken[slot] = true
    guard command == SeenControl.getUUID, bytes.count == 24, bytes[7] == 0,
      let uuid = EndpointUUID(bytes.extracting(8..<24)),
      routers[router].duties.uuids[slot]?.contains(uuid) != true
    else { return }
    routers[router].duties.uuids[slot, default: []].append(uuid)
  }

  /// Who is behind a bridge is up, and has a UUID, by answers that came from the bridge.
  func judgeBehind(_ endpoint: KnownEndpoint, _ router: Int) {
    guard !routers[router].duties.hasLeases, endpoint.eid.isAssignable,
      let network = routers[router].networks.firstIndex(of: endpoint.network)
    else { return }
    let slot = routers[router].model.slot(network, endpoint.eid.rawValue)
    let what: String
    if endpoint.state == .up, !routers[router].duties.hasSpoken[slot] {
      what = "is reported up, and no answer of it came from there"
    } else if let uuid = endpoint.uuid,
      routers[router].duties.uuids[slot]?.contains(uuid) != true
    {
      what = "is reported to have the UUID \(uuid), and told none from there"
    } else {
      return
    }
    fail(
      "presence",
      "\(place(router, endpoint.port)): EID \(endpoint.eid) behind \(endpoint.address) \(what)")
  }
}
