// The parts of a board in events, and what wires and devices do there.

internal import MCTPSimulation
internal import MCTPWire

extension ScenarioWords {
  mutating func device(_ board: Board) throws(ScenarioProblem) -> Int {
    try part("device", board.devices.map(\.name))
  }

  mutating func joint(_ board: Board) throws(ScenarioProblem) -> Board.Joint {
    board.joints[try part("port", board.joints.map { board.portName($0.router, $0.port) })]
  }

  /// A wire has the name of each port on it.
  mutating func wire(_ board: Board) throws(ScenarioProblem) -> Int {
    board.joints[try part("wire", board.joints.map { board.portName($0.router, $0.port) })].wire
  }

  /// `perfect`, or what goes wrong with frames: `loss 1% delay 5ms`.
  mutating func frameFaults() throws(ScenarioProblem) -> FrameFaults {
    var faults = FrameFaults.none
    if takes("perfect") { return faults }
    repeat {
      switch try choice("fault of a wire", WireWord.all) {
      case .chance(let field): faults[keyPath: field] = try chance("chance")
      case .burst:
        faults.burstPPM = try chance("chance")
        if takes("of") { faults.burstFrameCount = UInt32(try number("burst", 1...1000)) }
      case .hold:
        faults.holdPPM = try chance("chance")
        if takes("for") { faults.holdMicroseconds = try microseconds() }
      case .delay: faults.delayMaxMicroseconds = try microseconds()
      }
    } while !isOver
    return faults
  }

  /// `good`, or how the device differs: `answers twice floods 100/s to 8`.
  mutating func temperament() throws(ScenarioProblem) -> Temperament {
    var temperament = Temperament.good
    if takes("good") { return temperament }
    repeat {
      switch try choice("habit of a device", DeviceHabit.all) {
      case .answers: try answers(&temperament)
      case .forgets:
        try expect("every")
        temperament.forgetsEIDEveryMs = try milliseconds("forgetting")
      case .reports: temperament.reportedEIDOffset = try offset()
      case .floods:
        temperament.floodPerSecond = try rate("rate")
        temperament.floodDestination = .null
        if takes("to") {
          temperament.floodDestination = EID(UInt8(try number("EID", 0...255)))
        }
      case .garbage: temperament.garbagePerSecond = try rate("rate")
      case .garbageFrames: temperament.garbageFramesPerSecond = try rate("rate")
      }
    } while !isOver
    return temperament
  }

  /// `+1`
  mutating func offset() throws(ScenarioProblem) -> UInt8 {
    let word = try word("offset of the EID")
    guard word.text.hasPrefix("+"),
      let offset = ScenarioWords.integer(String(word.text.dropFirst())),
      (1...255).contains(offset)
    else {
      throw problem(
        "\(backQuoted(word.text)) is no offset", at: word, hint: "as in +1; +255 at most")
    }
    return UInt8(offset)
  }

  private mutating func answers(_ temperament: inout Temperament) throws(ScenarioProblem) {
    switch try choice("way to answer", AnswerWord.all) {
    case .always: temperament.answers = .always
    case .never: temperament.answers = .never
    case .twice: temperament.answers = .twice
    case .notEach: temperament.answers = .notEach(UInt32(try number("count", 2...1_000_000)))
    case .late: temperament.answerDelayMs = try milliseconds("delay")
    }
  }

  private mutating func microseconds() throws(ScenarioProblem) -> UInt32 {
    let word = next
    let nanoseconds = try time("time")
    guard nanoseconds % 1000 == 0, nanoseconds <= 60_000_000_000 else {
      throw problem("this is counted in whole microseconds, up to a minute", at: word)
    }
    return UInt32(nanoseconds / 1000)
  }
}

enum AnswerWord {
  case always
  case never
  case twice
  case notEach
  case late

  static let all: [(String, AnswerWord)] = [
    ("always", .always), ("never", .never), ("twice", .twice), ("not-each", .notEach),
    ("late", .late),
  ]
}

private enum DeviceHabit {
  case answers
  case forgets
  case reports
  case floods
  case garbage
  case garbageFrames

  static let all: [(String, DeviceHabit)] = [
    ("answers", .answers), ("forgets", .forgets), ("reports", .reports), ("floods", .floods),
    ("garbage", .garbage), ("garbage-frames", .garbageFrames),
  ]
}

private enum WireWord {
  case chance(WritableKeyPath<FrameFaults, UInt32>)
  case burst
  case hold
  case delay

  static var all: [(String, WireWord)] {
    [
      ("loss", .chance(\.lossPPM)), ("duplicate", .chance(\.duplicatePPM)),
      ("damage", .chance(\.damagePPM)), ("burst", .burst), ("delay", .delay),
      ("nak", .chance(\.nakPPM)), ("arbitration", .chance(\.arbitrationLossPPM)),
      ("hold", .hold), ("interrupt-loss", .chance(\.interruptLossPPM)),
      ("byte-loss", .chance(\.byteLossPPM)), ("noise", .chance(\.noisePPM)),
    ]
  }
}
