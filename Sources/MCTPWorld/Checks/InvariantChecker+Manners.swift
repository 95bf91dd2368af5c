// How a router asks: what it may ask whom, how often, and with which instance ID.

internal import MCTPEngine
internal import MCTPWire
internal import Topology

extension InvariantChecker {
  /// MN1 is 2 repetitions at least (DSP0237 1.1.0 Table 9). Choice: more than 3 serve nobody.
  private static let attemptCountMax = 4
  /// Below MT4, at least 5 s (DSP0237 1.1.0 Table 9): the wire is late, never early.
  private static let instanceIDMs: UInt32 = 4500

  func judgeRepetition(_ request: OwnRequest, _ router: Int) {
    guard request.attemptCount > Self.attemptCountMax else { return }
    fail(
      "manners",
      "\(place(router, request.place)): a request to \(request.place.address), command "
        + "\(request.command), leaves \(request.attemptCount) times")
  }

  /// A request of the router's own leaves for the first time.
  func judgeRequest(_ request: OwnRequest, _ bytes: Span<UInt8>, _ router: Int) {
    let former = routers[router].requests.all.last {
      $0.place == request.place && $0.destination == request.destination
        && $0.instanceID == request.instanceID
    }
    if let former, now < former.lastAt.advanced(byMs: Self.instanceIDMs),
      request.destination != 0xFF
    {
      let ms = now.nanoseconds(since: former.lastAt) / 1_000_000
      fail(
        "manners",
        "\(place(router, request.place)): instance ID \(request.instanceID) names a request to "
          + "\(request.place.address) that left \(ms) ms ago, and now another one")
      return
    }
    judgeSource(request, router)
    switch request.command {
    case SeenControl.routingUpdate:
      noteUpdate(request, bytes, router)
      judgeUpdate(request, bytes, router)
    case SeenControl.discoveryNotify:
      routers[router].duties.hasNotified[Int(request.place.port)] = true
    case SeenControl.setEID, SeenControl.allocate:
      if routers[router].ports[Int(request.place.port)].role != .owner {
        fail(
          "claim",
          "\(place(router, request.place)): an EID is given on a bus that is another's")
        return
      }
      if request.command == SeenControl.setEID {
        judgeAddressee(request, router)
        routers[router].duties.stale.removeAll { $0.eid == request.arguments.1 }
      } else {
        judgeForcedPool(request, router)
      }
      judgeClaim(request, router)
    case SeenControl.getEID:
      judgeAddressee(request, router)
      judgeRate(request, router)
    default: break
    }
  }

  /// The router's own EID on a port changes when an owner above orders it, and at no other time.
  private func judgeSource(_ request: OwnRequest, _ router: Int) {
    let port = Int(request.place.port)
    guard request.source != 0 else { return }
    // What waits in a queue has the EID of before.
    if let ordered = routers[router].ownOrderedAt, now <= ordered.advanced(byMs: Suspicion.waitMs) {
      return
    }
    if let former = routers[router].ports[port].lastSource, former != request.source {
      fail(
        "claim",
        "\(place(router, request.place)): the router asks as EID \(request.source), and was EID "
          + "\(former) there; nobody gave it another")
    }
    routers[router].ports[port].lastSource = request.source
  }

  // MARK: Rates

  /// Get Endpoint ID is the health check and the search: as often as the topology says, and not
  /// much more.
  ///
  /// Choice: in any 10 s twice as often as the intervals say, and 12 times more for what happens
  /// (set-up, a port that comes up, a search that somebody orders) and for each time that the
  /// device itself asked for something.
  private func judgeRate(_ request: OwnRequest, _ router: Int) {
    let span: UInt32 = 10_000
    guard let discovery = routers[router].ports[Int(request.place.port)].discovery else { return }
    let asked = routers[router].requests.all.count {
      $0.place == request.place && $0.destination == request.destination
        && $0.command == SeenControl.getEID && now <= $0.firstAt.advanced(byMs: span)
    }
    var intervalMs = discovery.probeIntervalMs
    if discovery.healthCheckIntervalMs > 0 {
      intervalMs = min(intervalMs, discovery.healthCheckIntervalMs)
    }
    let notices = routers[router].contacts[request.place]?.noticeCount ?? 0
    let most = 2 * Int(span / max(min(intervalMs, 1000), 100)) + 12 + notices
    guard asked > most else { return }
    fail(
      "manners",
      "\(place(router, request.place)): \(request.place.address) is asked for its EID \(asked) "
        + "times within \(span) ms; the intervals allow \(most)")
  }

  // MARK: Claims

  /// Set Endpoint ID and Allocate Endpoint IDs never give what is somebody else's for certain.
  private func judgeClaim(_ request: OwnRequest, _ router: Int) {
    guard request.arguments.0 & 0x02 == 0 else { return }
    let isSet = request.command == SeenControl.setEID
    if isSet, request.arguments.0 & 0x01 != 0 { judgeForce(request, router) }
    if isSet { judgeLease(request, router) }
    if !isSet { judgePoolRest(request, router) }
    let (first, count) =
      isSet
      ? (request.arguments.1, 1) : (request.arguments.2, Int(request.arguments.1))
    let what =
      "\(place(router, request.place)): \(request.place.address) is given "
      + (isSet ? "EID \(first)" : "\(count) EIDs from \(first) on")
    guard count == 0 || SeenPacket.isAssignable(first) && Int(first) + count - 1 <= 0xFE else {
      fail("claim", "\(what): not all of them can be given to anybody")
      return
    }
    let model = routers[router].model
    let network = routers[router].ports[Int(request.place.port)].network
    for offset in 0..<count {
      let eid = Int(first) + offset
      let slot = model.slot(network, UInt8(eid))
      if model.isCertainlyOwn(slot) {
        fail("claim", "\(what), and EID \(eid) is the router's own")
      } else if let must = model.mustLead(slot), must != request.place {
        fail(
          "claim",
          "\(what), and EID \(eid) is at \(must.address) on \(place(router, must))")
      } else if !isSet, model.mustLead(slot) == request.place, !model.isPoolOnly(slot) {
        fail("claim", "\(what), and EID \(eid) is the bridge's own")
      } else if !isGivable(UInt8(eid), network, router), !model.mayLeadAnywhere(slot) {
        fail("claim", "\(what), and EID \(eid) is not the router's to give")
      }
    }
  }

