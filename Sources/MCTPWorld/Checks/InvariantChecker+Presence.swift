// Who is reported up, and who is not, beside who answered on the wires.

internal import MCTPEngine
internal import MCTPSimulation
internal import MCTPWire
internal import Topology

extension InvariantChecker {
  private static let secondMs: UInt32 = 1000
  /// How long a report may be behind an answer. Choice: a set-up with all its questions at the pace
  /// that a busy bus allows.
  private static let lagMs: UInt32 = 5000
  /// Between two tries to reach one that missed an answer; three of them, each with repetitions.
  private static let triesMs: UInt32 = 3 * (2250 + 4 * 330)
  /// From the start until an expected device that answers is up. Choice: four tries of the search
  /// at its usual interval.
  private static let settledMs: UInt32 = 20_000

  /// Once a second for each router: reports cost a walk through all its devices.
  func checkPresence(_ router: Int, _ engine: borrowing Engine) {
    guard violation == nil, routers[router].presenceDue <= now else { return }
    routers[router].presenceDue = now.advanced(byMs: Self.secondMs)
    guard engine.isBusOwner else { return }
    engine.forEachEndpoint { endpoint in
      guard violation == nil else { return }
      guard endpoint.isDirect else { return judgeBehind(endpoint, router) }
      judge(endpoint, router, isRouted: isRouted(endpoint, engine))
    }
    checkExpected(router, engine)
  }

  private func isRouted(_ endpoint: KnownEndpoint, _ engine: borrowing Engine) -> Bool {
    guard endpoint.eid != .null,
      let entry = engine.entry(for: endpoint.eid, network: endpoint.network),
      entry.origin != .configured
    else { return false }
    return entry.port == endpoint.port && entry.address == endpoint.address
  }

  private func judge(_ endpoint: KnownEndpoint, _ router: Int, isRouted: Bool) {
    let place = RoutingModel.Place(port: endpoint.port.rawValue, address: endpoint.address)
    let port = routers[router].ports[Int(place.port)]
    guard port.isUp, let upSince = port.upSince else { return }
    var contact = routers[router].contacts[place] ?? Contact()
    let isDown = endpoint.state == .down && endpoint.reason == .noAnswer
    if isDown, contact.isAnswering {
      let since = contact.wrongSince ?? now
      contact.wrongSince = since
      routers[router].contacts[place] = contact
      guard since.advanced(byMs: Self.lagMs) < now else { return }
      fail(
        "presence",
        "\(self.place(router, place)): \(endpoint.address), EID \(endpoint.eid), is reported down "
          + "for want of an answer, and it answered the last request")
      return
    }
    if contact.wrongSince != nil {
      contact.wrongSince = nil
      routers[router].contacts[place] = contact
    }
    guard endpoint.state == .up || isRouted, let healthMs = port.discovery?.healthCheckIntervalMs,
      healthMs > 0
    else { return }
    let intervalMs = max(healthMs, port.discovery?.probeIntervalMs ?? 0)
    // A quarter more, because chance adds an eighth; a bus may be slow for as long again.
    let boundMs = intervalMs + intervalMs / 4 + 2 * Self.triesMs
    let last = max(contact.answeredAt ?? .zero, upSince, routers[router].startedAt)
    guard last.advanced(byMs: boundMs) < now else { return }
    let ms = now.nanoseconds(since: last) / 1_000_000
    fail(
      "presence",
      "\(self.place(router, place)): \(endpoint.address), EID \(endpoint.eid), is "
        + (endpoint.state == .up ? "reported up" : "routed")
        + ", and it has answered nothing for \(ms) ms; \(boundMs) ms are enough to find out")
  }

  // MARK: Who has to be up

  /// An expected device of a topmost owner that was there from the start, alone with its address
  /// and UUID, on a bus that nothing was done to, is up.
  private func checkExpected(_ router: Int, _ engine: borrowing Engine) {
    guard violation == nil, untouched.isUntouched(router: router) else { return }
    for (index, device) in expected[router] where untouched.isUntouched(wire: device.wire) {
      guard let joint = untouched.joint(of: router, on: device.wire),
        routers[router].ports[Int(joint.port.rawValue)].isUp
      else { continue }
      let count = expected[router].count { $0.1.wire == device.wire }
      let settled = Instant.zero.advanced(byMs: Self.settledMs + 500 * UInt32(count))
      guard settled < now else { continue }
      var state: EndpointState?
      engine.forEachEndpoint { endpoint in
        if endpoint.isDirect, endpoint.port == joint.port, endpoint.address == device.address {
          state = endpoint.state
        }
      }
      guard state != .up else {
        routers[router].suspectSince[index] = nil
        continue
      }
      // A device whose answer was behind its own messages is suspect for a while, and not often.
      if state == .suspect, isBrief(router, index) { continue }
      fail(
        "presence",
        "\(place(router, joint.port)): \(board.devices[index].name) at \(device.address) is there "
          + "from the start and nothing was done to it, and it is "
          + (state.map { "\($0)" } ?? "not known"))
      return
    }
  }

  /// Choice: as long as all tries take, and three times a minute.
  private func isBrief(_ router: Int, _ device: Int) -> Bool {
    if routers[router].suspectSince[device] == nil {
      routers[router].suspectSince[device] = now
      var times = routers[router].suspectTimes[device] ?? []
      times.removeAll { $0.advanced(byMs: 60_000) < now }
      routers[router].suspectTimes[device] = times + [now]
    }
    let since = routers[router].suspectSince[device] ?? now
    return now <= since.advanced(byMs: Self.triesMs)
      && routers[router].suspectTimes[device]?.count ?? 0 <= 3
  }

  /// The devices of `checkExpected`, by router.
  static func expected(_ board: Board) -> [[(Int, Board.Device)]] {
    board.routers.indices.map { router in
      board.devices.indices.compactMap { index in
        let device = board.devices[index]
        guard device.isPresent, device.behind == nil, isExpected(device, board, router),
          isUnique(index, board)
        else {
          return nil
        }
        return (index, device)
      }
    }
  }

  private static func isExpected(_ device: Board.Device, _ board: Board, _ router: Int) -> Bool {
    let topology = board.routers[router].topology
    guard
      let joint = board.joints.first(where: { $0.router == router && $0.wire == device.wire }),
      let port = topology.port(joint.port), port.role == .owner, let discovery = port.discovery,
      let network = topology.networks.first(where: { $0.number == port.network })
    else { return false }
    // Twice what is needed, so that an EID that rests is never missed.
    let free = network.eidRanges.reduce(0) { sum, range in
      sum + Int(range.upperBound.rawValue) - Int(range.lowerBound.rawValue) + 1
    }
    guard free >= 2 * board.devices.count + 8 else { return false }
    return discovery.takesReportedDevices || discovery.probesPointToPoint
      || discovery.expectedDevices.contains { $0.address == device.address }
      || discovery.scannedAddresses.contains(device.address)
  }

  /// Nobody else on the board has its UUID or its EID, nor on its wire its address.
  private static func isUnique(_ index: Int, _ board: Board) -> Bool {
    let device = board.devices[index]
    return board.devices.indices.allSatisfy { other in
      let twin = board.devices[other]
      guard other != index, twin.behind != index else { return true }
      let (uuid, eid) = (device.configuration.uuid, device.configuration.eid)
      return (twin.wire != device.wire || twin.address != device.address)
        && (uuid == .nil || twin.configuration.uuid != uuid)
        && (eid == .null || twin.configuration.eid != eid)
    }
  }
}
