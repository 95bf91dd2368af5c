internal import MCTPEngine
internal import MCTPWire

extension PortShadow {
  /// By raw value of `DropReason`: frames that never became packets, which the books leave out.
  private static let isFrameReason = (0..<UInt8(DropReason.tableSize)).map {
    DropReason(rawValue: $0)?.isFrameReason ?? false
  }

  /// Whether the counters of the engine are those that were seen and balance: everything that
  /// `InvariantChecker.checkCounters` looks at, without words, because it is asked after each step.
  /// Mutating only so that the shadow and its arrays are looked at in place and not copied.
  mutating func agrees(with counters: PortCounters, queueDepth: UInt64) -> Bool {
    guard counters.packetsIn == packetsIn, counters.forwarded == forwarded,
      counters.packetsOut == packetsOut, counters.enqueued &- counters.originated == arrived,
      counters.queueDepthHighWater >= Int(queueDepth)
    else { return false }
    return counters.withTables { ingressTable, egressTable, attemptTable in
      for raw in attempts.indices where attemptTable[raw] != attempts[raw] { return false }
      var (ingress, egress, moved) = (UInt64(0), UInt64(0), UInt64(0))
      for raw in ingressDrops.indices {
        egress &+= egressTable[raw]
        let (counted, expected) = (ingressTable[raw], ingressDrops[raw])
        if counted != expected {
          // What was delivered may end later, for a reason of the message.
          guard raw >= Int(DropReason.unexpectedPacket.rawValue), counted > expected else {
            return false
          }
          moved &+= counted - expected
        }
        if counted > 0, !PortShadow.isFrameReason[raw] { ingress &+= counted }
      }
      return counters.delivered &+ moved == delivered
        && egressTable[Int(DropReason.retriesExhausted.rawValue)] == retriesExhausted
        && egressTable[Int(DropReason.transmissionRefused.rawValue)] == refused
        && counters.packetsIn == counters.forwarded &+ counters.delivered &+ ingress
        && counters.enqueued == counters.packetsOut &+ egress &+ queueDepth
        && egressTable[Int(DropReason.portDown.rawValue)] >= lostWithPort
    }
  }
}
