// What neighbours of another make find wrong themselves.

internal import MCTPNeighbours
internal import MCTPWire

extension InvariantChecker {
  public func deviceComplained(_ complaint: String, device: Int) {
    guard violation == nil, calm.isJust(complaint, device, at: now) else { return }
    // A person may order what nobody else may.
    let isOrder =
      complaint == NeighbourComplaint.needlessForce
      || complaint == NeighbourComplaint.needlessForcedPool
      || complaint == NeighbourComplaint.poolDoesNotFollow
    let wire = board.devices[device].wire
    if isOrder,
      board.joints.contains(where: { $0.wire == wire && routers[$0.router].orderedAt != nil })
    {
      return
    }
    fail("manners", "\(board.devices[device].name) complains: \(complaint)")
  }
}
