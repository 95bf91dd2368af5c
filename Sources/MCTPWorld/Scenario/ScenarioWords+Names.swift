extension ScenarioWords {
  /// The word that many places ahead, without taking it.
  func following(_ distance: Int) -> ScenarioWord? {
    let all = line.words
    guard let next, let index = all.firstIndex(of: next), index + distance < all.count else {
      return nil
    }
    return all[index + distance]
  }

  static func isName(_ text: String) -> Bool {
    text.utf8.count <= 32 && text.first?.isLetter == true
      && text.utf8.allSatisfy { byte in
        let character = Character(UnicodeScalar(byte))
        return byte < 0x80 && (character.isLetter || character.isNumber)
          || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
      }
  }

  /// A name that nothing of its kind has yet.
  mutating func newName(_ what: String, taken: [String]) throws(ScenarioProblem) -> String {
    let word = try word(what)
    guard ScenarioWords.isName(word.text) else {
      throw problem(
        "\(backQuoted(word.text)) is no name", at: word,
        hint: "a letter, then letters, digits, `.`, `_` and `-`; 32 at most")
    }
    guard !taken.contains(word.text) else {
      throw problem("\(word.text) is there already", at: word, hint: "give it another name")
    }
    return word.text
  }

  /// The index of the part that the next word names.
  ///
  /// - Parameter known: names by index; several parts may have one name.
  mutating func part(_ what: String, _ known: [String]) throws(ScenarioProblem) -> Int {
    let word = try word("name of a \(what)")
    let matches = known.indices.filter { known[$0] == word.text }
    if let index = matches.first, matches.count == 1 { return index }
    let shown = known.prefix(12).joined(separator: ", ") + (known.count > 12 ? ", ..." : "")
    throw problem(
      "there is no \(what) \(backQuoted(word.text))", at: word,
      hint: known.isEmpty ? nil : "there are " + shown)
  }
}
