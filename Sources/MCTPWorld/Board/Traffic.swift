/// Messages that devices of a board send each other: requests that are echoed, of a vendor-defined
/// type. Who sends to whom is drawn from the run's seed.
public struct Traffic: Hashable, Sendable {
  /// Two devices, by index.
  public struct Pair: Hashable, Sendable {
    public var first: Int
    public var second: Int

    public init(_ first: Int, _ second: Int) {
      self.first = first
      self.second = second
    }
  }

  /// Requests a second in the whole board; 0 is none.
  public var requestsPerSecond: UInt32
  /// Body sizes, bytes; each is as likely as the others. 16 or more.
  public var bodyByteCounts: [Int]
  /// Only these two send, to each other; nil: all devices do.
  public var pair: Pair?

  public init(
    requestsPerSecond: UInt32 = 0, bodyByteCounts: [Int] = [16, 64, 200, 1000], pair: Pair? = nil
  ) {
    self.requestsPerSecond = requestsPerSecond
    self.bodyByteCounts = bodyByteCounts
    self.pair = pair
  }
}
