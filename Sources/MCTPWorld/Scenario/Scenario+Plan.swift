internal import MCTPSimulation
internal import MCTPWire

extension Scenario {
  /// The run of a seed.
  ///
  /// - Parameter avoided: what is left out of what was drawn; the rest is as without it.
  public func plan(seed: UInt64, avoiding avoided: Avoidance = .nothing) -> DrawnPlan {
    var draw = FaultDraw(self, seed: seed)
    let traffic = avoided.left(of: draw.traffic(), on: board)
    let faults = draw.faults().compactMap { avoided.left(of: $0, on: self) }
    return DrawnPlan(
      avoided.left(of: self), seed: seed, faults: faults, traffic: traffic,
      makes: avoided.kinds.contains(.otherMake) ? [] : draw.makes)
  }

  /// The run of the script alone, with all of its traffic.
  public func scriptedPlan(seed: UInt64) -> DrawnPlan {
    DrawnPlan(self, seed: seed, faults: [], traffic: traffic)
  }

  /// A scenario with the same board in which nothing goes wrong, for so long, under this load.
  ///
  /// - Parameter loadPercent: of what the busiest wire carries; nil is the scenario's own traffic.
  public func lasting(ms: UInt64, loadPercent: UInt32?) -> Scenario {
    var traffic = traffic
    if let loadPercent {
      traffic.requestsPerSecond = board.requestsPerSecond(of: traffic, loadPercent: loadPercent)
    }
    return Scenario(
      fileName: fileName, title: title, board: board, traffic: traffic, script: [],
      faultsFrom: .zero, quietFrom: Instant(nanoseconds: ms * 1_000_000), drawnCount: 0...0,
      kinds: [], recoveryMs: recoveryMs, cleanMs: cleanMs)
  }
}
