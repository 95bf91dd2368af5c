internal import MCTPWire

/// One frame on a serial line (DSP0253).
///
/// `7E 01 length packet FCS FCS 7E`. Only the packet is escaped: 0x7E as `7D 5E`, 0x7D as
/// `7D 5D`. The length counts the packet before escaping. The FCS is raw and may itself look like
/// a flag. `SerialDeframer` is the way back.
public enum SerialFrame {
  public static let flag: UInt8 = 0x7E
  public static let escape: UInt8 = 0x7D
  public static let revision: UInt8 = 0x01
  /// An escaped byte is sent with these bits inverted.
  static let escapeMask: UInt8 = 0x20
  /// Flags, revision, length and FCS.
  public static let overheadByteCount = 6
  /// What every peer takes: a baseline packet. Linux takes no more.
  public static let packetByteCountDefault = 68
  /// The length field has eight bits.
  public static let packetByteCountMax = 255

  /// The size of the frame when every byte of the packet needs an escape.
  public static func byteCountMax(packetByteCount: Int) -> Int {
    overheadByteCount + 2 * packetByteCount
  }

  /// The size of the frame of this packet.
  public static func byteCount(of packet: Span<UInt8>) -> Int {
    var count = overheadByteCount &+ packet.count
    for index in packet.indices where isSpecial(packet[index]) { count &+= 1 }
    return count
  }

  /// Writes the frame of `packet` at `offset`.
  ///
  /// Every frame has its own opening and closing flag: a Linux receiver does not find a frame
  /// behind a shared flag, and goes deaf on a doubled one.
  ///
  /// - Parameters:
  ///   - packet: 4 to `packetByteCountMax` bytes; copied.
  ///   - packetByteCountMax: the port's limit, at most 255.
  /// - Returns: the bytes written.
  /// - Throws: `.tooShort`, or `.tooLong` when the packet exceeds the limit or `line` has no room
  ///   behind `offset`. Nothing is written then.
  public static func encode(
    _ packet: Span<UInt8>, packetByteCountMax: Int = packetByteCountDefault,
    into line: inout MutableSpan<UInt8>, at offset: Int = 0
  ) throws(FrameError) -> Int {
    guard packet.count >= PacketHeader.byteCount else { throw .tooShort }
    guard packet.count <= min(packetByteCountMax, SerialFrame.packetByteCountMax), offset >= 0
    else { throw .tooLong }
    let room = line.count &- offset
    guard byteCountMax(packetByteCount: packet.count) <= room || byteCount(of: packet) <= room
    else { throw .tooLong }

    let length = UInt8(truncatingIfNeeded: packet.count)
    let fcs = FCS.update(FCS.update(FCS.update(FCS.initial, revision), length), packet)
    line[offset] = flag
    line[offset &+ 1] = revision
    line[offset &+ 2] = length
    var end = escape(packet, into: &line, at: offset &+ 3)
    line[end] = UInt8(truncatingIfNeeded: fcs >> 8)
    line[end &+ 1] = UInt8(truncatingIfNeeded: fcs)
    line[end &+ 2] = flag
    end &+= 3
    return end &- offset
  }

  /// Copies `packet` to `offset`, escaped; returns the offset behind it.
  private static func escape(
    _ packet: Span<UInt8>, into line: inout MutableSpan<UInt8>, at offset: Int
  ) -> Int {
    var offset = offset
    var taken = 0
    while true {
      let run = plainRunLength(packet, from: taken, to: packet.count)
      line.copy(packet.extracting(taken..<(taken &+ run)), to: offset)
      taken &+= run
      offset &+= run
      guard taken < packet.count else { return offset }
      line[offset] = escape
      line[offset &+ 1] = packet[taken] ^ escapeMask
      taken &+= 1
      offset &+= 2
    }
  }

  static func isSpecial(_ byte: UInt8) -> Bool { byte &- escape <= 1 }

  /// How many bytes from `start` on, before `end`, are neither flag nor escape.
  ///
  /// - Precondition: `start` and `end` lie inside `bytes`.
  static func plainRunLength(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
    precondition(start >= 0 && end <= bytes.count, "range outside the bytes")
    let raw = bytes.bytes
    var offset = start
    while end &- offset >= 8 {
      let word = UInt64(
        littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
      // Adding 3 to the low seven bits carries into bit 7 from 0x7D on, adding 1 only at 0x7F.
      let low = word & 0x7F7F_7F7F_7F7F_7F7F
      let special =
        (low &+ 0x0303_0303_0303_0303) & ~(low &+ 0x0101_0101_0101_0101) & ~word
        & 0x8080_8080_8080_8080
      if special != 0 { return offset &- start &+ special.trailingZeroBitCount >> 3 }
      offset &+= 8
    }
    while offset < end, !isSpecial(bytes[unchecked: offset]) { offset &+= 1 }
    return offset &- start
  }
}
