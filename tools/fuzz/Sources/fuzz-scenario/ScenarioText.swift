import Fuzzing
import MCTPWire
import MCTPWorld

/// Whatever the text of a scenario is, it is read or refused with at least one problem, and each
/// problem has a place inside the text. Runs of what was read are drawn and planned, but not begun.
///
/// Topologies are those of this repository: the target is to be started in its root.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  fuzz(start, count) { bytes in
    let text = String(decoding: [UInt8](bytes), as: UTF8.self)
    do throws(ScenarioError) {
      let scenario = try Scenario.read(text, fileName: fileName) { try topology(at: $0) }
      precondition(!scenario.board.routers.isEmpty, "a board without a router")
      precondition(scenario.faultsFrom < scenario.quietFrom, "quiet before the faults")
      for seed in 1...4 as ClosedRange<UInt64> { check(scenario.plan(seed: seed)) }
    } catch {
      precondition(!error.problems.isEmpty, "refused without a problem")
      for problem in error.problems { check(problem, text) }
    }
  }
}

private let fileName = "topologies/scenarios/fuzz.sim"

private func check(_ run: DrawnPlan) {
  let scenario = run.scenario
  // Up to eight habits of neighbours come besides, and what nobody there can have falls away.
  let most = scenario.drawnCount.upperBound + (scenario.drawnCount.upperBound > 0 ? 8 : 0)
  precondition(run.faults.count <= most, "a number of faults")
  for fault in run.faults {
    precondition(scenario.kinds.contains(fault.kind), "a fault of another kind")
    precondition(
      fault.from <= fault.until && fault.until <= scenario.quietFrom, "a fault in the quiet")
  }
  precondition(!run.lines.isEmpty && run.plan.quietFrom == scenario.quietFrom, "another plan")
  let names = run.faults.map(\.id).joined(separator: ",")
  let left = try? run.without(text: names)
  precondition(left?.faultsLeft.isEmpty ?? false, "a fault that cannot be left out")
}

private func check(_ problem: ScenarioProblem, _ text: String) {
  precondition(!problem.message.isEmpty, "a problem without words")
  // No line has more characters than the text, and each break is at least one byte.
  let end = text.utf8.count + 1
  precondition(
    problem.line >= 0 && problem.line <= end && problem.column >= 0 && problem.column <= end,
    "a place outside the text")
}
