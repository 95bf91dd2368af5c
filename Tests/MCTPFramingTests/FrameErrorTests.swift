import MCTPFraming
import MCTPWire
import Testing

@Suite("FrameError")
struct FrameErrorTests {
  @Test(
    "Each error is counted under its own reason",
    arguments: [
      (FrameError.tooShort, DropReason.frameTooShort), (.tooLong, .frameTooLong),
      (.length, .frameLength), (.integrity, .frameIntegrity), (.notMCTP, .frameNotMCTP),
      (.address, .frameAddress), (.revision, .frameRevision), (.escape, .frameEscape),
      (.truncated, .frameTruncated), (.noise, .noise),
    ])
  func reasons(error: FrameError, reason: DropReason) {
    #expect(error.dropReason == reason)
  }
}

extension FrameError {
  /// From a vector's expectation: the name of the drop reason.
  init?(reasonName: some StringProtocol) {
    for raw in UInt8(1)...10 {
      guard let error = FrameError(rawValue: raw) else { continue }
      if "\(error.dropReason)" == reasonName {
        self = error
        return
      }
    }
    return nil
  }
}
