import Fuzzing
import MCTPFraming

/// Smaller than the longest input, so that both sides of the bound are met.
private let transferBytesMax = 520

/// A transfer decodes or throws, and encodes again to itself; any packet that has room comes back.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  fuzz(start, count) { bytes in
    for isRead in [false, true] {
      do throws(FrameError) {
        let packet = try I3CFrame(decoding: bytes, dynamicAddress: 0x09, isRead: isRead).packet
        precondition(packet.count >= 4, "a packet without its header")
        precondition(packet.count == bytes.count - 1, "a packet of another size")
        check(packet, 0x09, isRead: isRead, is: bytes)
      } catch {}
      check(bytes, 0x0B, isRead: isRead)
    }
  }
}

/// A packet encodes exactly if it has a header and room, and what was written decodes to it.
///
/// - Parameter transfer: what must be written.
private func check(
  _ packet: Span<UInt8>, _ address: UInt8, isRead: Bool, is transfer: Span<UInt8>? = nil
) {
  let isLegal = packet.count >= 4 && packet.count < transferBytesMax
  var buffer = InlineArray<520, UInt8>(repeating: 0)
  var span = buffer.mutableSpan
  let written: Int
  do throws(FrameError) {
    written = try I3CFrame.encode(packet, dynamicAddress: address, isRead: isRead, into: &span)
  } catch {
    precondition(!isLegal, "a legal packet was refused")
    precondition(error == (packet.count < 4 ? .tooShort : .tooLong), "refused for another reason")
    return
  }
  precondition(isLegal, "a packet of an illegal size")
  let found = span.span.extracting(first: written)
  if let transfer { precondition(found.isEqual(to: transfer), "not the same transfer") }
  do throws(FrameError) {
    let again = try I3CFrame(decoding: found, dynamicAddress: address, isRead: isRead).packet
    precondition(again.isEqual(to: packet), "not the same packet")
  } catch {
    preconditionFailure("an encoded transfer does not decode")
  }
}
