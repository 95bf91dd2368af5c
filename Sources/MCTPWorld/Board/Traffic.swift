/// Messages that devices of a board send each other: requests that are echoed, of a vendor-defined
/// type. Who sends to whom is drawn from the run's seed.
public struct Traffic: Hashable, Sendable {
  /// Requests a second in the whole board; 0 is none.
  public var requestsPerSecond: UInt32
  /// Body sizes, bytes; each is as likely as the others. 16 or more.
  public var bodyByteCounts: [Int]

  public init(requestsPerSecond: UInt32 = 0, bodyByteCounts: [Int] = [16, 64, 200, 1000]) {
    self.requestsPerSecond = requestsPerSecond
    self.bodyByteCounts = bodyByteCounts
  }
}
