// Whom the bus owner calls up is routed, and whom it has lost is not.

internal import MCTPEngine
internal import MCTPWire

extension InvariantChecker {
  /// Choice: a static route is somebody's will and may lead elsewhere; it is not judged here.
  /// Routes of devices on a port that is down stay, so that a packet to one says `portDown`.
  func checkReach(_ router: Int, _ network: UInt8, _ engine: borrowing Engine) {
    engine.forEachEndpoint { endpoint in
      guard violation == nil, endpoint.network == network, endpoint.eid != .null else { return }
      let entry = engine.entry(for: endpoint.eid, network: network)
      let isRouted = entry?.port == endpoint.port && entry?.address == endpoint.address
      let isByWill = entry?.origin == .configured
      let what: String
      switch endpoint.state {
      case .up where !isRouted && !isByWill: what = "up and not routed"
      case .down where isRouted && !isByWill && endpoint.reason != .portDown && endpoint.isDirect:
        what = "down and still routed"
      default: return
      }
      let place = place(router, endpoint.port)
      fail("ownership", "EID \(endpoint.eid) at \(endpoint.address) on \(place) is \(what)")
    }
  }
}
