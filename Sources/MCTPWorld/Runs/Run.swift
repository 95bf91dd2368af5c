// One run of a world, with its checker and its trace.

public enum Run {
  /// Runs `plan` to its end or to its first violation.
  ///
  /// - Parameter output: what is written of the run beside its hash.
  public static func execute(_ plan: Plan, output: RunOutput = RunOutput()) -> RunOutcome {
    let checker = InvariantChecker(board: plan.board, traffic: plan.traffic)
    let trace = Trace(board: plan.board, text: output.text)
    var observers: [any WorldObserver] = [checker, trace]
    if let write = output.capture {
      observers.append(RunCapture(board: plan.board, write: write))
    }
    let world = World(plan, observers: observers)
    var violation = world.run()
    if let seen = checker.violation, violation.map({ seen.at <= $0.at }) ?? true {
      violation = seen
    }
    return RunOutcome(
      violation: violation, hash: trace.hash, lasted: world.now, totals: world.totals)
  }
}

/// Where a run's trace goes.
public struct RunOutput {
  /// Takes lines of columns.
  public var text: ((String) -> Void)?
  /// Takes the bytes of a capture file.
  public var capture: (([UInt8]) -> Void)?

  public init(text: ((String) -> Void)? = nil, capture: (([UInt8]) -> Void)? = nil) {
    self.text = text
    self.capture = capture
  }
}
