import Fuzzing
import MCTPEndpoint
import MCTPWire

/// Packets of any kind, messages to send and time: what comes in is put together a second time and
/// must be the same byte for byte, within the memory that the limits give; what leaves are the next
/// bytes of messages that were given; no two open requests to one peer have one tag; and every
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
