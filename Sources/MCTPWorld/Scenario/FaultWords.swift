// Faults and temperaments in the words of scenario files.

internal import MCTPSimulation
internal import MCTPWire

extension FrameFaults {
  /// `loss 1% delay 5ms`; `perfect` when there is nothing.
  var words: String {
    var words: [String] = []
    func chance(_ name: String, _ ppm: UInt32, _ more: String = "") {
      if ppm > 0 { words.append("\(name) \(percent(ppm))\(more)") }
    }
    chance("loss", lossPPM)
    chance("duplicate", duplicatePPM)
    chance("damage", damagePPM)
    chance("burst", burstPPM, " of \(burstFrameCount)")
    if delayMaxMicroseconds > 0 { words.append("delay \(delayMaxMicroseconds)us") }
    chance("nak", nakPPM)
    chance("arbitration", arbitrationLossPPM)
    chance("hold", holdPPM, " for \(holdMicroseconds)us")
    chance("interrupt-loss", interruptLossPPM)
    chance("byte-loss", byteLossPPM)
    chance("noise", noisePPM)
    return words.isEmpty ? "perfect" : words.joined(separator: " ")
  }

  /// Both at once: the worse of each.
  func merged(with other: FrameFaults) -> FrameFaults {
    var all = self
    all.lossPPM = max(lossPPM, other.lossPPM)
    all.duplicatePPM = max(duplicatePPM, other.duplicatePPM)
    all.damagePPM = max(damagePPM, other.damagePPM)
    if other.burstPPM > 0 {
      all.burstFrameCount =
        burstPPM > 0 ? max(burstFrameCount, other.burstFrameCount) : other.burstFrameCount
    }
    all.burstPPM = max(burstPPM, other.burstPPM)
    all.delayMaxMicroseconds = max(delayMaxMicroseconds, other.delayMaxMicroseconds)
    all.nakPPM = max(nakPPM, other.nakPPM)
    all.arbitrationLossPPM = max(arbitrationLossPPM, other.arbitrationLossPPM)
    if other.holdPPM > 0 {
      all.holdMicroseconds =
        holdPPM > 0 ? max(holdMicroseconds, other.holdMicroseconds) : other.holdMicroseconds
    }
    all.holdPPM = max(holdPPM, other.holdPPM)
    all.interruptLossPPM = max(interruptLossPPM, other.interruptLossPPM)
    all.byteLossPPM = max(byteLossPPM, other.byteLossPPM)
    all.noisePPM = max(noisePPM, other.noisePPM)
    return all
  }
}

extension Temperament {
  /// `answers twice floods 100/s`; `good` when there is nothing.
  var words: String {
    var words: [String] = []
    switch answers {
    case .always: break
    case .never: words.append("answers never")
    case .twice: words.append("answers twice")
    case .notEach(let count): words.append("answers not-each \(count)")
    }
    if answerDelayMs > 0 { words.append("answers late \(answerDelayMs)ms") }
    if let forgetsEIDEveryMs { words.append("forgets every \(forgetsEIDEveryMs)ms") }
    if reportedEIDOffset > 0 { words.append("reports +\(reportedEIDOffset)") }
    if floodPerSecond > 0 {
      words.append("floods \(floodPerSecond)/s to \(floodDestination.rawValue)")
    }
    if garbagePerSecond > 0 { words.append("garbage \(garbagePerSecond)/s") }
    if garbageFramesPerSecond > 0 { words.append("garbage-frames \(garbageFramesPerSecond)/s") }
    return words.isEmpty ? "good" : words.joined(separator: " ")
  }

  /// Both at once: where they contradict each other, `other`.
  func merged(with other: Temperament) -> Temperament {
    var all = self
    if other.answers != .always { all.answers = other.answers }
    all.answerDelayMs = max(answerDelayMs, other.answerDelayMs)
    all.forgetsEIDEveryMs = other.forgetsEIDEveryMs ?? forgetsEIDEveryMs
    if other.reportedEIDOffset > 0 { all.reportedEIDOffset = other.reportedEIDOffset }
    if other.floodPerSecond > 0 {
      all.floodPerSecond = other.floodPerSecond
      all.floodDestination = other.floodDestination
    }
    all.garbagePerSecond = max(garbagePerSecond, other.garbagePerSecond)
    all.garbageFramesPerSecond = max(garbageFramesPerSecond, other.garbageFramesPerSecond)
    return all
  }
}

/// Millionths as a scenario writes them, exactly: `1.25%`.
private func percent(_ ppm: UInt32) -> String {
  var fraction = String(ppm % 10_000)
  fraction = String(repeating: "0", count: 4 - fraction.count) + fraction
  while fraction.hasSuffix("0") { fraction.removeLast() }
  return "\(ppm / 10_000)" + (fraction.isEmpty ? "" : ".") + fraction + "%"
}
