import Fuzzing
import MCTPFraming
import MCTPWire

/// A frame decodes or throws, and encodes again to itself; any packet of a legal size comes back.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  fuzz(start, count) { bytes in
    for own in [0x10, 0x1D, bytes.count > 0 ? bytes[0] >> 1 : 0] as [UInt8] {
      do throws(FrameError) {
        let frame = try SMBusFrame(decoding: bytes, ownAddress: own)
        precondition(bytes.count >= 9 && bytes.count <= 259, "a frame of an illegal size")
        checkAgain(frame.packet, from: frame.source, to: own, bytes)
      } catch {}
    }
    checkPacket(bytes)
  }
}

/// What was decoded encodes to the same frame.
private func checkAgain(
  _ packet: Span<UInt8>, from source: PhysicalAddress, to own: UInt8, _ frame: Span<UInt8>
) {
  var buffer = InlineArray<300, UInt8>(repeating: 0)
  var span = buffer.mutableSpan
  do throws(FrameError) {
    let written = try SMBusFrame.encode(packet, to: own, from: UInt8(source.value), into: &span)
    precondition(span.span.extracting(first: written).isEqual(to: frame), "not the same frame")
  } catch {
    preconditionFailure("a decoded packet does not encode")
  }
}

private func checkPacket(_ packet: Span<UInt8>) {
  let isLegal = packet.count >= 4 && packet.count <= 254
  var buffer = InlineArray<300, UInt8>(repeating: 0)
  var span = buffer.mutableSpan
  let written: Int
  do throws(FrameError) {
    written = try SMBusFrame.encode(packet, to: 0x1D, from: 0x10, into: &span)
  } catch {
    precondition(!isLegal, "a legal packet was refused")
    return
  }
  precondition(isLegal, "a packet of an illegal size")
  do throws(FrameError) {
    let frame = try SMBusFrame(decoding: span.span.extracting(first: written), ownAddress: 0x1D)
    precondition(frame.packet.isEqual(to: packet), "not the same packet")
    precondition(frame.source == .i2c(0x10), "not the same source")
  } catch {
    preconditionFailure("an encoded frame does not decode")
  }
}
