// Whose an EID is, and how long it rests.

internal import MCTPEngine
internal import MCTPWire

extension InvariantChecker {
  /// An EID may be given to another device after so long (T_RECLAIM, DSP0237 1.1.0 Table 9).
  private static let reclaimMs: UInt32 = 5000

  /// A control message that the engine took: what it says of EIDs.
  func noteAnswered(
    _ packet: Span<UInt8>, _ router: Int, _ port: PortID, _ address: PhysicalAddress
  ) {
    guard packet.count >= 7, packet[4] == 0 else { return }
    let isRequest = packet[5] & 0x80 != 0
    if isRequest { return }
    // The answer to Set Endpoint ID says which EID the device has now; any other answer comes from
    // the EID that it has.
    let isSetAnswer = packet[6] == 0x01 && packet.count >= 10 && packet[7] == 0
    let eid = EID(isSetAnswer ? packet[9] : packet[2])
    guard eid.isAssignable else { return }
    routers[router].answers.append(
      .init(eid: eid, place: .init(port: port.rawValue, address: address), at: now))
  }

  /// Choice: the bus owner's books are walked through only when something may have changed them (an
  /// event of the owner's, a control message that it took, a port), and every 256th step.
  func checkOwner(_ router: Int, _ engine: borrowing Engine) {
    guard routers[router].hasOwnerNews || routers[router].stepCount & 0xFF == 0 else { return }
    routers[router].hasOwnerNews = false
    guard engine.isBusOwner else { return }
    checkRest(router, engine)
    keepHolders(router, engine)
    for (index, network) in routers[router].networks.enumerated() where violation == nil {
      checkClaims(router, index, network, engine)
      checkReach(router, network, engine)
    }
  }

  /// No EID is two devices', or a device's and in another's pool, or a device's and the router's.
  private func checkClaims(
    _ router: Int, _ index: Int, _ network: UInt8, _ engine: borrowing Engine
  ) {
    var claims = EIDClaims()
    for port in 0..<routers[router].ports.count where routers[router].ports[port].network == index {
      claims.hold(engine.ownEID(on: PortID(rawValue: UInt8(port))))
    }
    engine.forEachEndpoint { endpoint in
      guard endpoint.network == network, endpoint.isDirect else { return }
      claims.claim(endpoint.eid, pool: endpoint.pool) {
        "\(endpoint.address) on \(place(router, endpoint.port))"
      }
    }
    if let clash = claims.clash {
      fail("ownership", "\(routers[router].name) network \(network): \(clash)")
    }
  }

  // MARK: Rest

  /// Set Endpoint ID left for a device: the EID must not have been another one's short before.
  ///
  /// What is certain, and so what is checked: a device answered, the router's books agreed that the
  /// EID was its own then, and less than T_RECLAIM later Set Endpoint ID with that EID leaves for
  /// another place. Not counted: EIDs that the topology fixes or routes, a device that moved (it
  /// has the UUID of one that had the EID), pools, and what was before the router's start.
  private func checkRest(_ router: Int, _ engine: borrowing Engine) {
    defer { routers[router].offers.removeAll(keepingCapacity: true) }
    for offer in routers[router].offers {
      let network = routers[router].ports[Int(offer.place.port)].network
      guard let holder = routers[router].holders[network][Int(offer.eid.rawValue)],
        holder.place != offer.place, !routers[router].restless[network].contains(offer.eid),
        offer.at < holder.at.advanced(byMs: Self.reclaimMs)
      else { continue }
      // Two records of one place are possible: who is there is not certain then.
      var isKnown = false
      var isMoved = false
      engine.forEachEndpoint { endpoint in
        guard endpoint.isDirect, endpoint.port.rawValue == offer.place.port,
          endpoint.address == offer.place.address
        else { return }
        isKnown = true
        if let uuid = endpoint.uuid, holder.uuids.contains(uuid) { isMoved = true }
      }
      guard isKnown, !isMoved else { continue }
      let ms = offer.at.nanoseconds(since: holder.at) / 1_000_000
      fail(
        "rest",
        "\(place(router, offer.place)): EID \(offer.eid) is given to \(offer.place.address), "
          + "and \(holder.place.address) on \(place(router, holder.place)) had it \(ms) ms "
          + "ago; it rests \(Self.reclaimMs) ms")
      return
    }
  }

  /// Remembers who has an EID, where the device's answer and the router's books say the same.
  private func keepHolders(_ router: Int, _ engine: borrowing Engine) {
    defer { routers[router].answers.removeAll(keepingCapacity: true) }
    for answer in routers[router].answers {
      let index = routers[router].ports[Int(answer.place.port)].network
      guard let known = engine.endpoint(answer.eid, network: routers[router].networks[index]),
        known.isDirect, known.port.rawValue == answer.place.port,
        known.address == answer.place.address,
        known.eid == answer.eid
      else { continue }
      var uuids = routers[router].holders[index][Int(answer.eid.rawValue)]?.uuids ?? []
      if let uuid = known.uuid, !uuids.contains(uuid) { uuids.append(uuid) }
      routers[router].holders[index][Int(answer.eid.rawValue)] = .init(
        place: answer.place, at: answer.at, uuids: uuids)
    }
  }
}
