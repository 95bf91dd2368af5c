/// The known word that `word` was probably meant to be; nil when none is near.
///
/// Distance counts inserted, left out and replaced characters and exchanged neighbours as one
/// each. Cost: length of `word` times the letters of all `known`; words over 40 bytes are not
/// compared.
func nearestWord(to word: String, among known: [String]) -> String? {
  let typed = Array(word.utf8.map(lowercased))
  guard !typed.isEmpty, typed.count <= 40 else { return nil }
  var best: (word: String, distance: Int)?
  for candidate in known {
    let distance = editDistance(typed, Array(candidate.utf8.map(lowercased)))
    let limit = max(1, min(3, max(typed.count, candidate.utf8.count) / 3))
    guard distance <= limit, distance < best?.distance ?? .max else { continue }
    best = (candidate, distance)
  }
  return best?.word
}

private func lowercased(_ byte: UInt8) -> UInt8 {
  switch byte {
  case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte + 0x20
  case UInt8(ascii: "_"): UInt8(ascii: "-")
  default: byte
  }
}

/// Optimal string alignment distance.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var beforePrevious = [Int](repeating: 0, count: right.count + 1)
  var previous = Array(0...right.count)
  for (i, leftByte) in left.enumerated() {
    var current = [i + 1]
    for (j, rightByte) in right.enumerated() {
      var cost = min(
        previous[j + 1] + 1, current[j] + 1, previous[j] + (leftByte == rightByte ? 0 : 1))
      if i > 0, j > 0, leftByte == right[j - 1], left[i - 1] == rightByte {
        cost = min(cost, beforePrevious[j - 1] + 1)
      }
      current.append(cost)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[right.count]
}
