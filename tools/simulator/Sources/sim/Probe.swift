import MCTPWire
import MCTPWorld

/// One run in a process of its own, for its violation only: a run that ends its process is a try
/// like any other.
struct Probe {
  let call: RunCall
  /// Where scenarios are, and the like.
  let options: [String]

  /// The work of the child, and what it says:
  ///
  ///     held
  ///     violated NANOSECONDS INVARIANT TEXT
  static func answer(_ plan: DrawnPlan) throws {
    guard let violation = Run.execute(plan.plan).violation else { return try Output.say("held") }
    try Output.say(
      "violated \(violation.at.nanoseconds) \(violation.invariant) \(violation.text)")
  }

  /// - Returns: the violation; nil when every invariant held.
  func run(_ plan: DrawnPlan) throws -> Violation? {
    var child = try WorkerProcess.start(
      call.words(without: plan.omissions) + options + ["--probe"], isSilent: true)
    var lines: [String] = []
    while let more = child.read() { lines += more.map(String.init) }
    let end = child.finish()
    if let invariant = end.invariant { return Violation(invariant, at: .zero, end.text) }
    let words = lines.first?.split(separator: " ", maxSplits: 3) ?? []
    if words.count == 4, let nanoseconds = UInt64(words[1]) {
      return Violation(
        String(words[2]), at: Instant(nanoseconds: nanoseconds), String(words[3]))
    }
    guard end == .status(0) else {
      throw RunnerFailure(
        "a run for the reduction broke off: \(end.text): \(call.command(without: plan.omissions))")
    }
    return nil
  }

  /// The smallest run that fails as `plan` does.
  func reduce(_ plan: DrawnPlan, failingWith violation: Violation) throws -> Reducer.Result {
    var failure: (any Error)?
    let result = Reducer.reduce(plan, failingWith: violation) { candidate in
      guard failure == nil else { return nil }
      do { return try run(candidate) } catch {
        failure = error
        return nil
      }
    }
    if let failure { throw failure }
    return result
  }
}
