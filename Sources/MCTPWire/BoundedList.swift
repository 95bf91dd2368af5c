/// A list that never allocates and never grows past `capacity`.
public struct BoundedList<let capacity: Int, Element: Sendable>: Sendable {
  @usableFromInline var storage = InlineArray<capacity, Element?>(repeating: nil)
  public private(set) var count = 0

  public init() {}

  public var isEmpty: Bool { count == 0 }
  public var isFull: Bool { count == capacity }

  /// - Throws: `WireError.noRoom` when `capacity` elements are held.
  public mutating func append(_ element: Element) throws(WireError) {
    guard count < capacity else { throw .noRoom }
    storage[count] = element
    count += 1
  }

  /// - Parameter index: 0 ..< `count`.
  public subscript(index: Int) -> Element {
    guard index < count, let element = storage[index] else {
      preconditionFailure("index out of range")
    }
    return element
  }
}

extension BoundedList: Equatable where Element: Equatable {
  public static func == (left: Self, right: Self) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left[index] != right[index] { return false }
    return true
  }
}
