import Fuzzing
import MCTPFraming
import MCTPWire

/// Where a stream is cut makes no difference to its events, and after any bytes the next frame is
/// received: at once below a limit of 126, after a silence whatever the limit.
///
/// The first byte of the input chooses the limit and the size of the pieces.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  fuzz(start, count) { bytes in
    guard bytes.count > 0 else { return }
    let limit = bytes[0] & 0x80 == 0 ? 68 : 255
    let stream = bytes.extracting(1..<bytes.count)
    var whole = Listener(limit: limit)
    whole.hear(stream)
    var cut = Listener(limit: limit)
    let pieceByteCount = 1 + Int(bytes[0] & 0x0F)
    var offset = 0
    while offset < stream.count {
      let end = min(offset + pieceByteCount, stream.count)
      cut.hear(stream.extracting(offset..<end))
      offset = end
    }
    precondition(whole.trace == cut.trace, "the cuts made a difference")
    if limit < 126 {
      whole.hearKnownFrame()
      precondition(whole.hasKnownPacket, "a frame was lost")
    }
    cut.hearSilence()
    cut.hearKnownFrame()
    precondition(cut.hasKnownPacket, "a frame was lost after a silence")
    roundTrip(bytes)
  }
}

/// Any packet of a legal size comes back from its own frame.
private func roundTrip(_ packet: Span<UInt8>) {
  guard packet.count >= 4, packet.count <= 255 else { return }
  var buffer = InlineArray<520, UInt8>(repeating: 0)
  var span = buffer.mutableSpan
  do throws(FrameError) {
    let written = try SerialFrame.encode(packet, packetByteCountMax: 255, into: &span)
    precondition(written == SerialFrame.byteCount(of: packet), "not the size it claimed")
    var deframer = SerialDeframer(packetByteCountMax: 255)
    var offset = 0
    let frame = span.span.extracting(first: written)
    precondition(
      deframer.next(frame, offset: &offset, now: .zero) == .packet, "a frame was refused")
    precondition(deframer.packet.isEqual(to: packet), "not the same packet")
  } catch {
    preconditionFailure("a legal packet was refused")
  }
}

private struct Listener: ~Copyable {
  private var deframer: SerialDeframer
  /// A hash of all events and packets so far.
  private(set) var trace: UInt64 = 0xCBF2_9CE4_8422_2325
  private(set) var hasKnownPacket = false

  init(limit: Int) { deframer = SerialDeframer(packetByteCountMax: limit) }

  mutating func hear(_ bytes: Span<UInt8>) {
    var offset = 0
    while let event = deframer.next(bytes, offset: &offset, now: .zero) { note(event) }
    precondition(offset == bytes.count, "bytes left over")
  }

  mutating func hearSilence() {
    let later = Instant.zero.advanced(byMs: 1000)
    while let event = deframer.expire(later) { note(event) }
    precondition(deframer.nextDeadline == nil, "a deadline after the silence")
  }

  mutating func hearKnownFrame() {
    hasKnownPacket = false
    let frame: InlineArray<13, UInt8> = [
      0x7E, 0x01, 0x07, 0x01, 0x00, 0x08, 0xC8, 0x00, 0x80, 0x02, 0x2B, 0xC1, 0x7E,
    ]
    hear(frame.span)
  }

  private mutating func note(_ event: SerialDeframer.Event) {
    var hash = trace
    let isKnown: Bool
    switch event {
    case .packet:
      precondition(deframer.packet.count >= 4, "a packet without a header")
      hash = Listener.mix(hash, 0)
      for index in 0..<deframer.packet.count {
        hash = Listener.mix(hash, deframer.packet[index])
      }
      let known: InlineArray<7, UInt8> = [0x01, 0x00, 0x08, 0xC8, 0x00, 0x80, 0x02]
      isKnown = deframer.packet.isEqual(to: known.span)
    case .damaged(let error):
      precondition(deframer.damaged.count > 0, "nothing was damaged")
      hash = Listener.mix(hash, error.rawValue)
      isKnown = false
    }
    trace = hash
    hasKnownPacket = isKnown
  }

  private static func mix(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
    (hash ^ UInt64(byte)) &* 0x100_0000_01B3
  }
}
