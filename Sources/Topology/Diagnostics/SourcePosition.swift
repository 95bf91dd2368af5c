/// A place in a text: both numbers count from 1, columns in Unicode scalars, a byte order mark
/// not counted.
public struct SourcePosition: Hashable, Comparable, Sendable {
  public let line: Int
  public let column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public static func < (left: SourcePosition, right: SourcePosition) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// A value and where it stands.
struct Located<Value> {
  let value: Value
  let position: SourcePosition
}

extension Located: Sendable where Value: Sendable {}
