import AdminProtocol
import Testing

@Suite("LineSplitter")
struct LineSplitterTests {
  /// Feeds the pieces one by one and collects every line.
  private func lines(_ pieces: [ArraySlice<UInt8>], lineBytesMax: Int = 8) throws -> [[UInt8]] {
    var splitter = LineSplitter(lineBytesMax: lineBytesMax)
    var lines: [[UInt8]] = []
    for piece in pieces {
      splitter.append(Array(piece).span)
      while let line = try splitter.nextLine() { lines.append(line) }
    }
    return lines
  }

  @Test("Wherever the stream is cut, the lines are the same")
  func everyCut() throws {
    let stream = bytes("one\n\ntwo two\nx\n\nrest")
    let expected = ["one", "two two", "x"].map { bytes($0) }
    for first in 0...stream.count {
      for second in first...stream.count {
        let pieces = [stream[..<first], stream[first..<second], stream[second...]]
        #expect(try lines(pieces) == expected)
      }
    }
    #expect(try lines(stream.indices.map { stream[$0...$0] }) == expected)
  }

  @Test("A line of exactly the bound passes, one byte more does not")
  func bound() throws {
    let fits = bytes("12345678\n")
    #expect(try lines([fits[...]]) == [bytes("12345678")])
    let complete = bytes("123456789\n")
    #expect(throws: LineSplitter.LineTooLong.self) { try lines([complete[...]]) }
    let unfinished = bytes("123456789")
    #expect(throws: LineSplitter.LineTooLong.self) { try lines([unfinished[...]]) }
  }

  @Test("Lines before the one that is too long are still delivered")
  func linesBeforeTheLongOne() throws {
    var splitter = LineSplitter(lineBytesMax: 4)
    splitter.append(bytes("ab\ncd\ntoo long").span)
    #expect(try splitter.nextLine() == bytes("ab"))
    #expect(try splitter.nextLine() == bytes("cd"))
    #expect(throws: LineSplitter.LineTooLong.self) { try splitter.nextLine() }
    #expect(throws: LineSplitter.LineTooLong.self) { try splitter.nextLine() }
  }

  @Test("More lines in one piece than the bound has bytes are no problem")
  func manyLines() throws {
    let stream = Array(repeating: bytes("a\n"), count: 5_000).flatMap { $0 }
    #expect(try lines([stream[...]]).count == 5_000)
  }

  @Test("Consumed bytes are let go of")
  func consumedBytes() throws {
    var splitter = LineSplitter(lineBytesMax: 64)
    for _ in 0..<1_000 {
      splitter.append(bytes("0123456789\nrest\n").span)
      while try splitter.nextLine() != nil {}
      #expect(splitter.pendingByteCount == 0)
    }
    splitter.append(bytes("half").span)
    #expect(try splitter.nextLine() == nil)
    #expect(splitter.pendingByteCount == 4)
  }
}
