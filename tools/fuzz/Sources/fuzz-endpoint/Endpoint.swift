import Fuzzing
import MCTPEndpoint
import MCTPWire

/// Packets of any kind, messages to send and time: the memory stays within its bound, and every
/// packet is a message's, an ended assembly's, dropped, or still held.
///
/// The first bytes choose the limits, each further operation takes a few.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  fuzz(start, count) { bytes in
    var run = EndpointRun(Choices(bytes))
    run.run()
  }
}
