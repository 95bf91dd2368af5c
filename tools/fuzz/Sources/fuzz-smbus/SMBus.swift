import Fuzzing
import MCTPFraming
import MCTPWire

/// A frame decodes or throws, and encodes again to itself; any packet of a legal size comes back.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  fuzz(start, count) { bytes in
    var buffer = InlineArray<300, UInt8>(repeating: 0)
    for own in [0x10, 0x1D, bytes.count > 0 ? bytes[0] >> 1 : 0] as [UInt8] {
      do throws(FrameError) {
        let frame = try SMBusFrame(decoding: bytes, ownAddress: own)
        var span = buffer.mutableSpan
        let written = try SMBusFrame.encode(
          frame.packet, to: own, from: UInt8(frame.source.value), into: &span)
        precondition(span.span.extracting(first: written).isEqual(to: bytes), "not the same frame")
      } catch {}
    }
    do throws(FrameError) {
      var span = buffer.mutableSpan
      let written = try SMBusFrame.encode(bytes, to: 0x1D, from: 0x10, into: &span)
      precondition(bytes.count >= 4 && bytes.count <= 254, "a packet of an illegal size")
      let frame = try SMBusFrame(decoding: span.span.extracting(first: written), ownAddress: 0x1D)
      precondition(frame.packet.isEqual(to: bytes), "not the same packet")
    } catch {
      precondition(bytes.count < 4 || bytes.count > 254, "a legal packet was refused")
    }
  }
}
