import Fuzzing
import MCTPFraming

/// A transfer ends in packets and at most one error; the packets make the same bytes again.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  fuzz(start, count) { bytes in
    var buffer = InlineArray<9000, UInt8>(repeating: 0)
    for version in [USBTransfer.Version.v10, .v11] where bytes.count <= 8999 {
      var span = buffer.mutableSpan
      var transfer = USBTransfer(bytes, version: version)
      var end = 0
      var isDamaged = false
      while true {
        do throws(FrameError) {
          guard let packet = try transfer.next() else { break }
          precondition(!isDamaged, "a packet behind an error")
          let written = try USBTransfer.encode(packet, version: version, into: &span, at: end)
          let whole = span.span.extracting(end..<(end + written))
          let origin = bytes.extracting(end..<(end + written))
          // Reserved bits of the length are ignored, and sent as 0.
          precondition(
            whole.extracting(3..<written).isEqual(to: origin.extracting(3..<written)),
            "not the same packet")
          end += written
        } catch {
          precondition(!isDamaged, "a second error")
          isDamaged = true
        }
      }
      precondition(isDamaged || end == bytes.count, "bytes dropped in silence")
      precondition(transfer.remaining.count == bytes.count - end, "what remains is wrong")
    }
  }
}
