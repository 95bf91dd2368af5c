import FoundationEssentials

/// Golden bytes of `Tests/TestVectors`, with where they come from and what they must do.
public struct TestVector: Sendable {
  /// Unique in its file; tests name vectors by it (`V40`, `S2`).
  public let name: String
  /// Document, edition and clause.
  public let clause: String
  public let meaning: String
  /// What a reader must make of the bytes; each file's heading says which words it uses.
  public let expectation: String
  public let bytes: [UInt8]
}

/// The vectors of `Tests/TestVectors/<file>.hex`, in order.
///
/// A vector is a line `# name | clause | meaning | expectation` and the hex lines after it, up to
/// the next such line or a blank one. `ab x62` stands for 62 bytes 0xab. Lines that begin with `#`
/// and have no `|` are comments. A file that is missing or malformed ends the test run.
public func testVectors(_ file: String) -> [TestVector] {
  let path =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
    .joined(separator: "/") + "/TestVectors/\(file).hex"
  guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
    preconditionFailure("cannot read \(path)")
  }
  return parseTestVectors(text, path: path)
}

/// The parser of `testVectors`; `path` is for its messages.
public func parseTestVectors(_ text: String, path: String) -> [TestVector] {
  var vectors: [TestVector] = []
  var open: (fields: [String], bytes: [UInt8])?
  func close() {
    guard let vector = open else { return }
    open = nil
    let fields = vector.fields
    precondition(!vector.bytes.isEmpty, "\(path): \(fields[0]) has no bytes")
    precondition(!vectors.contains { $0.name == fields[0] }, "\(path): \(fields[0]) is there twice")
    vectors.append(
      TestVector(
        name: fields[0], clause: fields[1], meaning: fields[2], expectation: fields[3],
        bytes: vector.bytes))
  }
  for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
    let line = trimmed(line)
    if line.isEmpty {
      close()
    } else if line.hasPrefix("#") {
      guard line.contains("|") else { continue }
      close()
      let fields = line.dropFirst().split(separator: "|", omittingEmptySubsequences: false)
        .map { String(trimmed($0)) }
      precondition(fields.count == 4, "\(path):\(index + 1): not `# name | clause | meaning | …`")
      open = (fields, [])
    } else {
      precondition(open != nil, "\(path):\(index + 1): bytes that belong to no vector")
      open?.bytes += repeatingHex(line)
    }
  }
  close()
  return vectors
}

/// Hex in which `x62` after a byte stands for 62 of it.
private func repeatingHex(_ line: Substring) -> [UInt8] {
  var bytes: [UInt8] = []
  for word in line.split(separator: " ") {
    if word.hasPrefix("x"), let count = Int(word.dropFirst()), count > 0, let last = bytes.last {
      bytes += Array(repeating: last, count: count - 1)
    } else {
      bytes += hex(String(word))
    }
  }
  return bytes
}

private func trimmed(_ text: Substring) -> Substring {
  let front = text.drop { $0.isWhitespace }
  guard let last = front.lastIndex(where: { !$0.isWhitespace }) else { return "" }
  return front[...last]
}
