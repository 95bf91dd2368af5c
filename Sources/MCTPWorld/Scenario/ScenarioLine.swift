// A scenario's text as words with their places. Knows nothing of what they mean.

struct ScenarioWord: Hashable, Sendable {
  let text: String
  /// From 1, in characters.
  let column: Int
}

/// A line with at least one word.
struct ScenarioLine: Hashable, Sendable {
  /// From 1.
  let number: Int
  let words: [ScenarioWord]
  /// The column after the last word, where a missing one would be.
  let endColumn: Int

  /// The words as they were written, one blank between them.
  var text: String { words.map(\.text).joined(separator: " ") }

  /// Lines without their comments, which go from a `#` that begins a word to the end of the line.
  static func lines(of text: String) -> [ScenarioLine] {
    var lines: [ScenarioLine] = []
    let rows = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, row) in rows.enumerated() {
      var words: [ScenarioWord] = []
      var word = ""
      var column = 0
      for character in row {
        column += 1
        if character == " " || character == "\t" {
          close(&word, before: column, &words)
        } else if character == "#", word.isEmpty {
          column -= 1
          break
        } else {
          word.append(character)
        }
      }
      let endColumn = word.isEmpty ? column : column + 1
      close(&word, before: column + 1, &words)
      guard let last = words.last else { continue }
      lines.append(
        ScenarioLine(
          number: index + 1, words: words,
          endColumn: min(endColumn, last.column + last.text.count + 1)))
    }
    return lines
  }

  private static func close(_ word: inout String, before column: Int, _ words: inout [ScenarioWord])
  {
    guard !word.isEmpty else { return }
    words.append(ScenarioWord(text: word, column: column - word.count))
    word = ""
  }

  /// What the file's first comment says: its title. Empty when it does not begin with one.
  static func title(of text: String) -> String {
    guard let row = text.split(whereSeparator: \.isNewline).first, row.hasPrefix("#") else {
      return ""
    }
    return plain(row.drop { $0 == "#" || $0 == " " }.unicodeScalars)
  }
}

/// `text` in back quotes, cut at 40 characters, with control characters replaced: a file can
/// neither flood the terminal nor send it escape sequences.
func backQuoted(_ text: String) -> String {
  "`" + plain(text.unicodeScalars.prefix(40)) + (text.unicodeScalars.count > 40 ? "…`" : "`")
}

/// With everything replaced that is not printable ASCII.
private func plain(_ scalars: some Sequence<Unicode.Scalar>) -> String {
  var result = ""
  for scalar in scalars {
    let isPlain = scalar.value >= 0x20 && scalar.value < 0x7F
    result.unicodeScalars.append(isPlain ? scalar : "?")
  }
  return result
}
