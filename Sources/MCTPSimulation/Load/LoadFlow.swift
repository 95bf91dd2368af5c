public import MCTPWire

/// Messages of one kind from one endpoint to another.
public struct LoadFlow: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// Nobody answers; the message is complete at its destination.
    case oneWay
    /// A request that its destination sends back; it is complete at its source. Eight tags a pair
    /// of EIDs are all that may wait at once (DSP0236 1.3.3 §8).
    case echo
  }

  /// When the next message is due.
  public enum Pacing: Hashable, Sendable {
    /// So many messages a second, evenly spaced: 1 to 1,000,000,000, one a nanosecond.
    case rate(perSecond: UInt32)
    /// As fast as they complete, so many under way at once; above 0.
    case window(Int)
  }

  /// One size of body in a mix.
  public struct Size: Hashable, Sendable {
    /// Type byte included: `LoadBody.byteCountMin` to `LoadBody.byteCountMax`.
    public var bytes: Int
    /// How often it is drawn, in proportion to the sum of all weights; above 0.
    public var weight: UInt32

    public init(bytes: Int, weight: UInt32 = 1) {
      self.bytes = bytes
      self.weight = weight
    }
  }

  public var source: EID
  public var destination: EID
  public var kind: Kind
  public var pacing: Pacing
  public var sizes: [Size]

  public init(
    from source: EID, to destination: EID, kind: Kind = .oneWay, pacing: Pacing = .window(8),
    sizes: [Size] = [Size(bytes: 64)]
  ) {
    self.source = source
    self.destination = destination
    self.kind = kind
    self.pacing = pacing
    self.sizes = sizes
  }
}

/// What a traffic generator sends.
public struct LoadPlan: Hashable, Sendable {
  /// At most 65536; a flow's number is its place here.
  public var flows: [LoadFlow]
  /// The same seed and the same calls give the same bodies in the same order.
  public var seed: UInt64
  /// A message that is not complete after this time is lost.
  public var lostAfterMs: UInt32

  public init(flows: [LoadFlow], seed: UInt64 = 1, lostAfterMs: UInt32 = 2000) {
    self.flows = flows
    self.seed = seed
    self.lostAfterMs = lostAfterMs
  }
}
