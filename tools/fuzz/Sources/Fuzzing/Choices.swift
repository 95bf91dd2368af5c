/// An input read as a list of choices, first byte first. Owns a copy of the bytes.
///
/// At the end every choice is 0, and `isAtEnd` says so: an input is a finite run, whatever it asks
/// for.
public struct Choices {
  private let bytes: [UInt8]
  private var position = 0

  public init(_ bytes: borrowing Span<UInt8>) { self.bytes = Array(bytes) }

  public var isAtEnd: Bool { position >= bytes.count }

  public mutating func byte() -> UInt8 {
    guard position < bytes.count else { return 0 }
    defer { position += 1 }
    return bytes[position]
  }

  /// 0 ..< `bound`; `bound` is 1 to 256.
  public mutating func below(_ bound: Int) -> Int { Int(byte()) % bound }

  public mutating func one<Value>(of values: [Value]) -> Value { values[below(values.count)] }

  /// At most `count` bytes: fewer at the end.
  public mutating func bytes(_ count: Int) -> [UInt8] {
    let end = min(position + count, bytes.count)
    defer { position = end }
    return Array(bytes[position..<end])
  }
}
