public import MCTPWire

/// One line of the ring of recent drops: what ended here, where and why.
public struct RecentDrop: Sendable {
  public enum Direction: UInt8, Hashable, Sendable {
    /// It had just arrived.
    case ingress
    /// It waited in the port's egress queue.
    case egress
  }

  /// Counts all drops since the engine was made; the first is 1.
  public let number: UInt64
  public let time: Instant
  public let port: PortID
  public let direction: Direction
  public let reason: DropReason
  /// The sender for ingress, the next hop for egress.
  public let address: PhysicalAddress
  /// Bytes of the whole frame or packet.
  public let byteCount: Int
  private let storage: InlineArray<16, UInt8>

  init(
    number: UInt64, time: Instant, port: PortID, direction: Direction, reason: DropReason,
    address: PhysicalAddress, bytes: Span<UInt8>
  ) {
    self.number = number
    self.time = time
    self.port = port
    self.direction = direction
    self.reason = reason
    self.address = address
    byteCount = bytes.count
    var first = InlineArray<16, UInt8>(repeating: 0)
    var span = first.mutableSpan
    for index in 0..<min(bytes.count, EngineLimits.recentDropByteCount) {
      span[index] = bytes[index]
    }
    storage = first
  }

  /// The first bytes, 16 at most: from the MCTP header on for packets, from the first byte of the
  /// frame for reasons of the medium.
  public var firstBytes: Span<UInt8> {
    @_lifetime(borrow self) get {
      storage.span.extracting(first: min(byteCount, EngineLimits.recentDropByteCount))
    }
  }
}

/// The last drops, oldest overwritten first.
struct RecentDrops: ~Copyable {
  private var ring: OwnedBuffer<RecentDrop?>
  /// Drops recorded since the start.
  private(set) var total: UInt64 = 0

  init() { ring = OwnedBuffer(count: EngineLimits.recentDropCount) { _ in nil } }

  mutating func record(
    time: Instant, port: PortID, direction: RecentDrop.Direction, reason: DropReason,
    address: PhysicalAddress, bytes: Span<UInt8>
  ) {
    total += 1
    ring[Int(total % UInt64(ring.count))] = RecentDrop(
      number: total, time: time, port: port, direction: direction, reason: reason,
      address: address, bytes: bytes)
  }

  var count: Int { Int(min(total, UInt64(ring.count))) }

  /// - Parameter index: 0 is the newest, `count` - 1 the oldest.
  func drop(at index: Int) -> RecentDrop? {
    precondition(index < count, "index out of range")
    return ring[Int((total - UInt64(index)) % UInt64(ring.count))]
  }
}
