internal import MCTPFraming

/// What the thread of an `I2CDeviceLink` is asked to do: one blocking transfer, or those of one
/// probed address.
enum I2CJob: Sendable {
  case write(I2CFrame)
  case probe(address: UInt8, asksUDID: Bool)
}

enum I2COutcome: Sendable {
  /// 0 or a negative errno value.
  case wrote(Int32)
  case probed(I2CProbeResult)
}

/// A frame as a value, so that it crosses to the thread without an allocation.
struct I2CFrame: Sendable {
  private var bytes = InlineArray<259, UInt8>(repeating: 0)
  private let count: Int

  /// - Parameter frame: 1 to 259 bytes; copied.
  init(_ frame: Span<UInt8>) {
    precondition(!frame.isEmpty && frame.count <= SMBusFrame.byteCountMax, "not a frame")
    count = frame.count
    var room = bytes.mutableSpan
    for index in 0..<frame.count { room[index] = frame[index] }
  }

  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    bytes.span.withUnsafeBufferPointer { body(.init(rebasing: $0[..<count])) }
  }
}
