import MCTPWire
import MCTPWorld
import Testing

@Suite struct ReducerTests {
  let plan: DrawnPlan

  init() throws {
    let scenario = try Fixture.scenario(
      Fixture.tree.replacing("draw 3-8", with: "draw 12") + """

        at 1s restart dimm
        at 2s restart top.fan
        at 3s cut top.line
        """)
    plan = try #require(
      (UInt64(1)...50).map { scenario.plan(seed: $0) }.first {
        $0.faults.count == 12 && $0.traffic.requestsPerSecond > 40
      })
  }

  private func violation(_ invariant: String = "books") -> Violation {
    Violation(invariant, at: .zero, "in: forwarded 1, should be 2")
  }

  /// A run that fails as long as nothing of `needed` is left out.
  private func reduce(
    _ needed: Set<Omission>, rate: UInt32 = 0, runsMax: Int = 300
  ) -> (Reducer.Result, runs: Int) {
    var runs = 0
    let result = Reducer.reduce(plan, failingWith: violation(), runsMax: runsMax) { candidate in
      runs += 1
      let isThere = needed.isDisjoint(with: candidate.omissions)
      return isThere && candidate.trafficLeft.requestsPerSecond >= rate ? violation() : nil
    }
    return (result, runs)
  }

  @Test func exactly_what_the_failure_needs_is_left() {
    let needed: Set<Omission> = [.fault(3), .fault(11), .event(2), .device(0)]
    let (result, runs) = reduce(needed)
    #expect(result.plan.faultsLeft.map(\.number) == [3, 11])
    #expect(result.plan.scriptLeft.map(\.number) == [2])
    #expect(result.plan.devicesLeft == [0])
    #expect(result.plan.trafficLeft.requestsPerSecond == 0)
    #expect(result.isSmallest)
    #expect(result.runs == runs)
    #expect(runs < 80)
  }

  @Test func every_pair_of_faults_is_found() {
    for first in 1...11 {
      for second in first + 1...12 {
        let (result, _) = reduce([.fault(first), .fault(second)])
        #expect(result.plan.faultsLeft.map(\.number) == [first, second])
      }
    }
  }

  @Test func a_failure_that_needs_nothing_is_reduced_to_nothing_in_few_runs() {
    let (result, runs) = reduce([])
    #expect(result.plan.faultsLeft.isEmpty && result.plan.devicesLeft.isEmpty)
    #expect(runs <= 4)
  }

  @Test func traffic_is_lowered_as_far_as_the_failure_allows() {
    let (result, _) = reduce([], rate: 10)
    let rate = result.plan.trafficLeft.requestsPerSecond
    #expect((10..<20).contains(rate))
  }

  @Test func another_invariant_is_another_failure() {
    let result = Reducer.reduce(plan, failingWith: violation()) { candidate in
      // Without the first fault the run fails in another way.
      violation(candidate.omissions.contains(.fault(1)) ? "recovery" : "books")
    }
    #expect(result.plan.faultsLeft.map(\.number) == [1])
    #expect(result.violation.invariant == "books")
  }

  @Test func the_number_of_runs_is_bounded_and_the_result_fails_all_the_same() {
    let needed: Set<Omission> = [.fault(1), .fault(6), .fault(12)]
    let (result, runs) = reduce(needed, runsMax: 7)
    #expect(runs == 7)
    #expect(!result.isSmallest)
    #expect(needed.isDisjoint(with: result.plan.omissions))
  }

  @Test func a_search_that_ended_before_anything_could_go_is_not_said_to_be_complete() {
    // All faults are needed: so few runs do not get beyond them.
    let (result, runs) = reduce(Set((1...12).map { .fault($0) }), runsMax: 9)
    #expect(runs == 9)
    #expect(result.plan.omissions.isEmpty)
    #expect(!result.isSmallest)
  }

  @Test func the_last_try_that_the_number_allows_may_complete_the_search() {
    let (complete, runs) = reduce([], rate: 1000)
    let (bounded, _) = reduce([], rate: 1000, runsMax: runs)
    #expect(complete.isSmallest && bounded.isSmallest)
  }

  @Test func the_same_answers_lead_to_the_same_result() {
    let needed: Set<Omission> = [.fault(2), .fault(9), .device(2)]
    #expect(reduce(needed).0.plan.omissions == reduce(needed).0.plan.omissions)
  }

  @Test func what_fails_only_together_with_a_device_goes_with_it() {
    // The fault matters as long as the device is there.
    let result = Reducer.reduce(plan, failingWith: violation()) { candidate in
      let hasDevice = !candidate.omissions.contains(.device(1))
      let hasFault = !candidate.omissions.contains(.fault(5))
      return hasFault || !hasDevice ? violation() : nil
    }
    #expect(result.plan.faultsLeft.isEmpty)
    #expect(!result.plan.devicesLeft.contains(1))
    #expect(result.isSmallest)
  }
}
