internal import MCTPWire

extension Scenario {
  /// Reads a scenario and the topologies that it names.
  ///
  /// - Parameters:
  ///   - fileName: for messages, and the folder from which topologies are named.
  ///   - read: the text of a file at a path.
  /// - Throws: everything that is wrong, with lines and columns.
  public static func read(
    _ text: String, fileName: String, read: (_ path: String) throws -> String
  ) throws(ScenarioError) -> Scenario {
    let lines = ScenarioLine.lines(of: text)
    var problems: [ScenarioProblem] = []
    var parts = BoardParts(fileName: fileName)
    var script = ScriptDraft()
    // A board must be whole before the script names its parts, so the order of lines is free.
    for phase in Phase.allCases {
      for line in lines where Phase(line) == phase {
        do throws(ScenarioProblem) {
          var words = ScenarioWords(fileName: fileName, line: line)
          let statement = try words.word("a statement")
          switch statement.text {
          case "router": try parts.addRouter(&words, read: read)
          case "omit": try parts.omit(&words)
          case "join": try parts.join(&words)
          case "mux": try parts.addMux(&words)
          case "device": try parts.addDevice(&words)
          case "neighbour": try parts.addNeighbour(&words)
          case "bridge": try parts.addBridge(&words)
          case "owner": try parts.addOwner(&words)
          case "at", "traffic", "faults", "recover", "clean":
            try script.take(statement, &words, parts.board, read: read)
          default:
            throw words.problem(
              "\(backQuoted(statement.text)) is no statement", at: statement,
              hint: "one of " + Phase.statements.joined(separator: ", "))
          }
          try words.finish()
        } catch { problems.append(error) }
      }
      // What comes later would complain about what is missing because of this.
      if phase < .script, !problems.isEmpty { break }
      do throws(ScenarioProblem) {
        if phase == .routers { try parts.finishRouters() }
        if phase == .joins { try parts.finishWires() }
        if phase == .devices { try parts.finishDevices() }
      } catch { problems.append(error) }
      if phase < .script, !problems.isEmpty { break }
    }
    if problems.isEmpty { problems += script.problems(fileName: fileName) }
    guard problems.isEmpty else {
      throw ScenarioError(problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) })
    }
    parts.add(script.otherTopologies)
    return Scenario(
      fileName: fileName, title: ScenarioLine.title(of: text), board: parts.board,
      traffic: script.traffic, script: script.events, faultsFrom: script.faultsFrom,
      quietFrom: script.quietFrom, drawnCount: script.drawnCount, kinds: script.kinds,
      recoveryMs: script.recoveryMs, cleanMs: script.cleanMs)
  }
}

/// When a statement is read: what it speaks of must be there.
private enum Phase: Int, CaseIterable, Comparable {
  case routers
  case joins
  case muxes
  case devices
  case script

  static let statements = [
    "router", "omit", "join", "mux", "device", "neighbour", "bridge", "owner", "at", "traffic",
    "faults", "recover", "clean",
  ]

  init(_ line: ScenarioLine) {
    self =
      switch line.words[0].text {
      case "router", "omit": .routers
      case "join": .joins
      case "mux": .muxes
      case "device", "neighbour", "bridge", "owner": .devices
      default: .script
      }
  }

  static func < (left: Phase, right: Phase) -> Bool { left.rawValue < right.rawValue }
}
