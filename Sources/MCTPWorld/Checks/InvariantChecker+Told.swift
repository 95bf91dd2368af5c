// What the bus owner tells of: the truth, and each thing once.

internal import MCTPEngine
internal import MCTPWire
internal import Topology

extension InvariantChecker {
  /// Choice: more equal events within a minute, without anything between, tell nobody anything.
  private static let equalEventsMax = 4
  /// Choice: that no EID is left may be told each second while a pool may still come from above.
  private static let exhaustedMax = 30
  private static let minuteMs: UInt32 = 60_000
  /// How long nothing may have gone wrong for an endpoint behind a bridge to be judged.
  private static let calmMs: UInt32 = 20_000

  func judgeTold(_ event: OwnerEvent, _ router: Int) {
    switch event {
    case .endpointUp(let number, let eid, _, let port, let address, _):
      let text = "that EID \(eid) at \(address) on \(place(router, port)) is up"
      routers[router].reported.told[.exhausted(port, address)] = nil
      count(.up(number), Self.equalEventsMax, text, router)
    case .endpointSuspect(let number, _, _), .eidChanged(let number, _, _):
      routers[router].reported.told[.up(number)] = nil
    case .endpointDown(let number, let eid, let blamed, let reason):
      routers[router].reported.told[.up(number)] = nil
      if eid == blamed || reason == .disappeared { judgeDown(eid, reason, router) }
    case .endpointQuarantined(let number, _, _): routers[router].reported.told[.up(number)] = nil
    case .eidsExhausted(_, let port, let address):
      let text = "that no EID is left for \(address) on \(place(router, port))"
      count(.exhausted(port, address), Self.exhaustedMax, text, router)
    case .subtreeLost, .subtreeReturned, .ownPoolChanged: routers[router].reported.forgetTold()
    default: break
    }
  }

  private func count(_ told: Reported.Told, _ most: Int, _ text: String, _ router: Int) {
    var times = routers[router].reported.told[told] ?? []
    times.removeAll { $0.advanced(byMs: Self.minuteMs) < now }
    times.append(now)
    routers[router].reported.told[told] = times
    guard times.count > most else { return }
    fail(
      "manners",
      "\(routers[router].name) tells \(text) for the \(times.count)th time within a minute, and "
        + "nothing happened between")
  }

  /// Who is behind a bridge, is there and answered the last question is not told of as down.
  private func judgeDown(_ eid: EID, _ reason: EndpointReason, _ router: Int) {
    guard reason == .disappeared || reason == .noAnswer,
      truth.isCalm(forMs: Self.calmMs, at: now),
      routers[router].startedAt.advanced(byMs: Self.calmMs) < now
    else { return }
    let members = routers[router].reported.behind.filter { $0.key.eid == eid.rawValue }
    guard members.count == 1, let member = members.first, member.value.isAnswering,
      let answered = member.value.answeredAt, now < answered.advanced(byMs: Self.minuteMs)
    else { return }
    let port = routers[router].ports[Int(member.key.place.port)]
    let speakers = truth.speakers(
      of: eid.rawValue, network: routers[router].networks[port.network])
    guard speakers.count == 1, truth.devices[speakers[0]].touchedAt.map({ $0 < answered }) ?? true
    else { return }
    fail(
      "presence",
      "\(place(router, member.key.place)): EID \(eid), behind \(member.key.place.address), is "
        + "called down (\(reason)), and it is there and answered the last question, "
        + "\(now.nanoseconds(since: answered) / 1_000_000) ms ago")
  }
}
