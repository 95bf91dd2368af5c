// Owns the encoded bytes that a serial line has not taken yet, and which packets they belong to.
//
// A packet lives here from `append` to the `popFinished` that answers it. All memory is allocated
// in `init`; nothing here does I/O.

internal import MCTPFraming
internal import MCTPWire

/// A bounded queue of frames as one run of bytes, so that one write takes them all.
struct SerialOutput: ~Copyable {
  private struct Entry {
    /// Offset in the stream of all bytes ever queued, just behind the packet's frame.
    var end: UInt64
    var isRefused: Bool
  }

  /// Choice: a full default buffer holds 215 baseline frames; only tiny packets meet this first.
  static let packetsMax = 256

  private let packetByteCountMax: Int
  private let frameByteCountMax: Int
  private let capacity: Int
  private let bytes: UnsafeMutablePointer<UInt8>
  /// What is not taken yet is `bytes[head ..< tail]`.
  private var head = 0
  private var tail = 0
  private var takenByteCount: UInt64 = 0

  private let entries: UnsafeMutablePointer<Entry>
  private var first = 0
  private var count = 0

  /// - Parameter byteCountMax: raised to what one frame of `packetByteCountMax` may need.
  init(byteCountMax: Int, packetByteCountMax: Int) {
    self.packetByteCountMax = packetByteCountMax
    frameByteCountMax = SerialFrame.byteCountMax(packetByteCount: packetByteCountMax)
    capacity = max(byteCountMax, frameByteCountMax)
    bytes = .allocate(capacity: capacity)
    bytes.initialize(repeating: 0, count: capacity)
    entries = .allocate(capacity: SerialOutput.packetsMax)
    entries.initialize(
      repeating: Entry(end: 0, isRefused: false), count: SerialOutput.packetsMax)
  }

  deinit {
    bytes.deallocate()
    entries.deallocate()
  }

  /// True while a packet of any content and allowed size finds room.
  var hasRoom: Bool {
    count < SerialOutput.packetsMax && tail - head <= capacity - frameByteCountMax
  }

  /// What to write next; valid until the next `append` or `take`.
  var pending: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: bytes + head, count: tail - head)
  }

  /// Queues a packet; one of a size that no frame carries is queued as refused, so that it is
  /// answered in its turn.
  mutating func append(_ packet: Span<UInt8>) {
    precondition(hasRoom, "transmit without credit")
    if tail > capacity - frameByteCountMax { compact() }
    var isRefused = false
    do {
      var line = UnsafeMutableBufferPointer(start: bytes, count: capacity).mutableSpan
      tail += try SerialFrame.encode(
        packet, packetByteCountMax: packetByteCountMax, into: &line, at: tail)
    } catch {
      isRefused = true
    }
    entries[(first + count) % SerialOutput.packetsMax] = Entry(
      end: takenByteCount + UInt64(tail - head), isRefused: isRefused)
    count += 1
  }

  /// Queues bytes that belong to no packet, as far as there is room.
  mutating func appendUnframed(_ run: Span<UInt8>) {
    for index in 0..<min(run.count, capacity - tail) {
      bytes[tail] = run[index]
      tail += 1
    }
  }

  /// The line has taken the first `byteCount` pending bytes.
  mutating func take(_ byteCount: Int) {
    precondition(byteCount <= tail - head, "more taken than was there")
    head += byteCount
    takenByteCount += UInt64(byteCount)
    if head == tail { (head, tail) = (0, 0) }
  }

  /// The result of the oldest packet once the line has taken its last byte; nil before.
  mutating func popFinished() -> TransmissionResult? {
    guard count > 0, entries[first].end <= takenByteCount else { return nil }
    return pop(otherwise: .sent)
  }

  /// Drops what the line will never take. Then the result of the oldest packet, nil when all are
  /// answered.
  mutating func popAbandoned() -> TransmissionResult? {
    (head, tail) = (0, 0)
    guard count > 0 else {
      takenByteCount = 0
      return nil
    }
    return pop(otherwise: .portDown)
  }

  private mutating func pop(otherwise result: TransmissionResult) -> TransmissionResult {
    let isRefused = entries[first].isRefused
    first = (first + 1) % SerialOutput.packetsMax
    count -= 1
    return isRefused ? .refused : result
  }

  private mutating func compact() {
    bytes.update(from: bytes + head, count: tail - head)
    (head, tail) = (0, tail - head)
  }
}
