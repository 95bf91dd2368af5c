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
    let joints = board.joints.filter { $0.wire == board.devices[device].wire }
    if isOrder, joints.contains(where: { routers[$0.router].orderedAt != nil }) { return }
    // Repetitions wait in a long queue until their question is answered, and longer.
    if WireCalm.isOfOrder(complaint), joints.contains(where: isLoaded) { return }
    fail("manners", "\(board.devices[device].name) complains: \(complaint)")
  }

  private func isLoaded(_ joint: Board.Joint) -> Bool {
    let port = routers[joint.router].ports[Int(joint.port.rawValue)]
    return port.loadedAt.map { now < $0.advanced(byMs: Self.loadMs) } ?? false
  }
}
