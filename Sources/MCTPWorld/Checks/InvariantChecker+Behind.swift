// What passes on the wires that reports are judged by: pools that bridges took, answers of what is
// behind them, and what kinds of answers a place gives.

internal import MCTPEngine
public import MCTPWire
internal import Topology

extension InvariantChecker {
  /// Choice: a second time may be a repetition that crossed with something.
  private static let poolRepeatMax = 2

  public func deviceSent(_ packet: Span<UInt8>, device: Int, to address: PhysicalAddress) {
    guard violation == nil, packet.count >= 4 else { return }
    truth.spoke(device, as: packet[2], at: now)
    let part = board.devices[device]
    for joint in board.joints where joint.wire == part.wire {
      for index in routers[joint.router].reported.pools.indices {
        let pool = routers[joint.router].reported.pools[index]
        guard pool.contains(packet[2]), pool.place.port == joint.port.rawValue,
          pool.place.address == part.address
        else { continue }
        routers[joint.router].reported.pools[index].heard.insert(EID(packet[2]))
      }
    }
  }

  // MARK: The router asks

  /// An own request leaves for the first time.
  func noteReported(_ request: OwnRequest, _ router: Int) {
    switch request.command {
    case SeenControl.setEID where request.arguments.0 & 0x02 == 0:
      judgeRenumbering(request, router)
      let pools = routers[router].reported.pools
      routers[router].reported.pools = pools.filter {
        $0.place != request.place
          || routers[router].reported.given[request.place] == request.arguments.1
      }
      routers[router].reported.told = routers[router].reported.told.filter {
        if case .up = $0.key { false } else { true }
      }
    case SeenControl.allocate where request.arguments.0 & 0x02 == 0: judgePoolAgain(request, router)
    case SeenControl.discoveryNotify: judgeNotify(request, router)
    default: break
    }
  }

  /// A pool that a bridge took, and has not lost, is not given to it again and again.
  private func judgePoolAgain(_ request: OwnRequest, _ router: Int) {
    let (count, first) = (request.arguments.1, request.arguments.2)
    guard
      let index = routers[router].reported.pools.firstIndex(where: {
        $0.place == request.place && $0.first == first && $0.count == count
      }), count > 0
    else { return }
    let pool = routers[router].reported.pools[index]
    if let failed = routers[router].contacts[request.place]?.failedAt, pool.givenAt < failed {
      return
    }
    if routers[router].reported.wishes.contains(request.place) { return }
    routers[router].reported.pools[index].repeats += 1
    guard pool.repeats >= Self.poolRepeatMax else { return }
    fail(
      "manners",
      "\(place(router, request.place)): \(request.place.address) is given its \(count) EIDs from "
        + "\(first) on for the \(pool.repeats + 2)th time, and it took them each time and lost "
        + "them never")
  }

  /// Nobody gives another EID to a device that has one of those that there are.
  private func judgeRenumbering(_ request: OwnRequest, _ router: Int) {
    let (place, reported) = (request.place, routers[router].reported)
    guard let contact = routers[router].contacts[place], let given = reported.given[place],
      given == contact.eid, given != request.arguments.1,
      contact.uuids.count == 1, !reported.wishes.contains(place),
      let wire = board.joints.first(where: {
        $0.router == router && $0.port.rawValue == place.port
      })?.wire, let device = truth.alone(on: wire, at: place.address),
      let answered = truth.devices[device].spokenAt,
      truth.devices[device].touchedAt.map({ $0 < answered }) ?? true,
      truth.devices[device].spokenEID == given, routers[router].orderedAt == nil
    else { return }
    let network = routers[router].ports[Int(place.port)].network
    let model = routers[router].model
    let restless = routers[router].restless[network]
    guard isListed(given, network, router), !restless.contains(EID(given)),
      !restless.contains(EID(request.arguments.1)),
      !model.isPossiblyOwn(model.slot(network, given)),
      model.places(model.slot(network, given)).allSatisfy({ $0.place == place }),
      truth.speakers(of: given, network: routers[router].networks[network]) == [device]
    else { return }
    fail(
      "leases",
      "\(self.place(router, place)): \(place.address) is given EID \(request.arguments.1), and has "
        + "EID \(given), which is the router's to give and nobody else's")
  }