  /// Force is for a device that has another EID or refused one, or an order of somebody's (DSP0236
  /// 1.3.3 §12, command 0x01).
  private func judgeForce(_ request: OwnRequest, _ router: Int) {
    let contact = routers[router].contacts[request.place] ?? Contact()
    let hasOther = SeenPacket.isAssignable(contact.eid) && contact.eid != request.arguments.1
    guard !hasOther, !contact.hasRefused, routers[router].orderedAt == nil else { return }
    fail(
      "claim",
      "\(place(router, request.place)): EID \(request.arguments.1) is forced on "
        + "\(request.place.address), which said that it has EID \(contact.eid), and refused none")
  }

  /// A device that was up before a start with leases keeps its EID, and nobody else gets it.
  private func judgeLease(_ request: OwnRequest, _ router: Int) {
    let model = routers[router].model
    let network = routers[router].ports[Int(request.place.port)].network
    let slot = model.slot(network, request.arguments.1)
    let what =
      "\(place(router, request.place)): \(request.place.address) is given EID "
      + "\(request.arguments.1)"
    if let leased = model.leasedSlot(at: request.place), leased != slot {
      fail("claim", "\(what), and had EID \(leased & 0xFF) before the start")
    } else if let holder = model.leasedPlace(slot), holder != request.place {
      fail(
        "claim",
        "\(what), and \(holder.address) on \(place(router, holder)) had it before the start")
    }
  }

  /// What a bridge had, with what was behind it, rests before another one gets it (T_RECLAIM,
  /// DSP0237 1.1.0 Table 9).
  private func judgePoolRest(_ request: OwnRequest, _ router: Int) {
    let network = routers[router].ports[Int(request.place.port)].network
    let uuids = routers[router].contacts[request.place]?.uuids ?? []
    for offset in 0..<Int(request.arguments.1) where Int(request.arguments.2) + offset < 0xFF {
      let eid = UInt8(Int(request.arguments.2) + offset)
      guard let holder = routers[router].held[routers[router].model.slot(network, eid)],
        holder.place != request.place, now < holder.at.advanced(byMs: 5000),
        !routers[router].restless[network].contains(EID(eid))
      else { continue }
      // A bridge that moved takes its pool along.
      let former = routers[router].contacts[holder.place]?.uuids ?? []
      guard !uuids.isEmpty, !former.contains(where: uuids.contains) else { continue }
      fail(
        "rest",
        "\(place(router, request.place)): EID \(eid) is given to the bridge at "
          + "\(request.place.address), and \(holder.place.address) on "
          + "\(place(router, holder.place)) spoke with it less than 5 s ago")
      return
    }
  }

  /// The topology lists it, or an owner above may have given it.
  func isGivable(_ eid: UInt8, _ network: Int, _ router: Int) -> Bool {
    let number = routers[router].networks[network]
    guard let part = routers[router].topology.networks.first(where: { $0.number == number }),
      !part.eidRanges.isEmpty
    else { return true }
    return part.eidRanges.contains { $0.contains(EID(eid)) }
      || routers[router].restless[network].contains(EID(eid))
  }

  /// Routing Information Update: each entry is true.
  private func judgeUpdate(_ request: OwnRequest, _ bytes: Span<UInt8>, _ router: Int) {
    let port = routers[router].ports[Int(request.place.port)]
    let model = routers[router].model
    let count = bytes.count > 7 ? Int(bytes[7]) : 0
    let what = "\(place(router, request.place)): an update for \(request.place.address)"
    guard bytes.count == 8 + count * (3 + addressByteCount(port.addressForm)), count > 0 else {
      fail("claim", "\(what) of \(bytes.count) bytes says that it has \(count) entries")
      return
    }
    forEachUpdateEntry(bytes, port.addressForm) { entry in
      let range = "EID \(entry.first) and \(Int(entry.count) - 1) more at \(entry.address)"
      guard entry.type <= 3, entry.count > 0, SeenPacket.isAssignable(entry.first),
        Int(entry.first) + Int(entry.count) - 1 <= 0xFE, entry.type % 2 == 1 || entry.count == 1
      else {
        fail("claim", "\(what) names \(range) as type \(entry.type)")
        return
      }
      for offset in 0..<Int(entry.count) {
        let eid = Int(entry.first) + offset
        let slot = model.slot(port.network, UInt8(eid))
        let place = RoutingModel.Place(port: request.place.port, address: entry.address)
        // On a line of two there is one address, and both are there.
        let isOurs = entry.address == port.address || port.addressForm == .none
        let isTrue =
          isOurs
          ? model.isPossiblyOwn(slot) || model.mayLeadAnywhere(slot)
          : model.mayLead(slot, to: place)
        if !isTrue { suspect(slot, at: place, router, "claim", "\(what) names \(range)") }
      }
    }
  }
}
