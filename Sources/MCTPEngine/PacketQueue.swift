// The egress queue of one port: a ring of packet slots in memory that is allocated once.
//
// Life of a packet here: `enqueue` copies it to the tail; `takeNext` hands it to the medium and
// counts it as in flight; `finishOldest` takes the oldest one out, or `returnOldest` puts it back
// in front for another attempt. Order is kept from end to end.

internal import MCTPWire

struct PacketQueue: ~Copyable {
  /// What is known of a waiting packet beside its bytes.
  struct Slot {
    var byteCount: Int = 0
    var destination: PhysicalAddress = .none
    /// Attempts that failed so far.
    var failedAttempts: UInt8 = 0
  }

  /// Packets that fit.
  let capacity: Int
  /// Bytes of the largest packet, header included.
  let packetBytesMax: Int
  private let bytes: UnsafeMutableRawPointer
  private let slotStride: Int
  private var slots: OwnedBuffer<Slot>
  private var oldest = 0
  /// Packets held, in flight included.
  private(set) var count = 0
  /// The oldest ones, handed to the medium and not finished.
  private(set) var inFlightCount = 0

  init(capacity: Int, packetBytesMax: Int) {
    precondition(capacity > 0 && packetBytesMax >= PacketHeader.byteCount, "an empty queue")
    self.capacity = capacity
    self.packetBytesMax = packetBytesMax
    slotStride = (packetBytesMax + 7) & ~7
    bytes = .allocate(byteCount: capacity * slotStride, alignment: 8)
    slots = OwnedBuffer(count: capacity) { _ in Slot() }
  }

  deinit { bytes.deallocate() }

  var isFull: Bool { count == capacity }
  var hasWaiting: Bool { inFlightCount < count }

  private func index(_ offset: Int) -> Int {
    let sum = oldest + offset
    return sum >= capacity ? sum - capacity : sum
  }

  /// Copies `packet` to the end. False when full.
  ///
  /// - Parameter packet: at most `packetBytesMax` bytes.
  mutating func enqueue(_ packet: Span<UInt8>, to destination: PhysicalAddress) -> Bool {
    guard count < capacity else { return false }
    precondition(packet.count <= packetBytesMax, "the caller checks the transmission unit")
    let slot = index(count)
    packet.withUnsafeBytes { source in
      guard let from = source.baseAddress else { return }
      (bytes + slot * slotStride).copyMemory(from: from, byteCount: source.count)
    }
    slots[slot] = Slot(byteCount: packet.count, destination: destination)
    count += 1
    return true
  }

  /// Marks the oldest waiting packet as in flight; nil when none waits.
  mutating func takeNext() -> Int? {
    guard inFlightCount < count else { return nil }
    inFlightCount += 1
    return index(inFlightCount - 1)
  }

  /// The oldest packet in flight; nil when none is.
  var oldestInFlight: Int? { inFlightCount > 0 ? oldest : nil }

  /// Removes the oldest packet in flight.
  mutating func finishOldest() {
    precondition(inFlightCount > 0, "no packet in flight")
    oldest = index(1)
    count -= 1
    inFlightCount -= 1
  }

  /// Puts the only packet in flight back in front of the queue, with one more failed attempt.
  mutating func returnOldest() {
    precondition(inFlightCount == 1, "only a single packet in flight can go back in order")
    slots[oldest].failedAttempts += 1
    inFlightCount = 0
  }

  /// Removes the newest packet that is not in flight; false when none waits.
  mutating func removeNewestWaiting() -> Bool {
    guard inFlightCount < count else { return false }
    count -= 1
    return true
  }

  /// Index of the newest packet; nil when none waits.
  var newestWaiting: Int? { inFlightCount < count ? index(count - 1) : nil }

  func slot(_ index: Int) -> Slot { slots[index] }

  /// The bytes of a packet: valid while the slot is held and the queue lives. The engine turns
  /// them into a span that borrows the engine.
  func packetBytes(_ index: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(
      start: (bytes + index * slotStride).assumingMemoryBound(to: UInt8.self),
      count: slots[index].byteCount)
  }
}
