import MCTPWorld

/// What a run is made of.
enum RunKind {
  /// What a seed draws, without what is avoided. What causes known failures is avoided too, unless
  /// it is drawn.
  case drawn(avoiding: Avoidance, drawsKnown: Bool)
  /// The script alone.
  case scripted
  /// Nothing goes wrong for so long. The load is in percent of what the busiest wire carries; nil
  /// is the scenario's own.
  case long(ms: UInt64, loadPercent: UInt32?)
}

/// One run, as the command line names it.
struct RunCall {
  let file: ScenarioFile
  let seed: UInt64
  let kind: RunKind

  var plan: DrawnPlan {
    switch kind {
    case .drawn(let avoided, _): file.scenario.plan(seed: seed, avoiding: avoided)
    case .scripted: file.scenario.scriptedPlan(seed: seed)
    case .long(let ms, let load):
      file.scenario.lasting(ms: ms, loadPercent: load).scriptedPlan(seed: seed)
    }
  }

  /// The options of the kind.
  private var kindWords: [String] {
    switch kind {
    case .drawn(let avoided, let drawsKnown):
      (drawsKnown ? ["--draw-known"] : [])
        + (avoided == .nothing ? [] : ["--avoid", avoided.text])
    case .scripted: ["--no-faults"]
    case .long(let ms, let load):
      ["--hours", "\(Double(ms) / 3_600_000)"]
        + (load.map { ["--load", "\(Double($0) / 100)"] } ?? [])
    }
  }

  /// Arguments of this program.
  func words(without omissions: [Omission] = []) -> [String] {
    var words = [file.argument, "--seed", "\(seed)"]
    words += kindWords
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
