public import MCTPWire

/// What one port has done since the engine was made. The books balance at every moment:
///
/// - `packetsIn` = `forwarded` + `delivered` + the ingress drops of packets and messages;
/// - `enqueued` = `packetsOut` + the egress drops + packets in the queue.
public struct PortCounters: Sendable {
  /// Well-formed packets received from the medium.
  public var packetsIn: UInt64 = 0
  /// Their bytes, MCTP header included, medium framing not.
  public var bytesIn: UInt64 = 0
  /// Received packets that were put in an egress queue.
  public var forwarded: UInt64 = 0
  /// Received packets that this device itself took.
  public var delivered: UInt64 = 0
  /// Packets offered to this port's egress queue, those that found it full included only when
  /// they started here.
  public var enqueued: UInt64 = 0
  /// Of `enqueued`, those that started on this device.
  public var originated: UInt64 = 0
  /// Packets that the medium took.
  public var packetsOut: UInt64 = 0
  public var bytesOut: UInt64 = 0
  /// The most packets that ever waited at once.
  public var queueDepthHighWater: Int = 0

  private var ingressDrops = InlineArray<52, UInt64>(repeating: 0)
  private var egressDrops = InlineArray<52, UInt64>(repeating: 0)
  private var results = InlineArray<9, UInt64>(repeating: 0)

  public init() {
    precondition(
      DropReason.tableSize == 52 && TransmissionResult.tableSize == 9,
      "the tables above are as large as the lists they count")
  }

  /// Frames, packets and messages that arrived here and ended for `reason`.
  public func ingressDrops(_ reason: DropReason) -> UInt64 {
    ingressDrops.span[Int(reason.rawValue)]
  }

  /// Packets that ended in this port's egress queue for `reason`.
  public func egressDrops(_ reason: DropReason) -> UInt64 {
    egressDrops.span[Int(reason.rawValue)]
  }

  /// Attempts to put a packet on the medium that ended with `result`.
  public func attempts(_ result: TransmissionResult) -> UInt64 {
    results.span[Int(result.rawValue)]
  }

  /// The three tables at once, by raw value, for who looks at all of them.
  public func withTables<Result>(
    _ body: (
      _ ingressDrops: Span<UInt64>, _ egressDrops: Span<UInt64>, _ attempts: Span<UInt64>
    ) -> Result
  ) -> Result {
    body(ingressDrops.span, egressDrops.span, results.span)
  }

  mutating func countIngressDrop(_ reason: DropReason, packets: UInt64 = 1) {
    var span = ingressDrops.mutableSpan
    span[Int(reason.rawValue)] &+= packets
  }

  mutating func countEgressDrop(_ reason: DropReason) {
    var span = egressDrops.mutableSpan
    span[Int(reason.rawValue)] &+= 1
  }

  mutating func countAttempt(_ result: TransmissionResult) {
    var span = results.mutableSpan
    span[Int(result.rawValue)] &+= 1
  }
}
