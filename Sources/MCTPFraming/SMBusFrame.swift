public import MCTPWire

/// One SMBus block write that carries a packet (DSP0237 1.1.0 §6.2).
///
/// | Byte | Content |
/// |---|---|
/// | 0 | destination address in bits 7:1, bit 0 is 0 |
/// | 1 | command code 0x0F |
/// | 2 | byte count: packet bytes + 1 |
/// | 3 | source address in bits 7:1, bit 0 is 1 |
/// | 4... | packet |
/// | last | PEC over everything before it |
///
/// Target drivers hand over byte 0 or not: a frame here always has it. Controller drivers never
/// take it: send `frame[1...]` to the address.
public struct SMBusFrame: ~Escapable {
  public static let commandCode: UInt8 = 0x0F
  /// Bytes in front of and behind the packet.
  public static let overheadByteCount = 5
  /// The byte count field has eight bits and counts the source address.
  public static let packetByteCountMax = 254
  /// A packet header and nothing else.
  public static let byteCountMin = PacketHeader.byteCount + overheadByteCount
  public static let byteCountMax = packetByteCountMax + overheadByteCount

  /// Who sent it, of form `.i2c`.
  public let source: PhysicalAddress
  /// The packet, borrowed from the frame; 4 to 254 bytes.
  public let packet: Span<UInt8>

  /// Checks a received frame. Whatever the bytes are, this returns or throws.
  ///
  /// The checks and their order: size (`.tooShort`, `.tooLong`), command code (`.notMCTP`), byte
  /// count (`.length`), PEC (`.integrity`), then destination and source (`.address`).
  ///
  /// - Parameters:
  ///   - frame: address byte first, PEC last.
  ///   - ownAddress: seven bits, not shifted.
  @_lifetime(copy frame)
  public init(decoding frame: Span<UInt8>, ownAddress: UInt8) throws(FrameError) {
    guard frame.count >= SMBusFrame.byteCountMin else { throw .tooShort }
    guard frame.count <= SMBusFrame.byteCountMax else { throw .tooLong }
    guard frame[1] == SMBusFrame.commandCode else { throw .notMCTP }
    guard Int(frame[2]) == frame.count &- 4 else { throw .length }
    // The PEC of a frame with its own PEC behind it is 0.
    guard PEC.update(0, frame) == 0 else { throw .integrity }
    let own = ownAddress << 1
    // Source bit 0 tells MCTP from IPMB; a frame from our own address is an echo or a duplicate
    // address, and answering it would be talking to ourselves.
    guard frame[0] == own, frame[3] & 1 == 1, frame[3] != own | 1 else { throw .address }
    self.source = .i2c(frame[3] >> 1)
    self.packet = frame.extracting(4..<(frame.count &- 1))
  }

  /// Writes the frame of `packet` to the start of `frame`.
  ///
  /// - Parameters:
  ///   - packet: 4 to 254 bytes; copied.
  ///   - destination: seven bits, not shifted; bit 7 is ignored.
  ///   - source: our own address, likewise.
  /// - Returns: the bytes written: packet bytes + 5.
  /// - Throws: `.tooShort` or `.tooLong` when no frame can carry the packet, `.tooLong` too when
  ///   `frame` has no room for it. Nothing is written then.
  public static func encode(
    _ packet: Span<UInt8>, to destination: UInt8, from source: UInt8,
    into frame: inout MutableSpan<UInt8>
  ) throws(FrameError) -> Int {
    guard packet.count >= PacketHeader.byteCount else { throw .tooShort }
    let checkOffset = packet.count &+ 4
    guard packet.count <= packetByteCountMax, checkOffset < frame.count else { throw .tooLong }
    frame[0] = destination << 1
    frame[1] = commandCode
    frame[2] = UInt8(truncatingIfNeeded: packet.count &+ 1)
    frame[3] = source << 1 | 1
    frame.copy(packet, to: 4)
    frame[checkOffset] = PEC.update(0, frame.span.extracting(first: checkOffset))
    return checkOffset &+ 1
  }
}