  /// Choice: who does not answer for three minutes may not be there, or never answers (as mctpd).
  private func judgeNotify(_ request: OwnRequest, _ router: Int) {
    let port = request.place.port
    let former = routers[router].reported.notices[port]
    let since = former?.since ?? now
    routers[router].reported.notices[port] = (since, now)
    guard let former, since.advanced(byMs: 180_000) < now,
      now < former.last.advanced(byMs: 29_000)
    else { return }
    fail(
      "manners",
      "\(place(router, request.place)): Discovery Notify has been unanswered for "
        + "\(now.nanoseconds(since: since) / 1_000_000) ms, and it is sent again "
        + "\(now.nanoseconds(since: former.last) / 1_000_000) ms after the last one")
  }

  // MARK: The router hears

  /// An answer to a request of the router's own.
  func noteReportedAnswer(
    _ bytes: Span<UInt8>, _ request: OwnRequest, _ router: Int, isBehind: Bool
  ) {
    guard bytes.count >= 8 else { return }
    let (place, code) = (request.place, bytes[7])
    if isBehind {
      let member = Reported.Member(place: place, eid: request.destination)
      routers[router].reported.behind[member, default: Contact()].answeredAt = now
      return
    }
    var isRefusal = code != 0
    switch request.command {
    case SeenControl.setEID where code == 0 && bytes.count >= 11:
      isRefusal = bytes[8] >> 4 & 0x03 != 0 || bytes[9] != request.arguments.1
      routers[router].reported.given[place] = isRefusal ? nil : bytes[9]
      if bytes[8] & 0x03 == 1 {
        routers[router].reported.wishes.insert(place)
      } else {
        routers[router].reported.wishes.remove(place)
      }
    case SeenControl.allocate where code == 0 && bytes.count >= 11:
      if request.arguments.0 & 0x02 == 0 { noteReportedPool(bytes, request, router) }
    case SeenControl.discoveryNotify: routers[router].reported.notices[place.port] = nil
    default: break
    }
    let command = Reported.Command(place: place, command: request.command)
    if code == 0x04 { routers[router].reported.codes[command, default: .init()].notReady += 1 }
    if isRefusal, code != 0x04 {
      routers[router].reported.codes[command, default: .init()].refusals += 1
    }
  }

  private func noteReportedPool(_ bytes: Span<UInt8>, _ request: OwnRequest, _ router: Int) {
    let (count, first) = (request.arguments.1, request.arguments.2)
    routers[router].reported.wishes.remove(request.place)
    let isAccepted = bytes[8] & 0x03 == 0 && bytes[9] == count && bytes[10] == first && count > 0
    let former = routers[router].reported.pools.first {
      $0.place == request.place && $0.first == first && $0.count == count
    }
    routers[router].reported.pools.removeAll { $0.place == request.place }
    guard isAccepted else { return }
    var pool =
      former
      ?? .init(place: request.place, first: first, count: count, acceptedAt: now, givenAt: now)
    pool.givenAt = now
    routers[router].reported.pools.append(pool)
  }

  /// A repetition leaves: the one before was not answered in time.
  func noteReportedMiss(_ request: OwnRequest, _ router: Int) {
    let member = Reported.Member(place: request.place, eid: request.destination)
    routers[router].reported.behind[member]?.failedAt = now
  }

  /// An owner above speaks.
  func noteReportedOrder(_ bytes: Span<UInt8>, _ command: UInt8, _ router: Int, isAbove: Bool) {
    guard isAbove else { return }
    if command == SeenControl.allocate, bytes.count >= 10, bytes[7] & 0x02 == 0 {
      routers[router].reported.ownPool = (bytes[9], bytes[8])
      routers[router].reported.pools.removeAll()
    }
    if command == SeenControl.allocate || command == SeenControl.setEID {
      routers[router].reported.forgetTold()
      routers[router].reported.notices = [:]
    }
  }

  // MARK: What the world does

  func noteTruth(_ event: WorldEvent) {
    truth.note(event, at: now)
    for router in routers.indices {
      routers[router].reported.forgetTold()
      if case .command = event { routers[router].reported.pools.removeAll() }
    }
    let wire: Int?
    switch event {
    case .insert(let device), .remove(let device), .restart(let device),
      .temperament(let device, _), .habits(let device, _), .exchange(let device, _):
      wire = board.devices[device].wire
    case .faults(let index, _), .cut(let index), .mend(let index): wire = index
    default: wire = nil
    }
    for joint in board.joints where joint.wire == wire {
      routers[joint.router].reported.notices[joint.port.rawValue] = nil
      routers[joint.router].reported.pools.removeAll { $0.place.port == joint.port.rawValue }
    }
  }
}
