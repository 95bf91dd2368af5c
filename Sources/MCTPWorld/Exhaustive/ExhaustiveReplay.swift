// One path again, in words.

/// A path of a small board, step by step.
public struct ExhaustiveReplay: Sendable {
  /// One line a step: virtual seconds since the start, and what happened.
  public internal(set) var lines: [String] = []
  public internal(set) var violation: ExhaustiveViolation?
  /// The place of the first choice that there was not; nil when all could be taken.
  public internal(set) var wrongChoice: Int?

  /// - Parameter showsCalm: also what happens after the last choice, until everything rests.
  public init(
    _ board: SmallBoard, _ limits: ExhaustiveLimits, choices: [Int], showsCalm: Bool = false
  ) {
    var world = SmallWorld.start(board, limits)
    let start = world.now
    for (place, choice) in choices.enumerated() {
      let steps = world.steps
      guard steps.indices.contains(choice) else {
        wrongChoice = place
        return
      }
      lines.append(world.words(steps[choice], since: start))
      world.apply(steps[choice])
      violation = world.violation
      if violation != nil { return }
    }
    if showsCalm { world.story = [] }
    world.calm(since: start)
    lines += world.story ?? []
    violation = world.violation
  }
}

extension SmallWorld {
  /// A step for people, before it is taken.
  func words(_ step: SmallStep, since start: UInt64) -> String {
    let ms = (now - start) / 1_000_000
    let fraction = String(ms % 1000 + 1000).dropFirst()
    return "\(ms / 1000).\(fraction) \(words(step))"
  }

  private func words(_ step: SmallStep) -> String {
    switch step {
    case .deliver(let channel): "arrives \(words(of: channel))"
    case .lose(let channel): "LOST \(words(of: channel))"
    case .duplicate(let channel): "TWICE \(words(of: channel))"
    case .timeOut: "time goes on"
    case .ping(let from, let to): "\(board.devices[from].name) asks \(board.devices[to].name)"
    case .restart(let device): "RESTART of \(board.devices[device].name)"
    case .portDown(let router, let port): "PORT DOWN \(board.routers[router].name).\(port)"
    case .portUp(let router, let port): "port up \(board.routers[router].name).\(port)"
    case .start(let router): "start of \(board.routers[router].name)"
    case .kill(let router, let keepsLeases):
      "KILL \(board.routers[router].name), \(keepsLeases ? "leases are kept" : "leases are lost")"
    }
  }

  private func words(of index: Int) -> String {
    let channel = board.channels[index]
    let way = "\(board.name(of: channel.from.place)) -> \(board.name(of: channel.to.place))"
    guard let flight = channels[index].first else { return way }
    return "\(way): \(SmallWorld.words(flight.packet))"
  }
}
