internal import MCTPSimulation
internal import MCTPWire

/// What is not to be drawn, by the words of scenario files: causes of what is known to fail.
public struct Avoidance: Hashable, Sendable {
  /// A fault that stays is avoided by what it is besides, too.
  public private(set) var kinds: Set<FaultKind> = []
  /// Overloads are no more than this, in percent of what the busiest wire carries.
  public private(set) var loadPercentMax: UInt32?

  public static let nothing = Avoidance()

  init() {}

  /// - Parameter words: of `FaultKind`, and `overload:1.5` for overloads of no more than that.
  ///   Their order does not matter.
  public init(words: some Sequence<String>) throws(OmissionError) {
    for word in words {
      if let kind = FaultKind(rawValue: word) {
        kinds.insert(kind)
      } else if word.hasPrefix("overload:"), let percent = Avoidance.percent(word.dropFirst(9)) {
        loadPercentMax = min(loadPercentMax ?? percent, percent)
      } else {
        throw OmissionError(
          description: "\(backQuoted(word)) is no kind of fault: there are "
            + FaultKind.allCases.map(\.rawValue).joined(separator: ", ")
            + ", and overload:N, as in overload:1.5")
      }
    }
  }

  /// Words with commas.
  public init(text: String) throws(OmissionError) {
    try self.init(words: text.split(separator: ",").map(String.init))
  }

  /// As `init(text:)` reads it.
  public var text: String {
    var words = FaultKind.allCases.filter { kinds.contains($0) }.map(\.rawValue)
    if let loadPercentMax {
      let rest = String(loadPercentMax % 100)
      words.append("overload:\(loadPercentMax / 100)." + (rest.count < 2 ? "0" : "") + rest)
    }
    return words.joined(separator: ",")
  }

  /// `1.5` as 150.
  private static func percent(_ text: Substring) -> UInt32? {
    guard let percent = ScenarioWords.decimal(text, scale: 2), percent <= 10_000 else {
      return nil
    }
    return UInt32(percent)
  }

  /// Nil when it is avoided.
  func left(of fault: DrawnFault, on scenario: Scenario) -> DrawnFault? {
    guard !kinds.contains(fault.kind), !(fault.cause.map(kinds.contains) ?? false) else {
      return nil
    }
    guard case .load(_, let percent) = fault.effect, let loadPercentMax, percent > loadPercentMax
    else { return fault }
    let rate = scenario.board.requestsPerSecond(of: scenario.traffic, loadPercent: loadPercentMax)
    return fault.with(effect: .load(rate, percent: loadPercentMax))
  }

  /// With loads that are not avoided, where its script says more.
  func left(of scenario: Scenario) -> Scenario {
    guard loadPercentMax != nil else { return scenario }
    let script = scenario.script.map { line in
      var line = line
      line.events = line.events.map { event in
        guard case .load(let rate) = event else { return event }
        let asked = Traffic(
          requestsPerSecond: rate, bodyByteCounts: scenario.traffic.bodyByteCounts,
          pair: scenario.traffic.pair)
        return .load(requestsPerSecond: left(of: asked, on: scenario.board).requestsPerSecond)
      }
      return line
    }
    return scenario.with(script: script)
  }

  /// No more than the board is offered by the largest overload that is not avoided.
  func left(of traffic: Traffic, on board: Board) -> Traffic {
    guard let loadPercentMax else { return traffic }
    var left = traffic
    let most = board.requestsPerSecond(of: traffic, loadPercent: loadPercentMax)
    left.requestsPerSecond = min(traffic.requestsPerSecond, most)
    return left
  }
}
