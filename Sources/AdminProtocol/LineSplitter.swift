/// Cuts a byte stream into lines. Owns what it was given until a line is complete.
///
/// Whatever the bytes are, `nextLine` returns or throws. Memory is bounded by the largest line plus
/// the largest `append`.
public struct LineSplitter: Sendable {
  /// The line under way exceeds the bound. Final: where it ends is unknown, cut the connection.
  public struct LineTooLong: Error, Hashable, Sendable {
    public let lineBytesMax: Int
  }

  /// Bytes of a line, newline not counted.
  public let lineBytesMax: Int
  private var buffer: [UInt8] = []
  /// Where the line under way starts.
  private var start = 0
  /// Everything before this holds no newline of the line under way.
  private var searched = 0

  public init(lineBytesMax: Int) {
    precondition(lineBytesMax > 0, "a line needs room")
    self.lineBytesMax = lineBytesMax
  }

  /// Bytes held that no line was made of yet.
  public var pendingByteCount: Int { buffer.count - start }

  /// Takes a copy of `bytes`. Then poll `nextLine` until it returns nil.
  public mutating func append(_ bytes: Span<UInt8>) {
    bytes.withUnsafeBufferPointer { buffer.append(contentsOf: $0) }
  }

  /// The next complete line without its newline; nil when more bytes are needed. Lines of no bytes
  /// are skipped.
  public mutating func nextLine() throws(LineTooLong) -> [UInt8]? {
    while let end = nextNewline() {
      guard end - start <= lineBytesMax else { throw LineTooLong(lineBytesMax: lineBytesMax) }
      let line = Array(buffer[start..<end])
      start = end + 1
      searched = start
      if !line.isEmpty { return line }
    }
    guard pendingByteCount <= lineBytesMax else { throw LineTooLong(lineBytesMax: lineBytesMax) }
    buffer.removeFirst(start)
    searched -= start
    start = 0
    return nil
  }

  private mutating func nextNewline() -> Int? {
    while searched < buffer.count {
      if buffer[searched] == 0x0A { return searched }
      searched += 1
    }
    return nil
  }
}
