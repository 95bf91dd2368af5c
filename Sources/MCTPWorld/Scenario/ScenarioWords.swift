internal import MCTPWire

/// Takes the words of one line in order, and says exactly what is wrong with one. Life: one line.
struct ScenarioWords {
  let fileName: String
  let line: ScenarioLine
  private var index = 0

  /// Times of a scenario end here: a thousand hours of virtual time.
  static let timeMaxNanoseconds: UInt64 = 3_600_000_000_000_000

  init(fileName: String, line: ScenarioLine) {
    self.fileName = fileName
    self.line = line
  }

  /// Nothing follows but, of an event, that it stays.
  var isOver: Bool { next == nil || next?.text == "stays" }

  var next: ScenarioWord? { index < line.words.count ? line.words[index] : nil }

  func problem(_ message: String, at word: ScenarioWord?, hint: String? = nil) -> ScenarioProblem {
    ScenarioProblem(
      fileName: fileName, line: line.number, column: word?.column ?? line.endColumn,
      message: message, hint: hint)
  }

  /// The next word, whatever it is.
  ///
  /// - Parameter what: names it in the message when the line is over.
  mutating func word(_ what: String) throws(ScenarioProblem) -> ScenarioWord {
    guard let word = next else {
      throw problem("\(what) is missing after \(backQuoted(line.words[index - 1].text))", at: nil)
    }
    index += 1
    return word
  }

  /// Takes the next word if it is `keyword`.
  mutating func takes(_ keyword: String) -> Bool {
    guard next?.text == keyword else { return false }
    index += 1
    return true
  }

  mutating func expect(_ keyword: String) throws(ScenarioProblem) {
    let word = try word("`\(keyword)`")
    guard word.text == keyword else {
      throw problem("\(backQuoted(word.text)) is here, where `\(keyword)` belongs", at: word)
    }
  }

  /// The line must be over.
  func finish() throws(ScenarioProblem) {
    guard let word = next else { return }
    throw problem(
      "\(backQuoted(word.text)) is one word too many", at: word,
      hint: "the line is complete before it")
  }

  mutating func choice<Value>(
    _ what: String, _ known: [(String, Value)]
  ) throws(ScenarioProblem) -> Value {
    let word = try word(what)
    for (name, value) in known where name == word.text { return value }
    throw problem(
      "\(backQuoted(word.text)) is no \(what)", at: word,
      hint: "one of " + known.map(\.0).joined(separator: ", "))
  }

  // MARK: quantities

  mutating func time(_ what: String) throws(ScenarioProblem) -> UInt64 {
    let word = try word(what)
    for (unit, scale, count) in ScenarioWords.timeUnits where word.text.hasSuffix(unit) {
      guard let nanoseconds = ScenarioWords.decimal(word.text.dropLast(unit.count), scale: scale),
        nanoseconds <= ScenarioWords.timeMaxNanoseconds / count
      else { break }
      return nanoseconds * count
    }
    throw problem(
      "\(backQuoted(word.text)) is no time", at: word,
      hint: "as in 2h, 5min, 2s, 0.5s, 300ms or 250us; 1000h at most")
  }

  /// Power of ten of a nanosecond, and how many of those.
  private static let timeUnits: [(unit: String, scale: Int, count: UInt64)] = [
    ("ms", 6, 1), ("us", 3, 1), ("s", 9, 1), ("min", 9, 60), ("h", 9, 3600),
  ]

  mutating func instant(_ what: String) throws(ScenarioProblem) -> Instant {
    Instant(nanoseconds: try time(what))
  }

  /// Whole milliseconds, 1 or more.
  mutating func milliseconds(_ what: String) throws(ScenarioProblem) -> UInt32 {
    let first = next
    let nanoseconds = try time(what)
    guard nanoseconds >= 1_000_000, nanoseconds % 1_000_000 == 0 else {
      throw problem("\(what) is counted in whole milliseconds, from 1ms", at: first)
    }
    return UInt32(nanoseconds / 1_000_000)
  }

  /// `200/s`.
  mutating func rate(_ what: String) throws(ScenarioProblem) -> UInt32 {
    let word = try word(what)
    guard word.text.hasSuffix("/s"),
      let rate = ScenarioWords.decimal(word.text.dropLast(2), scale: 0),
      rate <= 1_000_000
    else {
      throw problem(
        "\(backQuoted(word.text)) is no rate", at: word, hint: "as in 200/s; at most 1000000/s")
    }
    return UInt32(rate)
  }

  /// `1%`, `0.05%` or `50ppm`, in millionths.
  mutating func chance(_ what: String) throws(ScenarioProblem) -> UInt32 {
    let word = try word(what)
    var millionths: UInt64?
    if word.text.hasSuffix("%") {
      millionths = ScenarioWords.decimal(word.text.dropLast(), scale: 4)
    }
    if word.text.hasSuffix("ppm") {
      millionths = ScenarioWords.decimal(word.text.dropLast(3), scale: 0)
    }
    guard let millionths, millionths <= 1_000_000 else {
      throw problem(
        "\(backQuoted(word.text)) is no chance", at: word,
        hint: "as in 1%, 0.05% or 50ppm; at most 100%")
    }
    return UInt32(millionths)
  }

  mutating func number(_ what: String, _ range: ClosedRange<UInt64>) throws(ScenarioProblem)
    -> UInt64
  {
    let word = try word(what)
    guard let value = ScenarioWords.integer(word.text), range.contains(value) else {
      throw problem(
        "\(backQuoted(word.text)) is no \(what)", at: word,
        hint: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// Decimal digits, or hexadecimal ones after `0x`; no signs.
  static func integer(_ text: String) -> UInt64? {
    guard !text.contains("+"), !text.contains("-") else { return nil }
    return text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
  }

  /// Digits with at most one point, times ten to the power of `scale`, exactly; nil for any other
  /// text and for what would need rounding.
  static func decimal(_ text: Substring, scale: Int) -> UInt64? {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, !whole.isEmpty else { return nil }
    let fraction = parts.count == 2 ? parts[1] : ""
    guard fraction.count <= scale, parts.count == 1 || !fraction.isEmpty else { return nil }
    let padding = String(repeating: "0", count: scale - fraction.count)
    let digits = whole + fraction + padding
    guard digits.allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
    return UInt64(digits)
  }
}
