import Fuzzing
import MCTPFraming

/// A transfer decodes or throws, and encodes again to itself; any packet comes back.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  fuzz(start, count) { bytes in
    var buffer = InlineArray<4200, UInt8>(repeating: 0)
    for isRead in [false, true] {
      do throws(FrameError) {
        let packet = try I3CFrame(decoding: bytes, dynamicAddress: 0x09, isRead: isRead).packet
        var span = buffer.mutableSpan
        let written = try I3CFrame.encode(packet, dynamicAddress: 0x09, isRead: isRead, into: &span)
        precondition(
          span.span.extracting(first: written).isEqual(to: bytes), "not the same transfer")
      } catch {}
      do throws(FrameError) {
        var span = buffer.mutableSpan
        let written = try I3CFrame.encode(bytes, dynamicAddress: 0x0B, isRead: isRead, into: &span)
        let packet = try I3CFrame(
          decoding: span.span.extracting(first: written), dynamicAddress: 0x0B, isRead: isRead
        ).packet
        precondition(packet.isEqual(to: bytes), "not the same packet")
      } catch {
        precondition(bytes.count < 4 || bytes.count >= 4200, "a legal packet was refused")
      }
    }
  }
}
