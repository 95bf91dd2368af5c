// Everything that may happen on a small board, breadth first: each state once, at the fewest steps
// that lead to it, so that the first way to a violation is the shortest.
//
// States are not kept, only their digests and, of each, the state before it and the choice: 13 to
// 21 bytes a state. A layer's states are in the order of those before them, so they are made again
// by walking the tree of choices once a layer, with a copy at each branch. No order of steps is
// left out because it must be equal to another; orders that are equal fold.

public struct ExhaustiveLimits: Sendable {
  /// Steps from the start.
  public var depth = 12
  /// Faults a path.
  public var faults = 1
  /// Packets between devices a path.
  public var pings = 1
  public var statesMax = 10_000_000
  /// Leaves that are followed to their rest, spread evenly over all.
  public var calmRunsMax = 200
  /// Begin when everybody has been set up, not at power-on.
  public var isSettled = false

  public init() {}
}

public struct ExhaustiveSearch {
  private let board: SmallBoard
  private let limits: ExhaustiveLimits
  private var parents: [UInt32] = []
  private var choices: [UInt8] = []
  private var seen = SeenStates()
  private var report = ExhaustiveReport()
  private var walk = ExhaustiveWalk()

  public init(_ board: SmallBoard, _ limits: ExhaustiveLimits) {
    self.board = board
    self.limits = limits
  }

  /// - Parameter goesOn: asked every few hundred states with what there is; false ends the search.
  public mutating func run(_ goesOn: (ExhaustiveReport) -> Bool) -> ExhaustiveReport {
    let start = SmallWorld.start(board, limits)
    walk = ExhaustiveWalk(start)
    parents = [0]
    choices = [0]
    _ = seen.insert(start.digest)
    report.states = 1
    report.layers = [1]
    if let violation = start.violation { note(violation, [], isAtEnd: false) }
    settle(0..<1, goesOn)
    var layer = 0..<1
    var isEnded = false
    while report.depth < limits.depth, !isEnded, !layer.isEmpty {
      let next = parents.count
      for (position, node) in layer.enumerated() {
        expand(node)
        if parents.count >= limits.statesMax { isEnded = true }
        if position & 255 == 255, !goesOn(measured()) { isEnded = true }
        guard !isEnded else { break }
      }
      report.layers.append(parents.count - next)
      if !isEnded {
        report.depth += 1
        layer = next..<parents.count
      }
    }
    report.leaves = layer.count
    report.isComplete = !isEnded
    settle(layer, goesOn)
    report.findings.sort { $0.choices.count < $1.choices.count }
    return measured()
  }

  private func measured() -> ExhaustiveReport {
    var report = report
    report.tableBytes =
      seen.byteCount + parents.capacity * MemoryLayout<UInt32>.size + choices.capacity
    return report
  }

  private mutating func expand(_ node: Int) {
    let world = walk.world(node, parents, choices)
    for (choice, step) in world.steps.enumerated() {
      var next = world
      next.apply(step)
      report.transitions += 1
      if let violation = next.violation {
        note(violation, path(node) + [choice], isAtEnd: false)
        continue
      }
      guard seen.insert(next.digest) else {
        report.folded += 1
        continue
      }
      report.states += 1
      parents.append(UInt32(node))
      choices.append(UInt8(choice))
    }
  }

  /// Follows leaves to their rest.
  private mutating func settle(_ layer: Range<Int>, _ goesOn: (ExhaustiveReport) -> Bool) {
    guard limits.calmRunsMax > 0, !layer.isEmpty else { return }
    let stride = max(1, (layer.count + limits.calmRunsMax - 1) / limits.calmRunsMax)
    for node in Swift.stride(from: layer.lowerBound, to: layer.upperBound, by: stride) {
      var world = walk.world(node, parents, choices)
      world.calm()
      report.calmRuns += 1
      if let violation = world.violation { note(violation, path(node), isAtEnd: true) }
      // A search that ran out of time still looks at some of its leaves.
      if !goesOn(measured()), report.calmRuns >= 20 { return }
    }
  }

  private func path(_ node: Int) -> [Int] {
    var path: [Int] = []
    var node = node
    while node != 0 {
      path.append(Int(choices[node]))
      node = Int(parents[node])
    }
    return path.reversed()
  }

  /// The first of each kind and text is the shortest.
  private mutating func note(_ violation: ExhaustiveViolation, _ path: [Int], isAtEnd: Bool) {
    if let index = report.findings.firstIndex(where: {
      $0.violation.invariant == violation.invariant && $0.isAtEnd == isAtEnd
    }) {
      report.findings[index].count += 1
      return
    }
    report.findings.append(
      ExhaustiveFinding(violation: violation, choices: path, isAtEnd: isAtEnd, count: 1))
  }
}

/// The states on the way to one, kept so that the next one's way needs only its end.
struct ExhaustiveWalk {
  private var nodes: [Int] = []
  private var worlds: [SmallWorld] = []

  init() {}

  init(_ start: SmallWorld) {
    nodes = [0]
    worlds = [start]
  }

  mutating func world(_ node: Int, _ parents: [UInt32], _ choices: [UInt8]) -> SmallWorld {
    var chain: [Int] = [node]
    while let last = chain.last, last != 0 { chain.append(Int(parents[last])) }
    chain.reverse()
    var common = 0
    while common < nodes.count, common < chain.count, nodes[common] == chain[common] { common += 1 }
    nodes.removeLast(nodes.count - common)
    worlds.removeLast(worlds.count - common)
    for next in chain.dropFirst(common) {
      var world = worlds[worlds.count - 1]
      world.apply(world.steps[Int(choices[next])])
      nodes.append(next)
      worlds.append(world)
    }
    return worlds[worlds.count - 1]
  }
}

extension SmallWorld {
  static func start(_ board: SmallBoard, _ limits: ExhaustiveLimits) -> SmallWorld {
    var world = SmallWorld(board, faults: limits.faults, pings: limits.pings)
    if limits.isSettled { world.run(for: 20_000_000_000) }
    world.renamings = 0
    return world
  }
}
