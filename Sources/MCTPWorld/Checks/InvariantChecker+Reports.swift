// What a router reports of its endpoints, beside what the wires and the world say: who is known,
// who they are, what they refuse, and who has a route.

internal import MCTPEngine
internal import MCTPNeighbours
internal import MCTPWire
internal import Topology

extension InvariantChecker {
  private static let secondMs: UInt32 = 1000
  /// Choice: three rounds of a health check at its usual pace, with all questions of a set-up.
  private static let noticedMs: UInt32 = 15_000
  /// Choice: T_RECLAIM, and the tries that it takes to lose the one that is gone.
  private static let adoptedMs: UInt32 = 30_000

  /// Once a second for each router, as somebody who reads `router-ctl endpoints`.
  func checkReports(_ router: Int, _ engine: borrowing Engine) {
    guard violation == nil, routers[router].reported.dueAt <= now else { return }
    routers[router].reported.dueAt = now.advanced(byMs: Self.secondMs)
    guard engine.isBusOwner else { return }
    var known = routers[router].networks.map { _ in EIDSet() }
    engine.forEachEndpoint { endpoint in
      guard violation == nil else { return }
      if let index = routers[router].networks.firstIndex(of: endpoint.network) {
        known[index].insert(endpoint.eid)
      }
      guard endpoint.isDirect else { return }
      judgeQuirks(endpoint, router)
      judgeIdentity(endpoint, router)
    }
    judgePools(router, known)
    judgeUnrouted(router, engine)
  }

  private func wire(_ router: Int, _ port: UInt8) -> Int? {
    board.joints.first { $0.router == router && $0.port.rawValue == port }?.wire
  }

  // MARK: What a device refuses

  /// Who is not ready has refused nothing.
  private func judgeQuirks(_ endpoint: KnownEndpoint, _ router: Int) {
    guard !endpoint.quirks.isDisjoint(with: [.refusesRoutingTable, .refusesSet]) else { return }
    let place = RoutingModel.Place(port: endpoint.port.rawValue, address: endpoint.address)
    func check(_ quirk: EndpointQuirks, _ command: UInt8, _ what: String) {
      guard endpoint.quirks.contains(quirk),
        let codes = routers[router].reported.codes[.init(place: place, command: command)],
        codes.notReady > 0, codes.refusals == 0
      else { return }
      fail(
        "reports",
        "\(self.place(router, place)): \(endpoint.address), EID \(endpoint.eid), is reported as "
          + "one that refuses \(what), and it said only that it was not ready, "
          + "\(codes.notReady) times")
    }
    check(.refusesRoutingTable, SeenControl.routingTable, "its routing table")
    check(.refusesSet, SeenControl.setEID, "EIDs")
  }

  // MARK: Who a device is

  /// Who missed answers and answers again may be another one; who it is shows in the report.
  private func judgeIdentity(_ endpoint: KnownEndpoint, _ router: Int) {
    let place = RoutingModel.Place(port: endpoint.port.rawValue, address: endpoint.address)
    guard let wire = wire(router, place.port),
      let device = truth.alone(on: wire, at: place.address),
      let contact = routers[router].contacts[place]
    else { return }
    let there = truth.devices[device]
    guard endpoint.state == .up, let uuid = endpoint.uuid, uuid != .nil, uuid != there.uuid,
      there.isPlain, there.uuid != .nil, let exchanged = there.exchangedAt, contact.isAnswering,
      let failed = contact.failedAt, exchanged <= failed.advanced(byMs: 3 * Self.secondMs)
    else {
      routers[router].reported.wrongSince[place] = nil
      return
    }
    let since = routers[router].reported.wrongSince[place] ?? now
    routers[router].reported.wrongSince[place] = since
    guard since.advanced(byMs: Self.noticedMs) < now else { return }
    fail(
      "reports",
      "\(self.place(router, place)): \(endpoint.address), EID \(endpoint.eid), is reported as UUID "
        + "\(uuid), and since it missed answers it is \(there.uuid)")
  }

  // MARK: Who is behind a bridge

  /// An EID of a pool that speaks on the wire is known.
  private func judgePools(_ router: Int, _ known: [EIDSet]) {
    for pool in routers[router].reported.pools where violation == nil {
      guard let wire = wire(router, pool.place.port),
        let bridge = truth.alone(on: wire, at: pool.place.address),
        routers[router].contacts[pool.place]?.isAnswering == true
      else { continue }
      let settlesMs = board.devices[bridge].habits.settlesMs
      let network = routers[router].ports[Int(pool.place.port)].network
      let since = max(pool.acceptedAt, truth.devices[bridge].touchedAt ?? .zero)
      guard since.advanced(byMs: Self.noticedMs + settlesMs) < now else { continue }
      for eid in pool.heard.members where !known[network].contains(eid) {
        fail(
          "reports",
          "\(place(router, pool.place)): EID \(eid) is not known, and it spoke from behind "
            + "\(pool.place.address), which took the pool that it is in "
            + "\(now.nanoseconds(since: pool.acceptedAt) / 1_000_000) ms ago")
        return
      }
    }
  }

  // MARK: Who has a route

  /// Who answers with an EID that nobody else present has gets a route to it.
  private func judgeUnrouted(_ router: Int, _ engine: borrowing Engine) {
    for place in routers[router].contacts.keys.sorted(by: isBefore) where violation == nil {
      guard isUnrouted(place, router, engine), let contact = routers[router].contacts[place] else {
        routers[router].reported.unroutedSince[place] = nil
        continue
      }
      let since = routers[router].reported.unroutedSince[place] ?? now
      routers[router].reported.unroutedSince[place] = since
      guard since.advanced(byMs: Self.adoptedMs) < now else { continue }
      fail(
        "presence",
        "\(self.place(router, place)): \(place.address) answers with EID \(contact.eid), which "
          + "nobody else has, and it is not routed")
    }
  }

  private func isBefore(_ left: RoutingModel.Place, _ right: RoutingModel.Place) -> Bool {
    (left.port, left.address.value) < (right.port, right.address.value)
  }

  private func isUnrouted(
    _ place: RoutingModel.Place, _ router: Int, _ engine: borrowing Engine
  ) -> Bool {
    let port = routers[router].ports[Int(place.port)]
    guard port.isUp, port.role == .owner, let contact = routers[router].contacts[place],
      SeenPacket.isAssignable(contact.eid), contact.isAnswering,
      let wire = wire(router, place.port), let device = truth.alone(on: wire, at: place.address)
    else { return false }
    let number = routers[router].networks[port.network]
    let entry = engine.entry(for: EID(contact.eid), network: number)
    if entry?.port.rawValue == place.port, entry?.address == place.address { return false }
    let model = routers[router].model
    let slot = model.slot(port.network, contact.eid)
    return truth.speakers(of: contact.eid, network: number) == [device]
      && !routers[router].restless[port.network].contains(EID(contact.eid))
      && !model.isPossiblyOwn(slot) && isListed(contact.eid, port.network, router)
      && entry?.origin != .configured
      && model.places(slot).allSatisfy { $0.ground == .direct }
      && routers[router].orderedAt == nil
  }

  /// The topology has the EID to give, or an owner above gave it.
  func isListed(_ eid: UInt8, _ network: Int, _ router: Int) -> Bool {
    let (own, count) = routers[router].reported.ownPool
    if eid >= own, Int(eid) < Int(own) + Int(count) { return true }
    return routers[router].topology.networks.contains {
      $0.number == routers[router].networks[network]
        && $0.eidRanges.contains { $0.contains(EID(eid)) }
    }
  }
}
