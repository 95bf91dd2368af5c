import MCTPWorld

/// One run, as the command line names it.
struct RunCall {
  let file: ScenarioFile
  let seed: UInt64
  let isDrawn: Bool
  /// Kinds of faults that are not drawn: what causes known failures.
  let avoided: Avoidance

  var plan: DrawnPlan {
    isDrawn
      ? file.scenario.plan(seed: seed, avoiding: avoided) : file.scenario.scriptedPlan(seed: seed)
  }

  /// Arguments of this program.
  func words(without omissions: [Omission] = []) -> [String] {
    var words = [file.argument, "--seed", "\(seed)"]
    if !isDrawn { words.append("--no-faults") }
    if isDrawn, avoided == .nothing { words.append("--draw-known") }
    var left: [Omission] = []
    var lowest: UInt32?
    for omission in omissions {
      // The lowest rate holds; the steps to it say nothing.
      if case .trafficAbove(let rate) = omission {
        lowest = min(lowest ?? rate, rate)
      } else {
        left.append(omission)
      }
    }
    if let lowest { left.append(.trafficAbove(lowest)) }
    guard !left.isEmpty else { return words }
    return words + ["--without", left.map { $0.text(file.scenario.board) }.joined(separator: ",")]
  }

  /// The line that repeats it, for a shell.
  func command(without omissions: [Omission] = []) -> String {
    (["tools/sim"] + words(without: omissions)).map(quoted).joined(separator: " ")
  }

  private func quoted(_ word: String) -> String {
    let plain = "_./,:+=@%-0123456789".unicodeScalars
    let isPlain = word.unicodeScalars.allSatisfy { scalar in
      scalar.properties.isAlphabetic || plain.contains(scalar)
    }
    guard !isPlain || word.isEmpty else { return word }
    let parts = word.split(separator: "'", omittingEmptySubsequences: false)
    return "'\(parts.joined(separator: #"'\''"#))'"
  }
}
