/// What a `MessageEndpoint` may cost. All of it is allocated once.
public struct EndpointLimits: Hashable, Sendable {
  public var reassembly: ReassemblyLimits
  public var tags: TagLimits
  /// Message bytes that wait to be sent, in blocks of 256. At least 256.
  public var outboundBytesMax: Int
  /// Messages being sent and requests being waited for, together. At least 1; about 150 bytes
  /// each.
  public var exchangesMax: Int
  /// How long a message waits for a tag, and then between two of its packets, before it is given
  /// up because nobody takes its packets.
  public var sendStallMs: UInt32

  public init(
    reassembly: ReassemblyLimits = ReassemblyLimits(), tags: TagLimits = TagLimits(),
    outboundBytesMax: Int = 131_072, exchangesMax: Int = 64, sendStallMs: UInt32 = 6000
  ) {
    precondition(exchangesMax > 0)
    self.reassembly = reassembly
    self.tags = tags
    self.outboundBytesMax = outboundBytesMax
    self.exchangesMax = exchangesMax
    self.sendStallMs = sendStallMs
  }
}
