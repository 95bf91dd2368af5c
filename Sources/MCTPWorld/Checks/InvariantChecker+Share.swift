// Requests between devices: how many of them are answered, per pair of wires that nothing was done
// to.

internal import MCTPWire

extension InvariantChecker {
  /// What became of the requests from one wire to another.
  struct Share {
    var asked = 0
    var answered = 0
  }

  /// Choice: of 100 requests one may be lost, as where a device is busy with others for once; a
  /// router, and a wire without faults, lose none.
  private static let lostPercentMax = 1
  private static let askedMin = 10
  /// From the start until routes to the devices of other routers are told.
  private static let toldMs: UInt32 = 15_000
  /// A request's longest life, and as long again for the queue to drain.
  static let loadMs: UInt32 = 4000

  public func requestEnded(from sender: Int, to target: Int, byteCount: Int, isAnswered: Bool) {
    guard violation == nil, sender != target else { return }
    let (from, to) = (board.devices[sender].wire, board.devices[target].wire)
    // What is behind a bridge is reachable once the bridge has its pool.
    let isDirect = board.devices[sender].behind == nil && board.devices[target].behind == nil
    guard isDirect || Instant.zero.advanced(byMs: Self.toldMs) < now, isCounted(from, to) else {
      return
    }
    let index = from * board.wires.count + to
    shares[index].asked += 1
    if isAnswered { shares[index].answered += 1 }
    let (asked, lost) = (shares[index].asked, shares[index].asked - shares[index].answered)
    guard asked >= Self.askedMin, 100 * lost > Self.lostPercentMax * asked else { return }
    fail(
      "share",
      "\(lost) of \(asked) requests from \(board.wires[from].name) to \(board.wires[to].name) are "
        + "unanswered, the last from \(board.devices[sender].name) to "
        + "\(board.devices[target].name) with \(byteCount) bytes, and nothing was done to them")
  }

  private func isCounted(_ from: Int, _ to: Int) -> Bool {
    if let router = untouched.router(between: from, and: to) {
      guard [from, to].allSatisfy({ !offer.isLoaded($0, at: now) }) else { return false }
      return [from, to].allSatisfy { !isLoaded(router, $0) }
    }
    guard untouched.isUntouched(wire: from), untouched.isUntouched(wire: to),
      untouched.isTreeUntouched, Instant.zero.advanced(byMs: Self.toldMs) < now
    else { return false }
    return board.joints.allSatisfy {
      !isLoaded($0.router, $0.wire) && !offer.isLoaded($0.wire, at: now)
    }
  }

  private func isLoaded(_ router: Int, _ wire: Int) -> Bool {
    guard let joint = untouched.joint(of: router, on: wire),
      let loadedAt = routers[router].ports[Int(joint.port.rawValue)].loadedAt
    else { return false }
    return now < loadedAt.advanced(byMs: Self.loadMs)
  }
}
