/// Hands libFuzzer's bytes to `body`; what `LLVMFuzzerTestOneInput` has to return.
public func fuzz(
  _ start: UnsafePointer<UInt8>?, _ count: Int, _ body: (Span<UInt8>) -> Void
) -> CInt {
  body(Span(_unsafeElements: UnsafeBufferPointer(start: start, count: count)))
  return 0
}

extension Span<UInt8> {
  public func isEqual(to other: borrowing Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    for index in indices where self[index] != other[index] { return false }
    return true
  }
}

extension [UInt8] {
  public init(_ bytes: borrowing Span<UInt8>) {
    self = bytes.withUnsafeBufferPointer { Array($0) }
  }
}
