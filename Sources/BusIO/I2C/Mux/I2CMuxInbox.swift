internal import MCTPFraming
internal import MCTPWire

/// What was received for one leg and not collected yet: a ring of frames in memory that is
/// allocated once, and what the leg's link must learn of the receiver.
final class I2CMuxInbox {
  /// One byte more than a legal frame, so that a longer one is seen to be longer.
  static let frameByteCountMax = SMBusFrame.byteCountMax + 1
  /// As many as the usual queue of a target driver holds.
  static let frameCountMax = 32

  /// The leg's link has its receiver open.
  var isOpen = false
  /// The leg's link was stopped and has not opened since.
  var isStopped = false
  /// The loop's token of the leg's port.
  var token: UInt64 = 0
  /// Told by the next `receive`, after the frames that came before it.
  var failure: DeviceFailure?
  /// Frames that found the ring full.
  var overflowCount: UInt64 = 0
  /// When it last became full.
  var fullSince = Instant.zero

  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private let byteCounts: UnsafeMutableBufferPointer<Int>
  private var oldest = 0
  private var count = 0

  init() {
    bytes = .allocate(capacity: I2CMuxInbox.frameCountMax * I2CMuxInbox.frameByteCountMax)
    bytes.initialize(repeating: 0)
    byteCounts = .allocate(capacity: I2CMuxInbox.frameCountMax)
    byteCounts.initialize(repeating: 0)
  }

  deinit {
    bytes.deallocate()
    byteCounts.deallocate()
  }

  var isEmpty: Bool { count == 0 }
  var isFull: Bool { count == I2CMuxInbox.frameCountMax }
  /// Something that an open link has to collect.
  var hasNews: Bool { isOpen && (!isEmpty || failure != nil) }

  /// - Parameter frame: at most 260 bytes.
  /// - Precondition: not full.
  func append(_ frame: Span<UInt8>) {
    precondition(!isFull && frame.count <= I2CMuxInbox.frameByteCountMax, "no room")
    let slot = (oldest + count) % I2CMuxInbox.frameCountMax
    let offset = slot * I2CMuxInbox.frameByteCountMax
    for index in 0..<frame.count { bytes[offset + index] = frame[index] }
    byteCounts[slot] = frame.count
    count += 1
  }

  /// Moves the oldest frame, as much of it as fits, into `buffer`; nil when there is none.
  func popFirst(into buffer: inout MutableSpan<UInt8>) -> Int? {
    guard count > 0 else { return nil }
    let offset = oldest * I2CMuxInbox.frameByteCountMax
    let byteCount = min(byteCounts[oldest], buffer.count)
    for index in 0..<byteCount { buffer[index] = bytes[offset + index] }
    oldest = (oldest + 1) % I2CMuxInbox.frameCountMax
    count -= 1
    return byteCount
  }
}
