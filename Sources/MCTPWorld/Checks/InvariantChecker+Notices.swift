// Who has no EID says so: a router announces itself above (DSP0236 1.3.3 §12, Discovery Notify).

internal import MCTPWire
internal import Topology

extension InvariantChecker {
  private static let noticeMs: UInt32 = 15_000

  /// Once a second.
  func checkNotices() {
    guard violation == nil, noticesDue <= now else { return }
    noticesDue = now.advanced(byMs: 1000)
    for router in routers.indices where routers[router].isRunning { checkNotices(router) }
  }

  private func checkNotices(_ router: Int) {
    guard !routers[router].duties.hasLeases else { return }
    for index in routers[router].ports.indices where violation == nil {
      let port = routers[router].ports[index]
      guard port.role == .endpoint, port.isUp, let upSince = port.upSince,
        !routers[router].duties.hasNotified[index], port.knownDepth == 0,
        !routers[router].duties.hasOwnEID[port.network],
        max(upSince, routers[router].startedAt).advanced(byMs: Self.noticeMs) < now,
        routers[router].topology.ports[index].eid == nil,
        let network = routers[router].topology.networks.first(where: {
          $0.number == routers[router].networks[port.network]
        }), network.ownEIDs.isEmpty, network.eidRanges.isEmpty
      else { continue }
      fail(
        "manners",
        "\(routers[router].name) port \(port.name): the router has no EID, and has sent no "
          + "Discovery Notify for \(Self.noticeMs / 1000) s")
    }
  }
}
