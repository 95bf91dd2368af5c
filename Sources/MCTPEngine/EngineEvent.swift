public import MCTPWire

/// Something that happened and that the shell may tell people or other parts.
public enum EngineEvent: Hashable, Sendable {
  /// A bus owner gave this device an EID, or took its former one back.
  case ownEIDChanged(port: PortID, from: EID, to: EID, owner: PhysicalAddress)
  /// The bus owner did or found something.
  case owner(OwnerEvent)
  /// Events were lost because nobody took them: the count since the last one taken.
  case eventsLost(count: UInt32)
}

/// A bounded line of events; full means that the newest is lost and counted.
struct EventQueue: ~Copyable {
  private var ring: OwnedBuffer<EngineEvent?>
  private var oldest = 0
  private(set) var count = 0
  private var lost: UInt32 = 0

  init() { ring = OwnedBuffer(count: EngineLimits.eventCountMax) { _ in nil } }

  mutating func append(_ event: EngineEvent) {
    guard count < ring.count else {
      lost &+= 1
      return
    }
    ring[(oldest + count) % ring.count] = event
    count += 1
  }

  mutating func next() -> EngineEvent? {
    guard count > 0 else {
      guard lost > 0 else { return nil }
      defer { lost = 0 }
      return .eventsLost(count: lost)
    }
    let event = ring[oldest]
    oldest = (oldest + 1) % ring.count
    count -= 1
    return event
  }
}
