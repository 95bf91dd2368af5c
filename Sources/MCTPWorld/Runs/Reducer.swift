/// Shrinks a run that fails to the fewest faults, events and devices, and the least traffic, with
/// which the same invariant is violated. Pure: what runs a plan is given, and the same answers lead
/// to the same result.
///
/// In each list halves are left out first, then smaller parts, then single ones (Zeller's delta
/// debugging), until nothing more can go or `runsMax` runs were made.
public struct Reducer {
  public struct Result: Sendable {
    /// Fails as the first one did.
    public let plan: DrawnPlan
    /// Of the reduced run.
    public let violation: Violation
    /// How many runs it took.
    public let runs: Int
    /// False when `runsMax` ended the search.
    public let isSmallest: Bool
  }

  private let run: (DrawnPlan) -> Violation?
  private let runsMax: Int
  private var runs = 0
  /// A try was not made: `runsMax` runs were.
  private var wasRefused = false
  private var plan: DrawnPlan
  private var violation: Violation

  /// - Parameters:
  ///   - plan: a run that ended with `violation`.
  ///   - runsMax: 1 or more.
  public static func reduce(
    _ plan: DrawnPlan, failingWith violation: Violation, runsMax: Int = 300,
    run: @escaping (DrawnPlan) -> Violation?
  ) -> Result {
    var reducer = Reducer(plan: plan, violation: violation, runsMax: runsMax, run: run)
    return reducer.result()
  }

  private init(
    plan: DrawnPlan, violation: Violation, runsMax: Int, run: @escaping (DrawnPlan) -> Violation?
  ) {
    self.plan = plan
    self.violation = violation
    self.runsMax = runsMax
    self.run = run
  }

  private mutating func result() -> Result {
    var hasShrunk = true
    // What could not go while a device was there may go without it.
    while hasShrunk, runs < runsMax {
      hasShrunk = shrink(plan.faultsLeft.map { .fault($0.number) })
      hasShrunk = shrink(plan.scriptLeft.map { .event($0.number) }) || hasShrunk
      hasShrunk = shrink(plan.makesLeft.map { .make($0) }) || hasShrunk
      hasShrunk = shrink(plan.devicesLeft.map { .device($0) }) || hasShrunk
      hasShrunk = lowerTraffic() || hasShrunk
    }
    return Result(
      plan: plan, violation: violation, runs: runs, isSmallest: !hasShrunk && !wasRefused)
  }

  /// Leaves out as much of `items` as can go; true when anything could.
  private mutating func shrink(_ items: [Omission]) -> Bool {
    var items = items
    var hasShrunk = false
    var size = items.count
    while size > 0 {
      var start = 0
      while start < items.count {
        let end = min(start + size, items.count)
        if fails(without: Array(items[start..<end])) {
          items.removeSubrange(start..<end)
          hasShrunk = true
        } else {
          start = end
        }
      }
      size = size == 1 ? 0 : (size + 1) / 2
    }
    return hasShrunk
  }

  /// None, or half as often as long as the run still fails.
  private mutating func lowerTraffic() -> Bool {
    var hasShrunk = false
    guard plan.trafficLeft.requestsPerSecond > 0 else { return false }
    if fails(without: [.trafficAbove(0)]) { return true }
    while plan.trafficLeft.requestsPerSecond > 1,
      fails(without: [.trafficAbove(plan.trafficLeft.requestsPerSecond / 2)])
    {
      hasShrunk = true
    }
    return hasShrunk
  }

  /// Runs without them too, and keeps that when the same invariant is violated.
  private mutating func fails(without more: [Omission]) -> Bool {
    guard runs < runsMax else {
      wasRefused = true
      return false
    }
    runs += 1
    let candidate = plan.without(more)
    guard let seen = run(candidate), seen.invariant == violation.invariant else { return false }
    plan = candidate
    violation = seen
    return true
  }
}
